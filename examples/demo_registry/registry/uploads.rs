//! `/v2/{repository}/blobs/uploads/`: pushing a blob at once, in pieces, or by mounting it.

use http::{Method, Response};

use super::answer::Call;
use super::content::{self, Content};
use super::profile::UploadLocation;
use super::reply::{self, CONTENT_DIGEST};
use super::state::{State, Upload};

/// `POST`: opens a session, mounts a blob, or takes it whole.
pub(super) fn open(call: &Call<'_>, state: &mut State, name: &str) -> Response<Content> {
    if call.request.method() != Method::POST {
        return reply::error(405, "UNSUPPORTED", "the operation is unsupported");
    }
    if let Some(refusal) = too_long(call) {
        return refusal;
    }
    if let (Some(digest), Some(from)) = (call.query("mount"), call.query("from"))
        && call.profile.uploads.mounts
    {
        let found = state.repositories.get(&from);
        if let Some(content) = found.and_then(|from| from.blobs.get(&digest)).cloned() {
            return stored(state, name, &digest, content);
        }
    }
    if let Some(digest) = call.query("digest") {
        return complete(call, state, name, &digest, call.request.body().to_vec());
    }
    let id = state.next_id();
    let upload = Upload {
        repository: name.to_owned(),
        bytes: Vec::new(),
        pieces: 0,
        is_short: false,
    };
    let mut response = progress(call, name, &id, &upload, 202);
    if let Some(minimum) = call.profile.uploads.minimum {
        reply::set(&mut response, "oci-chunk-min-length", &minimum.to_string());
    }
    state.uploads.insert(id, upload);
    response
}

/// `GET`, `PATCH`, `PUT` and `DELETE` of a session.
pub(super) fn answer(
    call: &Call<'_>,
    state: &mut State,
    name: &str,
    id: &str,
) -> Response<Content> {
    if let Some(refusal) = too_long(call) {
        return refusal;
    }
    let Some(mut upload) = state
        .uploads
        .remove(id)
        .filter(|open| open.repository == name)
    else {
        return unknown();
    };
    let uploads = &call.profile.uploads;
    let body = call.request.body();
    let status = match *call.request.method() {
        Method::DELETE => return reply::empty(204),
        Method::GET if !uploads.tells => {
            state.uploads.insert(id.to_owned(), upload);
            return unknown();
        }
        Method::GET => 204,
        Method::PATCH if !uploads.continues && upload.pieces > 0 => {
            return reply::error(405, "UNSUPPORTED", "the operation is unsupported");
        }
        Method::PATCH | Method::PUT if !continues(call, upload.bytes.len()) => 416,
        // only the last piece may be short, and this one comes behind it
        Method::PATCH | Method::PUT if upload.is_short && !body.is_empty() => {
            return reply::error(400, "SIZE_INVALID", "the piece before was too short");
        }
        Method::PATCH => {
            upload.bytes.extend_from_slice(body);
            upload.pieces += 1;
            upload.is_short = uploads.minimum.is_some_and(|minimum| body.len() < minimum);
            202
        }
        Method::PUT => {
            upload.bytes.extend_from_slice(call.request.body());
            return match call.query("digest") {
                Some(digest) => complete(call, state, name, &digest, upload.bytes),
                None => reply::error(400, "DIGEST_INVALID", "digest missing"),
            };
        }
        _ => 405,
    };
    let response = progress(call, name, id, &upload, status);
    state.uploads.insert(id.to_owned(), upload);
    response
}

/// The storage to which [`UploadLocation::Elsewhere`] leads. It knows nobody, and refuses a request
/// that says who asks.
pub(super) fn storage(call: &Call<'_>, state: &mut State, id: &str) -> Response<Content> {
    if call.header("authorization").is_some() {
        return reply::error(400, "InvalidArgument", "only one auth mechanism allowed");
    }
    match state.uploads.get(id) {
        Some(upload) => answer(call, state, &upload.repository.clone(), id),
        None => unknown(),
    }
}

fn unknown() -> Response<Content> {
    reply::error(
        404,
        "BLOB_UPLOAD_UNKNOWN",
        "blob upload unknown to registry",
    )
}

/// The refusal of a proxy in front that takes less at once.
fn too_long(call: &Call<'_>) -> Option<Response<Content>> {
    let most = call.profile.uploads.most?;
    let page = Content::Held("<html>413 Request Entity Too Large</html>".into());
    (call.request.body().len() > most).then(|| reply::bytes(413, "text/html", page))
}

/// Whether the piece's `Content-Range: a-b` starts where the bytes so far end.
fn continues(call: &Call<'_>, length: usize) -> bool {
    call.header("content-range").is_none_or(|range| {
        let first = range.split('-').next().unwrap_or_default();
        first.parse() == Ok(length)
    })
}

fn progress(
    call: &Call<'_>,
    name: &str,
    id: &str,
    upload: &Upload,
    status: u16,
) -> Response<Content> {
    let path = format!("/v2/{name}/blobs/uploads/{id}");
    let location = match &call.profile.uploads.location {
        // a proxy that forgets to rewrite it is found out
        UploadLocation::Absolute => format!("{}{path}", call.origin()),
        UploadLocation::Relative => path,
        UploadLocation::Stateful => {
            let state = format!("at={}%2F{}", upload.bytes.len(), upload.pieces);
            format!("{}{path}?_state={state}", call.origin())
        }
        UploadLocation::Elsewhere(storage) => format!("{storage}/_storage/uploads/{id}"),
    };
    let last = upload.bytes.len().saturating_sub(1);
    let mut response = reply::with(reply::empty(status), "location", &location);
    reply::set(&mut response, "docker-upload-uuid", id);
    reply::set(&mut response, "range", &format!("0-{last}"));
    response
}

fn complete(
    call: &Call<'_>,
    state: &mut State,
    name: &str,
    digest: &str,
    bytes: Vec<u8>,
) -> Response<Content> {
    if !call.takes(digest) || !content::is_digest_of(digest, &bytes) {
        let message = "provided digest did not match uploaded content";
        return reply::error(400, "DIGEST_INVALID", message);
    }
    stored(state, name, digest, bytes.into())
}

fn stored(state: &mut State, name: &str, digest: &str, content: Content) -> Response<Content> {
    let blobs = &mut state.repository(name).blobs;
    blobs.insert(digest.to_owned(), content);
    let location = format!("/v2/{name}/blobs/{digest}");
    let response = reply::with(reply::empty(201), "location", &location);
    reply::with(response, CONTENT_DIGEST, digest)
}
