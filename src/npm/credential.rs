//! Credentials: as TypeScript writes them, and as docker keeps them.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{exception::thrown, value};
use crate::{
    auth::{self, docker_config::DockerConfig},
    error::{Code, Error, Result},
};

/// A credential as the package's types describe it: a user name and a password, or one of the
/// tokens.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Credential {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_token: Option<String>,
}

impl TryFrom<Credential> for auth::Credential {
    type Error = Error;

    fn try_from(given: Credential) -> Result<Self> {
        match (
            given.username,
            given.password,
            given.token,
            given.identity_token,
        ) {
            (Some(username), Some(password), None, None) => Ok(Self::basic(username, password)),
            (None, None, Some(token), None) => Ok(Self::RegistryToken(token)),
            (None, None, None, Some(token)) => Ok(Self::IdentityToken(token)),
            _ => Err(Error::new(
                Code::InvalidArgument,
                "a credential is { username, password }, { token } or { identityToken }",
            )),
        }
    }
}

#[derive(Serialize)]
struct Found<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<Credential>,
    /// The credential helper that may hold it instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    helper: Option<&'a str>,
}

/// What docker's `config.json` knows of a host.
#[wasm_bindgen(js_name = dockerCredential)]
pub fn docker_credential(text: &str, host: &str) -> Result<JsValue, JsValue> {
    let config = DockerConfig::parse(text.as_bytes()).map_err(|error| thrown(&error))?;
    let credential = config.credential(host).map_err(|error| thrown(&error))?;
    Ok(value::to_js(&Found {
        credential: credential.map(written),
        helper: config.helper(host),
    }))
}

fn written(credential: auth::Credential) -> Credential {
    let nothing = Credential::default();
    match credential {
        auth::Credential::Basic { username, password } => Credential {
            username: Some(username),
            password: Some(password),
            ..nothing
        },
        auth::Credential::RegistryToken(token) => Credential {
            token: Some(token),
            ..nothing
        },
        auth::Credential::IdentityToken(token) => Credential {
            identity_token: Some(token),
            ..nothing
        },
    }
}
