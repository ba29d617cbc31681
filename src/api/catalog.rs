//! `GET /v2/_catalog`: one page of a registry's repositories.
//!
//! Source: the distribution registry's HTTP API, "Listing Repositories"; distribution-spec 1.1
//! leaves it out, and so do many registries: Docker Hub, GHCR and ECR have none, Harbor and GitLab
//! show it to administrators. Quay's cursor is a `next_page` in its `Link`, everybody else's a
//! `last`.

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;
use url::Url;

use super::{
    error_body, link,
    request::{fresh, unsendable},
};
use crate::error::{Code, Error, Result};

const FOR_FEW: &str = "many registries show their catalog to administrators only, and some to \
                       nobody: use such a credential, or name the repositories yourself";

/// One page of repositories, in the registry's own order.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use portreeve::api::catalog;
///
/// let asked = "https://registry.example/v2/_catalog?n=1000".parse()?;
/// let body = br#"{"repositories":["team/api","team/web"]}"#;
/// let page = catalog::read(&asked, StatusCode::OK, &HeaderMap::new(), body)?;
/// assert_eq!(page.repositories, ["team/api", "team/web"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The repositories' paths, unchecked.
    pub repositories: Vec<String>,
    /// The next page's address on the same registry, or `None` after the last one.
    pub next: Option<Url>,
}

/// The first page's address, asking for `page_size` repositories, or for as many as the registry
/// likes. Above 1,000, distribution refuses.
pub fn first(root: &Url, page_size: Option<u32>) -> Result<Url> {
    let mut url = root
        .join("/v2/_catalog")
        .map_err(|error| Error::new(Code::InvalidReference, error.to_string()))?;
    if let Some(size) = page_size {
        url.query_pairs_mut()
            .append_pair("n", &size.min(1000).to_string());
    }
    Ok(url)
}

/// The request for the page at `at`: [`first`], or a [`Page::next`].
pub fn request(at: &Url) -> Result<Request<Bytes>> {
    fresh(at).body(Bytes::new()).map_err(unsendable)
}

/// Reads the answer to [`request`]`(asked)`.
///
/// # Errors
///
/// `unsupported` for a web page, `upstream_error` for another body that is no catalog; as
/// [`error_body::error`] for a status other than 200, of which [`refusal`] tells the meaning.
pub fn read(asked: &Url, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Page> {
    if status != StatusCode::OK {
        return Err(error_body::error(status, headers, body));
    }
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(unsupported("the registry answered with a web page"));
    }
    let catalog: Catalog = serde_json::from_slice(body).map_err(|error| {
        let found = format!("the catalog cannot be read: {error}");
        Error::new(Code::UpstreamError, found)
    })?;
    Ok(Page {
        repositories: catalog.repositories.unwrap_or_default(),
        next: link::next(asked, headers),
    })
}

/// What a refusal means here: no catalog at all, or none for whom asks, who is `known` where a
/// credential was given.
#[must_use]
pub fn refusal(error: Error, known: bool) -> Error {
    let status = error
        .status()
        .and_then(|status| StatusCode::from_u16(status).ok());
    let told = match (error.code(), known) {
        (Code::NotFound | Code::Unsupported, _) => unsupported(error.found()),
        (Code::Denied, _) | (Code::Unauthorized, true) => {
            Error::new(Code::Denied, error.found()).next(FOR_FEW)
        }
        (Code::Unauthorized, false) => Error::new(Code::Unauthorized, error.found()).next(FOR_FEW),
        _ => return error,
    };
    match status {
        Some(status) => told.with_status(status),
        None => told,
    }
}

/// The error for a registry that lists no repositories.
#[must_use]
pub fn unsupported(found: &str) -> Error {
    Error::new(Code::Unsupported, found).next(
        "this registry lists no repositories here: name them yourself, or look in its own API or \
         web page",
    )
}

#[derive(Deserialize)]
struct Catalog {
    // registries written in Go may say `null` for an empty list; no list at all is an error
    #[serde(deserialize_with = "Option::deserialize")]
    repositories: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn page(status: u16, link: Option<&str>, body: &str) -> Result<Page> {
        let asked = "https://registry.example/v2/_catalog?n=1000"
            .parse()
            .unwrap();
        let mut headers = HeaderMap::new();
        if let Some(link) = link {
            headers.insert(header::LINK, link.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        read(&asked, status, &headers, body.as_bytes())
    }

    #[test]
    fn at_most_1000_are_asked_for_at_once() {
        let root = "https://registry.example/".parse().unwrap();
        for (size, query) in [
            (Some(1000), Some("n=1000")),
            (Some(5000), Some("n=1000")),
            (Some(7), Some("n=7")),
            (None, None),
        ] {
            assert_eq!(first(&root, size).unwrap().query(), query, "{size:?}");
        }
    }

    #[test]
    fn every_cursor_leads_to_the_next_page() {
        for (registry, link, query) in [
            (
                "distribution",
                r#"</v2/_catalog?last=p%2Fc2&n=2>; rel="next""#,
                "last=p%2Fc2&n=2",
            ),
            (
                "zot",
                r#"</v2/_catalog?n=2&last=p/c2>; rel="next""#,
                "n=2&last=p/c2",
            ),
            (
                "Quay",
                r#"<https://registry.example/v2/_catalog?n=2&next_page=gAAAAAB%3D>; rel="next""#,
                "n=2&next_page=gAAAAAB%3D",
            ),
        ] {
            let next = page(200, Some(link), r#"{"repositories":["a"]}"#)
                .unwrap()
                .next;
            assert_eq!(next.unwrap().query(), Some(query), "{registry}");
        }
    }

    #[test]
    fn null_is_empty_and_no_list_is_an_error() {
        assert!(
            page(200, None, r#"{"repositories":null}"#)
                .unwrap()
                .repositories
                .is_empty()
        );
        for body in ["{}", "", "[]", r#"{"errors":[]}"#] {
            assert_eq!(
                page(200, None, body).unwrap_err().code(),
                Code::UpstreamError,
                "{body}"
            );
        }
    }

    #[test]
    fn a_registry_without_a_catalog_says_so_and_what_to_do() {
        for (registry, status, body, code, advice) in [
            (
                "a plain 404",
                404,
                "404 page not found",
                Code::Unsupported,
                "name them",
            ),
            (
                "ECR",
                405,
                r#"{"errors":[{"code":"UNSUPPORTED","message":"Invalid parameter"}]}"#,
                Code::Unsupported,
                "name them",
            ),
            (
                "a web page for every path",
                200,
                "<html>",
                Code::Unsupported,
                "name them",
            ),
            (
                "GHCR",
                403,
                r#"{"errors":[{"code":"DENIED"}]}"#,
                Code::Denied,
                "administrators",
            ),
            (
                "Docker Hub",
                401,
                r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#,
                Code::Denied,
                "administrators",
            ),
        ] {
            let error = refusal(page(status, None, body).unwrap_err(), true);
            assert_eq!(error.code(), code, "{registry}");
            assert!(error.advice().unwrap().contains(advice), "{registry}");
        }
        let code = |status, known| refusal(page(status, None, "").unwrap_err(), known).code();
        assert_eq!(code(401, false), Code::Unauthorized, "nobody asked");
        assert_eq!(code(503, true), Code::UpstreamError, "a failure");
    }
}
