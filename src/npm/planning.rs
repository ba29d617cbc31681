//! Plans, made without sending anything.

use js_sys::{Array, Function, Promise};
use serde::Deserialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    cancel::promise,
    inventory::Inventory,
    pieces::Pieces,
    rules::{Given, Rules},
    store::JsStore,
    value,
};
use crate::{
    cleanup,
    error::Result,
    io::Io,
    plan::{self, inventory},
    timestamp::Timestamp,
    web::FetchIo,
};

/// `PlanInput` of the package's types, without what is no data.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    rules: Given,
    now: Option<Timestamp>,
    #[serde(default)]
    simulated: bool,
}

/// What a plan is made from, one inventory after another.
#[wasm_bindgen]
pub struct Planning {
    rules: Rules,
    now: Option<Timestamp>,
    simulated: bool,
    inventories: Vec<inventory::Inventory>,
}

#[wasm_bindgen]
impl Planning {
    /// `input` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(input: &str) -> std::result::Result<Planning, JsValue> {
        let Input {
            rules,
            now,
            simulated,
        } = value::from_json(input)?;
        Ok(Self {
            rules: rules.read()?,
            now,
            simulated,
            inventories: Vec::new(),
        })
    }

    /// One of the repositories.
    pub fn add(&mut self, inventory: &Inventory) {
        self.inventories.push(inventory.inner.clone());
    }

    /// Decides about every manifest; the store tells of the deletions that the caps count.
    pub fn make(self, store: Option<JsStore>) -> Promise {
        promise(
            None,
            Box::pin(async move {
                let inner = self.made(store.as_ref()).await?;
                Ok(Plan { inner }.into())
            }),
        )
    }

    async fn made(&self, store: Option<&JsStore>) -> Result<plan::Plan> {
        let mut history = Vec::new();
        if let Some(store) = store {
            for one in &self.inventories {
                history.extend(cleanup::history(store, &one.host, &one.repository).await?);
            }
        }
        let Rules { job, policy, .. } = &self.rules;
        let now = self.now.unwrap_or_else(|| FetchIo::new().now());
        let made = plan::make(&plan::Input {
            configuration_hash: &self.rules.configuration_hash,
            caps: self.rules.caps,
            history: &history,
            simulated: self.simulated || self.now.is_some(),
            ..plan::Input::new(job, policy, &self.inventories, now)
        })?;
        Ok(made.document())
    }
}

/// A plan that stays here: of a large one JavaScript holds the handle alone.
#[wasm_bindgen]
pub struct Plan {
    inner: plan::Plan,
}

#[wasm_bindgen]
impl Plan {
    /// The document without its images.
    pub fn head(&self) -> JsValue {
        let mut head = self.inner.clone();
        for repository in &mut head.repositories {
            repository.images.clear();
        }
        value::to_js(&head)
    }

    /// The images of a repository, by its place in the document.
    pub fn images(&self, repository: usize) -> JsValue {
        let found = self.inner.repositories.get(repository);
        found.map_or_else(|| Array::new().into(), |one| value::to_js(&one.images))
    }

    /// Hands the document over piece by piece.
    pub fn write(&self, take: &Function) -> std::result::Result<(), JsValue> {
        let mut pieces = Pieces::to(take);
        pieces.push(&serde_json::to_string(&self.inner).unwrap_or_default());
        pieces.finish()
    }
}
