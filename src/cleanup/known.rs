//! What digests say. A digest names its content for ever, so each is read once: reading again
//! would count as a pull on Harbor and ECR, and young pulls keep images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    oci::{Content, Descriptor, Digest, Manifest, build_time::annotated, kind, media_type},
    plan::{
        inventory::{Image, Inventory, Kind},
        policy::Needs,
    },
    sorted,
    timestamp::Timestamp,
};

/// The facts of every digest read so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Known(BTreeMap<Digest, Facts>);

/// What one manifest's content says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Facts {
    /// Its media type.
    pub media_type: String,
    /// Its artifact type, if it is no plain image.
    pub artifact_type: Option<String>,
    /// Its own size in bytes.
    pub size: Option<u64>,
    /// What it is.
    pub kind: Kind,
    /// Its config.
    pub config: Option<Descriptor>,
    /// The manifests it lists.
    pub children: Vec<Child>,
    /// What it speaks of.
    pub subject: Option<Digest>,
    /// When its annotation says it was built.
    pub annotated: Option<Timestamp>,
    /// When it was built, by all that tells: `None` while that was not read.
    pub created: Option<Created>,
}

/// A manifest that an index lists, as the index says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Child {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// What it is.
    pub kind: Kind,
}

/// A build time that was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Created {
    /// It says none that can be true.
    Unknown,
    /// It was then.
    At(Timestamp),
}

impl Known {
    /// What an inventory tells about its manifests, where it was read with the content at hand.
    ///
    /// An inventory describes most children of an index by the index's word alone; what was read
    /// shows by what only the content says. Images without a build time are left out where
    /// `needs` asks for it.
    #[must_use]
    pub fn from_inventory(inventory: &Inventory, needs: Needs) -> Self {
        let images = || inventory.images();
        let children = sorted::set(images().flat_map(|image| image.child_ids().iter().copied()));
        let child = |row: &u32| {
            let image = inventory.image(*row)?;
            Some(Child {
                digest: image.digest(),
                media_type: image.media_type().to_owned(),
                size: image.size(),
                kind: image.kind(),
            })
        };
        let facts = |image: Image<'_>| {
            let created = image.times().created;
            let was_read = image.kind() == Kind::Index
                || image.config_id().is_some()
                || image.subject_id().is_some()
                || !children.contains(&image.row());
            let lacks_time = needs.created && image.kind() == Kind::Image && created.is_none();
            if !was_read
                || lacks_time
                || image.unreadable().is_some()
                || image.media_type().is_empty()
            {
                return None;
            }
            // a missing child leaves nothing to say what it was: the index is read again
            let children = image.child_ids().iter().map(child).collect::<Option<_>>()?;
            Some(Facts {
                media_type: image.media_type().to_owned(),
                artifact_type: image.artifact_type().map(str::to_owned),
                size: image.size(),
                kind: image.kind(),
                config: image
                    .config()
                    .map(|digest| Descriptor::new(media_type::OCI_CONFIG, digest, 0)),
                children,
                subject: image.subject(),
                annotated: None,
                created: match (image.kind(), created) {
                    (_, Some(time)) => Some(Created::At(time)),
                    (Kind::Image, None) => None,
                    (_, None) => Some(Created::Unknown),
                },
            })
        };
        let known = images().filter_map(|image| Some((image.digest(), facts(image)?)));
        Self(sorted::map(known))
    }

    /// The facts of a digest that was read.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<&Facts> {
        self.0.get(digest)
    }

    pub(super) fn get_mut(&mut self, digest: &Digest) -> Option<&mut Facts> {
        self.0.get_mut(digest)
    }

    /// Keeps what a manifest says.
    pub fn insert(&mut self, digest: Digest, facts: Facts) {
        self.0.insert(digest, facts);
    }
}

impl Facts {
    /// What the content says.
    #[must_use]
    pub fn of_manifest(manifest: &Manifest) -> Self {
        let kind = kind::of_manifest(manifest);
        let annotated = manifest.annotations().and_then(annotated);
        Self {
            media_type: manifest.media_type().to_owned(),
            artifact_type: manifest.artifact_type().map(str::to_owned),
            size: Some(manifest.bytes().len() as u64),
            kind,
            config: match manifest.content() {
                Content::Image(image) => image.image_config().cloned(),
                _ => None,
            },
            children: manifest.children().map(Child::of_descriptor).collect(),
            subject: manifest.subject().map(|subject| subject.digest),
            annotated,
            created: match (kind, annotated) {
                // an image's config may tell a later time: it is read first
                (Kind::Image, _) => None,
                // planning reckons an index's age from its children
                (Kind::Index, _) | (_, None) => Some(Created::Unknown),
                (_, Some(time)) => Some(Created::At(time)),
            },
        }
    }
}

impl Child {
    fn of_descriptor(descriptor: &Descriptor) -> Self {
        Self {
            digest: descriptor.digest,
            media_type: media_type::essence(&descriptor.media_type).to_owned(),
            size: Some(descriptor.size),
            kind: if media_type::is_index(&descriptor.media_type) {
                Kind::Index
            } else {
                kind::of_child(descriptor)
            },
        }
    }
}
