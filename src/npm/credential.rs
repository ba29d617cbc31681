//! Credentials: as TypeScript writes them, and as docker keeps them.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{exception::thrown, value};
use crate::auth::{self, docker_config::DockerConfig};

/// A credential as the package's types describe it.
#[derive(Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(super) enum Credential {
    Basic { username: String, password: String },
    Registry { token: String },
    Identity { identity_token: String },
}

impl From<Credential> for auth::Credential {
    fn from(credential: Credential) -> Self {
        match credential {
            Credential::Basic { username, password } => Self::basic(username, password),
            Credential::Registry { token } => Self::RegistryToken(token),
            Credential::Identity { identity_token } => Self::IdentityToken(identity_token),
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
    match credential {
        auth::Credential::Basic { username, password } => Credential::Basic { username, password },
        auth::Credential::RegistryToken(token) => Credential::Registry { token },
        auth::Credential::IdentityToken(identity_token) => Credential::Identity { identity_token },
    }
}
