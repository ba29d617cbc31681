//! What each registry can do, in one table. Pure, and below the client.
//!
//! The rows are in [`Profile::ALL`]; `docs/registries.md` is made from them. A row says what the
//! vendor's page or the registry's own source says, and `Unknown` where neither does: nothing is
//! ever deleted on a guess. What one registry really does,
//! [`Client::capabilities`](crate::client::Client::capabilities) finds out.

mod table;

use serde::{Deserialize, Serialize};

use crate::oci::is_local_host;

/// What this crate has to know of a registry before it asks.
///
/// # Examples
///
/// ```
/// use portreeve::registries::profile::{DeleteBy, Profile, Support};
///
/// assert_eq!(Profile::of("docker.io").address, Some("registry-1.docker.io"));
/// assert_eq!(Profile::of("europe-docker.pkg.dev").deletion, DeleteBy::UntagThenDigest);
/// assert_eq!(Profile::named("distribution_2_8").unwrap().untag, Support::No);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Its name in a program, such as `hub`; `plain` where nothing is known.
    pub id: &'static str,
    /// Its name for a person.
    pub name: &'static str,
    /// The hosts by which it is known: whole names, with `*` for any part of one. None for
    /// software that people run themselves.
    pub hosts: &'static [&'static str],
    /// What the answer to an unauthenticated `GET /v2/` shows it by: a header, and a part of its
    /// value.
    pub mark: Option<(&'static str, &'static str)>,
    /// The host to ask, where it is not the one that references name.
    pub address: Option<&'static str>,
    /// Token servers outside the registry's own domain that may see its credentials.
    pub realms: &'static [&'static str],
    /// How it lets people in.
    pub authentication: Authentication,
    /// The page size to ask for first: the largest that it gives.
    pub page_size: u32,
    /// Whether a repository that is not there is told apart from one that is not yours. Where not,
    /// both are answered as `unauthorized`.
    pub tells_missing: Support,
    /// Whether answers name the digest of what they bring. Where not, a HEAD costs a GET more.
    pub names_digests: Support,
    /// Whether it gives a list of tags in pages of the size asked for.
    pub paged_list: Support,
    /// Whether a list of tags that was read to its end is all there is. A cleanup needs that.
    pub whole_list: Support,
    /// Whether its list of tags brings the time of each push along.
    pub dates_in_list: Support,
    /// Whether its list of tags tells of manifests without a tag.
    pub lists_untagged: Support,
    /// Whether `_catalog` lists its repositories.
    pub catalog: Support,
    /// Whether it answers the referrers API.
    pub referrers: Support,
    /// Whether it takes content named by sha512, as distribution-spec 1.1 lets it.
    pub sha512: Support,
    /// Whether DELETE of a digest deletes the manifest.
    pub delete_digest: Support,
    /// Whether DELETE of a tag takes that tag and nothing else.
    pub untag: Support,
    /// How a manifest is deleted.
    pub deletion: DeleteBy,
    /// Whether tags can be locked against being moved or deleted.
    pub immutable_tags: Support,
    /// What counts against its limit on requests.
    pub counted: Counted,
    /// What it limits, in words; empty where nothing is known.
    pub limits: &'static str,
    /// The vendor's page, or the registry's own source, that the row was taken from.
    pub source: &'static str,
    /// Whether the row was seen: in answers of the software, or in its source.
    pub confirmed: bool,
}

/// Whether a registry can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Support {
    /// It can.
    Yes,
    /// It cannot.
    No,
    /// Its operator, or a repository's owner, decides.
    Depends,
    /// Nobody has said.
    Unknown,
}

/// How a registry lets people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Authentication {
    /// Anybody may read.
    None,
    /// User and password with every request.
    Basic,
    /// A token of its token server.
    Bearer,
    /// A token, or user and password.
    Either,
    /// As its operator has set it up.
    Unknown,
}

/// What counts against a registry's limit on requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Every request, as far as anybody knows.
    EveryRequest,
    /// GET of a manifest and nothing else.
    ManifestReads,
}

/// How a registry takes a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeleteBy {
    /// One DELETE by digest takes the tags that point there at that moment.
    Digest,
    /// A digest is refused while tagged: tags first.
    UntagThenDigest,
    /// Only tags can be deleted; the last one takes the image.
    TagsOnly,
}

impl Profile {
    /// Every registry that is known, in the order of the documentation.
    pub const ALL: &[Self] = table::ROWS;

    /// What may be taken for granted of a registry that nothing is known of.
    pub const PLAIN: Self = table::PLAIN;

    /// The profile of the registry at `host`, with or without a port; [`Profile::PLAIN`] where
    /// the host is not known.
    #[must_use]
    pub fn of(host: &str) -> Self {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let known = |profile: &&Self| {
            profile
                .hosts
                .iter()
                .any(|pattern| fast_glob::glob_match(pattern, name))
        };
        if is_local_host(host) {
            return Self::PLAIN;
        }
        Self::ALL.iter().find(known).copied().unwrap_or(Self::PLAIN)
    }

    /// The profile with that [`Profile::id`], for a registry whose host does not tell.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        let mut rows = Self::ALL.iter().chain([&Self::PLAIN]);
        rows.find(|profile| profile.id == id).copied()
    }

    /// The profile that the headers of an unauthenticated answer to `GET /v2/` tell of.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::HeaderMap;
    /// use portreeve::registries::profile::Profile;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("server", "Nexus/3.79.1-04 (COMMUNITY)".parse()?);
    /// assert_eq!(Profile::recognised(&headers).unwrap().id, "nexus");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn recognised(headers: &http::HeaderMap) -> Option<Self> {
        let shows = |profile: &&Self| {
            profile.mark.is_some_and(|(name, part)| {
                headers
                    .get_all(name)
                    .iter()
                    .any(|value| value.to_str().is_ok_and(|value| value.contains(part)))
            })
        };
        Self::ALL.iter().find(shows).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_by_their_whole_domain() {
        for (host, id) in [
            ("docker.io", "hub"),
            ("index.docker.io", "hub"),
            ("gcr.io", "google"),
            ("eu.gcr.io", "google"),
            ("us-docker.pkg.dev", "google"),
            ("evilgcr.io", "plain"),
            ("gcr.io.evil.example", "plain"),
            ("1.dkr.ecr.eu-west-1.amazonaws.com", "ecr"),
            ("1.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"),
            ("1.dkr.ecr.evil.example", "plain"),
            ("public.ecr.aws", "ecr_public"),
            ("acme.azurecr.io:443", "acr"),
            ("quay.io", "quay"),
            ("codeberg.org", "gitea"),
            ("acme.jfrog.io", "jfrog"),
            ("registry.gitlab.com", "gitlab"),
            ("127.0.0.1:5555", "plain"),
            ("ghcr.io", "ghcr"),
            ("lscr.io", "ghcr"),
        ] {
            assert_eq!(Profile::of(host).id, id, "{host}");
        }
    }

    #[test]
    fn what_the_cleanup_rests_on_is_said_for_whom_it_differs() {
        for (host, deletion) in [
            ("gcr.io", DeleteBy::UntagThenDigest),
            ("us-docker.pkg.dev", DeleteBy::UntagThenDigest),
            ("1.dkr.ecr.eu-west-1.amazonaws.com", DeleteBy::TagsOnly),
            ("ghcr.io", DeleteBy::Digest),
            ("registry.example", DeleteBy::Digest),
        ] {
            assert_eq!(Profile::of(host).deletion, deletion, "{host}");
        }
    }

    #[test]
    fn each_row_has_a_name_of_its_own_and_says_where_it_is_from() {
        for (place, profile) in Profile::ALL.iter().enumerate() {
            assert!(profile.source.starts_with("https://"), "{}", profile.id);
            assert_eq!(Profile::named(profile.id), Some(*profile));
            let earlier = Profile::ALL.get(..place).unwrap();
            assert!(earlier.iter().all(|other| other.name != profile.name));
            for host in profile.hosts {
                assert_eq!(
                    Profile::of(&host.replace('*', "x")).id,
                    profile.id,
                    "{host}"
                );
            }
        }
        assert_eq!(Profile::named("plain"), Some(Profile::PLAIN));
        assert_eq!(Profile::named("nothing"), None);
    }

    #[test]
    fn an_answer_without_a_mark_is_anybodys() {
        let mut headers = http::HeaderMap::new();
        assert_eq!(Profile::recognised(&headers), None);
        let challenge =
            r#"Bearer realm="https://h.example/service/token",service="harbor-registry""#;
        headers.insert("www-authenticate", challenge.parse().unwrap());
        assert_eq!(Profile::recognised(&headers).unwrap().id, "harbor");
    }
}
