//! What each registry can do, in one table. Pure, and below the client.

use crate::oci::is_local_host;

/// What this crate has to know of a registry before it asks.
///
/// # Examples
///
/// ```
/// use portreeve::registries::profile::{DeleteBy, Profile};
///
/// assert_eq!(Profile::of("docker.io").address, Some("registry-1.docker.io"));
/// assert_eq!(Profile::of("europe-docker.pkg.dev").deletion, DeleteBy::UntagThenDigest);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// The host to ask, where it is not the one that references name.
    pub address: Option<&'static str>,
    /// Token servers outside the registry's own domain that may see its credentials.
    pub realms: &'static [&'static str],
    /// The page size to ask for first.
    pub page_size: u32,
    /// How a manifest is deleted.
    pub deletion: DeleteBy,
}

/// How a registry takes a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeleteBy {
    /// One DELETE by digest takes the tags that point there at that moment.
    Digest,
    /// A digest is refused while tagged: tags first.
    UntagThenDigest,
    /// Only tags can be deleted; the last one takes the image.
    TagsOnly,
}

const PLAIN: Profile = Profile {
    address: None,
    realms: &[],
    page_size: 1000,
    deletion: DeleteBy::Digest,
};

impl Profile {
    /// The profile of the registry at `host`, with or without a port; that of a plain registry
    /// where the host is not known.
    #[must_use]
    pub fn of(host: &str) -> Self {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let below = |domain: &str| {
            name.strip_suffix(domain)
                .is_some_and(|rest| rest.ends_with('.'))
        };
        if is_local_host(host) {
            PLAIN
        } else if matches!(
            name,
            "docker.io" | "index.docker.io" | "registry-1.docker.io"
        ) {
            Profile {
                address: Some("registry-1.docker.io"),
                ..PLAIN
            }
        } else if name == "gcr.io" || below("gcr.io") || below("pkg.dev") {
            Profile {
                deletion: DeleteBy::UntagThenDigest,
                ..PLAIN
            }
        } else if name.contains(".dkr.ecr.")
            && (below("amazonaws.com") || below("amazonaws.com.cn"))
        {
            Profile {
                deletion: DeleteBy::TagsOnly,
                ..PLAIN
            }
        } else if name == "quay.io" {
            Profile {
                page_size: 100,
                ..PLAIN
            }
        } else if name == "lscr.io" {
            // linuxserver.io's name for a part of GHCR
            Profile {
                realms: &["ghcr.io"],
                ..PLAIN
            }
        } else {
            PLAIN
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_their_whole_domain() {
        for (host, deletion) in [
            ("gcr.io", DeleteBy::UntagThenDigest),
            ("eu.gcr.io", DeleteBy::UntagThenDigest),
            ("us-docker.pkg.dev", DeleteBy::UntagThenDigest),
            ("evilgcr.io", DeleteBy::Digest),
            ("gcr.io.evil.example", DeleteBy::Digest),
            ("1.dkr.ecr.eu-west-1.amazonaws.com", DeleteBy::TagsOnly),
            ("1.dkr.ecr.evil.example", DeleteBy::Digest),
            ("127.0.0.1:5555", DeleteBy::Digest),
            ("ghcr.io", DeleteBy::Digest),
        ] {
            assert_eq!(Profile::of(host).deletion, deletion, "{host}");
        }
    }
}
