//! References: how people name images (the `distribution/reference` grammar, as docker reads it).
//!
//! Where well-known parsers disagree, this one does as `distribution/reference` does:
//!
//! - `test.com:5000` without a path is the repository `library/test.com` with the tag `5000`;
//! - upper-case letters are allowed in a host and nowhere else;
//! - a bare name of 64 hex digits is refused, because it may be meant as an image id;
//! - `image___x` is refused: separators are `.`, `_`, `__` or any number of `-`.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use super::{Digest, InvalidDigest};
use crate::error::{Code, Error};

const DOCKER_HUB: &str = "docker.io";
const DEFAULT_TAG: &str = "latest";
/// distribution/reference counts the host's characters too.
const LONGEST_NAME: usize = 255;

/// A host, a repository on it, and a tag, a digest or both.
///
/// # Examples
///
/// ```
/// use portreeve::oci::{Reference, Target};
/// let short: Reference = "alpine".parse()?;
/// assert_eq!(short.to_string(), "docker.io/library/alpine:latest");
/// let local: Reference = "127.0.0.1:5555/shop/web:v1.4.2".parse()?;
/// assert_eq!(local.host(), "127.0.0.1:5555");
/// assert_eq!(local.repository(), "shop/web");
/// assert_eq!(local.target(), Target::Tag("v1.4.2".to_owned()));
/// # Ok::<(), portreeve::oci::InvalidReference>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    host: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

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

impl Reference {
    /// The host with its port, such as `docker.io` or `127.0.0.1:5555`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository, such as `library/alpine`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag that was written. `latest` is not put in; [`Reference::target`] does that.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest that was written.
    #[must_use]
    pub const fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What to ask the registry for: the digest decides over the tag, and without either it is
    /// the tag `latest`.
    #[must_use]
    pub fn target(&self) -> Target {
        match (self.digest, &self.tag) {
            (Some(digest), _) => Target::Digest(digest),
            (None, Some(tag)) => Target::Tag(tag.clone()),
            (None, None) => Target::Tag(DEFAULT_TAG.to_owned()),
        }
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = || text.to_owned();
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => {
                let digest = digest.parse().map_err(|problem| InvalidReference::Digest {
                    reference: whole(),
                    problem,
                })?;
                (name, Some(digest))
            }
            None => (text, None),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        if name.is_empty() {
            return Err(InvalidReference::Empty(whole()));
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(InvalidReference::Tag {
                reference: whole(),
                tag: tag.to_owned(),
            });
        }
        let (host, repository) = match name.split_once('/') {
            Some((first, rest)) if looks_like_host(first) => {
                if !is_host(first) {
                    return Err(InvalidReference::Host {
                        reference: whole(),
                        host: first.to_owned(),
                    });
                }
                (first, rest)
            }
            _ => (DOCKER_HUB, name),
        };
        if host == DOCKER_HUB && name == repository && is_image_id(name) {
            return Err(InvalidReference::LooksLikeId(name.to_owned()));
        }
        if !is_repository(repository) {
            return Err(InvalidReference::Repository {
                reference: whole(),
                repository: repository.to_owned(),
            });
        }
        let host = if host == "index.docker.io" {
            DOCKER_HUB
        } else {
            host
        };
        let repository = if host == DOCKER_HUB && !repository.contains('/') {
            format!("library/{repository}")
        } else {
            repository.to_owned()
        };
        if host.len() + 1 + repository.len() > LONGEST_NAME {
            return Err(InvalidReference::TooLong(whole()));
        }
        Ok(Self {
            host: host.to_owned(),
            repository,
            tag: tag.map(ToOwned::to_owned),
            digest,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.host, self.repository)?;
        match (&self.tag, &self.digest) {
            (Some(tag), Some(digest)) => write!(formatter, ":{tag}@{digest}"),
            (Some(tag), None) => write!(formatter, ":{tag}"),
            (None, Some(digest)) => write!(formatter, "@{digest}"),
            (None, None) => write!(formatter, ":{DEFAULT_TAG}"),
        }
    }
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

/// Whether it is a tag by distribution-spec 1.1: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

/// Whether it is a repository name by distribution-spec 1.1, "Pulling manifests".
///
/// ```
/// use portreeve::oci::is_repository;
/// assert!(is_repository("team/web-2__x"));
/// assert!(!is_repository("team/../web") && !is_repository("Team/web"));
/// ```
#[must_use]
pub fn is_repository(text: &str) -> bool {
    text.len() <= LONGEST_NAME && text.split('/').all(is_component)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !(bytes.first().is_some_and(word) && bytes.last().is_some_and(word)) {
        return false;
    }
    bytes.split(word).all(|separator| {
        matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
    })
}

/// The first component is a host if it has a dot or a colon, or is `localhost`; upper-case
/// letters make it one too, since no repository has them.
fn looks_like_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost" || text.bytes().any(|b| b.is_ascii_uppercase())
}

/// A host name, IPv4 address or bracketed IPv6 address, with an optional port.
fn is_host(text: &str) -> bool {
    let (name, port) = if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return false;
        }
        match port.strip_prefix(':') {
            Some(port) => (None, Some(port)),
            None if port.is_empty() => (None, None),
            None => return false,
        }
    } else {
        match text.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => (Some(text), None),
        }
    };
    let label = |label: &str| {
        label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.is_none_or(|name| name.split('.').all(label))
        && port.is_none_or(|port| {
            port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
        })
}

fn is_image_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a host is spoken to over plain HTTP unless told otherwise: `localhost` and its
/// subdomains, loopback, and the private IPv4 ranges of RFC 1918.
///
/// ```
/// use portreeve::oci::is_local_host;
/// assert!(is_local_host("127.0.0.1:5555") && is_local_host("registry.localhost"));
/// assert!(!is_local_host("127.0.0.1.evil.com") && !is_local_host("foo.svc.local"));
/// ```
#[must_use]
pub fn is_local_host(host: &str) -> bool {
    if host == "[::1]" || host.starts_with("[::1]:") {
        return true;
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let name = name.to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    name.parse::<Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback() || address.is_private())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_read_as_docker_reads_them() {
        let hex = "a".repeat(64);
        for (text, expected) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("acme/web", "docker.io/acme/web:latest"),
            ("index.docker.io/alpine", "docker.io/library/alpine:latest"),
            (
                "docker.io/library/alpine",
                "docker.io/library/alpine:latest",
            ),
            ("localhost/web", "localhost/web:latest"),
            ("localhost:5000/web:1", "localhost:5000/web:1"),
            ("[::1]:5000/web", "[::1]:5000/web:latest"),
            ("[2001:db8::1]/web", "[2001:db8::1]/web:latest"),
            ("test.com:5000", "docker.io/library/test.com:5000"),
            ("ghcr.io/acme/web__x/y-_z", ""),
            (
                "Registry.Example/team/web",
                "Registry.Example/team/web:latest",
            ),
            ("REGISTRY/team/web", "REGISTRY/team/web:latest"),
            (
                "ghcr.io/acme/a--b.c_d__e:V_1.0-x",
                "ghcr.io/acme/a--b.c_d__e:V_1.0-x",
            ),
        ] {
            let read = text.parse::<Reference>();
            if expected.is_empty() {
                assert!(read.is_err(), "{text}");
            } else {
                assert_eq!(read.unwrap().to_string(), expected, "{text}");
            }
        }
        let both = format!("ghcr.io/acme/web:v1@sha256:{hex}");
        let both: Reference = both.parse().unwrap();
        assert_eq!(both.tag(), Some("v1"));
        assert!(matches!(both.target(), Target::Digest(_)));
    }

    #[test]
    fn what_is_no_reference_names_the_part_that_is_wrong() {
        use InvalidReference as Wrong;
        let hex = "a".repeat(64);
        let long = format!("ghcr.io/{}", "a".repeat(248));
        for (text, kind) in [
            ("", "empty"),
            (":v1", "empty"),
            ("acme/", "repository"),
            ("/web", "repository"),
            ("ghcr.io//web", "repository"),
            ("ghcr.io/acme/Web", "repository"),
            ("ghcr.io/acme/../web", "repository"),
            ("ghcr.io/acme/image___x", "repository"),
            ("ghcr.io/acme/web-", "repository"),
            ("https://ghcr.io/acme/web", "host"),
            ("ghcr.io:99999/acme/web", "host"),
            ("-a.example/web", "host"),
            ("[::g]/web", "host"),
            ("web:-v1", "tag"),
            ("web:", "tag"),
            ("web:v1:v2", "repository"),
            ("web@sha256:abc", "digest"),
            ("web@", "digest"),
            (hex.as_str(), "id"),
            (long.as_str(), "long"),
            ("we b", "repository"),
            ("wéb", "repository"),
        ] {
            let problem = text.parse::<Reference>().unwrap_err();
            let found = match problem {
                Wrong::Empty(_) => "empty",
                Wrong::Host { .. } => "host",
                Wrong::Repository { .. } => "repository",
                Wrong::Tag { .. } => "tag",
                Wrong::Digest { .. } => "digest",
                Wrong::TooLong(_) => "long",
                Wrong::LooksLikeId(_) => "id",
            };
            assert_eq!(found, kind, "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_hosts_that_cannot_be_elsewhere() {
        for host in [
            "localhost",
            "localhost:5000",
            "a.localhost:80",
            "127.8.9.1",
            "[::1]",
            "[::1]:5000",
            "10.0.0.7:5000",
            "172.31.255.255",
            "192.168.1.1",
        ] {
            assert!(is_local_host(host), "{host}");
        }
        for host in [
            "127.0.0.1.evil.com",
            "foo.svc.local",
            "10.256.0.0",
            "172.32.0.1",
            "[::2]",
            "notlocalhost",
            "169.254.169.254",
            "0.0.0.0",
        ] {
            assert!(!is_local_host(host), "{host}");
        }
    }

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
