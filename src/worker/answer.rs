//! From what was decided to the platform's `Response`.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;
use worker::{EncodeBody, ResponseBody, ResponseBuilder};

use crate::{
    error::{Code, Error, Result},
    proxy::{forward, problem::Problem},
    web::{Handle, headers},
};

/// An answer that is not yet the platform's.
pub(super) type Answer = Response<Handle>;

/// An error of `/api/v1`, and of everything outside `/v2/`.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

/// JSON with this status.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    match serde_json::to_vec(body) {
        Ok(bytes) => text(status, "application/json", bytes.into()),
        // our own documents can always be written; this is what is left if one cannot
        Err(problem) => failure(&Error::new(Code::Internal, problem.to_string())),
    }
}

/// JSON that an object answered, as it comes.
pub(super) fn streamed(status: StatusCode, body: ResponseBody) -> Answer {
    let mut answer = text(status, "application/json", Bytes::new());
    *answer.body_mut() = match body {
        ResponseBody::Empty => Handle::Empty,
        ResponseBody::Body(bytes) => Handle::Bytes(bytes.into()),
        ResponseBody::Stream(stream) => Handle::Stream(stream),
    };
    answer
}

/// An error as `/api/v1` answers it, with the status of its code.
pub(super) fn failure(error: &Error) -> Answer {
    let status = StatusCode::from_u16(error.code().http_status())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = Failure {
        code: error.code().as_str(),
        message: error.to_string(),
        path: error.path(),
    };
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let mut answer = text(status, "application/json", bytes.into());
    if error.code() == Code::Unauthorized {
        challenge(answer.headers_mut());
    }
    if let Some(pause) = error.retry_after() {
        let seconds = HeaderValue::from(pause.as_secs());
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    answer
}

/// An error as registries answer it.
pub(super) fn registry_problem(problem: Problem) -> Answer {
    let mut answer = text(problem.status, "application/json", problem.body.into());
    if problem.status == StatusCode::UNAUTHORIZED {
        challenge(answer.headers_mut());
    }
    if let Some(seconds) = problem.retry_after {
        let seconds = HeaderValue::from(seconds);
        answer.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    forward::secure(answer.headers_mut());
    answer
}

/// Says how to authenticate: a token as the password, under any user name.
fn challenge(headers: &mut HeaderMap) {
    headers.insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(r#"Basic realm="portreeve", charset="UTF-8""#),
    );
}

fn text(status: StatusCode, content_type: &'static str, bytes: Bytes) -> Answer {
    let mut answer = Response::new(Handle::Bytes(bytes));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The platform's response. Its constructor throws for what it does not take, so nothing of that
/// kind reaches it.
pub(super) fn respond(method: &Method, answer: Answer) -> Result<worker::Response> {
    let (mut parts, body) = answer.into_parts();
    if !(200..600).contains(&parts.status.as_u16()) {
        let found = format!("the upstream answered the status {}", parts.status);
        return Err(Error::new(Code::UpstreamError, found));
    }
    let without_body = method == Method::HEAD
        || matches!(
            parts.status,
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED
        );
    let mut encode = EncodeBody::Manual;
    if parts.headers.contains_key(header::CONTENT_ENCODING) {
        // the platform decoded it on the way in, encodes it on the way out, and knows the length
        encode = EncodeBody::Automatic;
        parts.headers.remove(header::CONTENT_LENGTH);
    }
    let body = match body {
        _ if without_body => ResponseBody::Empty,
        Handle::Empty => ResponseBody::Empty,
        Handle::Bytes(bytes) => ResponseBody::Body(bytes.into()),
        Handle::Stream(stream) => ResponseBody::Stream(stream),
    };
    Ok(ResponseBuilder::new()
        .with_status(parts.status.as_u16())
        .with_headers(worker::Headers(headers::write(&parts.headers)?))
        .with_encode_body(encode)
        .body(body))
}
