//! `~/.docker/config.json`: the credentials that `docker login`, podman and crane leave behind.
//!
//! Only its text comes in; finding and reading the file is the command line's business. Entries
//! under `auths` are read. A credential helper is a program, which a WebAssembly module cannot
//! start: [`DockerConfig::helper`] names it, so that a message can say why nothing was found.

use std::collections::BTreeMap;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::Deserialize;

use super::Credential;
use crate::error::{Code, Error, Result};

/// The parsed file.
///
/// # Examples
///
/// ```
/// use portreeve::auth::{Credential, docker_config::DockerConfig};
///
/// let config = DockerConfig::parse(br#"{"auths": {"https://index.docker.io/v1/": {"auth": "dXNlcjpwYXNz"}}}"#)?;
/// assert_eq!(config.credential("docker.io")?, Some(Credential::basic("user", "pass")));
/// assert_eq!(config.credential("ghcr.io")?, None);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct DockerConfig {
    auths: BTreeMap<String, Entry>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
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
                "docker's config.json cannot be read (line {}, column {})",
                error.line(),
                error.column()
            ))
        })
    }

    /// The credential for a registry's host, with its port if it has one.
    ///
    /// # Errors
    ///
    /// `invalid_configuration` where the entry for this host is broken.
    pub fn credential(&self, host: &str) -> Result<Option<Credential>> {
        let wanted = canonical(host);
        // the exact spelling wins over `https://host/v1/`
        let entry = self
            .auths
            .get(wanted)
            .filter(|entry| !entry.is_empty())
            .or_else(|| {
                self.auths
                    .iter()
                    .find(|(key, entry)| canonical(key) == wanted && !entry.is_empty())
                    .map(|(_, entry)| entry)
            });
        entry.map_or(Ok(None), |entry| {
            entry
                .credential()
                .map_err(|error| error.doing("reading docker's config.json").at(host))
        })
    }

    /// The credential helper that may hold this host's credential, such as `desktop`.
    #[must_use]
    pub fn helper(&self, host: &str) -> Option<&str> {
        let wanted = canonical(host);
        let own = self
            .cred_helpers
            .iter()
            .find(|(key, _)| canonical(key) == wanted)
            .map(|(_, helper)| helper.as_str());
        let logged_in = self.auths.keys().any(|key| canonical(key) == wanted);
        own.or_else(|| self.creds_store.as_deref().filter(|_| logged_in))
    }
}

impl Entry {
    fn is_empty(&self) -> bool {
        [
            &self.auth,
            &self.username,
            &self.password,
            &self.identitytoken,
            &self.registrytoken,
        ]
        .into_iter()
        .all(|field| field.as_deref().unwrap_or_default().is_empty())
    }

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

/// A host as its owner would write it: `https://index.docker.io/v1/` is `docker.io`.
///
/// A key with a path (podman's `quay.io/team`) is another thing than its host, and stays whole.
fn canonical(key: &str) -> &str {
    let key = key
        .strip_prefix("https://")
        .or_else(|| key.strip_prefix("http://"))
        .unwrap_or(key);
    let key = key.trim_end_matches('/');
    let key = ["/v1", "/v2"]
        .iter()
        .find_map(|suffix| key.strip_suffix(suffix))
        .unwrap_or(key);
    match key {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => "docker.io",
        _ => key,
    }
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

    #[test]
    fn every_spelling_of_a_host_is_found() {
        for (key, host) in [
            ("https://index.docker.io/v1/", "docker.io"),
            ("index.docker.io", "registry-1.docker.io"),
            ("docker.io", "index.docker.io"),
            ("https://registry.acme.dev", "registry.acme.dev"),
            ("https://registry.acme.dev/v1/", "registry.acme.dev"),
            ("registry.acme.dev/v2/", "registry.acme.dev"),
            ("http://127.0.0.1:5000/", "127.0.0.1:5000"),
        ] {
            let config = config(&format!(
                r#"{{"auths":{{"{key}":{{"auth":"dXNlcjpwYXNz"}}}}}}"#
            ));
            assert_eq!(
                config.credential(host).unwrap(),
                Some(Credential::basic("user", "pass")),
                "{key}"
            );
        }
    }

    #[test]
    fn a_key_with_a_path_or_another_port_is_not_the_host() {
        let config = config(
            r#"{"auths":{"quay.io/team":{"auth":"dXNlcjpwYXNz"},"a.dev:5000":{"auth":"dXNlcjpwYXNz"}}}"#,
        );
        assert_eq!(config.credential("quay.io").unwrap(), None);
        assert_eq!(config.credential("a.dev").unwrap(), None);
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
            assert_eq!(config.credential("a.dev").unwrap(), expected, "{row}");
        }
    }

    #[test]
    fn a_broken_entry_says_so_without_its_text() {
        let config = config(r#"{"auths":{"a.dev":{"auth":"U0VDUkVU"}}}"#);
        let error = config.credential("a.dev").unwrap_err();
        assert_eq!(error.code(), Code::InvalidConfiguration);
        assert!(!error.to_string().contains("U0VDUkVU"), "{error}");
        assert!(config.credential("b.dev").unwrap().is_none());
        assert!(DockerConfig::parse(b"{\"auths\": []}").is_err());
    }

    #[test]
    fn a_helper_is_named_where_it_may_hold_the_credential() {
        let config = config(
            r#"{"auths":{"https://index.docker.io/v1/":{}},"credsStore":"desktop","credHelpers":{"gcr.io":"gcloud"}}"#,
        );
        assert_eq!(config.helper("docker.io"), Some("desktop"));
        assert_eq!(config.helper("gcr.io"), Some("gcloud"));
        assert_eq!(config.helper("ghcr.io"), None);
    }
}
