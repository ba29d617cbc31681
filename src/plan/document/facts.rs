//! The facts behind a verdict.

use serde::{Deserialize, Serialize};

use crate::oci::Digest;
use crate::timestamp::Timestamp;

/// What is known of the manifest, and what its verdict rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Facts {
    /// The push time the registry records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<Timestamp>,
    /// The creation time; of an index the latest among its image children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// The last pull that the registry records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulled: Option<Timestamp>,
    /// When a scan first saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// The tag that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its place among the groups that the rule counts, newest first, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u64>,
    /// The value of the captured group that was counted for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// What leads to it and stays, or what it names and is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Digest>,
    /// Further deleted groups that lead to it, beside its own; a hundred at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_with: Vec<Digest>,
}
