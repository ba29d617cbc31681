//! What of a request goes to the upstream, and what of its answer comes back.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::route::Endpoint;
use crate::{
    error::{Code, Error, Result},
    oci::{Digest, Manifest, Target},
};

/// The address of an endpoint on an upstream, from its `/v2/` on.
///
/// Of the query only the protocol's own parameters go on: paging, and the referrers' filter.
#[must_use]
pub fn path_and_query(repository: &str, endpoint: &Endpoint, query: Option<&str>) -> String {
    let (path, parameters): (String, &[&str]) = match endpoint {
        Endpoint::Manifest(Target::Tag(tag)) => (format!("/v2/{repository}/manifests/{tag}"), &[]),
        Endpoint::Manifest(Target::Digest(digest)) => {
            (format!("/v2/{repository}/manifests/{digest}"), &[])
        }
        Endpoint::Blob(digest) => (format!("/v2/{repository}/blobs/{digest}"), &[]),
        Endpoint::Tags => (
            format!("/v2/{repository}/tags/list"),
            &["n", "last", "next_page"],
        ),
        Endpoint::Referrers(digest) => (
            format!("/v2/{repository}/referrers/{digest}"),
            &["artifactType", "n", "last"],
        ),
    };
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(key, _)| parameters.contains(&key.as_ref()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    if query.is_empty() {
        path
    } else {
        format!("{path}?{query}")
    }
}

/// The headers that go to the upstream: what was accepted, ranges and conditions. Nothing that
/// names the client.
#[must_use]
pub fn request_headers(client: &HeaderMap, endpoint: &Endpoint) -> HeaderMap {
    let mut names = vec![header::ACCEPT, header::IF_NONE_MATCH, header::CACHE_CONTROL];
    if matches!(endpoint, Endpoint::Blob(_)) {
        names.extend([header::RANGE, header::IF_RANGE]);
    }
    let mut headers = HeaderMap::new();
    for name in names {
        for value in client.get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    // an encoded body could not be passed on as it is
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    headers
}

/// The headers that come back: an allow-list, since an upstream's cookie, alternative service or
/// security policy is not for this origin.
#[must_use]
pub fn answer_headers(upstream: &HeaderMap, endpoint: &Endpoint) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in upstream {
        if passes(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    if let Some(given) = upstream.get(header::CONTENT_TYPE) {
        headers.insert(header::CONTENT_TYPE, content_type(given, endpoint));
    }
    if matches!(endpoint, Endpoint::Blob(_)) {
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment"),
        );
    }
    headers
}

/// What every answer under `/v2/` carries: a pushed page must not run on this origin.
pub fn secure(headers: &mut HeaderMap) {
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(
        HeaderName::from_static("docker-distribution-api-version"),
        HeaderValue::from_static("registry/2.0"),
    );
}

fn passes(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "content-length"
            | "content-range"
            | "content-encoding"
            | "accept-ranges"
            | "etag"
            | "last-modified"
            | "date"
            | "age"
            | "warning"
            | "retry-after"
            | "docker-content-digest"
            | "oci-filters-applied"
            | "oci-subject"
            | "oci-tag"
    ) || name.as_str().starts_with("ratelimit-")
}

/// The upstream's content type where it is one of a registry's own, else bytes.
fn content_type(given: &HeaderValue, endpoint: &Endpoint) -> HeaderValue {
    let essence = given
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let json = essence == "application/json"
        || essence.starts_with("application/vnd.") && essence.ends_with("+json");
    let known = match endpoint {
        Endpoint::Tags | Endpoint::Referrers(_) => json,
        // schema 1's signed form does not end in +json
        Endpoint::Manifest(_) => json || essence.ends_with("+prettyjws"),
        Endpoint::Blob(_) => {
            json || essence.starts_with("application/vnd.")
                || matches!(
                    essence.as_str(),
                    "application/gzip" | "application/x-gzip" | "application/zstd"
                )
        }
    };
    if known {
        given.clone()
    } else {
        HeaderValue::from_static("application/octet-stream")
    }
}

/// Whether a HEAD's answer tells all that clients demand of it: crane refuses one that lacks any.
#[must_use]
pub fn tells_manifest(headers: &HeaderMap) -> bool {
    [
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        HeaderName::from_static("docker-content-digest"),
    ]
    .iter()
    .all(|name| headers.contains_key(name))
}

/// Completes the headers of a manifest whose bytes are here, and refuses other bytes than the ones
/// that were asked for.
///
/// # Errors
///
/// `digest_mismatch` where the bytes are not those of the digest in the request or the answer.
pub fn verify_manifest(headers: &mut HeaderMap, target: &Target, bytes: &Bytes) -> Result<()> {
    let name = HeaderName::from_static("docker-content-digest");
    // an algorithm that is unknown here cannot be compared
    let said = headers
        .get(&name)
        .and_then(|value| value.to_str().ok()?.parse::<Digest>().ok());
    let asked = match target {
        Target::Digest(digest) => Some(*digest),
        Target::Tag(_) => None,
    };
    let mut shown = None;
    for expected in [asked, said.filter(|said| asked != Some(*said))]
        .into_iter()
        .flatten()
    {
        let found = expected.algorithm().digest_of(bytes);
        shown = Some(found);
        if found != expected {
            let text = format!("asked for {expected} and got the bytes of {found}");
            return Err(Error::new(Code::DigestMismatch, text)
                .next("the registry's copy or a proxy between is damaged"));
        }
    }
    if let Ok(value) = HeaderValue::try_from(shown.unwrap_or_else(|| Digest::of(bytes)).to_string())
    {
        headers.entry(name).or_insert(value);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if !headers.contains_key(header::CONTENT_TYPE) {
        let manifest = Manifest::parse("", bytes.clone())?;
        if let Ok(value) = HeaderValue::try_from(manifest.media_type()) {
            headers.insert(header::CONTENT_TYPE, value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::media_type;

    const BODY: &[u8] = br#"{"schemaVersion":2,"manifests":[]}"#;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_the_protocols_parameters_go_on() {
        assert_eq!(
            path_and_query("shop/web", &Endpoint::Tags, Some("n=2&ns=evil&last=a%26b")),
            "/v2/shop/web/tags/list?n=2&last=a%26b"
        );
        let manifest = Endpoint::Manifest(Target::Tag("v1".to_owned()));
        assert_eq!(
            path_and_query("shop/web", &manifest, Some("n=2")),
            "/v2/shop/web/manifests/v1"
        );
    }

    #[test]
    fn the_clients_credentials_and_names_stay_here() {
        let client = map(&[
            ("authorization", "Basic c2VjcmV0"),
            ("cookie", "a=b"),
            ("user-agent", "docker/27"),
            ("accept", "application/vnd.oci.image.index.v1+json"),
            ("range", "bytes=5-"),
            ("accept-encoding", "gzip"),
        ]);
        let sent = request_headers(&client, &Endpoint::Blob(Digest::of(b"")));
        assert_eq!(sent.len(), 3);
        assert_eq!(sent[header::ACCEPT_ENCODING], "identity");
        assert_eq!(sent[header::RANGE], "bytes=5-");
        // half a manifest could not be verified
        let manifest = Endpoint::Manifest(Target::Tag("v1".to_owned()));
        assert!(!request_headers(&client, &manifest).contains_key(header::RANGE));
    }

    #[test]
    fn an_upstreams_page_becomes_an_attachment_of_bytes() {
        let blob = Endpoint::Blob(Digest::of(b""));
        let headers = answer_headers(
            &map(&[
                ("content-type", "text/html; charset=utf-8"),
                ("set-cookie", "a=b"),
                ("content-length", "5"),
                ("docker-content-digest", "sha256:00"),
            ]),
            &blob,
        );
        assert_eq!(headers[header::CONTENT_TYPE], "application/octet-stream");
        assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment");
        assert_eq!(headers[header::CONTENT_LENGTH], "5");
        assert!(!headers.contains_key(header::SET_COOKIE));
    }

    #[test]
    fn a_registrys_own_types_pass() {
        let manifest = Endpoint::Manifest(Target::Tag("v1".to_owned()));
        for (endpoint, given) in [
            (&manifest, "application/vnd.oci.image.index.v1+json"),
            (
                &manifest,
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
            ),
            (&Endpoint::Tags, "application/json; charset=utf-8"),
        ] {
            let headers = answer_headers(&map(&[("content-type", given)]), endpoint);
            assert_eq!(headers[header::CONTENT_TYPE], given);
        }
    }

    #[test]
    fn a_manifest_is_checked_against_what_was_asked_and_what_was_said() {
        let digest = Digest::of(BODY);
        let mut headers = HeaderMap::new();
        verify_manifest(
            &mut headers,
            &Target::Digest(digest),
            &Bytes::from_static(BODY),
        )
        .unwrap();
        assert_eq!(headers["docker-content-digest"], digest.to_string());
        assert_eq!(headers[header::CONTENT_LENGTH], BODY.len().to_string());
        assert_eq!(headers[header::CONTENT_TYPE], media_type::OCI_INDEX);
        assert!(tells_manifest(&headers));
        let other = Bytes::from_static(b"{ }");
        let error = verify_manifest(&mut headers, &Target::Tag("v1".to_owned()), &other);
        assert_eq!(error.unwrap_err().code(), Code::DigestMismatch);
    }
}
