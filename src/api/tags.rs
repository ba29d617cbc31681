//! `GET /v2/{repository}/tags/list`: one page of a repository's tags.
//!
//! Source: OCI distribution-spec 1.1, "Listing Tags". Pure: [`request`] builds, [`read`] reads;
//! who sends it, and how many pages in a row, is `client::listing`'s business.
//!
//! Registries differ in everything this file touches: the page size they bear, the shape of
//! `Link`, whether "no tags" is `[]` or `null`. Google adds every manifest with its times, also
//! those without a tag.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;
use url::Url;

use super::{
    address, error_body, link,
    request::{fresh, unsendable},
};
use crate::{
    error::{Code, Error, Result},
    oci::Digest,
    sorted,
    timestamp::Timestamp,
};

/// One page of tags, in the registry's own order.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use portreeve::api::tags;
///
/// let asked = "https://registry.example/v2/team/web/tags/list?n=2".parse()?;
/// let body = br#"{"name":"team/web","tags":["v1","v2"]}"#;
/// let page = tags::read(&asked, StatusCode::OK, &HeaderMap::new(), body)?;
/// assert_eq!(page.tags, ["v1", "v2"]);
/// assert!(page.next.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// Tag names, unchecked: a registry may hold names that today's grammar forbids.
    pub tags: Vec<String>,
    /// The next page's address on the same registry, or `None` after the last one.
    pub next: Option<Url>,
    /// Every manifest of the repository, tagged or not, where the registry tells (Google).
    pub manifests: Option<BTreeMap<Digest, Listed>>,
    /// How many manifests are called by an algorithm that this release cannot read.
    pub unreadable: usize,
    /// Repositories one level below this one, by their last name, where the registry tells.
    pub children: Vec<String>,
}

/// What Google tells of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub uploaded: Option<Timestamp>,
    /// When it was built, as its config says.
    pub created: Option<Timestamp>,
    /// The bytes of its layers together.
    pub size: Option<u64>,
    /// Its media type.
    pub media_type: Option<String>,
}

/// The first page's address, asking for `page_size` tags, or for as many as the registry likes.
pub fn first(root: &Url, repository: &str, page_size: Option<u32>) -> Result<Url> {
    let mut url = address::in_repository(root, repository, "tags/list")?;
    if let Some(size) = page_size {
        url.query_pairs_mut().append_pair("n", &size.to_string());
    }
    Ok(url)
}

/// The request for the page at `at`: [`first`], or a [`Page::next`].
///
/// It asks past every cache, because a deletion may be decided by the answer.
pub fn request(at: &Url) -> Result<Request<Bytes>> {
    fresh(at).body(Bytes::new()).map_err(unsendable)
}

/// Reads the answer to [`request`]`(asked)`.
///
/// # Errors
///
/// `upstream_error` for a body that is no list of tags; as [`error_body::error`] for a status
/// other than 200.
pub fn read(asked: &Url, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Page> {
    if status != StatusCode::OK {
        return Err(error_body::error(status, headers, body));
    }
    let list: TagList = serde_json::from_slice(body).map_err(|error| {
        let found = format!("the list of tags cannot be read: {error}");
        Error::new(Code::UpstreamError, found)
    })?;
    let listed = list.manifest.as_ref().map_or(0, BTreeMap::len);
    let manifests = list.manifest.map(|manifests| {
        let manifests = manifests.into_iter();
        sorted::map(
            manifests
                .filter_map(|(digest, manifest)| Some((digest.parse().ok()?, manifest.into()))),
        )
    });
    Ok(Page {
        tags: list.tags.unwrap_or_default(),
        next: link::next(asked, headers),
        unreadable: listed - manifests.as_ref().map_or(0, BTreeMap::len),
        manifests,
        children: list.child.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
struct TagList {
    // `null` is how distribution 2.8 and Nexus say "no tags"; a missing field says nothing at all,
    // and must not look like an empty repository to a cleanup
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Vec<String>>,
    manifest: Option<BTreeMap<String, GoogleManifest>>,
    child: Option<Vec<String>>,
}

/// Google writes numbers as texts, and "0" where it does not know.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct GoogleManifest {
    tag: Option<Vec<String>>,
    time_uploaded_ms: Option<String>,
    time_created_ms: Option<String>,
    image_size_bytes: Option<String>,
    media_type: Option<String>,
}

impl From<GoogleManifest> for Listed {
    fn from(manifest: GoogleManifest) -> Self {
        let time = |text: Option<String>| {
            text?
                .parse()
                .ok()
                .filter(|milliseconds| *milliseconds > 0)
                .map(Timestamp::from_milliseconds)
        };
        Self {
            tags: manifest.tag.unwrap_or_default(),
            uploaded: time(manifest.time_uploaded_ms),
            created: time(manifest.time_created_ms),
            size: manifest
                .image_size_bytes
                .and_then(|text| text.parse().ok())
                .filter(|size| *size > 0),
            media_type: manifest.media_type.filter(|kind| !kind.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn asked() -> Url {
        "https://registry.example/v2/team/web/tags/list?n=1000"
            .parse()
            .unwrap()
    }

    fn page(status: u16, body: &str) -> Result<Page> {
        let status = StatusCode::from_u16(status).unwrap();
        read(&asked(), status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn a_listing_is_asked_page_by_page_past_every_cache() {
        let root = "https://registry.example/".parse().unwrap();
        assert_eq!(first(&root, "team/web", Some(1000)).unwrap(), asked());
        assert_eq!(first(&root, "team/web", None).unwrap().query(), None);
        assert_eq!(
            request(&asked()).unwrap().headers()[header::CACHE_CONTROL],
            "no-cache"
        );
    }

    #[test]
    fn no_tags_is_an_empty_page_however_it_is_said() {
        for (registry, body) in [
            ("distribution 2.8", r#"{"tags":null}"#),
            ("distribution 3", r#"{"tags":[]}"#),
        ] {
            assert!(page(200, body).unwrap().tags.is_empty(), "{registry}");
        }
    }

    #[test]
    fn an_answer_without_tags_is_not_an_empty_repository() {
        for body in [r#"{"errors":[]}"#, "", "<html>", r#"{"tags":{}}"#] {
            assert_eq!(
                page(200, body).unwrap_err().code(),
                Code::UpstreamError,
                "{body}"
            );
        }
    }

    #[test]
    fn google_tells_of_every_manifest() {
        // shape of gcr.io's own answer; Artifact Registry sends "0" for the build time and size
        let (tagged, untagged) = (Digest::of(b"a"), Digest::of(b"b"));
        let body = format!(
            r#"{{"child":["web-canary"],"manifest":{{
                "{tagged}":{{"imageSizeBytes":"1234","layerId":"","mediaType":"application/vnd.oci.image.index.v1+json",
                    "tag":["v1","latest"],"timeCreatedMs":"1700000000000","timeUploadedMs":"1700000001999"}},
                "{untagged}":{{"imageSizeBytes":"0","mediaType":"","tag":[],"timeCreatedMs":"0","timeUploadedMs":"1700000002000"}},
                "sha384:{}":{{"tag":[],"timeUploadedMs":"1700000002000"}}}},
              "name":"p/web","tags":["latest","v1"]}}"#,
            "a".repeat(128)
        );
        let page = page(200, &body).unwrap();
        let manifests = page.manifests.unwrap();
        assert_eq!(manifests[&tagged].tags, ["v1", "latest"]);
        assert_eq!(
            manifests[&tagged].uploaded,
            Some(Timestamp::from_seconds(1_700_000_001))
        );
        assert_eq!(
            manifests[&tagged].created,
            Some(Timestamp::from_seconds(1_700_000_000))
        );
        assert_eq!(manifests[&tagged].size, Some(1234));
        assert_eq!(
            (manifests[&untagged].created, manifests[&untagged].size),
            (None, None)
        );
        assert_eq!(manifests[&untagged].media_type, None);
        assert_eq!(page.unreadable, 1);
        assert_eq!(page.children, ["web-canary"]);
    }

    #[test]
    fn a_failure_is_no_empty_page() {
        assert_eq!(page(502, "<html>").unwrap_err().code(), Code::UpstreamError);
    }
}
