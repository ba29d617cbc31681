//! One manifest of an inventory.

use serde::{Deserialize, Serialize};

use crate::oci::{Algorithm, Digest, Kind};
use crate::timestamp::Timestamp;

// The fields of every struct here stand in the order of their names in JSON, so that what serde
// writes is the canonical text that hashes cover; a test pins it.

/// One manifest: a digest, what it is, what it names, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Image {
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
    /// What the registry locked.
    #[serde(default, skip_serializing_if = "Locks::is_empty")]
    pub locks: Locks,
    /// The manifest's media type; empty where nobody said it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
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

impl Image {
    /// A manifest of which only the digest and the kind are known.
    #[must_use]
    pub const fn new(digest: Digest, kind: Kind) -> Self {
        Self {
            artifact_type: None,
            children: Vec::new(),
            config: None,
            digest,
            fallback_for: None,
            kind,
            locks: Locks {
                no_delete: false,
                no_overwrite: false,
            },
            media_type: String::new(),
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

    /// The tags of its own: all but those that make it the fallback of another.
    pub fn own_tags(&self) -> impl Iterator<Item = &Tag> {
        let fallback = self
            .fallback_for
            .map(|subject| (subject.algorithm(), subject.fallback_tag()));
        self.tags.iter().filter(move |tag| {
            let Some((algorithm, fallback)) = &fallback else {
                return true;
            };
            // whatever else somebody wrote behind it is a name that somebody gave
            match tag.name.strip_prefix(fallback.as_str()) {
                Some("") => false,
                Some(".sig" | ".att" | ".sbom") => *algorithm != Algorithm::Sha256,
                _ => true,
            }
        })
    }
}

/// A tag of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Tag {
    /// When a scan of ours first saw this tag on this digest.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    pub first_seen: Option<Timestamp>,
    /// Its name.
    pub name: String,
}

impl Tag {
    /// A tag of which nothing more is known.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            first_seen: None,
            name: name.into(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_only_begins_like_a_fallback_tag_is_the_manifests_own() {
        let subject = Digest::of(b"subject");
        let mut image = Image::new(Digest::of(b"signature"), Kind::Signature);
        image.fallback_for = Some(subject);
        let kept = format!("sha256-{}.sig-to-keep", subject.hex());
        image.tags = vec![Tag::new(&kept)];
        let own: Vec<&str> = image.own_tags().map(|tag| tag.name.as_str()).collect();
        assert_eq!(own, [kept]);
    }

    #[test]
    fn the_tags_that_make_it_a_fallback_are_not_its_own() {
        let subject = Digest::of(b"subject");
        let mut image = Image::new(Digest::of(b"signature"), Kind::Signature);
        image.fallback_for = Some(subject);
        for name in [format!("sha256-{}.sig", subject.hex()), "signed".to_owned()] {
            image.tags.push(Tag::new(name));
        }
        let own: Vec<&str> = image.own_tags().map(|tag| tag.name.as_str()).collect();
        assert_eq!(own, ["signed"]);
        image.fallback_for = None;
        assert_eq!(
            image.own_tags().count(),
            2,
            "an unverified fallback tag is a tag like others"
        );
    }
}
