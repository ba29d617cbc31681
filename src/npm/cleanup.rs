//! Runs: a plan carried out, and taken back.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise,
    client::{Client, parsed},
    exception::thrown,
    rules::Given,
    store::JsStore,
    value,
};
use crate::{
    cleanup::{self, Budget, Event, Job, Registry},
    client::Writer,
    oci::Digest,
    plan::Plan,
    web::FetchIo,
};

/// Each registry is two clients: one that reads, and one that holds the credential to delete. They
/// are taken over, so that JavaScript holds nothing of them.
fn registries(readers: Vec<Client>, writers: Vec<Client>) -> Vec<Registry<FetchIo>> {
    let pairs = readers.into_iter().zip(writers);
    let registry = |(reader, writer): (Client, Client)| Registry {
        reader: reader.inner,
        writer: Writer::new(writer.inner),
    };
    pairs.map(registry).collect()
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
    readers: Vec<Client>,
    writers: Vec<Client>,
    store: JsStore,
    listener: Option<Function>,
    signal: Option<AbortSignal>,
) -> Result<Promise, JsValue> {
    let mut rules = value::from_json::<Given>(rules)?.read()?;
    let plan = Plan::parse(plan.as_bytes()).map_err(|error| thrown(&error))?;
    let registries = registries(readers, writers);
    let work = async move {
        rules.remember_sizes(&cleanup::load_report_sizes(&store).await?);
        let mut condemned = Vec::new();
        for one in &plan.repositories {
            condemned.extend(cleanup::load_condemned(&store, &one.host, &one.name).await?);
        }
        let repositories = rules.repositories(&plan);
        let job = Job {
            name: &rules.job,
            configuration_hash: &rules.configuration_hash,
            repositories: repositories.as_deref(),
            policy: &rules.policy,
            caps: rules.caps,
            reports: &rules.given_reports(),
            condemned: &condemned,
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
    readers: Vec<Client>,
    writers: Vec<Client>,
    store: JsStore,
    listener: Option<Function>,
    signal: Option<AbortSignal>,
) -> Result<Promise, JsValue> {
    let only: Vec<Digest> = only
        .into_iter()
        .map(|text| parsed(&text))
        .collect::<Result<_, _>>()?;
    let registries = registries(readers, writers);
    let work = async move {
        let tell = telling(listener);
        let restored = cleanup::restore(&registries, &run, &only, &store, tell).await?;
        Ok(value::to_js(&restored))
    };
    Ok(promise(signal, Box::pin(work)))
}
