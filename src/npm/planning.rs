//! Plans, made without sending anything.

use std::collections::BTreeMap;

use js_sys::{Function, JSON, Promise};
use serde::Deserialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    cancel::promise,
    exception::thrown,
    held_plan::{Given, HeldPlan},
    inventory::Inventory,
    pieces::Pieces,
    rules::{self, Rules},
    store::JsStore,
    value,
};
use crate::{
    cleanup,
    error::{Code, Error, Result},
    io::Io,
    plan::{self, inventory},
    timestamp::Timestamp,
    web::FetchIo,
};

/// `PlanInput` of the package's types, without what is no data.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    rules: rules::Given,
    #[serde(default)]
    unmanaged: Vec<(String, String)>,
    now: Option<Timestamp>,
    #[serde(default)]
    simulated: bool,
}

/// What a plan is made from, one inventory after another.
#[wasm_bindgen]
pub struct Planning {
    rules: Rules,
    unmanaged: Vec<(String, String)>,
    now: Option<Timestamp>,
    simulated: bool,
    inventories: Vec<inventory::Inventory>,
}

#[wasm_bindgen]
impl Planning {
    /// `input` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(input: &str) -> std::result::Result<Planning, JsValue> {
        let input: Input = value::from_json(input)?;
        Ok(Self {
            rules: input.rules.read()?,
            unmanaged: input.unmanaged,
            now: input.now,
            simulated: input.simulated,
            inventories: Vec::new(),
        })
    }

    /// One of the repositories.
    pub fn add(&mut self, inventory: &Inventory) {
        self.inventories.push(inventory.inner.clone());
    }

    /// Decides about every manifest; the store tells what earlier plans and runs left there.
    pub fn make(self, store: Option<JsStore>) -> Promise {
        let work = async move {
            let inner = HeldPlan::new(self.given(store.as_ref()).await?);
            // made by the first look, which finds what is wrong
            inner.ask(|_| ())?;
            Ok(Plan { inner }.into())
        };
        promise(None, Box::pin(work))
    }

    async fn given(mut self, store: Option<&JsStore>) -> Result<Given> {
        let (mut history, mut condemned) = (Vec::new(), Vec::new());
        if let Some(store) = store {
            for one in &self.inventories {
                let (host, repository) = (&one.host, &one.repository);
                history.extend(cleanup::history(store, host, repository).await?);
                condemned.extend(cleanup::load_condemned(store, host, repository).await?);
            }
            self.rules
                .remember_sizes(&cleanup::load_report_sizes(store).await?);
        }
        Ok(Given {
            rules: self.rules,
            inventories: self.inventories,
            condemned,
            history,
            unmanaged: self.unmanaged,
            now: self.now.unwrap_or_else(|| FetchIo::new().now()),
            simulated: self.simulated || self.now.is_some(),
        })
    }
}

/// A plan that stays here: of a large one JavaScript holds the handle alone.
#[wasm_bindgen]
pub struct Plan {
    inner: HeldPlan,
}

#[wasm_bindgen]
impl Plan {
    /// The document without its steps and images.
    pub fn head(&self) -> std::result::Result<JsValue, JsValue> {
        self.ask(|made| value::to_js(made.head()))
    }

    /// The steps and the images of a repository, by its place in the document.
    pub fn details(&self, repository: usize) -> std::result::Result<JsValue, JsValue> {
        let text = self.ask(move |made| {
            let mut text = String::from("{\"steps\":");
            made.write_steps(repository, &mut |piece| text.push_str(piece));
            text.push_str(",\"images\":");
            made.write_images(repository, &mut |piece| text.push_str(piece));
            text.push('}');
            text
        })?;
        JSON::parse(&text)
    }

    /// Hands the document over piece by piece.
    pub fn write(&self, take: Function) -> std::result::Result<(), JsValue> {
        self.ask(move |made| {
            let mut pieces = Pieces::to(&take);
            made.write(&mut |piece| pieces.push(piece));
            pieces.finish()
        })?
    }

    /// The chain behind the verdict on a tag or a digest.
    pub fn why(&self, target: String) -> std::result::Result<JsValue, JsValue> {
        let found = self.ask(move |made| made.why(&target).map(|why| value::to_js(&why)))?;
        found.map_err(|error| thrown(&error))
    }

    /// In what it differs from an earlier plan, a document.
    pub fn changes(&self, earlier: &str) -> std::result::Result<JsValue, JsValue> {
        let old = plan::Plan::parse(earlier.as_bytes()).map_err(|error| thrown(&error))?;
        self.ask(move |made| value::to_js(&plan::changes(&old, &made.document())))
    }

    /// Keeps what the next plan builds on.
    pub fn remember(&self, store: JsStore) -> std::result::Result<Promise, JsValue> {
        let kept = self.ask(|made| {
            let head = made.head();
            let relied_on = head.reports.iter().filter(|report| report.breach.is_none());
            let sizes = relied_on.filter_map(|report| Some((report.name.clone(), report.size?)));
            let sizes: BTreeMap<String, u64> = sizes.collect();
            (head.simulated, made.condemned(), sizes)
        })?;
        let (simulated, condemned, sizes) = kept;
        if simulated {
            let found = "a simulated plan says nothing of what is: nothing of it is kept";
            return Err(thrown(&Error::new(Code::InvalidArgument, found)));
        }
        let work = async move {
            for one in &condemned {
                cleanup::save_condemned(&store, one).await?;
            }
            let mut all = cleanup::load_report_sizes(&store).await?;
            all.extend(sizes);
            cleanup::save_report_sizes(&store, &all).await?;
            Ok(JsValue::UNDEFINED)
        };
        Ok(promise(None, Box::pin(work)))
    }

    fn ask<T: 'static>(
        &self,
        look: impl FnOnce(&plan::Made<'_>) -> T + 'static,
    ) -> std::result::Result<T, JsValue> {
        self.inner.ask(look).map_err(|error| thrown(&error))
    }
}
