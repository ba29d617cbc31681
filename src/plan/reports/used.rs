//! One thing that is in use, and by what.

use std::fmt;

use crate::oci::{Digest, Reference};

/// The most sources that a [`Use`] names; the others are counted.
pub const MOST_SOURCES: usize = 10;

/// Something in use, and what uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Use {
    /// What is in use.
    pub used: Used,
    /// What uses it, such as `pod/web-7d4b9c-x2k in shop, container app`; sorted, at most
    /// [`MOST_SOURCES`].
    pub sources: Vec<String>,
    /// How many more sources there are.
    pub more: u64,
}

/// What is in use, as precisely as whoever uses it says it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Used {
    /// A manifest: an image, or the index that it was pulled by.
    Digest {
        /// Its digest.
        digest: Digest,
        /// Where it was pulled from, as `host/path`. The digest protects wherever it is.
        repository: Option<String>,
    },
    /// A name that was not resolved to a digest.
    Reference {
        /// The name.
        reference: Reference,
        /// Whether it runs: the tag may have moved since, and then nobody knows what is in use.
        /// What does not run, such as a template, is in use by the tag as it is now.
        running: bool,
    },
    /// An image id, as a container runtime gives it for an image without a repository. It is the
    /// digest of the config; with docker's containerd store that of the manifest.
    Config(Digest),
    /// What could not be understood. Where it reads as a reference, it means that repository with
    /// an unknown tag; else it may mean any.
    Unresolved(String),
}

impl Use {
    /// A use by one source.
    #[must_use]
    pub fn new(used: Used, source: impl Into<String>) -> Self {
        Self {
            used,
            sources: vec![source.into()],
            more: 0,
        }
    }
}

impl Used {
    /// What a name means: its digest decides over its tag, and without either it is `latest`.
    #[must_use]
    pub fn named(reference: Reference, running: bool) -> Self {
        if let Some(digest) = reference.digest() {
            return Self::Digest {
                digest: *digest,
                repository: Some(format!("{}/{}", reference.host(), reference.repository())),
            };
        }
        if reference.tag().is_none() {
            // what is printed is written out, and reads back
            if let Ok(reference) = reference.to_string().parse() {
                return Self::Reference { reference, running };
            }
        }
        Self::Reference { reference, running }
    }
}

impl fmt::Display for Used {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest {
                digest,
                repository: Some(repository),
            } => write!(formatter, "{repository}@{digest}"),
            Self::Digest { digest, .. } | Self::Config(digest) => digest.fmt(formatter),
            Self::Reference { reference, .. } => reference.fmt(formatter),
            Self::Unresolved(text) => formatter.write_str(text),
        }
    }
}
