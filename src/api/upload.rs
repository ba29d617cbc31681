//! `/v2/{repository}/blobs/uploads/`: opening, continuing, finishing and giving up an upload.
//!
//! Source: distribution-spec 1.1, "Pushing blobs". Pure: each function builds a request or reads an
//! answer; `client::upload` decides what comes next.
//!
//! ```text
//! POST uploads/ ──▶ 202 Location ──▶ PATCH, PATCH ... ──▶ PUT ?digest= ──▶ 201
//!      │                 └─ GET: how far it is    └─ DELETE: given up
//!      └─ ?mount=&from= ──▶ 201, or 202 as above
//! ```

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use url::Url;

use super::{address, request::unsendable};
use crate::{
    error::{Code, Error, Result},
    named_address,
    oci::Digest,
};

/// What the answer to a step of an upload says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Where the next step goes, with whatever state its query carries; a secret.
    pub location: Url,
    /// How many bytes the registry holds, where it says so.
    pub received: Option<u64>,
    /// The least length of every piece but the last, in bytes; 0 where any will do.
    pub chunk_minimum: u64,
}

/// The request that opens an upload, with a wish to take the blob from another repository of the
/// same registry instead.
///
/// # Examples
///
/// ```
/// use portreeve::{api::upload, oci::Digest};
///
/// let root = "https://registry.example/".parse()?;
/// let request = upload::open(&root, "acme/web", None)?;
/// assert_eq!(request.uri().path(), "/v2/acme/web/blobs/uploads/");
/// let digest = Digest::of(b"layer");
/// let request = upload::open(&root, "acme/web", Some((&digest, "acme/base")))?;
/// assert!(request.uri().query().unwrap().ends_with("&from=acme%2Fbase"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(
    root: &Url,
    repository: &str,
    mount: Option<(&Digest, &str)>,
) -> Result<Request<Bytes>> {
    let mut url = address::in_repository(root, repository, "blobs/uploads/")?;
    if let Some((digest, from)) = mount {
        // refused like every other name that is none
        address::in_repository(root, from, "")?;
        url.query_pairs_mut()
            .append_pair("mount", &digest.to_string())
            .append_pair("from", from);
    }
    bodyless(Method::POST, &url)
}

/// The request for how far an upload is.
pub fn ask(location: &Url) -> Result<Request<Bytes>> {
    bodyless(Method::GET, location)
}

/// The request that gives an upload up.
pub fn cancel(location: &Url) -> Result<Request<Bytes>> {
    bodyless(Method::DELETE, location)
}

/// The request that adds `length` bytes at the byte number `from`; they are its body.
pub fn piece(location: &Url, from: u64, length: u64) -> Result<Request<Bytes>> {
    carrying(Method::PATCH, location, from, length)
}

/// The request that ends an upload with `length` more bytes at the byte number `from`; they are its
/// body. No range is named where they are all that there is.
pub fn finish(location: &Url, digest: &Digest, from: u64, length: u64) -> Result<Request<Bytes>> {
    let mut url = location.clone();
    // behind what the query holds already, which stays as it is
    url.query_pairs_mut()
        .append_pair("digest", &digest.to_string());
    let mut request = carrying(Method::PUT, &url, from, length)?;
    if from == 0 || length == 0 {
        request.headers_mut().remove(header::CONTENT_RANGE);
    }
    Ok(request)
}

fn carrying(method: Method, url: &Url, from: u64, length: u64) -> Result<Request<Bytes>> {
    let last = (from + length).saturating_sub(1);
    Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_RANGE, format!("{from}-{last}"))
        .body(Bytes::new())
        .map_err(unsendable)
}

fn bodyless(method: Method, url: &Url) -> Result<Request<Bytes>> {
    Request::builder()
        .method(method)
        .uri(url.as_str())
        .body(Bytes::new())
        .map_err(unsendable)
}

/// Reads the headers that answered a request to `asked`; `root` is the registry's own address.
///
/// An answer to [`ask`] or [`piece`] may leave `Location` out: the upload goes on where it was.
///
/// # Errors
///
/// `upstream_error` for an address that cannot be read, and for none where `opened` says that the
/// upload was only just opened.
pub fn read(root: &Url, asked: &Url, opened: bool, headers: &HeaderMap) -> Result<Step> {
    let location = match headers.get(header::LOCATION) {
        None if opened => Err(Error::new(
            Code::UpstreamError,
            "the registry opened an upload and did not say where (no `Location`)",
        )
        .next("in a browser the registry must expose that header (CORS); else ask its operator")),
        None => Ok(asked.clone()),
        Some(location) => std::str::from_utf8(location.as_bytes())
            .ok()
            .and_then(|location| named_address::join(asked, location))
            .map(|url| at_home(root, url))
            .ok_or_else(|| {
                Error::new(
                    Code::UpstreamError,
                    "the registry continues the upload at an address that cannot be read",
                )
            }),
    }?;
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse().ok();
    Ok(Step {
        location,
        received: received(headers),
        chunk_minimum: number("oci-chunk-min-length").unwrap_or_default(),
    })
}

/// Our own address for the registry where it names itself by another scheme: a proxy in front of
/// it took TLS away.
fn at_home(root: &Url, mut url: Url) -> Url {
    let is_ours = url.host_str() == root.host_str() && url.scheme() != root.scheme();
    if is_ours && matches!(url.scheme(), "http" | "https") && url.port().is_none() {
        let mut home = root.clone();
        home.set_path(url.path());
        home.set_query(url.query());
        url = home;
    }
    url.set_fragment(None);
    url
}

/// How many bytes `Range: 0-<last>` speaks of. `0-0` is said of nothing and of one byte alike; that
/// it is nothing comes true far more often.
fn received(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::RANGE)?.to_str().ok()?.trim();
    let range = range.strip_prefix("bytes=").unwrap_or(range);
    let (first, last) = range.split_once('-')?;
    let last: u64 = last.trim().parse().ok()?;
    match (first.trim(), last) {
        ("0", 0) => Some(0),
        ("0", last) => last.checked_add(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Url {
        "https://registry.example/".parse().unwrap()
    }

    fn asked() -> Url {
        "https://registry.example/v2/a/blobs/uploads/"
            .parse()
            .unwrap()
    }

    fn step(headers: &[(&str, &str)]) -> Result<Step> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.insert(name, value.parse().unwrap());
        }
        read(&root(), &asked(), true, &map)
    }

    #[test]
    fn a_location_is_kept_however_it_is_written() {
        for (registry, location, expected) in [
            (
                "distribution",
                "https://registry.example/v2/a/blobs/uploads/1?_state=x%3D",
                "https://registry.example/v2/a/blobs/uploads/1?_state=x%3D",
            ),
            (
                "zot",
                "/v2/a/blobs/uploads/1",
                "https://registry.example/v2/a/blobs/uploads/1",
            ),
            (
                "relative to what was asked",
                "1?s=2",
                "https://registry.example/v2/a/blobs/uploads/1?s=2",
            ),
            (
                "behind a proxy that took TLS away",
                "http://registry.example/v2/a/blobs/uploads/1?s=2",
                "https://registry.example/v2/a/blobs/uploads/1?s=2",
            ),
            (
                "another port is another server",
                "https://registry.example:8443/u/1#x",
                "https://registry.example:8443/u/1",
            ),
            (
                "a storage",
                "https://s3.example/u/1?sig=x",
                "https://s3.example/u/1?sig=x",
            ),
        ] {
            let step = step(&[("location", location)]).unwrap();
            assert_eq!(step.location.as_str(), expected, "{registry}");
        }
    }

    #[test]
    fn the_digest_is_added_to_the_state_that_a_location_carries() {
        let location = "https://registry.example/u/1?_state=a%2Fb%3D&x"
            .parse()
            .unwrap();
        let digest = Digest::of(b"");
        let request = finish(&location, &digest, 0, 7).unwrap();
        let expected = format!("_state=a%2Fb%3D&x&digest=sha256%3A{}", digest.hex());
        assert_eq!(request.uri().query(), Some(expected.as_str()));
        assert!(request.headers().get(header::CONTENT_RANGE).is_none());
        let rest = finish(&location, &digest, 3, 4).unwrap();
        assert_eq!(rest.headers()[header::CONTENT_RANGE], "3-6");
    }

    #[test]
    fn a_piece_names_its_first_and_last_byte() {
        let request = piece(&asked(), 8, 4).unwrap();
        assert_eq!(request.headers()[header::CONTENT_RANGE], "8-11");
        assert_eq!(request.method(), "PATCH");
    }

    #[test]
    fn the_range_of_an_answer_says_how_far_the_registry_is() {
        for (range, received) in [
            ("0-1023", Some(1024)),
            ("bytes=0-9", Some(10)),
            ("0-0", Some(0)),
            ("5-9", None),
            ("0-18446744073709551615", None),
            ("0--1", None),
            ("", None),
        ] {
            let step = step(&[("location", "/u"), ("range", range)]).unwrap();
            assert_eq!(step.received, received, "{range}");
        }
        let step = step(&[("location", "/u"), ("oci-chunk-min-length", "5242880")]).unwrap();
        assert_eq!((step.received, step.chunk_minimum), (None, 5 << 20));
    }

    #[test]
    fn an_upload_without_an_address_is_an_error_only_when_it_is_new() {
        let error = step(&[]).unwrap_err();
        assert_eq!(error.code(), Code::UpstreamError);
        let step = read(&root(), &asked(), false, &HeaderMap::new()).unwrap();
        assert_eq!(step.location, asked());
    }

    #[test]
    fn no_name_leads_elsewhere() {
        let digest = Digest::of(b"");
        for from in ["", "..", "a/../b", "a?x=1"] {
            let error = open(&root(), "a", Some((&digest, from))).unwrap_err();
            assert_eq!(error.code(), Code::InvalidReference, "{from}");
        }
    }
}
