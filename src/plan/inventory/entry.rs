//! One manifest as documents write it: the owned row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::oci::{Digest, Kind};
use crate::timestamp::Timestamp;

// The fields of every struct here stand in the order of their names in JSON, so that what serde
// writes is the canonical text that hashes cover; a test pins it.

/// One manifest: a digest, what it is, what it names, and what is known about it.
///
/// Inventories are filled from entries and written as entries; in between,
/// [`Image`](super::Image) reads the same from columns.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Digest;
/// use portreeve::plan::inventory::{Entry, Kind, Tag};
/// let mut entry = Entry::new(Digest::of(b"manifest"), Kind::Image);
/// entry.tags.push(Tag::new("v1.0.0"));
/// entry.platform = Some("linux/amd64".to_owned());
/// let line = serde_json::to_string(&entry).unwrap();
/// assert!(line.ends_with(r#""kind":"image","platform":"linux/amd64","tags":[{"name":"v1.0.0"}]}"#));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Entry {
    /// Its annotations, of the keys that were asked for; `None` where they were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// The artifact type, if it is no plain image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The manifests that an index names; layers and configs are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Digest>,
    /// The config's digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Digest>,
    /// The manifest's own digest.
    pub digest: Digest,
    /// The image whose signature or referrers this holds under a *verified* fallback tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_for: Option<Digest>,
    /// What it is.
    pub kind: Kind,
    /// Its config's labels, of the keys that were asked for; `None` where they were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Its layers in their order; `None` where they were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<Layer>>,
    /// What the registry locked.
    #[serde(default, skip_serializing_if = "Locks::is_empty")]
    pub locks: Locks,
    /// The manifest's media type; empty where nobody said it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// What it runs on, such as `linux/arm64/v8`, as [`Platform`](crate::oci::Platform) writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The manifest's own size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The manifest it refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Digest>,
    /// The tags that point here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// What is known of its times.
    #[serde(default, skip_serializing_if = "Times::is_empty")]
    pub times: Times,
    /// Why its content could not be read; what it names is unknown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

impl Entry {
    /// A manifest of which only the digest and the kind are known.
    #[must_use]
    pub const fn new(digest: Digest, kind: Kind) -> Self {
        Self {
            annotations: None,
            artifact_type: None,
            children: Vec::new(),
            config: None,
            digest,
            fallback_for: None,
            kind,
            labels: None,
            layers: None,
            locks: Locks {
                no_delete: false,
                no_overwrite: false,
            },
            media_type: String::new(),
            platform: None,
            size: None,
            subject: None,
            tags: Vec::new(),
            times: Times {
                created: None,
                first_seen: None,
                pulled: None,
                pushed: None,
            },
            unreadable: None,
        }
    }
}

/// A layer of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Layer {
    /// Its blob's digest.
    pub digest: Digest,
    /// Its blob's size in bytes, compressed as it is stored.
    pub size: u64,
}

impl Layer {
    /// A layer.
    #[must_use]
    pub const fn new(digest: Digest, size: u64) -> Self {
        Self { digest, size }
    }
}

/// A tag of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Tag {
    /// When a scan of ours first saw this tag on this digest.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub first_seen: Option<Timestamp>,
    /// Its name.
    pub name: String,
    /// When the registry says the tag was last set here, where it records that of tags.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub pushed: Option<Timestamp>,
}

impl Tag {
    /// A tag of which nothing more is known.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            first_seen: None,
            name: name.into(),
            pushed: None,
        }
    }
}

/// Times of a manifest, each by its source. In JSON they are seconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Times {
    /// When it says it was built: the later of annotation and config. Of an index it is reckoned
    /// from its children when planning.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub created: Option<Timestamp>,
    /// When a scan of ours first saw the digest.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub first_seen: Option<Timestamp>,
    /// When the registry says it was last pulled.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub pulled: Option<Timestamp>,
    /// When the registry says it was pushed.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub pushed: Option<Timestamp>,
}

impl Times {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What the registry forbids for a manifest. "Immutable" means either, depending on the vendor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Locks {
    /// It cannot be deleted.
    #[serde(default)]
    pub no_delete: bool,
    /// Its tags cannot be moved.
    #[serde(default)]
    pub no_overwrite: bool,
}

impl Locks {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Times as integers: shorter than text by half, and what hashes cover.
mod seconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::timestamp::Timestamp;

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::seconds).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_seconds))
    }
}
