//! `/v2/{repository}/manifests/{tag or digest}`: HEAD, GET, PUT, DELETE.
//!
//! Source: distribution-spec 1.1, "Pulling manifests", "Pushing Manifests", "Deleting Manifests".
//! Every read names all media types, or registries answer an index by its amd64 child, and asks
//! past every cache, because a deletion may be decided by the answer.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use url::Url;

use super::{address, request::unsendable};
use crate::{
    error::{Code, Error, Result},
    oci::{Algorithm, Digest, Manifest, Target, media_type},
};

/// What a HEAD says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Head {
    /// The digest that the tag shows at this moment, or that was asked for.
    pub digest: Digest,
    /// The media type, without parameters.
    pub media_type: String,
    /// The length in bytes.
    pub size: u64,
}

impl Head {
    /// What a HEAD would say of a manifest that was read.
    #[must_use]
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            digest: manifest.digest(),
            media_type: manifest.media_type().to_owned(),
            size: manifest.bytes().len() as u64,
        }
    }
}

/// The request for a manifest's headers.
pub fn head(root: &Url, repository: &str, target: &Target) -> Result<Request<Bytes>> {
    read_request(Method::HEAD, root, repository, target)
}

/// The request for a manifest.
pub fn get(root: &Url, repository: &str, target: &Target) -> Result<Request<Bytes>> {
    read_request(Method::GET, root, repository, target)
}

fn read_request(
    method: Method,
    root: &Url,
    repository: &str,
    target: &Target,
) -> Result<Request<Bytes>> {
    Request::builder()
        .method(method)
        .uri(address::of_manifest(root, repository, target)?.as_str())
        .header(header::ACCEPT, media_type::ACCEPT)
        .header(header::CACHE_CONTROL, "no-cache")
        .body(Bytes::new())
        .map_err(unsendable)
}

/// The request that stores a manifest under a tag or its digest.
pub fn put(
    root: &Url,
    repository: &str,
    target: &Target,
    media_type: &str,
    bytes: Bytes,
) -> Result<Request<Bytes>> {
    Request::put(address::of_manifest(root, repository, target)?.as_str())
        .header(header::CONTENT_TYPE, media_type)
        .body(bytes)
        .map_err(unsendable)
}

/// The request that deletes a manifest by digest, or a tag.
pub fn delete(root: &Url, repository: &str, target: &Target) -> Result<Request<Bytes>> {
    Request::delete(address::of_manifest(root, repository, target)?.as_str())
        .body(Bytes::new())
        .map_err(unsendable)
}

/// Reads the headers that answered [`head`] with 200; `None` where only a GET can tell: one is
/// missing (ECR, `JFrog`), or the digest is of another algorithm than the one asked for.
///
/// # Errors
///
/// `digest_mismatch` where the registry names another digest than the one asked for.
pub fn read_head(target: &Target, headers: &HeaderMap) -> Result<Option<Head>> {
    let (Some(named), Some(kind), Some(size)) = (
        digest(headers),
        text(headers, header::CONTENT_TYPE.as_str()),
        text(headers, header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok()),
    ) else {
        return Ok(None);
    };
    if let Target::Digest(asked) = target
        && *asked != named
    {
        // a registry may name by its own algorithm what was asked for by another
        return if asked.algorithm() == named.algorithm() {
            Err(mismatch(asked, &named))
        } else {
            Ok(None)
        };
    }
    Ok(Some(Head {
        digest: named,
        media_type: media_type::essence(kind).to_owned(),
        size,
    }))
}

/// Reads the answer of 200 to [`get`], and compares the bytes with the digest asked for, or with
/// the one that the registry names for a tag.
///
/// # Errors
///
/// `digest_mismatch` for other bytes, `unsupported` for Docker schema 1 under such a digest (it
/// is not that of the bytes), `upstream_error` for what is no manifest.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, header};
/// use portreeve::{api::manifest, error::Code, oci::{Digest, Target, media_type}};
///
/// let bytes = br#"{"schemaVersion":2,"manifests":[]}"#;
/// let mut headers = HeaderMap::new();
/// headers.insert(header::CONTENT_TYPE, media_type::OCI_INDEX.parse()?);
/// let asked = Target::Digest(Digest::of(bytes));
/// assert!(manifest::read(&asked, &headers, bytes[..].into()).is_ok());
/// let error = manifest::read(&asked, &headers, b"{}"[..].into()).unwrap_err();
/// assert_eq!(error.code(), Code::DigestMismatch);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(target: &Target, headers: &HeaderMap, bytes: Bytes) -> Result<Manifest> {
    let kind = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let promised = match target {
        Target::Digest(asked) => Some(*asked),
        Target::Tag(_) => digest(headers),
    };
    let algorithm = promised.map_or(Algorithm::Sha256, |promised| promised.algorithm());
    let found = algorithm.digest_of(&bytes);
    if let Some(promised) = promised {
        if found != promised && media_type::is_schema_1(kind) {
            return Err(media_type::schema_1_is_unsupported());
        }
        if found != promised {
            return Err(mismatch(&promised, &found));
        }
    }
    Manifest::parse_named(kind, found, bytes)
}

/// The digest that an answer names, where it is one this release can verify.
#[must_use]
pub fn digest(headers: &HeaderMap) -> Option<Digest> {
    text(headers, "docker-content-digest")?.parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn mismatch(asked: &Digest, found: &Digest) -> Error {
    Error::new(
        Code::DigestMismatch,
        format!("the registry sent {found} for {asked}"),
    )
    .next("do not use the content; try again, and tell the registry's operator if it stays so")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;

    fn root() -> Url {
        "https://registry.example/".parse().unwrap()
    }

    fn tag() -> Target {
        Target::Tag("v1".into())
    }

    fn headers(named: Option<Digest>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            format!("{}; charset=utf-8", media_type::OCI_INDEX)
                .parse()
                .unwrap(),
        );
        headers.insert(header::CONTENT_LENGTH, "34".parse().unwrap());
        if let Some(named) = named {
            headers.insert("docker-content-digest", named.to_string().parse().unwrap());
        }
        headers
    }

    #[test]
    fn reads_ask_for_every_type_past_every_cache() {
        for request in [
            head(&root(), "team/web", &tag()),
            get(&root(), "team/web", &tag()),
        ] {
            let request = request.unwrap();
            assert_eq!(
                request.uri(),
                "https://registry.example/v2/team/web/manifests/v1"
            );
            assert_eq!(request.headers()[header::CACHE_CONTROL], "no-cache");
            assert_eq!(request.headers()[header::ACCEPT], media_type::ACCEPT);
        }
    }

    #[test]
    fn a_put_carries_its_type_and_bytes() {
        let digest = Target::Digest(Digest::of(INDEX));
        let request = put(&root(), "a", &digest, media_type::OCI_INDEX, INDEX.into()).unwrap();
        assert_eq!(request.method(), "PUT");
        assert!(request.uri().path().ends_with(&digest.to_string()));
        assert_eq!(
            request.headers()[header::CONTENT_TYPE],
            media_type::OCI_INDEX
        );
        assert_eq!(request.body(), INDEX);
    }

    #[test]
    fn a_head_needs_all_three_headers() {
        let digest = Digest::of(INDEX);
        let found = read_head(&tag(), &headers(Some(digest))).unwrap().unwrap();
        assert_eq!(
            (found.digest, found.media_type.as_str(), found.size),
            (digest, media_type::OCI_INDEX, 34)
        );
        for missing in ["docker-content-digest", "content-type", "content-length"] {
            let mut headers = headers(Some(digest));
            headers.remove(missing);
            assert_eq!(read_head(&tag(), &headers).unwrap(), None, "{missing}");
        }
    }

    #[test]
    fn another_manifest_than_the_one_asked_for_is_refused() {
        let asked = Target::Digest(Digest::of(b"index"));
        let child = headers(Some(Digest::of(INDEX)));
        let codes = [
            read_head(&asked, &child).unwrap_err().code(),
            read(&asked, &child, INDEX.into()).unwrap_err().code(),
            // the registry promises one and sends another
            read(&tag(), &headers(Some(Digest::of(b"other"))), INDEX.into())
                .unwrap_err()
                .code(),
        ];
        assert_eq!(codes, [Code::DigestMismatch; 3]);
    }

    #[test]
    fn a_manifest_keeps_the_name_by_which_it_was_asked_for() {
        let long = Algorithm::Sha512.digest_of(INDEX);
        let asked = Target::Digest(long);
        // distribution names a manifest by sha256 whatever it was asked by
        let short = headers(Some(Digest::of(INDEX)));
        assert_eq!(read_head(&asked, &short).unwrap(), None);
        assert_eq!(read(&asked, &short, INDEX.into()).unwrap().digest(), long);
        let named = headers(Some(long));
        assert_eq!(read_head(&asked, &named).unwrap().unwrap().digest, long);
        assert_eq!(read(&tag(), &named, INDEX.into()).unwrap().digest(), long);
        let wrong = headers(Some(Algorithm::Sha512.digest_of(b"other")));
        let error = read(&tag(), &wrong, INDEX.into()).unwrap_err();
        assert_eq!(error.code(), Code::DigestMismatch);
    }

    #[test]
    fn a_tag_without_a_named_digest_is_hashed() {
        let manifest = read(&tag(), &headers(None), INDEX.into()).unwrap();
        assert_eq!(manifest.digest(), Digest::of(INDEX));
        assert_eq!(manifest.bytes(), INDEX);
    }

    #[test]
    fn schema_1_under_its_own_kind_of_digest_is_unsupported() {
        let mut headers = headers(Some(Digest::of(b"payload")));
        headers.insert(
            header::CONTENT_TYPE,
            media_type::DOCKER_SCHEMA_1.parse().unwrap(),
        );
        let error = read(&tag(), &headers, b"{}"[..].into()).unwrap_err();
        assert_eq!(error.code(), Code::Unsupported);
    }
}
