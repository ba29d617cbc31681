//! Runs: a plan carried out, and taken back.

use std::collections::BTreeMap;

use js_sys::{Function, Promise};
use serde::Deserialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise,
    client::{Options, settings},
    credential::Credential,
    exception::thrown,
    rules::Given,
    store::JsStore,
    value,
};
use crate::{
    cleanup::{self, Budget, Event, Job, Registry},
    client::{Client, Writer},
    error::Result,
    oci::Digest,
    plan::Plan,
    web::FetchIo,
};

/// `CleanupRegistry` of the package's types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RegistryOptions {
    host: String,
    credential: Option<Credential>,
    delete_credential: Option<Credential>,
    plain_http: Option<bool>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    realms: Vec<String>,
}

impl RegistryOptions {
    fn open(self, io: &FetchIo) -> Result<Registry<FetchIo>> {
        let as_whom = |credential| {
            let options = Options {
                credential,
                plain_http: self.plain_http,
                headers: self.headers.clone(),
                realms: self.realms.clone(),
                ..Options::default()
            };
            Client::new(io.clone(), settings(&self.host, options)?)
        };
        Ok(Registry {
            reader: as_whom(self.credential)?,
            writer: Writer::new(as_whom(self.delete_credential)?),
        })
    }
}

fn open(registries: &str, fetch: Option<Function>) -> Result<Vec<Registry<FetchIo>>, JsValue> {
    let registries: Vec<RegistryOptions> = value::from_json(registries)?;
    let io = fetch.map_or_else(FetchIo::new, FetchIo::with_fetch);
    let opened: Result<_> = registries.into_iter().map(|one| one.open(&io)).collect();
    opened.map_err(|error| thrown(&error))
}

fn telling(listener: Option<Function>) -> impl FnMut(Event) {
    move |event| {
        if let Some(listener) = &listener {
            // what is deleted is deleted, whatever a caller's display thinks of it
            let _ = listener.call1(&JsValue::UNDEFINED, &value::to_js(&event));
        }
    }
}

/// Carries a plan out by the rules that made it. All but the functions are JSON.
#[wasm_bindgen]
pub fn apply(
    rules: &str,
    plan: &str,
    registries: &str,
    store: JsStore,
    fetch: Option<Function>,
    listener: Option<Function>,
    signal: Option<AbortSignal>,
) -> Result<Promise, JsValue> {
    let rules = value::from_json::<Given>(rules)?.read()?;
    let plan = Plan::parse(plan.as_bytes()).map_err(|error| thrown(&error))?;
    let registries = open(registries, fetch)?;
    let work = async move {
        let job = Job {
            name: &rules.job,
            configuration_hash: &rules.configuration_hash,
            repositories: rules.repositories.as_deref(),
            policy: &rules.policy,
            caps: rules.caps,
        };
        let (budget, tell) = (Budget::unlimited(), telling(listener));
        let run = cleanup::apply(&registries, &job, &plan, &store, &budget, tell).await?;
        Ok(value::to_js(&run))
    };
    Ok(promise(signal, Box::pin(work)))
}

/// The name of the run that a plan leads to.
#[wasm_bindgen(js_name = runOf)]
pub fn run_of(plan: &str) -> Result<String, JsValue> {
    let plan = Plan::parse(plan.as_bytes()).map_err(|error| thrown(&error))?;
    Ok(cleanup::run_of(&plan))
}

/// Puts back what a run deleted; `only` names roots.
#[wasm_bindgen]
pub fn restore(
    run: String,
    only: Vec<String>,
    registries: &str,
    store: JsStore,
    fetch: Option<Function>,
    listener: Option<Function>,
    signal: Option<AbortSignal>,
) -> Result<Promise, JsValue> {
    let only: Vec<Digest> = only
        .into_iter()
        .map(|text| super::client::parsed(&text))
        .collect::<Result<_, _>>()?;
    let registries = open(registries, fetch)?;
    let work = async move {
        let tell = telling(listener);
        let restored = cleanup::restore(&registries, &run, &only, &store, tell).await?;
        Ok(value::to_js(&restored))
    };
    Ok(promise(signal, Box::pin(work)))
}
