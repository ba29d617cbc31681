//! `~/.docker/config.json` and Podman's `auth.json`: the credentials that `docker login`, podman,
//! skopeo and crane leave behind.
//!
//! Only a file's text comes in; finding and reading files is Node's business. A credential helper
//! is a program, which a WebAssembly module cannot start: [`DockerConfig::helper`] names it.
//!
//! Sources: docker's "docker login" reference, and containers-auth.json(5).

use std::collections::BTreeMap;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;

use super::{Credential, Credentials};
use crate::error::{Code, Error, Result};

/// The parsed file.
///
/// # Examples
///
/// ```
/// use portreeve::auth::{Credential, docker_config::DockerConfig};
///
/// let config = DockerConfig::parse(br#"{"auths": {
///     "https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNz"},
///     "quay.io/team": {"auth": "dGVhbTpwYXNz"}
/// }}"#)?;
/// assert_eq!(config.credentials("docker.io")?.whole(), Some(&Credential::basic("user", "pass")));
/// let quay = config.credentials("quay.io")?;
/// assert_eq!(quay.whole(), None);
/// assert_eq!(quay.for_repository(Some("team/web")), Some(&Credential::basic("team", "pass")));
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DockerConfig {
    // written in Go, where a map that holds nothing may be null
    auths: Option<BTreeMap<String, Entry>>,
    creds_store: Option<String>,
    cred_helpers: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl DockerConfig {
    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// `invalid_configuration` where it is not such a file; its text is not quoted.
    pub fn parse(text: &[u8]) -> Result<Self> {
        serde_json::from_slice(text).map_err(|error| {
            invalid(&format!(
                "it is no docker configuration (line {}, column {})",
                error.line(),
                error.column()
            ))
        })
    }

    /// What `auths` holds for a registry's host, with its port if it has one: an entry for the
    /// host, and those for repositories that Podman keeps under `host/path`.
    ///
    /// # Errors
    ///
    /// `invalid_configuration` where an entry for this host is broken.
    pub fn credentials(&self, host: &str) -> Result<Credentials> {
        let wanted = usual(host);
        let mut whole: Option<(u8, Credential)> = None;
        let mut parts = Vec::new();
        for (key, entry) in self.auths.iter().flatten() {
            let place = Place::of(key);
            if place.host != wanted {
                continue;
            }
            let found = entry.credential().map_err(|error| {
                error.doing(format!(
                    "reading the credential that is kept under {}",
                    place.shown()
                ))
            })?;
            match (found, place.path) {
                (None, _) => {}
                (Some(found), Some(path)) => parts.push((path, found)),
                (Some(found), None) => {
                    // the plain spelling wins over `https://host/v1/`
                    let rank = u8::from(key == wanted) + u8::from(!key.contains('/'));
                    if whole.as_ref().is_none_or(|(best, _)| rank > *best) {
                        whole = Some((rank, found));
                    }
                }
            }
        }
        let whole = Credentials::from(whole.map(|(_, found)| found));
        Ok(parts
            .into_iter()
            .fold(whole, |known, (path, found)| known.below(path, found)))
    }

    /// The credential helper to ask for this host's credential, such as `desktop`: the host's own,
    /// else the one for all. Docker asks it before it looks into `auths`.
    #[must_use]
    pub fn helper(&self, host: &str) -> Option<&str> {
        let wanted = usual(host);
        self.cred_helpers
            .iter()
            .flatten()
            .find(|(key, _)| {
                let place = Place::of(key);
                place.host == wanted && place.path.is_none()
            })
            .map(|(_, helper)| helper)
            .or(self.creds_store.as_ref())
            .map(String::as_str)
            // an empty one switches the common one off for its host
            .filter(|helper| !helper.is_empty())
    }
}

/// Where an entry holds.
struct Place<'a> {
    host: &'a str,
    path: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// `https://index.docker.io/v1/` is `docker.io`; `quay.io/team` is a part of `quay.io`. Behind
    /// a scheme there is an address, whose path names nothing.
    fn of(key: &'a str) -> Self {
        let address = ["https://", "http://"]
            .iter()
            .find_map(|scheme| key.strip_prefix(scheme));
        let place = address.unwrap_or(key).trim_end_matches('/');
        let (host, path) = match place.split_once('/') {
            Some((host, path)) => (host, Some(path)),
            None => (place, None),
        };
        Self {
            host: usual(host),
            path: path.filter(|path| address.is_none() && !matches!(*path, "v1" | "v2")),
        }
    }

    fn shown(&self) -> String {
        match self.path {
            Some(path) => format!("{}/{path}", self.host),
            None => self.host.to_owned(),
        }
    }
}

/// The name of a registry that has several.
fn usual(host: &str) -> &str {
    match host {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => "docker.io",
        _ => host,
    }
}

impl Entry {
    fn credential(&self) -> Result<Option<Credential>> {
        if let Some(token) = filled(self.registrytoken.as_ref()) {
            return Ok(Some(Credential::RegistryToken(token)));
        }
        if let Some(token) = filled(self.identitytoken.as_ref()) {
            return Ok(Some(Credential::IdentityToken(token)));
        }
        let (username, password) = match filled(self.auth.as_ref()) {
            Some(auth) => decode(&auth)?,
            None => match (&self.username, &self.password) {
                (Some(username), Some(password)) => (username.clone(), password.clone()),
                _ => return Ok(None),
            },
        };
        Ok(match (username.as_str(), password.as_str()) {
            ("", "") => None,
            // docker's marker for "the password is an identity token"
            ("<token>", _) => Some(Credential::IdentityToken(password)),
            _ => Some(Credential::Basic { username, password }),
        })
    }
}

fn filled(field: Option<&String>) -> Option<String> {
    field.filter(|text| !text.is_empty()).cloned()
}

/// `auth` is the base64 of `user:password`; written by hand it often lacks padding.
fn decode(auth: &str) -> Result<(String, String)> {
    let lenient = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    lenient
        .decode(auth.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            let (username, password) = text.split_once(':')?;
            // docker on some systems writes a closing zero byte
            Some((
                username.to_owned(),
                password.trim_end_matches('\0').to_owned(),
            ))
        })
        .ok_or_else(|| {
            invalid("`auth` is not the base64 of user:password")
                .next("log in to the registry again")
        })
}

fn invalid(found: &str) -> Error {
    Error::new(Code::InvalidConfiguration, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> DockerConfig {
        DockerConfig::parse(text.as_bytes()).unwrap()
    }

    fn whole(config: &DockerConfig, host: &str) -> Option<Credential> {
        config.credentials(host).unwrap().whole().cloned()
    }

    #[test]
    fn every_spelling_of_a_host_is_found() {
        for (key, host) in [
            ("https://index.docker.io/v1/", "docker.io"),
            ("index.docker.io", "registry-1.docker.io"),
            ("docker.io", "index.docker.io"),
            ("https://registry.acme.dev", "registry.acme.dev"),
            ("https://registry.acme.dev/v1/", "registry.acme.dev"),
            (
                "https://registry.acme.dev/artifactory/api",
                "registry.acme.dev",
            ),
            ("registry.acme.dev/v2/", "registry.acme.dev"),
            ("http://127.0.0.1:5000/", "127.0.0.1:5000"),
        ] {
            let config = config(&format!(
                r#"{{"auths":{{"{key}":{{"auth":"dXNlcjpwYXNz"}}}}}}"#
            ));
            assert_eq!(
                whole(&config, host),
                Some(Credential::basic("user", "pass")),
                "{key}"
            );
        }
    }

    #[test]
    fn the_plain_spelling_wins() {
        let config = config(
            r#"{"auths":{"https://a.dev/v1/":{"auth":"b2xkOng="},"a.dev":{"auth":"bmV3Ong="},"http://a.dev":{"auth":"b2xkOng="}}}"#,
        );
        assert_eq!(whole(&config, "a.dev"), Some(Credential::basic("new", "x")));
    }

    #[test]
    fn an_entry_for_repositories_is_not_for_the_host() {
        let config = config(
            r#"{"auths":{"quay.io/team":{"auth":"dGVhbTp4"},"quay.io/team/web":{"auth":"d2ViOng="},"a.dev:5000":{"auth":"dXNlcjpwYXNz"},"docker.io/me":{"auth":"bWU6eA=="}}}"#,
        );
        let quay = config.credentials("quay.io").unwrap();
        assert_eq!(quay.whole(), None);
        for (repository, expected) in [
            ("team/web/x", Some("web")),
            ("team/api", Some("team")),
            ("teams", None),
        ] {
            let expected = expected.map(|name| Credential::basic(name, "x"));
            assert_eq!(quay.for_repository(Some(repository)), expected.as_ref());
        }
        let hub = config.credentials("registry-1.docker.io").unwrap();
        let me = Credential::basic("me", "x");
        assert_eq!(hub.for_repository(Some("me/app")), Some(&me));
        assert!(config.credentials("a.dev").unwrap().is_empty());
    }

    #[test]
    fn a_file_that_holds_nothing_knows_nothing() {
        for text in [
            "{}",
            r#"{"auths":null,"credHelpers":null,"credsStore":null}"#,
            r#"{"auths":{}}"#,
        ] {
            let config = config(text);
            assert!(config.credentials("a.dev").unwrap().is_empty(), "{text}");
            assert_eq!(config.helper("a.dev"), None, "{text}");
        }
    }

    #[test]
    fn every_kind_of_entry_is_read() {
        for (row, entry, expected) in [
            (
                "auth",
                r#"{"auth":"dXNlcjpwYTpzcw=="}"#,
                Some(Credential::basic("user", "pa:ss")),
            ),
            (
                "no padding",
                r#"{"auth":"dXNlcjpwYTpzcw"}"#,
                Some(Credential::basic("user", "pa:ss")),
            ),
            (
                "two fields",
                r#"{"username":"u","password":"p"}"#,
                Some(Credential::basic("u", "p")),
            ),
            (
                "Azure",
                r#"{"auth":"MDAwMDo=","identitytoken":"refresh"}"#,
                Some(Credential::IdentityToken("refresh".into())),
            ),
            (
                "token marker",
                r#"{"username":"<token>","password":"refresh"}"#,
                Some(Credential::IdentityToken("refresh".into())),
            ),
            (
                "registry token",
                r#"{"registrytoken":"jwt"}"#,
                Some(Credential::RegistryToken("jwt".into())),
            ),
            ("logged in with a helper", "{}", None),
            ("logged out", r#"{"auth":""}"#, None),
        ] {
            let config = config(&format!(r#"{{"auths":{{"a.dev":{entry}}}}}"#));
            assert_eq!(whole(&config, "a.dev"), expected, "{row}");
        }
    }

    #[test]
    fn a_broken_entry_says_so_without_its_text() {
        let config = config(r#"{"auths":{"a.dev":{"auth":"U0VDUkVU"}}}"#);
        let error = config.credentials("a.dev").unwrap_err();
        assert_eq!(error.code(), Code::InvalidConfiguration);
        assert!(!error.to_string().contains("U0VDUkVU"), "{error}");
        assert!(config.credentials("b.dev").unwrap().is_empty());
        assert!(DockerConfig::parse(b"{\"auths\": []}").is_err());
    }

    #[test]
    fn a_helper_is_named_for_its_host_and_one_for_all_others() {
        let config = config(
            r#"{"credsStore":"desktop","credHelpers":{"gcr.io":"gcloud","https://index.docker.io/v1/":"pass","ghcr.io":""}}"#,
        );
        for (host, helper) in [
            ("docker.io", Some("pass")),
            ("gcr.io", Some("gcloud")),
            ("quay.io", Some("desktop")),
            ("ghcr.io", None),
        ] {
            assert_eq!(config.helper(host), helper, "{host}");
        }
        assert_eq!(DockerConfig::default().helper("quay.io"), None);
    }
}
