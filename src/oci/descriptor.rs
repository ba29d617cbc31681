//! Descriptors: how one content names another (image-spec 1.1, descriptor.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Digest, Platform, media_type};

/// Marks a manifest as buildx's attestation of a sibling in the same index.
const ATTESTATION: (&str, &str) = ("vnd.docker.reference.type", "attestation-manifest");

/// A reference to content by digest, with its type and size.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Descriptor;
/// let descriptor: Descriptor = serde_json::from_str(
///     r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":527,
///         "digest":"sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
///         "platform":{"os":"linux","architecture":"amd64"}}"#,
/// )?;
/// assert!(descriptor.is_manifest());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Descriptor {
    /// What the content is.
    pub media_type: String,
    /// What the content is called by.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// The platform, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// What kind of artifact it is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Free text by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// A descriptor with the three fields that every one has.
    #[must_use]
    pub fn new(media_type: impl Into<String>, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.into(),
            digest,
            size,
            platform: None,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }

    /// Whether it names a manifest. `BuildKit` cache indexes list layers where manifests belong.
    #[must_use]
    pub fn is_manifest(&self) -> bool {
        media_type::is_manifest(&self.media_type)
    }

    /// Whether it is buildx's attestation of a sibling in the same index.
    #[must_use]
    pub fn is_attestation(&self) -> bool {
        let (key, value) = ATTESTATION;
        self.annotations
            .get(key)
            .is_some_and(|found| found == value)
    }
}
