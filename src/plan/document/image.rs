//! The entry of one manifest.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Facts, Reason, Verdict};
use crate::oci::Digest;
use crate::timestamp::Timestamp;

/// One manifest and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PlannedImage {
    /// The manifest.
    pub digest: Digest,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// The root it belongs to: itself, or one that leads to it.
    pub group: Digest,
    /// Its part in the group.
    pub role: Role,
    /// What is to happen to it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The rule that decided, if one did.
    pub rule: Option<String>,
    /// What that rests on.
    pub facts: Facts,
    /// The same in words.
    pub explanation: String,
    /// Until when a deletion can be undone; `null` where nothing is deleted.
    pub undo: Option<Undo>,
}

impl PlannedImage {
    /// The first of its tags, or its digest.
    pub(super) fn name(&self) -> String {
        let tag = self.tags.first().cloned();
        tag.unwrap_or_else(|| self.digest.to_string())
    }
}

/// A manifest's part in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// It has a tag of its own, or neither parent nor subject: rules speak about it.
    Root,
    /// An index names it.
    Child,
    /// It refers to another.
    Referrer,
    /// It holds the signature or the referrers of another under a fallback tag.
    Fallback,
}

/// Until when a deletion can be undone. Written `none`, `unknown`, or the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undo {
    /// Never.
    None,
    /// Until the registry collects its blobs at this time.
    Until(Timestamp),
    /// As long as the registry still has the blobs, and nobody knows how long that is.
    Unknown,
}

impl fmt::Display for Undo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("none"),
            Self::Until(time) => time.fmt(formatter),
            Self::Unknown => formatter.write_str("unknown"),
        }
    }
}

impl Serialize for Undo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Undo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "none" => Ok(Self::None),
            "unknown" => Ok(Self::Unknown),
            time => time.parse().map(Self::Until).map_err(D::Error::custom),
        }
    }
}
