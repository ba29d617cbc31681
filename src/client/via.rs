//! Through a portreeve Worker: requests go to its origin and say by `ns` which registry is meant
//! (distribution-spec 1.2), so that repositories keep their names.

use http::Uri;
use url::Url;

use super::session::Session;
use crate::{
    error::{Code, Error, Result},
    io::Io,
    oci::is_local_host,
};

/// The Worker's root.
///
/// # Errors
///
/// `invalid_argument` for what is more or less than an origin, and for plain http to another than a
/// local host, unless that is wanted.
pub(super) fn root(via: &Url, plain_http: Option<bool>) -> Result<Url> {
    let bare = via.path() == "/"
        && via.query().is_none()
        && via.fragment().is_none()
        && via.username().is_empty()
        && via.password().is_none();
    let secure = match via.scheme() {
        "https" => true,
        "http" => plain_http.unwrap_or_else(|| is_local_host(&authority(via))),
        _ => false,
    };
    if bare && secure && via.has_host() {
        return Ok(via.clone());
    }
    let found = if bare {
        "`via` is not reached by https"
    } else {
        "`via` is no origin"
    };
    Err(Error::new(Code::InvalidArgument, found)
        .next("write the origin of a portreeve Worker, such as https://cr.acme.dev"))
}

/// Host and port, as references name a registry.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The same address, naming the registry that is meant.
fn named(mut url: Url, registry: &str) -> Url {
    let others: Vec<_> = url
        .query_pairs()
        .filter(|(key, _)| key != "ns")
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair("ns", registry);
    url
}

impl<I: Io> Session<I> {
    /// Whose credentials and tokens are meant: the Worker's, or the registry's.
    pub(super) fn authority(&self) -> &str {
        &self.0.authority
    }

    /// Where a request for `url` goes: with a Worker between, the registry is named in each that is
    /// the protocol's own.
    pub(super) fn routed(&self, url: Url) -> Url {
        let settings = &self.0.settings;
        if settings.via.is_some() && self.is_home(&url) && url.path().starts_with("/v2/") {
            named(url, &settings.host)
        } else {
            url
        }
    }

    /// The same for the address of a request.
    pub(super) fn routed_uri(&self, uri: &Uri) -> Result<Url> {
        Url::parse(&uri.to_string())
            .map(|url| self.routed(url))
            .map_err(|error| Error::new(Code::InvalidArgument, error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_origin_of_a_worker_will_do() {
        let taken = |via: &str, plain| root(&via.parse().unwrap(), plain).is_ok();
        for via in [
            "https://cr.acme.dev",
            "https://cr.acme.dev:8443/",
            "http://127.0.0.1:8787",
        ] {
            assert!(taken(via, None), "{via}");
        }
        for via in [
            "https://cr.acme.dev/hub",
            "https://cr.acme.dev/?x=1",
            "https://cr.acme.dev/#x",
            "https://user@cr.acme.dev",
            "https://:pass@cr.acme.dev",
            "http://cr.acme.dev",
            "ftp://cr.acme.dev",
            "data:,",
        ] {
            assert!(!taken(via, None), "{via}");
        }
        assert!(taken("http://cr.acme.dev", Some(true)));
        assert!(!taken("http://127.0.0.1:8787", Some(false)));
    }

    #[test]
    fn the_registry_is_named_once() {
        for (from, to) in [
            ("https://w.dev/v2/a/tags/list", "?ns=ghcr.io"),
            (
                "https://w.dev/v2/a/tags/list?n=5&last=a%26b",
                "?n=5&last=a%26b&ns=ghcr.io",
            ),
            ("https://w.dev/v2/?ns=docker.io&ns=x", "?ns=ghcr.io"),
        ] {
            let url = named(from.parse().unwrap(), "ghcr.io");
            assert_eq!(
                url.query().map(|query| format!("?{query}")).as_deref(),
                Some(to),
                "{from}"
            );
        }
        let port = named("https://w.dev/v2/".parse().unwrap(), "127.0.0.1:5000");
        assert_eq!(port.as_str(), "https://w.dev/v2/?ns=127.0.0.1%3A5000");
    }
}
