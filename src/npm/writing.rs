//! Writing, for TypeScript: blobs, manifests, tags and deletions.

use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise,
    client::{Client, object, parsed},
    exception::thrown,
    value,
};
use crate::{
    client::{Arrival, ListedBy, Upload, Writer, siblings},
    image,
    io::Source,
    oci::{Digest, Target},
    web::{FetchIo, Given, JsSource},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UploadOptions {
    digest: Option<String>,
    from: Option<String>,
    chunk_size: Option<u64>,
    media_type: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    media_type: String,
    digest: Digest,
    size: u64,
    arrival: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pushed {
    media_type: String,
    digest: Digest,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Digest>,
    /// The tag of the list of referrers, where the registry keeps none itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_under: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tagging {
    media_type: String,
    digest: Digest,
    size: u64,
    tags: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Untagged<'a> {
    tag: &'a str,
    digest: Digest,
    manifest_stays: bool,
}

#[derive(Serialize)]
struct Deleted {
    digest: Digest,
    tags: Vec<String>,
}

#[wasm_bindgen]
impl Client {
    /// Pushes a blob; `options` is JSON.
    pub fn upload(
        &self,
        repository: String,
        source: Given,
        options: &str,
        progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let options: UploadOptions = value::from_json(options)?;
        let digest = options.digest.as_deref().map(parsed).transpose()?;
        let progress = progress.map(|progress| {
            Rc::new(move |sent: u64| {
                #[expect(clippy::cast_precision_loss, reason = "no blob has 2^53 bytes")]
                let sent = JsValue::from_f64(sent as f64);
                // what a listener throws is the listener's, and no reason to end an upload
                let _ = progress.call1(&JsValue::UNDEFINED, &sent);
            }) as Rc<dyn Fn(u64)>
        });
        let upload = Upload {
            digest,
            mount_from: options.from,
            piece: options.chunk_size,
            progress,
        };
        let media_type = options.media_type;
        let writer = self.writer();
        let work = async move {
            let source: Rc<dyn Source> = Rc::new(JsSource::new(source));
            let uploaded = writer.upload(&repository, source, &upload).await?;
            Ok(value::to_js(&Uploaded {
                media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                digest: uploaded.digest,
                size: uploaded.size,
                arrival: match uploaded.arrival {
                    Arrival::AlreadyThere => "alreadyThere",
                    Arrival::Mounted => "mounted",
                    Arrival::Sent => "sent",
                },
            }))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// Takes a blob from another repository, where the registry does that.
    pub fn mount(
        &self,
        repository: String,
        digest: &str,
        from: String,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (writer, digest) = (self.writer(), parsed::<Digest>(digest)?);
        let work = async move { Ok(writer.mount(&repository, &digest, &from).await?.into()) };
        Ok(promise(signal, Box::pin(work)))
    }

    /// Pushes a manifest's bytes under a tag, or their own digest without one.
    #[wasm_bindgen(js_name = putManifest)]
    pub fn put_manifest(
        &self,
        repository: String,
        bytes: &[u8],
        media_type: String,
        tag: Option<String>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let (writer, bytes) = (self.writer(), bytes::Bytes::copy_from_slice(bytes));
        let work = async move {
            let target = tag.map_or_else(|| Target::Digest(Digest::of(&bytes)), Target::Tag);
            let pushed = writer
                .push(&repository, &target, &media_type, bytes)
                .await?;
            Ok(value::to_js(&Pushed {
                media_type: pushed.descriptor.media_type,
                digest: pushed.descriptor.digest,
                size: pushed.descriptor.size,
                subject: pushed.subject,
                listed_under: match pushed.listed {
                    Some(ListedBy::Tag(tag)) => Some(tag),
                    _ => None,
                },
            }))
        };
        promise(signal, Box::pin(work))
    }

    /// Lets tags show what `target` shows.
    pub fn tag(
        &self,
        repository: String,
        target: &str,
        tags: Vec<String>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (writer, target) = (self.writer(), parsed::<Target>(target)?);
        let work = async move {
            let tagging = writer.tag(&repository, &target, &tags).await?;
            let failed = js_sys::Array::new();
            let mut done = Vec::new();
            for (tag, outcome) in tagging.outcomes {
                match outcome {
                    Ok(()) => done.push(tag),
                    Err(error) => {
                        failed.push(&object([("tag", tag.into()), ("error", thrown(&error))]));
                    }
                }
            }
            let found = value::to_js(&Tagging {
                media_type: tagging.descriptor.media_type,
                digest: tagging.descriptor.digest,
                size: tagging.descriptor.size,
                tags: done,
            });
            // an object of ours: setting cannot fail
            let _ = Reflect::set(&found, &"failed".into(), &failed);
            Ok(found)
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// Takes a tag away and leaves its manifest.
    pub fn untag(&self, repository: String, tag: String, signal: Option<AbortSignal>) -> Promise {
        let writer = self.writer();
        let work = async move {
            let untagged = writer.untag_now(&repository, &tag).await?;
            Ok(value::to_js(&Untagged {
                tag: &tag,
                digest: untagged.digest,
                manifest_stays: untagged.manifest_stays,
            }))
        };
        promise(signal, Box::pin(work))
    }

    /// What a deletion would take along or break.
    pub fn siblings(
        &self,
        repository: String,
        target: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, target) = (self.inner.clone(), parsed::<Target>(target)?);
        let work = async move {
            let digest = match &target {
                Target::Digest(digest) => *digest,
                Target::Tag(_) => {
                    let head = client.head(&repository, &target).await?;
                    head.ok_or_else(|| image::missing(client.host(), &repository, &target))?
                        .digest
                }
            };
            let found = value::to_js(&siblings(&client, &repository, &digest).await?);
            // an object of ours: setting cannot fail
            let _ = Reflect::set(&found, &"digest".into(), &digest.to_string().into());
            Ok(found)
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// Deletes a manifest with the tags that were named, if they are all.
    pub fn delete(
        &self,
        repository: String,
        digest: &str,
        tags: Vec<String>,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (writer, digest) = (self.writer(), parsed::<Digest>(digest)?);
        let work = async move {
            let deleted = writer.delete(&repository, &digest, &tags).await?;
            let tags = deleted.tags;
            Ok(value::to_js(&Deleted { digest, tags }))
        };
        Ok(promise(signal, Box::pin(work)))
    }
}

impl Client {
    fn writer(&self) -> Writer<FetchIo> {
        Writer::new(self.inner.clone())
    }
}
