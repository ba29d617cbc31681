//! Inventories: a repository read whole.

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::unless_aborted,
    client::Client,
    exception::{problems, thrown},
    store::JsStore,
    value,
};
use crate::{
    cleanup::{self, Budget, Collect, Event, Known, Phase, Reading},
    error::{Code, Error},
    plan::{
        inventory,
        policy::{Needs, Policy},
    },
};

/// `ReadingProgress` of the package's types.
#[derive(Serialize)]
struct Progress {
    phase: Phase,
    done: usize,
    known: usize,
}

#[wasm_bindgen]
impl Client {
    /// Reads a repository into a `portreeve.inventory/1` document. `policy` is JSON and says which
    /// facts are needed; `earlier` is the last such document of the same repository.
    pub async fn inventory(
        &self,
        repository: String,
        policy: Option<String>,
        earlier: Option<String>,
        progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<String, JsValue> {
        let needs = match policy {
            Some(policy) => Policy::parse(&policy)
                .map_err(|found| problems(&found))?
                .needs(),
            None => Needs::everything(),
        };
        let earlier = earlier
            .map(|text| inventory::parse(&text))
            .transpose()
            .map_err(|error| thrown(&error))?;
        let mut reading = earlier
            .as_ref()
            .map(|earlier| Reading::knowing(Known::from_inventory(earlier, needs)))
            .unwrap_or_default();
        let budget = Budget::unlimited();
        let what = Collect {
            client: &self.inner,
            repository: &repository,
            needs,
            earlier: earlier.as_ref(),
            referrers_of: None,
            budget: &budget,
        };
        let mut tell = |event| {
            if let (
                Some(progress),
                Event::Reading {
                    phase, done, known, ..
                },
            ) = (&progress, event)
            {
                // a caller's display that fails is no reason to fail
                let _ = progress.call1(
                    &JsValue::UNDEFINED,
                    &value::to_js(&Progress { phase, done, known }),
                );
            }
        };
        let read = async {
            let read = cleanup::collect(&what, &mut reading, &mut tell).await?;
            read.ok_or_else(|| Error::new(Code::Internal, "an unlimited budget was used up"))
        };
        let inventory = unless_aborted(signal.as_ref(), read).await?;
        Ok(inventory::write(&inventory))
    }
}

/// The inventory that was last kept of a repository; `undefined` if there is none that can be read.
#[wasm_bindgen(js_name = loadInventory)]
pub async fn load_inventory(
    store: JsStore,
    host: String,
    repository: String,
) -> Result<Option<String>, JsValue> {
    let loaded = cleanup::load_inventory(&store, &host, &repository).await;
    let loaded = loaded.map_err(|error| thrown(&error))?;
    Ok(loaded.map(|inventory| inventory::write(&inventory)))
}

/// Keeps an inventory in the place of the earlier one of its repository.
#[wasm_bindgen(js_name = saveInventory)]
pub async fn save_inventory(store: JsStore, text: String) -> Result<(), JsValue> {
    let save = async {
        let inventory = inventory::parse(&text)?;
        cleanup::save_inventory(&store, &inventory).await
    };
    save.await.map_err(|error| thrown(&error))
}
