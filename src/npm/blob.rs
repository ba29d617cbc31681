//! Blobs: handed over as streams of the platform's own.

use js_sys::Promise;
use serde::Deserialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise,
    client::{Client, object, parsed},
    exception::thrown,
    value,
};
use crate::{
    client::{Blob, Part},
    error::{Code, Error, Result},
    web::Body,
};

/// `ByteRange` of the package's types.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByteRange {
    #[serde(default)]
    from: u64,
    to: Option<u64>,
}

#[wasm_bindgen]
impl Client {
    /// A blob, or the part of it that `range` names in JSON: a stream that errors where its bytes
    /// are wrong, the size of the whole, and which part it is where it is one.
    pub fn blob(
        &self,
        repository: String,
        digest: &str,
        range: Option<String>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, digest) = (self.inner.clone(), parsed(digest)?);
        let range = range
            .map(|range| value::from_json::<ByteRange>(&range))
            .transpose()?;
        let work = async move {
            let blob = match range {
                Some(ByteRange { from, to }) => {
                    client
                        .blob_part(&repository, &digest, Part { from, to })
                        .await?
                }
                None => client.blob(&repository, &digest).await?,
            };
            let doing = format!("reading the blob {digest} of {repository}");
            handed_over(blob, doing, client.host().to_owned())
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// Whether a blob is there, and its size where the registry tells.
    #[wasm_bindgen(js_name = blobHead)]
    pub fn blob_head(
        &self,
        repository: String,
        digest: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, digest) = (self.inner.clone(), parsed(digest)?);
        let work = async move {
            let head = client.blob_head(&repository, &digest).await?;
            let head = head.ok_or_else(|| {
                Error::new(Code::NotFound, "there is no such blob")
                    .doing(format!("asking for the blob {digest} of {repository}"))
                    .at(client.host())
            })?;
            let digest = digest.to_string().into();
            Ok(object([("digest", digest), ("size", number(head.size))]))
        };
        Ok(promise(signal, Box::pin(work)))
    }
}

fn handed_over(blob: Blob<Body>, doing: String, host: String) -> Result<JsValue> {
    let part = blob.part.map_or(JsValue::UNDEFINED, |part| {
        let ends = [Some(part.start), Some(part.end)].map(number);
        let [from, to] = ends;
        object([("from", from), ("to", to)])
    });
    let stream = blob.body.into_readable_stream(move |error| {
        thrown(&error.clone().doing(doing.clone()).at(host.clone()))
    })?;
    Ok(object([
        ("stream", stream.into()),
        ("size", number(blob.size)),
        ("part", part),
    ]))
}

#[expect(clippy::cast_precision_loss, reason = "no blob has 2^53 bytes")]
fn number(bytes: Option<u64>) -> JsValue {
    bytes.map_or(JsValue::UNDEFINED, |bytes| (bytes as f64).into())
}
