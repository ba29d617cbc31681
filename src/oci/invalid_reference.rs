//! What can be wrong with a reference, and what was expected.

use super::InvalidDigest;
use crate::error::{Code, Error};

/// A text that is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReference {
    /// Nothing before the tag or digest.
    #[error("`{0}` names no repository: expected something like registry.example/team/web:v1")]
    Empty(String),
    /// The host is none.
    #[error("`{host}` in `{reference}` is no host name with an optional port")]
    Host {
        /// The whole text.
        reference: String,
        /// The part that is wrong.
        host: String,
    },
    /// The repository breaks the grammar.
    #[error(
        "`{repository}` in `{reference}` is no repository name: expected lower-case letters, \
         digits and single separators (. _ __ -) between them, in parts divided by /"
    )]
    Repository {
        /// The whole text.
        reference: String,
        /// The part that is wrong.
        repository: String,
    },
    /// The tag breaks the grammar.
    #[error(
        "`{tag}` in `{reference}` is no tag: expected up to 128 letters, digits, _ . and -, \
         beginning with a letter, a digit or _"
    )]
    Tag {
        /// The whole text.
        reference: String,
        /// The part that is wrong.
        tag: String,
    },
    /// The digest is none.
    #[error("in `{reference}`: {problem}")]
    Digest {
        /// The whole text.
        reference: String,
        /// What is wrong with it.
        problem: InvalidDigest,
    },
    /// Host and repository together are too long.
    #[error("`{0}` is too long: host and repository together may have 255 characters")]
    TooLong(String),
    /// Read [strictly](super::Reference::strict), and not written as it is printed.
    #[error("`{reference}` is not written out: strictly it is `{whole}`")]
    Short {
        /// The whole text.
        reference: String,
        /// The same reference with nothing left out.
        whole: String,
    },
    /// Sixty-four hex digits, which may be meant as an image id.
    #[error(
        "`{0}` looks like an image id, not a repository: write docker.io/library/{0} if it is one"
    )]
    LooksLikeId(String),
}

impl From<InvalidReference> for Error {
    fn from(problem: InvalidReference) -> Self {
        let code = match &problem {
            InvalidReference::Digest {
                problem: InvalidDigest::Algorithm(_),
                ..
            } => Code::Unsupported,
            _ => Code::InvalidReference,
        };
        Self::new(code, problem.to_string())
    }
}
