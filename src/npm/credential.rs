//! Credentials: as TypeScript writes them, as its callback finds them, and as docker keeps them.

use js_sys::{Function, JSON, Promise};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value, json};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use super::{exception::thrown, value};
use crate::{
    auth::{self, Credentials, docker_config::DockerConfig},
    error::{Code, Error, Result},
    web::{LookUp, exception},
};

/// A credential as the package's types describe it: a user name and a password, or one of the
/// tokens.
pub(super) struct Credential(pub(super) auth::Credential);

const SHAPE: &str =
    "a credential is { username, password }, { token } or { identityToken }, all of them texts";

impl<'de> Deserialize<'de> for Credential {
    // what serde itself would say could quote a password
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        read(&value)
            .map(Self)
            .ok_or_else(|| D::Error::custom(SHAPE))
    }
}

fn read(value: &Value) -> Option<auth::Credential> {
    let fields = value.as_object()?;
    let text = |name| fields.get(name)?.as_str();
    match (fields.len(), fields.keys().next()?.as_str()) {
        (1, "token") => Some(auth::Credential::RegistryToken(text("token")?.to_owned())),
        (1, "identityToken") => Some(auth::Credential::IdentityToken(
            text("identityToken")?.to_owned(),
        )),
        (2, _) => Some(auth::Credential::basic(
            text("username")?,
            text("password")?,
        )),
        _ => None,
    }
}

/// What a callback answers: nothing, one credential, or one beside those for repositories.
fn read_answer(answer: &Value) -> Option<Credentials> {
    let Some(fields) = answer.as_object() else {
        return answer.is_null().then(Credentials::default);
    };
    let parts = ["credential", "repositories", "helper"];
    if fields.keys().any(|key| !parts.contains(&key.as_str())) || fields.is_empty() {
        return read(answer).map(Into::into);
    }
    let whole = match fields.get("credential") {
        None | Some(Value::Null) => None,
        Some(whole) => Some(read(whole)?),
    };
    let mut found = Credentials::from(whole);
    if let Some(repositories) = fields.get("repositories").filter(|value| !value.is_null()) {
        for (path, credential) in repositories.as_object()? {
            found = found.below(path, read(credential)?);
        }
    }
    Some(found)
}

/// The seam's way to a callback of the caller's.
pub(super) fn look_up(callback: Function) -> LookUp {
    LookUp::new(move |host| {
        let called = callback.call1(&JsValue::UNDEFINED, &host.into());
        async move {
            let thrown = |error| exception::of_caller(Code::Unauthorized, error);
            let answer = JsFuture::from(Promise::resolve(&called.map_err(thrown)?));
            let answer = answer.await.map_err(thrown)?;
            // `undefined` has no JSON, and a function neither
            let json = JSON::stringify(&answer).ok();
            let json = json.and_then(|json| JsValue::from(json).as_string());
            let answer = match json {
                None if answer.is_undefined() => Value::Null,
                None => Value::Bool(false),
                Some(json) => serde_json::from_str(&json).unwrap_or(Value::Bool(false)),
            };
            read_answer(&answer).ok_or_else(|| Error::new(Code::InvalidArgument, SHAPE))
        }
    })
}

/// What docker's `config.json` or Podman's `auth.json` knows of a host.
#[wasm_bindgen(js_name = dockerCredential)]
pub fn docker_credential(text: &str, host: &str) -> Result<JsValue, JsValue> {
    let found = || {
        let config = DockerConfig::parse(text.as_bytes())?;
        let known = config.credentials(host)?;
        let mut found = Map::new();
        if let Some(whole) = known.whole() {
            found.insert("credential".into(), written(whole));
        }
        let parts = known.parts();
        let repositories: Map<_, _> = parts
            .map(|(path, credential)| (path.to_owned(), written(credential)))
            .collect();
        if !repositories.is_empty() {
            found.insert("repositories".into(), repositories.into());
        }
        if let Some(helper) = config.helper(host) {
            found.insert("helper".into(), helper.into());
        }
        Ok::<_, Error>(found)
    };
    found()
        .map(|found| value::to_js(&found))
        .map_err(|error| thrown(&error))
}

fn written(credential: &auth::Credential) -> Value {
    match credential {
        auth::Credential::Basic { username, password } => {
            json!({ "username": username, "password": password })
        }
        auth::Credential::RegistryToken(token) => json!({ "token": token }),
        auth::Credential::IdentityToken(token) => json!({ "identityToken": token }),
    }
}
