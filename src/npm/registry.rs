//! What a registry says of itself.

use js_sys::Promise;
use serde::Serialize;
use serde_json::json;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::AbortSignal;

use super::{cancel::promise, client::Client, value};
use crate::{auth::Scope, timestamp::Timestamp};

/// `RegistryToken` of the package's types.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    /// The scopes it says that it grants, one each.
    #[serde(skip_serializing_if = "Option::is_none")]
    granted: Option<Vec<&'a str>>,
}

#[wasm_bindgen]
impl Client {
    /// Whether a registry is there and takes the credential.
    pub fn ping(&self, signal: Option<AbortSignal>) -> Promise {
        let client = self.inner.clone();
        let work = async move {
            let ping = client.ping().await?;
            Ok(value::to_js(&match ping.api_version {
                Some(version) => json!({ "apiVersion": version }),
                None => json!({}),
            }))
        };
        promise(signal, Box::pin(work))
    }

    /// What the registry can do, with how each answer is known.
    pub fn capabilities(&self, repository: Option<String>, signal: Option<AbortSignal>) -> Promise {
        let client = self.inner.clone();
        let work = async move {
            let found = client.capabilities(repository.as_deref()).await?;
            Ok(value::to_js(&found))
        };
        promise(signal, Box::pin(work))
    }

    /// A token of the registry's for another program.
    pub fn token(
        &self,
        repository: Option<String>,
        actions: Vec<String>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let client = self.inner.clone();
        let work = async move {
            let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
            let scope = match &repository {
                Some(repository) => Scope::repository(repository, &actions),
                None => Scope::none(),
            };
            let found = client.token(&scope).await?;
            Ok(value::to_js(&Answer {
                token: &found.value,
                expires_at: found.expires,
                granted: found.granted.as_ref().map(|scope| scope.parts().collect()),
            }))
        };
        promise(signal, Box::pin(work))
    }
}
