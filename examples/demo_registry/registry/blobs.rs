//! `/v2/{repository}/blobs/{digest}`: HEAD and GET with ranges, DELETE, and redirects to a storage.

use http::{Method, Response};

use super::answer::Call;
use super::content::Content;
use super::reply::{self, CONTENT_DIGEST};
use super::state::State;

/// What a redirect to the storage carries, as a presigned URL does. It must not show up in a log.
const SIGNATURE: &str = "signature=presigned-secret";

/// Answers any method.
pub(super) fn answer(
    call: &Call<'_>,
    state: &mut State,
    name: &str,
    digest: &str,
) -> Response<Content> {
    let Some(blobs) = state
        .repositories
        .get_mut(name)
        .map(|found| &mut found.blobs)
    else {
        return unknown();
    };
    let Some(content) = blobs.get(digest) else {
        return unknown();
    };
    match *call.request.method() {
        Method::GET | Method::HEAD => match &call.profile.blob_redirect {
            Some(storage) => {
                let location = format!("{storage}/{digest}?{SIGNATURE}");
                reply::with(reply::empty(307), "location", &location)
            }
            None => read(call, content, digest),
        },
        Method::DELETE if call.profile.deletes => {
            blobs.remove(digest);
            reply::empty(202)
        }
        _ => reply::error(405, "UNSUPPORTED", "the operation is unsupported"),
    }
}

/// The storage that redirects lead to: it knows its own signature and, like S3, refuses a request
/// that brings another credential along.
pub(super) fn storage(call: &Call<'_>, state: &State, digest: &str) -> Response<Content> {
    if call.header("authorization").is_some() || call.request.uri().query() != Some(SIGNATURE) {
        return reply::error(400, "InvalidArgument", "only one auth mechanism allowed");
    }
    let content = state
        .repositories
        .values()
        .find_map(|repository| repository.blobs.get(digest));
    match content {
        Some(content) => read(call, content, digest),
        None => unknown(),
    }
}

fn unknown() -> Response<Content> {
    reply::error(404, "BLOB_UNKNOWN", "blob unknown to registry")
}

fn read(call: &Call<'_>, content: &Content, digest: &str) -> Response<Content> {
    let size = content.length();
    let tag = format!("\"{digest}\"");
    let current = call.header("if-range").is_none_or(|wanted| wanted == tag);
    let wanted = call.header("range").filter(|_| current);
    let response = match wanted.map_or(Span::Whole, |range| span(range, size)) {
        Span::Outside => {
            let refusal = reply::error(416, "RANGE_INVALID", "range not satisfiable");
            return reply::with(refusal, "content-range", &format!("bytes */{size}"));
        }
        Span::Part(first, last) => {
            let part = content.slice(first, last - first + 1);
            let response = reply::bytes(206, "application/octet-stream", part);
            let range = format!("bytes {first}-{last}/{size}");
            reply::with(response, "content-range", &range)
        }
        Span::Whole => reply::bytes(200, "application/octet-stream", content.clone()),
    };
    let mut response = reply::with(response, CONTENT_DIGEST, digest);
    reply::set(&mut response, "accept-ranges", "bytes");
    reply::set(&mut response, "etag", &tag);
    response
}

/// What a `Range` asks for.
enum Span {
    /// Everything: also where the header is not understood, as HTTP asks.
    Whole,
    /// From the first to the last byte, both included.
    Part(u64, u64),
    /// Nothing that there is.
    Outside,
}

/// Reads `bytes=a-b`, `bytes=a-` or `bytes=-n`.
fn span(text: &str, size: u64) -> Span {
    let range = text.trim().strip_prefix("bytes=");
    let Some((first, last)) = range.and_then(|range| range.split_once('-')) else {
        return Span::Whole;
    };
    let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last),
        (Ok(first), Err(_)) if last.is_empty() => (first, u64::MAX),
        (Err(_), Ok(0)) if first.is_empty() => return Span::Outside,
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), u64::MAX),
        _ => return Span::Whole,
    };
    if first < size {
        Span::Part(first, last.min(size - 1))
    } else {
        Span::Outside
    }
}
