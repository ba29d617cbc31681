//! `GET /v2/`: whether a registry is there (distribution-spec 1.1, "Determining Support").

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use url::Url;

use super::error_body;
use crate::error::{Code, Error, Result};

/// What a registry says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ping {
    /// `Docker-Distribution-Api-Version`, usually `registry/2.0`; many leave it out.
    pub api_version: Option<String>,
}

/// The request.
///
/// # Errors
///
/// None with a root from [`address::root`](super::address::root).
pub fn request(root: &Url) -> Result<Request<Bytes>> {
    Request::get(format!("{root}v2/"))
        .body(Bytes::new())
        .map_err(|error| Error::new(Code::InvalidReference, error.to_string()))
}

/// Reads the answer.
///
/// # Errors
///
/// `unauthorized` for 401, `not_found` for what is no registry, else as [`error_body::error`].
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use portreeve::api::ping;
///
/// assert!(ping::read(StatusCode::OK, &HeaderMap::new(), b"{}").is_ok());
/// assert!(ping::read(StatusCode::NOT_FOUND, &HeaderMap::new(), b"<html>").is_err());
/// ```
pub fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Ping> {
    if status != StatusCode::OK {
        return Err(error_body::error(status, headers, body));
    }
    Ok(Ping {
        api_version: headers
            .get("docker-distribution-api-version")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_optional() {
        let mut headers = HeaderMap::new();
        assert_eq!(
            read(StatusCode::OK, &headers, b"").unwrap().api_version,
            None
        );
        headers.insert(
            "docker-distribution-api-version",
            "registry/2.0".parse().unwrap(),
        );
        assert_eq!(
            read(StatusCode::OK, &headers, b"")
                .unwrap()
                .api_version
                .as_deref(),
            Some("registry/2.0")
        );
    }

    #[test]
    fn the_request_goes_to_v2() {
        let root = "https://registry.example/".parse().unwrap();
        assert_eq!(
            request(&root).unwrap().uri(),
            "https://registry.example/v2/"
        );
    }
}
