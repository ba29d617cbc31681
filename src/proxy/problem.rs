//! Errors as registries answer them: `{"errors":[{code,message,detail}]}`, never HTML.
//!
//! The codes are those of distribution-spec 1.1, "Error Codes", and docker's `UNKNOWN` for what
//! the specification has no word for.

use http::StatusCode;
use serde::Serialize;

use super::route::Endpoint;
use crate::error::{Code, Error};

/// An error answer: a status and a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The body, `application/json`.
    pub body: String,
    /// How long the client should wait before it asks again, in seconds.
    pub retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Document<'a> {
    errors: [Entry<'a>; 1],
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    message: &'a str,
    detail: Detail<'a>,
}

/// Our own code beside the specification's, for those who read `/api/v1` too.
#[derive(Serialize)]
struct Detail<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
}

/// What went wrong on the way to the upstream, for the client.
///
/// An upstream that refuses the Worker's credential is a fault between those two: 502, since a 401
/// would ask the client for a password that is not its own.
///
/// # Examples
///
/// ```
/// use portreeve::{error::{Code, Error}, proxy::problem};
/// let refused = Error::new(Code::Unauthorized, "the registry answered 401").at("ghcr.io");
/// assert_eq!(problem::of_upstream(&refused, None).status, 502);
/// ```
#[must_use]
pub fn of_upstream(error: &Error, endpoint: Option<&Endpoint>) -> Problem {
    let (status, code) = match error.code() {
        Code::InvalidReference | Code::InvalidArgument => (400, invalid(endpoint)),
        Code::NotFound => (404, unknown(endpoint)),
        Code::Denied => (403, "DENIED"),
        Code::Throttled => (429, "TOOMANYREQUESTS"),
        Code::Unsupported => (
            error
                .status()
                .filter(|status| *status == 405)
                .unwrap_or(400),
            "UNSUPPORTED",
        ),
        Code::Timeout => (504, "UNKNOWN"),
        _ if error.status() == Some(416) => (416, "SIZE_INVALID"),
        // what the client asked for went on as it was, such as a page size
        _ if error.status() == Some(400) => (400, invalid(endpoint)),
        Code::TooLarge => (413, "SIZE_INVALID"),
        Code::Internal | Code::StorageFailed | Code::InvalidConfiguration => (500, "UNKNOWN"),
        _ => (502, "UNKNOWN"),
    };
    problem(status, code, error)
}

/// What the client itself did wrong: credentials, grants, names.
#[must_use]
pub fn of_client(error: &Error, endpoint: Option<&Endpoint>) -> Problem {
    match error.code() {
        Code::Unauthorized => problem(401, "UNAUTHORIZED", error),
        Code::NotFound if endpoint.is_some() => problem(404, "NAME_UNKNOWN", error),
        _ => of_upstream(error, endpoint),
    }
}

fn problem(status: u16, code: &str, error: &Error) -> Problem {
    let document = Document {
        errors: [Entry {
            code,
            message: &error.to_string(),
            detail: Detail {
                code: error.code().as_str(),
                path: error.path(),
            },
        }],
    };
    Problem {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        body: serde_json::to_string(&document).unwrap_or_default(),
        retry_after: error.retry_after().map(|pause| pause.as_secs()),
    }
}

const fn unknown(endpoint: Option<&Endpoint>) -> &'static str {
    match endpoint {
        Some(Endpoint::Manifest(_)) => "MANIFEST_UNKNOWN",
        Some(Endpoint::Blob(_)) => "BLOB_UNKNOWN",
        Some(Endpoint::Tags | Endpoint::Referrers(_)) => "NAME_UNKNOWN",
        None => "UNSUPPORTED",
    }
}

const fn invalid(endpoint: Option<&Endpoint>) -> &'static str {
    match endpoint {
        Some(Endpoint::Blob(_) | Endpoint::Referrers(_)) => "DIGEST_INVALID",
        Some(Endpoint::Manifest(_)) => "MANIFEST_INVALID",
        _ => "NAME_INVALID",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_that_refuses_our_credential_is_never_a_401() {
        let error = Error::new(Code::Unauthorized, "the registry answered 401 Unauthorized");
        assert_eq!(of_upstream(&error, None).status, 502);
        assert_eq!(of_client(&error, None).status, 401);
    }

    #[test]
    fn what_the_upstream_calls_a_bad_request_is_the_clients() {
        let error = Error::new(Code::UpstreamError, "the registry answered 400 Bad Request")
            .with_status(StatusCode::BAD_REQUEST);
        let problem = of_upstream(&error, Some(&Endpoint::Tags));
        assert_eq!(problem.status, 400);
    }

    #[test]
    fn the_body_is_what_registries_answer() {
        let error = Error::new(Code::NotFound, "no such manifest").at("127.0.0.1:5555");
        let endpoint = Endpoint::Manifest(crate::oci::Target::Tag("v9".to_owned()));
        let problem = of_upstream(&error, Some(&endpoint));
        assert_eq!(problem.status, 404);
        assert_eq!(
            problem.body,
            r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"127.0.0.1:5555: no such manifest","detail":{"code":"not_found"}}]}"#
        );
    }

    #[test]
    fn every_code_has_an_error_status() {
        for code in Code::ALL {
            let status = of_upstream(&Error::new(*code, "failed"), None).status;
            assert!(
                status.is_client_error() || status.is_server_error(),
                "{code}"
            );
            assert_ne!(status, 401, "{code}");
        }
    }
}
