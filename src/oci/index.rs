//! Indexes: one name for several manifests (image-spec 1.1, image-index.md; Docker manifest list).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Descriptor, absent, media_type};

/// The parsed part of an index; the bytes stay with the [`Manifest`](super::Manifest).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Index {
    /// What it lists, in its order; `null` is how careless tools write an empty list.
    #[serde(deserialize_with = "absent::when_null")]
    pub manifests: Vec<Descriptor>,
    /// What it speaks of, where it is a referrer.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// What kind of artifact it is, where it is one.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// Free text by key.
    #[serde(default, deserialize_with = "absent::when_null")]
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

    /// What it lists that is no manifest, such as the layers and the config of a build cache:
    /// blobs, which no registry finds among its manifests.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().filter(|child| !child.is_manifest())
    }

    /// Whether it is a build cache of `BuildKit` (`--cache-to type=registry,image-manifest=false`),
    /// which nobody can run.
    #[must_use]
    pub fn is_build_cache(&self) -> bool {
        self.blobs()
            .any(|blob| media_type::essence(&blob.media_type) == media_type::BUILDKIT_CACHE_CONFIG)
    }
}
