//! One step of carrying a plan out.

use serde::{Deserialize, Serialize};

use crate::oci::Digest;

/// What one request would take away.
///
/// In JSON `{"delete": digest, "tags": [..]}` or `{"untag": tag, "shows": digest}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Step {
    /// A manifest, and with it the tags that show it at that moment.
    Delete(Delete),
    /// A tag alone; on some registries the last one takes the manifest.
    Untag(Untag),
}

/// A manifest that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Delete {
    /// The manifest.
    #[serde(rename = "delete")]
    pub digest: Digest,
    /// The tags that go with it, sorted; none where they were taken away before.
    pub tags: Vec<String>,
}

/// A tag that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Untag {
    /// The tag.
    #[serde(rename = "untag")]
    pub tag: String,
    /// The manifest that it shows.
    pub shows: Digest,
}
