//! Plans, made without sending anything.

use serde::Deserialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    exception::thrown,
    rules::{Given, Rules},
    value,
};
use crate::{
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
struct Input {
    #[serde(flatten)]
    rules: Given,
    inventories: Vec<String>,
    now: Option<Timestamp>,
}

/// Decides about every manifest.
#[wasm_bindgen]
pub fn plan(input: &str) -> Result<JsValue, JsValue> {
    let input: Input = value::from_json(input)?;
    let rules = input.rules.read()?;
    make(&rules, &input.inventories, input.now)
        .map(|plan| value::to_js(&plan))
        .map_err(|error| thrown(&error))
}

fn make(rules: &Rules, inventories: &[String], now: Option<Timestamp>) -> Result<Plan> {
    let inventories: Vec<Inventory> = inventories
        .iter()
        .map(|text| inventory::parse(text))
        .collect::<Result<_>>()?;
    plan::make(&plan::Input {
        job: &rules.job,
        configuration_hash: &rules.configuration_hash,
        policy: &rules.policy,
        caps: rules.caps,
        inventories: &inventories,
        history: &[],
        now: now.unwrap_or_else(|| FetchIo::new().now()),
        simulated: now.is_some(),
    })
}
