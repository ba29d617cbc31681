//! Listings: TypeScript asks for a page when its caller wants one.

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{cancel::unless_aborted, value};
use crate::{
    api::tags,
    client::{self, Completeness, Listing},
    oci::Digest,
    sorted,
    timestamp::Timestamp,
    web::FetchIo,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Completion {
    #[serde(flatten)]
    completeness: Completeness,
    requests_used: u64,
}

fn completion(completeness: Completeness, requests_used: u64) -> JsValue {
    value::to_js(&Completion {
        completeness,
        requests_used,
    })
}

/// A tag, with what the list itself tells beside the name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tag<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
}

/// The tags of one repository.
#[wasm_bindgen]
pub struct TagListing {
    listing: Listing<FetchIo>,
    signal: Option<AbortSignal>,
}

impl TagListing {
    pub(super) fn new(listing: Listing<FetchIo>, signal: Option<AbortSignal>) -> Self {
        Self { listing, signal }
    }
}

#[wasm_bindgen]
impl TagListing {
    /// The next page's tags; `undefined` after the last.
    pub async fn next(&mut self) -> Result<JsValue, JsValue> {
        let listing = &mut self.listing;
        let read = async {
            let page = listing.next_page().await?;
            Ok(page.map_or(JsValue::UNDEFINED, |page| tags(&page)))
        };
        unless_aborted(self.signal.as_ref(), Box::pin(read)).await
    }

    /// Whether that was everything.
    pub fn completion(&self) -> JsValue {
        completion(self.listing.complete(), self.listing.requests_used())
    }
}

fn tags(page: &tags::Page) -> JsValue {
    let listed = page.manifests.iter().flatten().flat_map(|entry| {
        let tags = entry.1.tags.iter();
        tags.map(move |tag| (tag.as_str(), entry))
    });
    let listed = sorted::map(listed);
    let tag = |name| {
        let entry = listed.get(name);
        let facts = entry.map(|(_, facts)| *facts);
        Tag {
            name,
            digest: entry.map(|(digest, _)| **digest),
            media_type: facts.and_then(|facts| facts.media_type.as_deref()),
            size: facts.and_then(|facts| facts.size),
            pushed: facts.and_then(|facts| facts.uploaded),
            created: facts.and_then(|facts| facts.created),
        }
    };
    let tags: Vec<_> = page.tags.iter().map(|name| tag(name.as_str())).collect();
    value::to_js(&tags)
}

/// What refers to one manifest.
#[wasm_bindgen]
pub struct ReferrerListing {
    listing: client::ReferrerListing<FetchIo>,
    signal: Option<AbortSignal>,
}

impl ReferrerListing {
    pub(super) fn new(
        listing: client::ReferrerListing<FetchIo>,
        signal: Option<AbortSignal>,
    ) -> Self {
        Self { listing, signal }
    }
}

#[wasm_bindgen]
impl ReferrerListing {
    /// The next page's descriptors; `undefined` after the last.
    pub async fn next(&mut self) -> Result<JsValue, JsValue> {
        let listing = &mut self.listing;
        let read = async {
            let page = listing.next_page().await?;
            Ok(page.map_or(JsValue::UNDEFINED, |page| value::to_js(&page)))
        };
        unless_aborted(self.signal.as_ref(), Box::pin(read)).await
    }

    /// Whether that was everything.
    pub fn completion(&self) -> JsValue {
        completion(self.listing.complete(), self.listing.requests_used())
    }
}
