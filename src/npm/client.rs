//! One registry, read for TypeScript.

use std::{rc::Rc, str::FromStr};

use js_sys::{Object, Promise, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cache::JsCache,
    cancel::promise,
    exception::thrown,
    options::{self, Callbacks},
    value,
};
use crate::{
    client,
    error::Error,
    image,
    oci::{Manifest, Platform, Target},
    web::FetchIo,
};

/// What `connect` opens.
#[wasm_bindgen]
pub struct Client {
    pub(super) inner: client::Client<FetchIo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    media_type: &'a str,
    digest: String,
    size: u64,
}

#[wasm_bindgen]
impl Client {
    /// A client for the registry at `host`; `options` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &str, options: &str, callbacks: &Callbacks) -> Result<Client, JsValue> {
        let inner = options::open(host, options, callbacks)?;
        Ok(Self { inner })
    }

    /// What a tag shows now, or whether a digest is there.
    pub fn head(
        &self,
        repository: String,
        target: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, target) = (self.inner.clone(), parsed::<Target>(target)?);
        let work = async move {
            let found = client.head(&repository, &target).await?;
            let found = found.ok_or_else(|| image::missing(client.host(), &repository, &target))?;
            Ok(value::to_js(&Head {
                media_type: &found.media_type,
                digest: found.digest.to_string(),
                size: found.size,
            }))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// A manifest: digest, media type, size and bytes; of an index, that of the image for a
    /// platform where one is given.
    pub fn manifest(
        &self,
        repository: String,
        target: &str,
        platform: Option<String>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, target) = (self.inner.clone(), parsed::<Target>(target)?);
        let platform = platform
            .map(|platform| parsed::<Platform>(&platform))
            .transpose()?;
        let work = async move {
            if let Some(platform) = &platform {
                let chosen = image::choose(&client, &repository, &target, platform).await?;
                return Ok(manifest(&chosen));
            }
            let found = client.manifest(&repository, &target).await?;
            let found = found.ok_or_else(|| image::missing(client.host(), &repository, &target))?;
            Ok(manifest(&found))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// What a tag or digest names, with its platforms.
    pub fn image(
        &self,
        repository: String,
        target: &str,
        cache: Option<JsCache>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, target) = (self.inner.clone(), parsed::<Target>(target)?);
        let cache = cache.map(|cache| Rc::new(cache) as _);
        let work = async move {
            let image = image::describe(&client, &repository, &target, cache).await?;
            Ok(value::to_js(&image))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// What was attached to a manifest, wherever its makers put it.
    pub fn attached(
        &self,
        repository: String,
        digest: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, digest) = (self.inner.clone(), parsed(digest)?);
        let work = async move {
            let found = image::attached(&client, &repository, &digest).await?;
            Ok(value::to_js(&found))
        };
        Ok(promise(signal, Box::pin(work)))
    }
}

pub(super) fn parsed<T: FromStr>(text: &str) -> Result<T, JsValue>
where
    Error: From<T::Err>,
{
    text.parse().map_err(|error| thrown(&Error::from(error)))
}

pub(super) fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (key, value) in fields {
        // a plain object takes every property
        let _ = Reflect::set(&object, &key.into(), &value);
    }
    object.into()
}

/// Its bytes are copied once, into an array of JavaScript's own.
fn manifest(manifest: &Manifest) -> JsValue {
    object([
        ("digest", manifest.digest().to_string().into()),
        ("mediaType", manifest.media_type().into()),
        ("size", manifest.bytes().len().into()),
        ("bytes", Uint8Array::from(manifest.bytes().as_ref()).into()),
    ])
}
