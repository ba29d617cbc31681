//! Plans, made without sending anything.

use js_sys::Promise;
use serde::Deserialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    cancel::promise,
    rules::{Given, Rules},
    store::JsStore,
    value,
};
use crate::{
    cleanup,
    error::Result,
    io::Io,
    plan::{
        self, Plan,
        inventory::{self, Inventory},
    },
    timestamp::Timestamp,
    web::FetchIo,
};

/// `PlanInput` of the package's types: inventories as their documents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    rules: Given,
    inventories: Vec<String>,
    now: Option<Timestamp>,
}

/// Decides about every manifest; the store tells of the deletions that the caps count.
#[wasm_bindgen]
pub fn plan(input: &str, store: Option<JsStore>) -> Result<Promise, JsValue> {
    let input: Input = value::from_json(input)?;
    let rules = input.rules.read()?;
    let work = async move {
        let made = make(&rules, &input.inventories, input.now, store.as_ref()).await?;
        Ok(value::to_js(&made))
    };
    Ok(promise(None, Box::pin(work)))
}

async fn make(
    rules: &Rules,
    inventories: &[String],
    now: Option<Timestamp>,
    store: Option<&JsStore>,
) -> Result<Plan> {
    let inventories: Vec<Inventory> = inventories
        .iter()
        .map(|text| inventory::parse(text))
        .collect::<Result<_>>()?;
    let mut history = Vec::new();
    if let Some(store) = store {
        for one in &inventories {
            history.extend(cleanup::history(store, &one.host, &one.repository).await?);
        }
    }
    plan::make(&plan::Input {
        job: &rules.job,
        configuration_hash: &rules.configuration_hash,
        policy: &rules.policy,
        caps: rules.caps,
        inventories: &inventories,
        history: &history,
        now: now.unwrap_or_else(|| FetchIo::new().now()),
        simulated: now.is_some(),
    })
}
