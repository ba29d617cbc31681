//! Indexes: one name for several manifests (image-spec 1.1, image-index.md; Docker manifest list).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Descriptor;

/// The parsed part of an index; the bytes stay with the [`Manifest`](super::Manifest).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Index {
    /// What it lists, in its order.
    pub manifests: Vec<Descriptor>,
    /// What it speaks of, where it is a referrer.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// What kind of artifact it is, where it is one.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// Free text by key.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

impl Index {
    /// The manifests of images, without buildx's attestations and without the layers that
    /// `BuildKit` caches list here.
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests
            .iter()
            .filter(|child| child.is_manifest() && !child.is_attestation())
    }
}
