//! What digests say. A digest names its content for ever, so each is read once: reading again
//! would count as a pull on Harbor and ECR, and young pulls keep images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    oci::{Descriptor, Digest, media_type},
    plan::inventory::{Image, Inventory, Kind},
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
    /// When it says it was built: `None` while that was not read.
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
    /// What an inventory tells about its manifests. Those that it could not read are left out.
    #[must_use]
    pub fn from_inventory(inventory: &Inventory) -> Self {
        let by_digest: BTreeMap<Digest, &Image> = inventory
            .images
            .iter()
            .map(|image| (image.digest, image))
            .collect();
        let child = |digest: &Digest| {
            let image = by_digest.get(digest)?;
            Some(Child {
                digest: *digest,
                media_type: image.media_type.clone(),
                size: image.size,
                kind: image.kind,
            })
        };
        let facts = |image: &Image| {
            if image.unreadable.is_some() || image.media_type.is_empty() {
                return None;
            }
            // a missing child leaves nothing to say what it was: the index is read again
            let children = image.children.iter().map(child).collect::<Option<_>>()?;
            Some(Facts {
                media_type: image.media_type.clone(),
                artifact_type: image.artifact_type.clone(),
                size: image.size,
                kind: image.kind,
                config: image.config.map(|digest| {
                    let config = if image.media_type == media_type::DOCKER_MANIFEST {
                        media_type::DOCKER_CONFIG
                    } else {
                        media_type::OCI_CONFIG
                    };
                    Descriptor::new(config, digest, 0)
                }),
                children,
                subject: image.subject,
                created: image.times.created.map(Created::At),
            })
        };
        Self(
            inventory
                .images
                .iter()
                .filter_map(|image| Some((image.digest, facts(image)?)))
                .collect(),
        )
    }

    /// The facts of a digest that was read.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<&Facts> {
        self.0.get(digest)
    }

    /// Keeps what a manifest says.
    pub fn insert(&mut self, digest: Digest, facts: Facts) {
        self.0.insert(digest, facts);
    }
}
