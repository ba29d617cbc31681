//! `/v2/{repository}/blobs/{digest}`: HEAD, GET, GET of a part.
//!
//! Source: distribution-spec 1.1, "Pulling blobs"; RFC 9110, 14 "Range Requests".

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use url::Url;

use super::address;
use crate::{
    error::{Code, Error, Result},
    oci::Digest,
};

/// A part of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_structs,
    reason = "two ends are all that a part has"
)]
pub struct Part {
    /// The number of its first byte, counted from 0.
    pub from: u64,
    /// The number of the byte behind its last; `None` reads to the end.
    pub to: Option<u64>,
}

/// The request for a blob. Its answer, often a redirect to a storage host, carries nothing to read
/// but the bytes.
///
/// # Errors
///
/// `invalid_reference` for what is no repository name, `invalid_argument` for a part without bytes.
///
/// # Examples
///
/// ```
/// use portreeve::{api::blob::{self, Part}, oci::Digest};
///
/// let root = "https://ghcr.io/".parse()?;
/// let part = Part { from: 512, to: Some(1024) };
/// let request = blob::get(&root, "acme/web", &Digest::of(b""), Some(part))?;
/// assert!(request.uri().path().starts_with("/v2/acme/web/blobs/sha256:e3b0c442"));
/// assert_eq!(request.headers()["range"], "bytes=512-1023");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn get(
    root: &Url,
    repository: &str,
    digest: &Digest,
    part: Option<Part>,
) -> Result<Request<Bytes>> {
    let mut request = Request::get(address_of(root, repository, digest)?.as_str());
    if let Some(Part { from, to }) = part {
        let last = match to {
            Some(to) if to <= from => {
                let found = format!("no bytes lie between {from} and {to}");
                return Err(Error::new(Code::InvalidArgument, found));
            }
            Some(to) => (to - 1).to_string(),
            None => String::new(),
        };
        request = request.header(header::RANGE, format!("bytes={from}-{last}"));
    }
    request
        .body(Bytes::new())
        .map_err(|error| unsendable(&error))
}

/// The request for whether a blob is there, and how long it is.
///
/// # Errors
///
/// `invalid_reference` for what is no repository name.
pub fn head(root: &Url, repository: &str, digest: &Digest) -> Result<Request<Bytes>> {
    Request::builder()
        .method(Method::HEAD)
        .uri(address_of(root, repository, digest)?.as_str())
        .body(Bytes::new())
        .map_err(|error| unsendable(&error))
}

/// The length that an answer's headers name, in bytes.
#[must_use]
pub fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.trim().parse().ok()
}

/// Which bytes an answer of 206 to [`get`] holds, and how long the whole blob is where it says so.
///
/// # Errors
///
/// `upstream_error` where it does not begin where it was asked to.
pub fn sent_part(asked: Part, headers: &HeaderMap) -> Result<(Range<u64>, Option<u64>)> {
    let range = headers
        .get(header::CONTENT_RANGE)
        .and_then(|range| content_range(range.to_str().ok()?));
    match range {
        Some((range, size)) if range.start == asked.from => Ok((range, size)),
        _ => Err(Error::new(
            Code::UpstreamError,
            "the registry sent another part than the one asked for",
        )
        .next("read the blob whole")),
    }
}

/// Reads `bytes 512-1023/4096` or `bytes 512-1023/*`.
fn content_range(text: &str) -> Option<(Range<u64>, Option<u64>)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let end = last.checked_add(1).filter(|end| *end > first)?;
    Some((first..end, size.trim().parse().ok()))
}

fn address_of(root: &Url, repository: &str, digest: &Digest) -> Result<Url> {
    address::in_repository(root, repository, &format!("blobs/{digest}"))
}

fn unsendable(error: &http::Error) -> Error {
    Error::new(Code::InvalidReference, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_asked_for_by_its_first_and_last_byte() {
        let root = "https://registry.example/".parse().unwrap();
        let asked = |from, to| {
            let request = get(&root, "a", &Digest::of(b""), Some(Part { from, to }));
            request.map(|request| request.headers()[header::RANGE].clone())
        };
        assert_eq!(asked(0, Some(1)).unwrap(), "bytes=0-0");
        assert_eq!(asked(7, None).unwrap(), "bytes=7-");
        for (from, to) in [(1, 1), (2, 1), (0, 0)] {
            assert_eq!(
                asked(from, Some(to)).unwrap_err().code(),
                Code::InvalidArgument
            );
        }
    }

    #[test]
    fn only_the_part_that_was_asked_for_is_taken() {
        let part = Part {
            from: 5,
            to: Some(10),
        };
        for (range, expected) in [
            ("bytes 5-9/20", Some((5..10, Some(20)))),
            ("bytes 5-9/*", Some((5..10, None))),
            ("bytes 5-7/8", Some((5..8, Some(8)))),
            ("bytes 0-9/20", None),
            ("bytes 5-4/20", None),
            ("bytes */20", None),
            ("5-9", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_RANGE, range.parse().unwrap());
            assert_eq!(sent_part(part, &headers).ok(), expected, "{range}");
        }
    }
}
