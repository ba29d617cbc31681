//! What a fault does to a body.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Response, header};

use super::content::Content;
use super::reply;

/// Changes one byte and leaves the length, so that only the digest tells.
pub(super) fn corrupt(response: &mut Response<Content>) {
    let mut bytes = response.body().bytes().to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    *response.body_mut() = bytes.into();
    response.headers_mut().remove(header::ETAG);
}

/// Sends other bytes, honest about their length.
pub(super) fn replace(response: &mut Response<Content>, content: Content) {
    let length = content.length().to_string();
    reply::set(response, header::CONTENT_LENGTH.as_str(), &length);
    *response.body_mut() = content;
}

/// Compresses the body.
pub(super) fn compress(response: &mut Response<Content>) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(&response.body().bytes());
    let Ok(bytes) = written.and_then(|()| encoder.finish()) else {
        return;
    };
    replace(response, bytes.into());
    reply::set(response, header::CONTENT_ENCODING.as_str(), "gzip");
}

/// Promises a length, and tells after how many bytes the body breaks off, where it does.
pub(super) fn promise(response: &mut Response<Content>, length: u64) -> Option<u64> {
    let content = response.body().slice(0, length);
    let arrives = content.length();
    if arrives == length {
        replace(response, content);
        return None;
    }
    let mut bytes = content.bytes().to_vec();
    bytes.resize(usize::try_from(length).ok()?, 0);
    replace(response, bytes.into());
    Some(arrives)
}
