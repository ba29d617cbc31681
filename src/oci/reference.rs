//! References: how people name images (the `distribution/reference` grammar, as docker reads it).
//!
//! Where well-known parsers disagree, this one does as `distribution/reference` does:
//!
//! - `test.com:5000` without a path is the repository `library/test.com` with the tag `5000`, and
//!   `sha256:<hex>` a repository `library/sha256`; containerd reads neither;
//! - upper-case letters are allowed in a host and make one of the first part, as in
//!   `Acme/web`; go-containerregistry refuses that;
//! - a bare name of 64 hex digits is refused, because it may be meant as an image id;
//!   go-containerregistry takes it for a repository;
//! - `image___x`, `a..b` and `-a` are refused: separators are `.`, `_`, `__` or any number of `-`,
//!   between letters and digits; containerd and go-containerregistry let them through;
//! - `name:tag@digest` keeps both, and the digest decides; docker and go-containerregistry drop the
//!   tag, and skopeo refused the pair for years;
//! - an IPv6 address stands in brackets and has neither a zone nor an IPv4 tail.
//!
//! It is stricter where that parser lets through what can never be reached: a port above 65535, an
//! IPv6 literal that is no address (`[:::::]`), a number that is no IPv4 address (`127.1`, which an
//! address takes for 127.0.0.1), `a_b.example/web`, which that parser reads as a name without any
//! host. And host and repository together have at most 255 characters, as the
//! specification advises; that parser, since 0.6, counts the repository alone.

use std::{fmt, str::FromStr};

use super::{
    Digest, InvalidReference, Target,
    grammar::{LONGEST_NAME, is_host, is_image_id, is_repository, is_tag, looks_like_host},
};

const DOCKER_HUB: &str = "docker.io";
const DEFAULT_TAG: &str = "latest";

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

impl Reference {
    /// Reads a reference that leaves nothing out: host, whole repository, and a tag or a digest.
    /// It must be written as it is printed. For scripts and configurations, where a default is a
    /// surprise.
    ///
    /// # Errors
    ///
    /// [`InvalidReference::Short`] says how to write it out; else as reading any reference.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::oci::Reference;
    /// assert!(Reference::strict("docker.io/library/alpine:3.20").is_ok());
    /// let problem = Reference::strict("alpine").unwrap_err();
    /// assert_eq!(
    ///     problem.to_string(),
    ///     "`alpine` is not written out: strictly it is `docker.io/library/alpine:latest`"
    /// );
    /// ```
    pub fn strict(text: &str) -> Result<Self, InvalidReference> {
        let reference: Self = text.parse()?;
        let whole = reference.to_string();
        if whole == text {
            return Ok(reference);
        }
        Err(InvalidReference::Short {
            reference: text.to_owned(),
            whole,
        })
    }

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
        if is_image_id(text) {
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
                Wrong::Short { .. } => "short",
            };
            assert_eq!(found, kind, "{text}");
        }
    }

    /// What each parser makes of the same text, found by running them: distribution/reference 0.6
    /// (`ParseNormalizedNamed`; podman and skopeo use a copy of it), containerd 2.4
    /// (`reference.Parse`), go-containerregistry 0.22 (`name.ParseReference`). `D` reads it as we
    /// do, `C` and `G` likewise; a small letter stands for another meaning, `-` for a refusal.
    /// containerd completes nothing, so that what it reads is compared by its parts.
    #[test]
    fn where_parsers_disagree_ours_is_a_choice() {
        let hex = "a".repeat(64);
        let long = "a".repeat(248);
        for (text, ours, parsers) in [
            // all that are asked complete it, containerd does not
            ("alpine", "docker.io/library/alpine:latest", "D c G"),
            ("acme/web", "docker.io/acme/web:latest", "D c G"),
            (
                "index.docker.io/alpine",
                "docker.io/library/alpine:latest",
                "D c G",
            ),
            ("test.com:5000", "docker.io/library/test.com:5000", "D c G"),
            ("localhost", "docker.io/library/localhost:latest", "D c G"),
            ("localhost/web", "localhost/web:latest", "D C G"),
            (
                "registry-1.docker.io/alpine",
                "registry-1.docker.io/alpine:latest",
                "D C G",
            ),
            // upper case
            (
                "Registry.Example/team/web",
                "Registry.Example/team/web:latest",
                "D C G",
            ),
            ("Acme/web", "Acme/web:latest", "D C -"),
            ("ghcr.io/acme/Web", "", "- c -"),
            // what may be an image id
            (&hex, "", "- c g"),
            (
                &format!("{hex}:v1"),
                &format!("docker.io/library/{hex}:v1"),
                "D - G",
            ),
            (
                &format!("sha256:{hex}"),
                &format!("docker.io/library/sha256:{hex}"),
                "D - G",
            ),
            // separators
            ("ghcr.io/acme/image___x", "", "- c g"),
            ("ghcr.io/acme/a..b", "", "- c g"),
            ("ghcr.io/acme/-a", "", "- c g"),
            ("ghcr.io/acme/a--b", "ghcr.io/acme/a--b:latest", "D C G"),
            ("ghcr.io//web", "", "- c g"),
            ("ghcr.io/acme/web/", "", "- c g"),
            ("a_b.example/web", "", "d c g"),
            ("-a.example/web", "", "- c g"),
            ("docker://alpine", "", "- - g"),
            // IPv6
            ("[::1]:5000/web:v1", "[::1]:5000/web:v1", "D C G"),
            ("[2001:db8::1]/web", "[2001:db8::1]/web:latest", "D C G"),
            ("[::ffff:1.2.3.4]/web", "", "- c g"),
            ("[fe80::1%25eth0]/web", "", "- c -"),
            ("[:::::]/web", "", "d - -"),
            ("::1/web", "", "- c g"),
            // ports
            ("ghcr.io:/acme/web", "", "- c g"),
            ("ghcr.io:99999/acme/web", "", "d c g"),
            ("ghcr.io/acme:5000/web", "", "- c -"),
            ("127.1/web", "", "d c g"),
            // tags and digests
            ("ghcr.io/acme/web:", "", "- c -"),
            ("ghcr.io/acme/web:-v", "", "- c g"),
            ("ghcr.io/acme/web:v1:v2", "", "- c -"),
            (
                &format!("ghcr.io/acme/web:v1@sha256:{hex}"),
                &format!("ghcr.io/acme/web:v1@sha256:{hex}"),
                "D C g",
            ),
            (
                &format!("ghcr.io/acme/web@sha512:{hex}{hex}"),
                &format!("ghcr.io/acme/web@sha512:{hex}{hex}"),
                "D C G",
            ),
            // they cannot verify it either, and find out later
            (
                &format!("ghcr.io/acme/web@sha384:{}", "a".repeat(96)),
                "",
                "d c g",
            ),
            (
                &format!("ghcr.io/acme/web@sha256:{}", hex.to_uppercase()),
                "",
                "- c -",
            ),
            (&format!("ghcr.io/{long}"), "", "d c g"),
        ] {
            let read = text.parse::<Reference>();
            let found = read.map(|read| read.to_string()).unwrap_or_default();
            assert_eq!(found, ours, "{text}");
            // where distribution/reference refuses, so do we
            let refused = parsers.starts_with('-');
            assert!(!refused || ours.is_empty(), "{text}");
        }
    }

    #[test]
    fn strict_reading_takes_what_is_written_out() {
        let hex = "a".repeat(64);
        for text in [
            "docker.io/library/alpine:latest",
            "127.0.0.1:5000/web:v1",
            "[::1]:5000/web:v1",
            &format!("ghcr.io/acme/web@sha256:{hex}"),
            &format!("ghcr.io/acme/web:v1@sha256:{hex}"),
        ] {
            assert_eq!(Reference::strict(text).unwrap().to_string(), text);
        }
        for text in [
            "alpine",
            "alpine:latest",
            "acme/web:v1",
            "docker.io/alpine:latest",
            "index.docker.io/library/alpine:latest",
            "ghcr.io/acme/web",
            "localhost:5000",
        ] {
            let problem = Reference::strict(text).unwrap_err();
            let InvalidReference::Short { whole, .. } = problem else {
                panic!("{text}: {problem}")
            };
            assert!(Reference::strict(&whole).is_ok(), "{whole}");
        }
        let problem = Reference::strict("ghcr.io/acme/Web:v1").unwrap_err();
        assert!(matches!(problem, InvalidReference::Repository { .. }));
    }
}
