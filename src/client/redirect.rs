//! Redirects by hand: where to, and what may go along. Pure.

use http::{HeaderMap, Method, StatusCode, header};
use url::{Host, Url};

use crate::{
    auth::realm::is_loopback,
    error::{Code, Error, Result},
    named_address,
};

/// Where the answer to a request for `at` sends us; `None` where it is no redirect. `home` is
/// where the first request of the row went.
///
/// # Errors
///
/// `upstream_error` for a redirect that must not be followed: a write to another host, a way down
/// from https to http, or one from the open network into a private one.
pub(super) fn target(
    method: &Method,
    home: &Url,
    at: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(header::LOCATION) else {
        return Ok(None);
    };
    let mut url = std::str::from_utf8(location.as_bytes())
        .ok()
        .and_then(|location| named_address::join(at, location))
        .ok_or_else(|| refused("to an address that cannot be read"))?;
    let origin = url.origin().ascii_serialization();
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let keeps_method = matches!(status.as_u16(), 307 | 308);
    let may_follow = reads || keeps_method && url.origin() == home.origin();
    if !may_follow {
        return Err(refused(&format!("a {method} on to {origin}")));
    }
    match (at.scheme(), url.scheme()) {
        (_, "https") | ("http", "http") => {}
        _ => return Err(refused(&format!("to {origin}, which is not https"))),
    }
    if is_private(&url) && !is_private(home) {
        return Err(refused(&format!("into the private network, to {origin}")));
    }
    // a name in an address would become an Authorization header again
    if url
        .set_username("")
        .and_then(|()| url.set_password(None))
        .is_err()
    {
        return Err(refused("to an address without a host"));
    }
    Ok(Some(url))
}

/// The headers that go along: all of them to `home`, and elsewhere only those that say what is
/// wanted and nothing of who wants it.
pub(super) fn carried(headers: &HeaderMap, home: &Url, to: &Url) -> HeaderMap {
    if home.origin() == to.origin() {
        return headers.clone();
    }
    [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::CACHE_CONTROL,
        header::IF_NONE_MATCH,
        header::IF_RANGE,
        header::RANGE,
        header::USER_AGENT,
    ]
    .into_iter()
    .filter_map(|name| headers.get(&name).map(|value| (name, value.clone())))
    .collect()
}

/// Whether an address lies on this machine or in a network that the internet does not reach.
pub(super) fn is_private(url: &Url) -> bool {
    let Some(host) = url.host() else { return true };
    is_loopback(&host)
        || match host {
            Host::Domain(_) => false,
            Host::Ipv4(address) => {
                let [first, second, ..] = address.octets();
                address.is_private()
                    || address.is_link_local()
                    || address.is_unspecified()
                    || (first == 100 && second & 0xc0 == 64)
            }
            Host::Ipv6(address) => {
                address.is_unspecified()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
                    || address.to_ipv4_mapped().is_some()
            }
        }
}

/// The error for redirects that come to no end.
pub(super) fn endless(how: &str) -> Error {
    Error::new(
        Code::UpstreamError,
        format!("the registry redirected {how}"),
    )
    .next(ADVICE)
}

const ADVICE: &str = "check the registry's address and what stands in front of it";

fn refused(how: &str) -> Error {
    Error::new(
        Code::UpstreamError,
        format!("the registry redirects {how}; that was not followed"),
    )
    .next(ADVICE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(method: &Method, from: &str, status: u16, location: &str) -> Result<Option<Url>> {
        let from: Url = from.parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, location.parse().unwrap());
        target(
            method,
            &from,
            &from,
            StatusCode::from_u16(status).unwrap(),
            &headers,
        )
    }

    #[test]
    fn a_read_follows_every_kind_of_redirect() {
        for (status, location, expected) in [
            (
                307,
                "https://s3.example/b?sig=x",
                "https://s3.example/b?sig=x",
            ),
            (302, "/elsewhere", "https://registry.example/elsewhere"),
            (303, "?x=1", "https://registry.example/v2/a/blobs/x?x=1"),
            (301, "//cdn.example/b", "https://cdn.example/b"),
            (
                308,
                "https://user:pass@cdn.example/b",
                "https://cdn.example/b",
            ),
        ] {
            let url = next(
                &Method::GET,
                "https://registry.example/v2/a/blobs/x",
                status,
                location,
            );
            assert_eq!(url.unwrap().unwrap().as_str(), expected, "{location}");
        }
        for status in [200, 304, 300] {
            assert!(
                next(&Method::GET, "https://a.example/", status, "/x")
                    .unwrap()
                    .is_none()
            );
        }
    }

    #[test]
    fn a_write_stays_on_its_host_and_keeps_its_method() {
        for method in [Method::PUT, Method::DELETE, Method::POST] {
            let followed = |status, location| {
                next(&method, "https://registry.example/v2/a", status, location).is_ok()
            };
            assert!(followed(307, "/v2/b"), "{method}");
            assert!(followed(308, "https://registry.example/v2/b"), "{method}");
            assert!(!followed(302, "/v2/b"), "{method}");
            assert!(!followed(303, "/v2/b"), "{method}");
            assert!(!followed(307, "https://other.example/v2/b"), "{method}");
            assert!(
                !followed(307, "https://registry.example:444/v2/b"),
                "{method}"
            );
        }
    }

    #[test]
    fn no_redirect_leads_down_or_in() {
        for (from, location, followed) in [
            ("https://a.example/", "http://a.example/", false),
            ("https://a.example/", "ftp://a.example/", false),
            ("https://a.example/", "javascript:alert(1)", false),
            (
                "https://a.example/",
                "https://169.254.169.254/latest",
                false,
            ),
            ("https://a.example/", "https://10.0.0.1/", false),
            ("https://a.example/", "https://localhost/", false),
            ("https://a.example/", "https://[::1]/", false),
            ("https://a.example/", "https://[fd00::1]/", false),
            ("https://a.example/", "https://[::ffff:10.0.0.1]/", false),
            ("https://a.example/", "https://100.64.0.1/", false),
            ("https://10.0.0.2/", "https://10.0.0.1/", true),
            ("http://127.0.0.1:5000/", "http://127.0.0.1:9000/b", true),
            ("http://127.0.0.1:5000/", "https://s3.example/b", true),
        ] {
            let url = next(&Method::GET, from, 307, location);
            assert_eq!(url.is_ok(), followed, "{from} {location}");
            if let Err(error) = url {
                assert!(!error.to_string().contains("latest"), "{error}");
            }
        }
    }

    #[test]
    fn only_what_is_wanted_goes_to_another_host() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer SECRET"),
            ("cookie", "SECRET"),
            ("cf-access-client-secret", "SECRET"),
            ("range", "bytes=5-"),
            ("if-range", "\"etag\""),
            ("accept", "*/*"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let home: Url = "https://registry.example/v2/".parse().unwrap();
        let elsewhere = carried(&headers, &home, &"https://s3.example/b".parse().unwrap());
        assert!(!format!("{elsewhere:?}").contains("SECRET"));
        assert_eq!(
            (elsewhere.len(), &elsewhere[header::RANGE]),
            (3, &headers[header::RANGE])
        );
        let other_port = carried(
            &headers,
            &home,
            &"https://registry.example:8443/".parse().unwrap(),
        );
        assert!(other_port.get(header::AUTHORIZATION).is_none());
        assert_eq!(carried(&headers, &home, &home.join("/x").unwrap()), headers);
    }
}
