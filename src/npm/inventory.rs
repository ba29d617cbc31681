//! Inventories: a repository read whole.

use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cache::JsCache, cancel::promise, client::Client, exception::thrown, pieces::Pieces,
    problems::problems, store::JsStore, value,
};
use crate::{
    cleanup::{self, Budget, Collect, Event, Phase, Reading, ReferrersOf},
    error::{Code, Error},
    oci::Digest,
    plan::{
        inventory,
        policy::{Needs, Policy},
    },
};

/// An inventory that stays here: of a large one JavaScript holds the handle alone.
#[wasm_bindgen]
pub struct Inventory {
    pub(super) inner: inventory::Inventory,
}

#[wasm_bindgen]
impl Inventory {
    /// The first line of the document.
    pub fn head(&self) -> String {
        inventory::head(&self.inner)
    }

    /// How many manifests it holds.
    pub fn size(&self) -> usize {
        self.inner.len()
    }

    /// What it holds, counted.
    pub fn contents(&self) -> JsValue {
        value::to_js(&self.inner.contents())
    }

    /// The same inventory once more, for a call that takes it over.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }

    /// Hands the document over piece by piece.
    pub fn write(&self, take: &Function) -> Result<(), JsValue> {
        let mut pieces = Pieces::to(take);
        inventory::write_to(&self.inner, &mut |piece| pieces.push(piece));
        pieces.finish()
    }
}

/// Reads a document that comes in pieces.
#[wasm_bindgen]
#[derive(Default)]
pub struct InventoryReader {
    inner: inventory::Reader,
}

#[wasm_bindgen]
impl InventoryReader {
    /// Before the first piece.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next piece, wherever it was cut.
    pub fn push(&mut self, piece: &str) -> Result<(), JsValue> {
        self.inner.push(piece).map_err(|error| thrown(&error))
    }

    /// After the last piece.
    pub fn finish(&mut self) -> Result<Inventory, JsValue> {
        let reader = std::mem::take(&mut self.inner);
        let inner = reader.finish().map_err(|error| thrown(&error))?;
        Ok(Inventory { inner })
    }
}

/// `ReadingProgress` of the package's types.
#[derive(Serialize)]
struct Progress {
    phase: Phase,
    done: usize,
    known: usize,
}

/// `InventoryOptions` of the package's types, as far as they are data.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    policy: Option<Box<RawValue>>,
    layers: bool,
    annotations: Vec<String>,
    labels: Vec<String>,
    referrers: bool,
    /// Digests that reports call in use.
    reported: Vec<Digest>,
}

impl Asked {
    fn needs(&self) -> Result<Needs, JsValue> {
        let needs = match &self.policy {
            Some(policy) => {
                let policy = Policy::parse(policy.get()).map_err(|found| problems(&found))?;
                policy.needs()
            }
            None => Needs::everything(),
        };
        Ok(needs.and(self.layers, &self.annotations, &self.labels))
    }
}

#[wasm_bindgen]
impl Client {
    /// Reads a repository. `asked` is JSON and says which facts are needed; `earlier` is the last
    /// inventory of the same repository.
    pub fn inventory(
        &self,
        repository: String,
        asked: &str,
        earlier: Option<Inventory>,
        cache: Option<JsCache>,
        progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let asked: Asked = value::from_json(asked)?;
        let needs = asked.needs()?;
        let earlier = earlier.map(|earlier| earlier.inner);
        let client = self.inner.clone();
        let work = async move {
            let what = Collect {
                client: &client,
                repository: &repository,
                needs,
                earlier: earlier.as_ref(),
                cache: cache.map(|cache| Rc::new(cache) as _),
                reported: &asked.reported,
                referrers: if asked.referrers {
                    ReferrersOf::Every
                } else {
                    ReferrersOf::Nothing
                },
                budget: &Budget::unlimited(),
            };
            let mut reading = Reading::default();
            let read = cleanup::collect(&what, &mut reading, &mut telling(progress)).await?;
            let inner =
                read.ok_or_else(|| Error::new(Code::Internal, "an unlimited budget was used up"))?;
            Ok(Inventory { inner }.into())
        };
        Ok(promise(signal, Box::pin(work)))
    }
}

fn telling(progress: Option<Function>) -> impl FnMut(Event) {
    move |event| {
        if let (
            Some(progress),
            Event::Reading {
                phase, done, known, ..
            },
        ) = (&progress, event)
        {
            let told = value::to_js(&Progress { phase, done, known });
            // a caller's display that fails is no reason to fail
            let _ = progress.call1(&JsValue::UNDEFINED, &told);
        }
    }
}

/// The inventory that was last kept of a repository; `undefined` if there is none that can be read.
#[wasm_bindgen(js_name = loadInventory)]
pub fn load_inventory(store: JsStore, host: String, repository: String) -> Promise {
    let work = async move {
        let loaded = cleanup::load_inventory(&store, &host, &repository).await?;
        let held = loaded.map(|inner| Inventory { inner }.into());
        Ok(held.unwrap_or(JsValue::UNDEFINED))
    };
    promise(None, Box::pin(work))
}

/// Keeps an inventory in the place of the earlier one of its repository.
#[wasm_bindgen(js_name = saveInventory)]
pub fn save_inventory(store: JsStore, inventory: &Inventory) -> Promise {
    let inventory = inventory.inner.clone();
    let work = async move {
        cleanup::save_inventory(&store, &inventory).await?;
        Ok(JsValue::UNDEFINED)
    };
    promise(None, Box::pin(work))
}
