//! Answers in the making.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::content::Content;

/// The header that names the digest of what is answered.
pub(super) const CONTENT_DIGEST: &str = "docker-content-digest";

/// An answer with these bytes.
pub(super) fn bytes(status: u16, media_type: &str, content: Content) -> Response<Content> {
    let length = content.length();
    let mut response = Response::new(content);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    set(&mut response, header::CONTENT_TYPE.as_str(), media_type);
    set(
        &mut response,
        header::CONTENT_LENGTH.as_str(),
        &length.to_string(),
    );
    response
}

/// A JSON answer.
pub(super) fn json(status: u16, body: &Value) -> Response<Content> {
    let body = Bytes::from(body.to_string());
    bytes(status, "application/json", Content::Held(body))
}

/// An answer without a body.
pub(super) fn empty(status: u16) -> Response<Content> {
    let mut response = Response::new(Content::EMPTY);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if status != 204 && status != 304 {
        set(&mut response, header::CONTENT_LENGTH.as_str(), "0");
    }
    response
}

/// A refusal as the specification words it.
pub(super) fn error(status: u16, code: &str, message: &str) -> Response<Content> {
    let error = json!({ "code": code, "message": message, "detail": null });
    json(status, &json!({ "errors": [error] }))
}

/// Sets a header. A value that HTTP cannot carry is left out.
pub(super) fn set(response: &mut Response<Content>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// [`set`] in a chain.
pub(super) fn with(
    mut response: Response<Content>,
    name: &'static str,
    value: &str,
) -> Response<Content> {
    set(&mut response, name, value);
    response
}
