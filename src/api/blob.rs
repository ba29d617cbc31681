//! `GET /v2/{repository}/blobs/{digest}` (distribution-spec 1.1, "Pulling blobs").

use bytes::Bytes;
use http::Request;
use url::Url;

use super::address;
use crate::{
    error::{Code, Error, Result},
    oci::Digest,
};

/// The request for a whole blob. Its answer, often a redirect to a storage host, carries nothing
/// to read but the bytes, which are compared with the digest wherever they are read.
///
/// # Errors
///
/// `invalid_reference` for what is no repository name.
///
/// # Examples
///
/// ```
/// use portreeve::{api::blob, oci::Digest};
///
/// let root = "https://ghcr.io/".parse()?;
/// let request = blob::get(&root, "acme/web", &Digest::of(b""))?;
/// assert!(request.uri().path().starts_with("/v2/acme/web/blobs/sha256:e3b0c442"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn get(root: &Url, repository: &str, digest: &Digest) -> Result<Request<Bytes>> {
    let url = address::in_repository(root, repository, &format!("blobs/{digest}"))?;
    Request::get(url.as_str())
        .body(Bytes::new())
        .map_err(|error| Error::new(Code::InvalidReference, error.to_string()))
}
