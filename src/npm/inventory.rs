//! Inventories: a repository read whole.

use js_sys::{Function, Promise};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise, client::Client, exception::thrown, problems::problems, store::JsStore, value,
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
    pub fn inventory(
        &self,
        repository: String,
        policy: Option<String>,
        earlier: Option<String>,
        progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
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
        let client = self.inner.clone();
        let work = async move {
            let mut reading = earlier
                .as_ref()
                .map(|earlier| Reading::knowing(Known::from_inventory(earlier, needs)))
                .unwrap_or_default();
            let what = Collect {
                client: &client,
                repository: &repository,
                needs,
                earlier: earlier.as_ref(),
                referrers_of: None,
                budget: &Budget::unlimited(),
            };
            let read = cleanup::collect(&what, &mut reading, &mut telling(progress)).await?;
            let inventory =
                read.ok_or_else(|| Error::new(Code::Internal, "an unlimited budget was used up"))?;
            Ok(inventory::write(&inventory).into())
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
        let text = loaded.map(|inventory| inventory::write(&inventory).into());
        Ok(text.unwrap_or(JsValue::UNDEFINED))
    };
    promise(None, Box::pin(work))
}

/// Keeps an inventory in the place of the earlier one of its repository.
#[wasm_bindgen(js_name = saveInventory)]
pub fn save_inventory(store: JsStore, text: String) -> Promise {
    let work = async move {
        let inventory = inventory::parse(&text)?;
        cleanup::save_inventory(&store, &inventory).await?;
        Ok(JsValue::UNDEFINED)
    };
    promise(None, Box::pin(work))
}
