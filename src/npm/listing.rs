//! Listings: TypeScript asks for a page when its caller wants one.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cache::JsCache,
    cancel::unless_aborted,
    client::{Client, parsed},
    value,
};
use crate::{
    api::catalog,
    client::{Catalog, Completeness, Listing as Walk, ReferrerListing},
    error::Result,
    image::{self, Sort, TagOptions},
    web::FetchIo,
};

/// Where a listing's pages come from.
trait Pages {
    /// The next page's items; `undefined` after the last.
    fn next(&mut self) -> LocalBoxFuture<'_, Result<JsValue>>;

    /// Whether that was everything, and how many requests it took.
    fn completion(&self) -> (Completeness, u64);
}

/// A listing of any kind: one class, because each further one is compiled anew.
#[wasm_bindgen]
pub struct Listing {
    pages: Box<dyn Pages>,
    signal: Option<AbortSignal>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Completion {
    #[serde(flatten)]
    completeness: Completeness,
    requests_used: u64,
}

#[wasm_bindgen]
impl Listing {
    /// The next page's items; `undefined` after the last.
    pub async fn next(&mut self) -> Result<JsValue, JsValue> {
        let page = self.pages.next();
        unless_aborted(self.signal.as_ref(), page).await
    }

    /// Whether that was everything.
    pub fn completion(&self) -> JsValue {
        let (completeness, requests_used) = self.pages.completion();
        value::to_js(&Completion {
            completeness,
            requests_used,
        })
    }
}

/// `TagsOptions` of the package's types.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagsOptions {
    #[serde(default)]
    with: Vec<Fact>,
    sort: Option<Order>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Fact {
    Digest,
    MediaType,
    Size,
    Created,
    Pushed,
    Platforms,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Order {
    Name,
    Created,
    Pushed,
    Size,
}

impl TagsOptions {
    fn read(self) -> TagOptions {
        let mut options = TagOptions::default();
        for fact in self.with {
            let with = &mut options.with;
            *match fact {
                Fact::Digest => &mut with.digest,
                Fact::MediaType => &mut with.media_type,
                Fact::Size => &mut with.size,
                Fact::Created => &mut with.created,
                Fact::Pushed => &mut with.pushed,
                Fact::Platforms => &mut with.platforms,
            } = true;
        }
        options.sort = self.sort.map(|order| match order {
            Order::Name => Sort::Name,
            Order::Created => Sort::Created,
            Order::Pushed => Sort::Pushed,
            Order::Size => Sort::Size,
        });
        options.limit = self.limit;
        options
    }
}

/// What narrows [`Client::referrers`]; as `ReferrersOptions` of the package's types.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReferrersOptions {
    artifact_type: Option<String>,
    #[serde(default)]
    cosign_tags: bool,
    limit: Option<usize>,
}

#[wasm_bindgen]
impl Client {
    /// The tags of a repository, page by page; `options` is JSON.
    pub fn tags(
        &self,
        repository: &str,
        options: &str,
        cache: Option<JsCache>,
        signal: Option<AbortSignal>,
    ) -> Result<Listing, JsValue> {
        let mut options = value::from_json::<TagsOptions>(options)?.read();
        options.cache = cache.map(|cache| Rc::new(cache) as _);
        Ok(Listing {
            pages: Box::new(image::tags(&self.inner, repository, options)),
            signal,
        })
    }

    /// The registry's repositories, page by page.
    pub fn repositories(&self, limit: Option<usize>, signal: Option<AbortSignal>) -> Listing {
        let mut walk = self.inner.catalog();
        if let Some(limit) = limit {
            walk = walk.limit(limit);
        }
        Listing {
            pages: Box::new(walk),
            signal,
        }
    }

    /// What refers to a manifest; `options` is JSON.
    pub fn referrers(
        &self,
        repository: &str,
        digest: &str,
        options: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Listing, JsValue> {
        let options: ReferrersOptions = value::from_json(options)?;
        let mut walk = self.inner.referrers(repository, &parsed(digest)?);
        if let Some(artifact_type) = options.artifact_type {
            walk = walk.artifact_type(artifact_type);
        }
        if options.cosign_tags {
            walk = walk.cosign_tags();
        }
        if let Some(limit) = options.limit {
            walk = walk.limit(limit);
        }
        Ok(Listing {
            pages: Box::new(walk),
            signal,
        })
    }
}

impl Pages for image::Tags<FetchIo> {
    fn next(&mut self) -> LocalBoxFuture<'_, Result<JsValue>> {
        Box::pin(async move {
            let page = self.next_page().await?;
            Ok(page.map_or(JsValue::UNDEFINED, |page| value::to_js(&page)))
        })
    }

    fn completion(&self) -> (Completeness, u64) {
        (self.complete(), self.requests_used())
    }
}

impl Pages for Walk<FetchIo, Catalog> {
    fn next(&mut self) -> LocalBoxFuture<'_, Result<JsValue>> {
        Box::pin(async move {
            let page = self.next_page().await?;
            let named = |page: catalog::Page| {
                let names = page.repositories.into_iter();
                value::to_js(&names.map(|name| Named { name }).collect::<Vec<_>>())
            };
            Ok(page.map_or(JsValue::UNDEFINED, named))
        })
    }

    fn completion(&self) -> (Completeness, u64) {
        (self.complete(), self.requests_used())
    }
}

impl Pages for ReferrerListing<FetchIo> {
    fn next(&mut self) -> LocalBoxFuture<'_, Result<JsValue>> {
        Box::pin(async move {
            let page = self.next_page().await?;
            Ok(page.map_or(JsValue::UNDEFINED, |page| value::to_js(&page)))
        })
    }

    fn completion(&self) -> (Completeness, u64) {
        (self.complete(), self.requests_used())
    }
}

/// A repository of the catalog: an object, because registries' own APIs will tell more.
#[derive(Serialize)]
struct Named {
    name: String,
}
