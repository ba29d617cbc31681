//! A cache of the caller's own: anything that a `Map` is, with promises allowed.

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::{image::ContentCache, oci::Digest};

#[wasm_bindgen]
extern "C" {
    /// `ContentCache` of the package's types.
    #[wasm_bindgen(typescript_type = "object")]
    #[derive(Clone, Debug)]
    pub type JsCache;

    #[wasm_bindgen(method, catch)]
    fn get(this: &JsCache, digest: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn set(this: &JsCache, digest: &str, bytes: Uint8Array) -> Result<JsValue, JsValue>;
}

/// A cache that fails is one that does not know: it costs requests and nothing else.
impl ContentCache for JsCache {
    fn get(&self, digest: &Digest) -> LocalBoxFuture<'_, Option<Bytes>> {
        let found = JsCache::get(self, &digest.to_string());
        Box::pin(async {
            let found = JsFuture::from(Promise::resolve(&found.ok()?)).await.ok()?;
            Some(Bytes::from(found.dyn_ref::<Uint8Array>()?.to_vec()))
        })
    }

    fn put(&self, digest: &Digest, bytes: &Bytes) -> LocalBoxFuture<'_, ()> {
        let kept = self.set(&digest.to_string(), Uint8Array::from(bytes.as_ref()));
        Box::pin(async {
            if let Ok(kept) = kept {
                // a failure is the cache's own affair, and no unhandled rejection
                let _ = JsFuture::from(Promise::resolve(&kept)).await;
            }
        })
    }
}
