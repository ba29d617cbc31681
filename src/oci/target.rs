//! What a manifest is asked for by: the last part of `/v2/<name>/manifests/<reference>`.

use std::{fmt, str::FromStr};

use super::{Digest, InvalidReference, is_tag};

/// What a manifest is asked for by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "the protocol has these two, and callers match on them"
)]
pub enum Target {
    /// A tag, which may move.
    Tag(String),
    /// A digest, which names the bytes.
    Digest(Digest),
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => formatter.write_str(tag),
            Self::Digest(digest) => digest.fmt(formatter),
        }
    }
}

impl FromStr for Target {
    type Err = InvalidReference;

    /// Reads the last part of `/v2/<name>/manifests/<reference>`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains(':') {
            return text
                .parse()
                .map(Self::Digest)
                .map_err(|problem| InvalidReference::Digest {
                    reference: text.to_owned(),
                    problem,
                });
        }
        if is_tag(text) {
            return Ok(Self::Tag(text.to_owned()));
        }
        Err(InvalidReference::Tag {
            reference: text.to_owned(),
            tag: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_a_path_is_a_tag_or_a_digest() {
        let digest = Digest::of(b"x");
        assert_eq!(digest.to_string().parse(), Ok(Target::Digest(digest)));
        assert_eq!("v1".parse(), Ok(Target::Tag("v1".to_owned())));
        for text in ["", "a/b", "..", "sha256:x", "a b"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
