//! What digests say. A digest names its content for ever, so each is read once: reading again
//! would count as a pull on Harbor and ECR, and young pulls keep images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    oci::{
        Content, Descriptor, Digest, ImageConfig, Manifest, build_time::annotated, kind, media_type,
    },
    plan::{
        inventory::{Entry, Image, Inventory, Kind, Layer},
        policy::Needs,
    },
    sorted,
    timestamp::Timestamp,
};

/// The facts of every digest read so far, as far as they were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    needs: Needs,
    read: BTreeMap<Digest, Facts>,
    /// What an earlier inventory tells. It is at hand in every invocation: nobody keeps it twice.
    #[serde(skip)]
    earlier: BTreeMap<Digest, Facts>,
}

/// What one manifest's content says, and its config's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub(super) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) artifact_type: Option<String>,
    /// Its own size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    pub(super) kind: Kind,
    /// The config of a runnable image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) config: Option<Digest>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) children: Vec<Child>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<Digest>,
    /// When it was built, by its annotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) annotated: Option<Timestamp>,
    /// Of the keys that were asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) annotations: BTreeMap<String, String>,
    /// `None` while they were not asked for, and where the content does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) layers: Option<Vec<Layer>>,
    /// `None` while the config was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) built: Option<Built>,
}

/// A manifest that an index lists, as the index says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Child {
    pub(super) digest: Digest,
    pub(super) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) platform: Option<String>,
}

/// What a config says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Built {
    /// It cannot be read: it could tell a later time than the annotation.
    Unreadable,
    /// What was asked for.
    Says {
        created: Option<Timestamp>,
        platform: Option<String>,
        labels: BTreeMap<String, String>,
    },
}

impl Known {
    pub(super) fn new(needs: Needs) -> Self {
        Self {
            needs,
            ..Self::default()
        }
    }

    /// The facts that were asked for.
    pub(super) const fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Takes what an inventory tells of manifests that were read for it, as far as it is enough
    /// for what is asked now.
    pub(super) fn learn(&mut self, inventory: &Inventory) {
        let covers =
            |known: &[String], asked: &[String]| asked.iter().all(|key| known.contains(key));
        if !covers(&inventory.annotation_keys, &self.needs.annotations) {
            return;
        }
        let knows_labels = covers(&inventory.label_keys, &self.needs.labels);
        let rows = inventory.images().filter_map(|image| {
            // a missing child leaves nothing to say what it was: the index is read again
            let children = image.child_ids().iter();
            let children = children.map(|id| Some(Child::of_image(inventory.image(*id)?)));
            let children = children.collect::<Option<_>>()?;
            let facts = Facts::of_entry(image.entry(), children, &self.needs, knows_labels)?;
            Some((image.digest(), facts))
        });
        self.earlier = sorted::map(rows);
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<&Facts> {
        self.read.get(digest).or_else(|| self.earlier.get(digest))
    }

    pub(super) fn insert(&mut self, digest: Digest, facts: Facts) {
        self.read.insert(digest, facts);
    }

    /// Keeps what an image's config says.
    pub(super) fn built(&mut self, digest: &Digest, built: Built) {
        if let Some(facts) = self.earlier.remove(digest) {
            self.read.insert(*digest, facts);
        }
        if let Some(facts) = self.read.get_mut(digest) {
            facts.built = Some(built);
        }
    }
}

impl Facts {
    /// What the content says.
    pub(super) fn of_manifest(manifest: &Manifest, needs: &Needs) -> Self {
        let config = match manifest.content() {
            Content::Image(image) => image.image_config(),
            _ => None,
        };
        let annotations = manifest.annotations();
        Self {
            media_type: manifest.media_type().to_owned(),
            artifact_type: manifest.artifact_type().map(str::to_owned),
            size: Some(manifest.bytes().len() as u64),
            kind: kind::of_manifest(manifest),
            config: config.map(|config| config.digest),
            children: manifest.children().map(Child::of_descriptor).collect(),
            subject: manifest.subject().map(|subject| subject.digest),
            annotated: annotations.and_then(annotated),
            annotations: annotations.map_or_else(BTreeMap::new, |annotations| {
                let wanted = needs.annotations.iter();
                sorted::map(
                    wanted.filter_map(|key| Some((key.clone(), annotations.get(key)?.clone()))),
                )
            }),
            layers: needs.layers.then(|| layers(manifest)).flatten(),
            built: config.and_then(|config| {
                let bytes = config.embedded().ok().flatten()?;
                Some(Built::of_config(&ImageConfig::parse(&bytes).ok()?, needs))
            }),
        }
    }

    /// What a row of an inventory tells, if its manifest was read for it.
    fn of_entry(
        entry: Entry,
        children: Vec<Child>,
        needs: &Needs,
        knows_labels: bool,
    ) -> Option<Self> {
        let lacks_layers = needs.layers && entry.layers.is_none();
        if entry.unreadable.is_some() || entry.media_type.is_empty() || lacks_layers {
            return None;
        }
        // the times are the later of both already; while the config is unread there is none, and
        // what the annotation says is not told
        let created = entry.times.created;
        let lacks_created = needs.created && created.is_none() && entry.labels.is_none();
        if lacks_created && entry.kind == Kind::Image {
            return None;
        }
        let labels = entry.labels.filter(|_| knows_labels);
        // a verified list of referrers is told of as no index
        let is_list = entry.fallback_for.is_some() && media_type::is_index(&entry.media_type);
        Some(Self {
            media_type: entry.media_type,
            artifact_type: entry.artifact_type,
            size: entry.size,
            kind: if is_list { Kind::Index } else { entry.kind },
            config: entry.config,
            children,
            subject: entry.subject,
            annotated: created,
            annotations: entry.annotations?,
            layers: entry.layers.filter(|_| needs.layers),
            built: labels.map(|labels| Built::Says {
                created,
                platform: entry.platform,
                labels,
            }),
        })
    }
}

impl Child {
    fn of_descriptor(descriptor: &Descriptor) -> Self {
        let platform = descriptor.platform.as_ref();
        let platform = platform.filter(|platform| !platform.is_unknown());
        Self {
            digest: descriptor.digest,
            media_type: media_type::essence(&descriptor.media_type).to_owned(),
            size: Some(descriptor.size),
            kind: if media_type::is_index(&descriptor.media_type) {
                Kind::Index
            } else {
                kind::of_child(descriptor)
            },
            platform: platform.map(|platform| platform.normalised().to_string()),
        }
    }

    fn of_image(image: Image<'_>) -> Self {
        Self {
            digest: image.digest(),
            media_type: image.media_type().to_owned(),
            size: image.size(),
            kind: image.kind(),
            platform: image.platform().map(str::to_owned),
        }
    }
}

impl Built {
    /// What was asked for of a config.
    pub(super) fn of_config(config: &ImageConfig, needs: &Needs) -> Self {
        let labels = config.document.pointer("/config/Labels");
        let label = |key: &String| Some((key.clone(), labels?.get(key)?.as_str()?.to_owned()));
        let platform = config.platform.as_ref();
        Self::Says {
            created: config.created,
            platform: platform.map(|platform| platform.normalised().to_string()),
            labels: sorted::map(needs.labels.iter().filter_map(label)),
        }
    }
}

/// The blobs that a manifest is made of, its config left aside; `None` where it does not tell.
fn layers(manifest: &Manifest) -> Option<Vec<Layer>> {
    let all = match manifest.content() {
        Content::Image(image) => &image.layers,
        // a build cache lists its blobs among its manifests
        Content::Index(index) => &index.manifests,
        _ => return None,
    };
    // what is to be had elsewhere only is not stored here
    let is_here = |layer: &&Descriptor| {
        let elsewhere = ["foreign", "nondistributable"];
        !elsewhere.iter().any(|word| layer.media_type.contains(word))
    };
    let is_blob = |layer: &&Descriptor| match manifest.content() {
        Content::Index(_) => !layer.is_manifest(),
        _ => true,
    };
    let blobs = all.iter().filter(is_here).filter(is_blob);
    Some(
        blobs
            .map(|layer| Layer::new(layer.digest, layer.size))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_whose_annotation_was_not_told_is_read_again_for_its_creation_time() {
        let mut entry = Entry::new(Digest::of(b"image"), Kind::Image);
        media_type::OCI_MANIFEST.clone_into(&mut entry.media_type);
        entry.annotations = Some(BTreeMap::new());
        let mut needs = Needs::default();
        let is_enough = |entry: &Entry, needs: &Needs| {
            Facts::of_entry(entry.clone(), Vec::new(), needs, true).is_some()
        };
        assert!(is_enough(&entry, &needs));
        needs.created = true;
        assert!(
            !is_enough(&entry, &needs),
            "it may be later than the config's"
        );
        entry.labels = Some(BTreeMap::new());
        assert!(is_enough(&entry, &needs), "both were read, and tell none");
    }
}
