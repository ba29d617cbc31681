//! Which endpoint of which upstream a path means.
//!
//! The first segment after `/v2/` names the upstream, the rest is its repository:
//! `/v2/docker.io/library/alpine/manifests/latest`. Or `ns` names the upstream's host, as containerd
//! does it (distribution-spec 1.2), and the whole path is the repository:
//! `/v2/library/alpine/manifests/latest?ns=docker.io`.

use http::Method;

use crate::{
    error::{Code, Error, Result},
    oci::{Digest, Target, is_repository, is_tag},
};

/// A request under `/v2/`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// `/v2/`, by which clients decide whether to authenticate.
    Ping,
    /// Something of a repository.
    Repository {
        /// The upstream, which configuration may not know.
        upstream: Named,
        /// The repository on it, by the grammar.
        repository: String,
        /// What of it.
        endpoint: Endpoint,
    },
}

/// How a request names its upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Named {
    /// By the name that configuration gives it, as the first segment of the path.
    Name(String),
    /// By its host, as `ns`. It is looked up, and never asked.
    Host(String),
}

/// The endpoints that are served, all of them for reading.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// `manifests/<tag or digest>`.
    Manifest(Target),
    /// `blobs/<digest>`.
    Blob(Digest),
    /// `tags/list`.
    Tags,
    /// `referrers/<digest>`.
    Referrers(Digest),
}

/// Reads a path under `/v2/`, and the parameter `ns` of its query.
///
/// Names are taken as they are: a `%` is no part of any name, so nothing is decoded, and `..` and
/// empty segments are refused with every other text that the grammar forbids.
///
/// # Errors
///
/// - `invalid_reference` for a name, tag or digest that the grammar forbids.
/// - `unsupported` for endpoints that are not served, writing among them.
///
/// # Examples
///
/// ```
/// use http::Method;
/// use portreeve::proxy::route::{Endpoint, Named, Route, route};
/// let route = route(&Method::GET, "/v2/library/alpine/tags/list", Some("docker.io"))?;
/// assert_eq!(
///     route,
///     Route::Repository {
///         upstream: Named::Host("docker.io".to_owned()),
///         repository: "library/alpine".to_owned(),
///         endpoint: Endpoint::Tags,
///     }
/// );
/// # Ok::<(), portreeve::error::Error>(())
/// ```
pub fn route(method: &Method, path: &str, ns: Option<&str>) -> Result<Route> {
    if method != Method::GET && method != Method::HEAD {
        let found = format!("{method} is not served: this proxy only reads");
        return Err(Error::new(Code::Unsupported, found)
            .with_status(http::StatusCode::METHOD_NOT_ALLOWED)
            .next("push to the upstream itself"));
    }
    let rest = path.strip_prefix("/v2").unwrap_or_default();
    if rest.is_empty() || rest == "/" {
        return Ok(Route::Ping);
    }
    if rest == "/_catalog" {
        return Err(Error::new(
            Code::Unsupported,
            "the catalog of all repositories is not served",
        ));
    }
    let Some((name, endpoint)) = split(rest)? else {
        let found = format!("`{path}` is no endpoint of the distribution protocol");
        return Err(Error::new(Code::NotFound, found)
            .next("expected /v2/<upstream>/<repository>/manifests|blobs|tags|referrers/..."));
    };
    let (upstream, repository) = match (ns, name.split_once('/')) {
        (Some(host), _) => (Named::Host(host.to_owned()), name),
        (None, Some((upstream, repository))) => (Named::Name(upstream.to_owned()), repository),
        (None, None) => {
            let found = format!("`{name}` names no repository of an upstream");
            return Err(
                Error::new(Code::InvalidReference, found).next("write <upstream>/<repository>")
            );
        }
    };
    if !is_repository(repository) {
        let found = format!("`{repository}` is no repository name");
        return Err(Error::new(Code::InvalidReference, found));
    }
    Ok(Route::Repository {
        upstream,
        repository: repository.to_owned(),
        endpoint,
    })
}

/// The name and the endpoint of `/<name>/<endpoint>/<argument>`.
fn split(rest: &str) -> Result<Option<(&str, Endpoint)>> {
    let Some(rest) = rest.strip_prefix('/') else {
        return Ok(None);
    };
    if let Some(name) = rest.strip_suffix("/tags/list") {
        return Ok(Some((name, Endpoint::Tags)));
    }
    let Some((rest, argument)) = rest.rsplit_once('/') else {
        return Ok(None);
    };
    let Some((name, endpoint)) = rest.rsplit_once('/') else {
        return Ok(None);
    };
    let endpoint = match endpoint {
        "manifests" => Endpoint::Manifest(target(argument)?),
        "blobs" => Endpoint::Blob(argument.parse()?),
        "referrers" => Endpoint::Referrers(argument.parse()?),
        _ => return Ok(None),
    };
    Ok(Some((name, endpoint)))
}

fn target(text: &str) -> Result<Target> {
    if text.contains(':') {
        return Ok(Target::Digest(text.parse()?));
    }
    if is_tag(text) {
        return Ok(Target::Tag(text.to_owned()));
    }
    let found = format!("`{text}` is no tag");
    Err(Error::new(Code::InvalidReference, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn endpoint(path: &str) -> Result<(String, String, Endpoint), Code> {
        match route(&Method::GET, path, None) {
            Ok(Route::Repository {
                upstream: Named::Name(upstream),
                repository,
                endpoint,
            }) => Ok((upstream, repository, endpoint)),
            Ok(_) => panic!("{path} names no upstream"),
            Err(error) => Err(error.code()),
        }
    }

    #[test]
    fn both_ways_to_write_the_ping_are_one() {
        for path in ["/v2", "/v2/"] {
            assert_eq!(
                route(&Method::HEAD, path, None).unwrap(),
                Route::Ping,
                "{path}"
            );
        }
    }

    #[test]
    fn every_endpoint_is_found_behind_the_upstream() {
        let digest: Digest = DIGEST.parse().unwrap();
        for (rest, expected) in [
            (
                "manifests/v1".to_owned(),
                Endpoint::Manifest(Target::Tag("v1".to_owned())),
            ),
            (
                format!("manifests/{DIGEST}"),
                Endpoint::Manifest(Target::Digest(digest)),
            ),
            (format!("blobs/{DIGEST}"), Endpoint::Blob(digest)),
            (format!("referrers/{DIGEST}"), Endpoint::Referrers(digest)),
            ("tags/list".to_owned(), Endpoint::Tags),
        ] {
            assert_eq!(
                endpoint(&format!("/v2/demo/shop/web/{rest}")),
                Ok(("demo".to_owned(), "shop/web".to_owned(), expected)),
                "{rest}"
            );
        }
    }

    #[test]
    fn a_namespace_makes_the_whole_path_the_repository() {
        let of = |path, ns| route(&Method::GET, path, Some(ns));
        let Ok(Route::Repository {
            upstream,
            repository,
            ..
        }) = of("/v2/web/tags/list", "ghcr.io")
        else {
            panic!("no repository")
        };
        assert_eq!(
            (upstream, repository.as_str()),
            (Named::Host("ghcr.io".to_owned()), "web")
        );
        assert_eq!(of("/v2/", "ghcr.io").unwrap(), Route::Ping);
        let error = of("/v2/../tags/list", "ghcr.io").unwrap_err();
        assert_eq!(error.code(), Code::InvalidReference);
    }

    #[test]
    fn a_repository_may_be_called_like_an_endpoint() {
        let (_, repository, _) = endpoint("/v2/demo/team/manifests/tags/list").unwrap();
        assert_eq!(repository, "team/manifests");
    }

    #[test]
    fn names_that_could_reach_elsewhere_are_refused() {
        for path in [
            "/v2/demo/../secret/manifests/v1",
            "/v2/demo/shop%2fweb/manifests/v1",
            "/v2/demo//web/manifests/v1",
            "/v2/demo/shop/web/manifests/..",
            "/v2/demo/shop/web/manifests/",
            "/v2/demo/shop/web/manifests/v1%0d",
            "/v2/demo/shop/web/blobs/sha256:abc",
            "/v2/demo/Shop/tags/list",
            "/v2/demo/tags/list",
        ] {
            assert_eq!(endpoint(path), Err(Code::InvalidReference), "{path}");
        }
    }

    #[test]
    fn what_is_not_served_says_so() {
        for (method, path, code) in [
            (
                Method::PUT,
                "/v2/demo/shop/web/manifests/v1",
                Code::Unsupported,
            ),
            (
                Method::POST,
                "/v2/demo/shop/web/blobs/uploads/",
                Code::Unsupported,
            ),
            (
                Method::DELETE,
                "/v2/demo/shop/web/manifests/v1",
                Code::Unsupported,
            ),
            (Method::GET, "/v2/_catalog", Code::Unsupported),
            (Method::GET, "/v2/demo/shop/web", Code::NotFound),
            (Method::GET, "/v2/demo", Code::NotFound),
        ] {
            let error = route(&method, path, None).unwrap_err();
            assert_eq!(error.code(), code, "{method} {path}");
        }
    }
}
