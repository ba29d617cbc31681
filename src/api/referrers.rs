//! `GET /v2/{repository}/referrers/{digest}`: signatures, SBOMs and attestations of a manifest.
//!
//! Source: distribution-spec 1.1, "Listing Referrers". Registries without it (distribution 2.8
//! and 3, GHCR) keep the same index under the tag `sha256-<hex>`, or `sha512-<half of the hex>`.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use serde::Deserialize;
use url::Url;

use super::{
    address, error_body, link,
    request::{fresh, unsendable},
};
use crate::{
    error::{Code, Error, Result},
    oci::{Algorithm, Descriptor, Digest, Target, media_type},
};

/// The filter that the specification knows, as a parameter and in `OCI-Filters-Applied`.
pub const FILTER: &str = "artifactType";

/// The body of a page: an index, of which only this is looked at.
#[derive(Deserialize)]
struct Listed {
    // registries written in Go may say `null` for an empty list (ociregistry); no list at all is an error
    #[serde(deserialize_with = "Option::deserialize")]
    manifests: Option<Vec<Descriptor>>,
}

/// What answered.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "there are these two answers to one question"
)]
pub enum Answer {
    /// A page of referrers.
    Page(Page),
    /// The registry has no such endpoint: look at the [`fallback_tag`].
    NoEndpoint,
}

/// One page of referrers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The referrers, in the registry's order.
    pub descriptors: Vec<Descriptor>,
    /// The next page's address, or `None` after the last one.
    pub next: Option<Url>,
    /// The filters that the registry says to have applied, such as `artifactType`.
    pub filters: Option<String>,
}

/// The first page's address, asking for referrers of this type alone where one is given.
///
/// Registries may leave the filter out: [`Page::filters`] tells.
pub fn first(
    root: &Url,
    repository: &str,
    digest: &Digest,
    artifact_type: Option<&str>,
) -> Result<Url> {
    let mut url = address::in_repository(root, repository, &format!("referrers/{digest}"))?;
    if let Some(wanted) = artifact_type {
        url.query_pairs_mut().append_pair(FILTER, wanted);
    }
    Ok(url)
}

/// The request for the page at `at`: [`first`], or a [`Page::next`].
pub fn request(at: &Url) -> Result<Request<Bytes>> {
    fresh(at)
        .header(header::ACCEPT, media_type::OCI_INDEX)
        .body(Bytes::new())
        .map_err(unsendable)
}

/// The tag under which clients keep the referrers of `digest` where the endpoint is missing.
///
/// # Examples
///
/// ```
/// use portreeve::{api::referrers, oci::Digest};
///
/// let tag = referrers::fallback_tag(&Digest::of(b"")).to_string();
/// assert!(tag.starts_with("sha256-e3b0c442"));
/// ```
#[must_use]
pub fn fallback_tag(digest: &Digest) -> Target {
    Target::Tag(digest.fallback_tag())
}

/// Under which tags cosign keeps its signature, attestation and SBOM of `digest`, each with the
/// artifact type that all of its content has; no type for SBOMs, which may have any.
///
/// It makes such tags of sha256 digests alone.
#[must_use]
pub fn cosign_tags(digest: &Digest) -> Vec<(String, Option<&'static str>)> {
    if digest.algorithm() != Algorithm::Sha256 {
        return Vec::new();
    }
    let tag = |suffix| format!("{}.{suffix}", digest.fallback_tag());
    vec![
        (
            tag("sig"),
            Some("application/vnd.dev.cosign.simplesigning.v1+json"),
        ),
        (tag("att"), Some("application/vnd.dsse.envelope.v1+json")),
        (tag("sbom"), None),
    ]
}

/// Whether a status says that there is no such endpoint.
#[must_use]
pub fn has_no_endpoint(status: u16) -> bool {
    matches!(status, 400 | 404 | 405 | 406 | 501)
}

/// Reads the answer to [`request`]`(asked)`.
///
/// # Errors
///
/// `upstream_error` for a body that is no index, else as [`error_body::error`].
pub fn read(asked: &Url, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Answer> {
    let is_html = || {
        headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    };
    match status.as_u16() {
        // registries that route every path to a web page answer so
        200 if is_html() => Ok(Answer::NoEndpoint),
        200 => {
            let listed: Listed = serde_json::from_slice(body).map_err(|error| {
                let found = format!("the list of referrers cannot be read: {error}");
                Error::new(Code::UpstreamError, found)
            })?;
            Ok(Answer::Page(Page {
                descriptors: listed.manifests.unwrap_or_default(),
                next: link::next(asked, headers),
                filters: headers
                    .get("oci-filters-applied")
                    .map(|filters| String::from_utf8_lossy(filters.as_bytes()).into_owned()),
            }))
        }
        other if has_no_endpoint(other) => Ok(Answer::NoEndpoint),
        _ => Err(error_body::error(status, headers, body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, kind: &str, body: &str) -> Result<Answer> {
        let asked = "https://registry.example/v2/a/referrers/sha256:x"
            .parse()
            .unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        headers.insert(header::LINK, r#"<?last=2>; rel="next""#.parse().unwrap());
        headers.insert("oci-filters-applied", "artifactType".parse().unwrap());
        read(
            &asked,
            StatusCode::from_u16(status).unwrap(),
            &headers,
            body.as_bytes(),
        )
    }

    #[test]
    fn a_page_names_its_referrers_the_next_page_and_filters() {
        let digest = Digest::of(b"sbom");
        let body = format!(
            r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{}","digest":"{digest}","size":4,"artifactType":"application/spdx+json"}}]}}"#,
            media_type::OCI_MANIFEST
        );
        let Answer::Page(page) = answer(200, media_type::OCI_INDEX, &body).unwrap() else {
            panic!("no page")
        };
        assert_eq!(page.descriptors[0].digest, digest);
        assert_eq!(
            page.descriptors[0].artifact_type.as_deref(),
            Some("application/spdx+json")
        );
        assert_eq!(page.next.unwrap().query(), Some("last=2"));
        assert_eq!(page.filters.as_deref(), Some("artifactType"));
    }

    #[test]
    fn a_registry_without_the_endpoint_is_told_apart_from_a_failure() {
        for (registry, status, kind) in [
            ("distribution 3", 404, "text/plain"),
            ("an old gateway", 405, "application/json"),
            ("a web page for every path", 200, "text/html"),
        ] {
            assert_eq!(
                answer(status, kind, "x").unwrap(),
                Answer::NoEndpoint,
                "{registry}"
            );
        }
        assert_eq!(
            answer(503, "text/plain", "").unwrap_err().code(),
            Code::UpstreamError
        );
        assert_eq!(
            answer(403, "text/plain", "").unwrap_err().code(),
            Code::Denied
        );
    }

    #[test]
    fn null_is_an_empty_list() {
        let body = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":null}"#;
        let Answer::Page(page) = answer(200, media_type::OCI_INDEX, body).unwrap() else {
            panic!("no page")
        };
        assert_eq!(page.descriptors, []);
    }

    #[test]
    fn what_is_no_index_is_not_an_empty_list() {
        for body in ["{}", r#"{"errors":[]}"#, "", "null"] {
            assert!(answer(200, "application/json", body).is_err(), "{body}");
        }
    }
}
