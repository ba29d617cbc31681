//! What a registry says when it refuses, as an [`Error`].
//!
//! Source: distribution-spec 1.1, "Error Codes". In practice the body may be the specified JSON,
//! some other JSON, an HTML page of a proxy in front, plain text, or nothing. The status decides
//! the code; the body gives the words, shortened, without control characters and without the
//! query of any address, which may be presigned.

use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use crate::error::{Code, Error};

/// Longest text taken over from a registry, in characters.
const LONGEST: usize = 300;

/// The error for an answer that is no success.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use portreeve::{api::error_body, error::Code};
///
/// let body = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
/// let error = error_body::error(StatusCode::NOT_FOUND, &HeaderMap::new(), body);
/// assert_eq!(error.code(), Code::NotFound);
/// assert_eq!(
///     error.found(),
///     "the registry answered 404 Not Found (MANIFEST_UNKNOWN: manifest unknown)"
/// );
/// ```
#[must_use]
pub fn error(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let words = words(headers, body);
    let mut found = format!("the registry answered {}", status.as_u16());
    if let Some(reason) = status.canonical_reason() {
        found.push(' ');
        found.push_str(reason);
    }
    if !words.is_empty() {
        found.push_str(" (");
        found.push_str(&words);
        found.push(')');
    }
    let code = code(status, &first_code(body).unwrap_or_default());
    let error = Error::new(code, found).with_status(status);
    // Go's and nginx' words for plain http on a port of https
    if status == StatusCode::BAD_REQUEST
        && words.contains("HTTP request")
        && words.contains("HTTPS")
    {
        return error
            .next("the registry speaks https there: `plainHttp: false`, and no `--plain-http`");
    }
    match advice(code) {
        Some(advice) => error.next(advice),
        None => error,
    }
}

/// The first OCI error code of a body, such as `MANIFEST_UNKNOWN`.
#[must_use]
pub fn first_code(body: &[u8]) -> Option<String> {
    let Ok(Body::Specified { errors }) = serde_json::from_slice(body) else {
        return None;
    };
    errors.into_iter().find_map(|error| error.code)
}

fn code(status: StatusCode, first: &str) -> Code {
    match status.as_u16() {
        // zot and distribution 2.8 say so with 400 where others say 404
        400 if matches!(first, "NAME_UNKNOWN" | "MANIFEST_UNKNOWN") => Code::NotFound,
        401 => Code::Unauthorized,
        403 => Code::Denied,
        404 => Code::NotFound,
        405 | 501 => Code::Unsupported,
        408 | 504 => Code::Timeout,
        409 | 412 => Code::Conflict,
        413 => Code::TooLarge,
        429 => Code::Throttled,
        _ => Code::UpstreamError,
    }
}

fn advice(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Denied => "ask for the permission, or use another credential",
        Code::NotFound => "check the name; some registries hide what you may not see",
        Code::Throttled => "wait, or sign in for a higher limit",
        Code::Timeout | Code::UpstreamError => "try again later, or ask the registry's operator",
        _ => return None,
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Specified { errors: Vec<Specified> },
    // Nexus, quay, token servers and API gateways, each with a word of its own
    Other(Other),
}

#[derive(Deserialize)]
struct Specified {
    code: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Other {
    message: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    details: Option<String>,
}

fn words(headers: &HeaderMap, body: &[u8]) -> String {
    let text = match serde_json::from_slice(body) {
        Ok(Body::Specified { errors }) => errors
            .into_iter()
            .take(3)
            .map(|error| joined(": ", [error.code, error.message]))
            .collect::<Vec<_>>()
            .join(", "),
        Ok(Body::Other(other)) => joined(
            ": ",
            [
                other.error,
                other.error_description,
                other.message,
                other.details,
            ],
        ),
        Err(_) => plain(headers, body),
    };
    presentable(&text)
}

fn joined<const N: usize>(separator: &str, parts: [Option<String>; N]) -> String {
    let mut joined = String::new();
    for part in parts.into_iter().flatten().filter(|part| !part.is_empty()) {
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        joined.push_str(&part);
    }
    joined
}

fn plain(headers: &HeaderMap, body: &[u8]) -> String {
    let is_html = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        || body.trim_ascii_start().starts_with(b"<");
    if is_html {
        return "an HTML page".to_owned();
    }
    let first_line = body
        .trim_ascii_start()
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(first_line).into_owned()
}

/// A registry's words, fit for a log line.
fn presentable(text: &str) -> String {
    let mut shown = String::new();
    let mut in_query = false;
    for letter in text.trim().chars().take(LONGEST) {
        in_query = letter == '?' || in_query && !letter.is_whitespace() && letter != '"';
        if in_query {
            if letter == '?' {
                shown.push('?');
            }
        } else {
            shown.push(if letter.is_control() { ' ' } else { letter });
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_on_a_port_of_https_is_told() {
        for body in [
            "Client sent an HTTP request to an HTTPS server.\n",
            "400 The plain HTTP request was sent to HTTPS port",
        ] {
            let error = error(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.as_bytes());
            assert!(error.advice().unwrap().contains("speaks https"), "{error}");
        }
    }

    fn read(status: u16, kind: &str, body: &str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        error(
            StatusCode::from_u16(status).unwrap(),
            &headers,
            body.as_bytes(),
        )
    }

    #[test]
    fn the_bodies_of_real_registries_are_read() {
        for (registry, status, kind, body, code, words) in [
            (
                "Harbor",
                404,
                "application/json",
                r#"{"errors":[{"code":"NOT_FOUND","message":"artifact team/web:v1 not found"}]}"#,
                Code::NotFound,
                "NOT_FOUND: artifact team/web:v1 not found",
            ),
            (
                "registry.redhat.io",
                404,
                "application/json",
                r#"{"code":"404","message":"Not Found"}"#,
                Code::NotFound,
                "Not Found",
            ),
            (
                "a proxy in front",
                502,
                "text/html; charset=utf-8",
                "<html>secret</html>",
                Code::UpstreamError,
                "an HTML page",
            ),
            (
                "distribution",
                404,
                "text/plain",
                "404 page not found\nmore",
                Code::NotFound,
                "404 page not found",
            ),
            (
                "zot",
                400,
                "application/json",
                r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#,
                Code::NotFound,
                "NAME_UNKNOWN",
            ),
            (
                "Docker Hub",
                429,
                "application/json",
                r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit.","detail":{"a":1}}]}"#,
                Code::Throttled,
                "TOOMANYREQUESTS: You have reached your pull rate limit.",
            ),
            (
                "a token server",
                401,
                "application/json",
                r#"{"error":"invalid_grant","error_description":"expired"}"#,
                Code::Unauthorized,
                "invalid_grant: expired",
            ),
        ] {
            let error = read(status, kind, body);
            assert_eq!(error.code(), code, "{registry}");
            assert_eq!(error.status(), Some(status), "{registry}");
            assert!(
                error.found().ends_with(&format!("({words})")),
                "{registry}: {error}"
            );
        }
    }

    #[test]
    fn nothing_said_is_nothing_added() {
        assert_eq!(
            read(403, "text/plain", "").found(),
            "the registry answered 403 Forbidden"
        );
        assert_eq!(
            read(599, "text/plain", " \n").found(),
            "the registry answered 599"
        );
    }

    #[test]
    fn words_are_short_on_one_line_and_without_queries() {
        let signed = r#"{"errors":[{"code":"X","message":"GET https://s3.example/b?X-Amz-Signature=SECRET failed\r\nInjected: 1"}]}"#;
        let error = read(500, "application/json", signed);
        assert!(
            error
                .found()
                .ends_with("(X: GET https://s3.example/b? failed  Injected: 1)"),
            "{error}"
        );
        let long = read(500, "text/plain", &"é".repeat(10_000));
        assert!(long.found().chars().count() < 400);
    }

    #[test]
    fn statuses_become_codes() {
        for (status, code) in [
            (400, Code::UpstreamError),
            (405, Code::Unsupported),
            (409, Code::Conflict),
            (413, Code::TooLarge),
            (500, Code::UpstreamError),
            (504, Code::Timeout),
        ] {
            assert_eq!(read(status, "text/plain", "").code(), code, "{status}");
        }
    }
}
