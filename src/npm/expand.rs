//! A job's patterns, looked up.

use js_sys::Promise;
use serde_json::{Value, json};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise, client::Client, configuration::Configuration, exception::thrown, value,
};
use crate::{cleanup, configuration::JobRepository};

#[wasm_bindgen]
impl Client {
    /// What a job's patterns mean on the upstream that this is a client of.
    pub fn expand(
        &self,
        configuration: &Configuration,
        job: &str,
        upstream: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, all) = (self.inner.clone(), configuration.inner.clone());
        let job = all.job(job).map_err(|error| thrown(&error))?.clone();
        let upstream = all
            .upstream(upstream)
            .map_err(|error| thrown(&error))?
            .clone();
        let work = async move {
            let found = cleanup::expand(&client, &all, &job, &upstream).await?;
            Ok(value::to_js(&json!({
                "repositories": documents(&found.repositories),
                "unmanaged": documents(&found.unmanaged),
                "unmatched": found.unmatched,
            })))
        };
        Ok(promise(signal, Box::pin(work)))
    }
}

/// A repository as a job's document has it.
pub(super) fn document(repository: &JobRepository) -> Value {
    json!({
        "upstream": repository.upstream,
        "host": repository.host,
        "name": repository.path,
    })
}

fn documents(repositories: &[JobRepository]) -> Vec<Value> {
    repositories.iter().map(document).collect()
}
