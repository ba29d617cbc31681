//! One registry, read for TypeScript.

use std::{
    collections::BTreeMap,
    num::{NonZeroU8, NonZeroU32},
    str::FromStr,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use serde::Deserialize;
use url::Url;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::AbortSignal;

use super::{
    cancel::promise,
    credential::{Credential, look_up},
    exception::thrown,
    listing::{ReferrerListing, TagListing},
    observer::{self, Listeners},
    value,
};
use crate::{
    client::{self, Settings},
    error::{Code, Error, Result},
    image,
    oci::{Digest, Manifest, Target},
    web::FetchIo,
};

/// `ConnectOptions`, without the function among them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Options {
    pub(super) credential: Option<Credential>,
    pub(super) plain_http: Option<bool>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) realms: Vec<String>,
    pub(super) via: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) concurrency: Option<NonZeroU8>,
    pub(super) attempts: Option<NonZeroU8>,
    #[serde(default)]
    pub(super) timeouts: Timeouts,
}

/// In milliseconds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Timeouts {
    headers: Option<NonZeroU32>,
    idle: Option<NonZeroU32>,
    deadline: Option<NonZeroU32>,
}

/// What `connect` opens.
#[wasm_bindgen]
pub struct Client {
    pub(super) inner: client::Client<FetchIo>,
}

#[wasm_bindgen]
impl Client {
    /// A client for the registry at `host`; `options` is JSON, `credentials` a callback that is
    /// asked for this host's, and `listeners` have the functions to tell of each request.
    #[wasm_bindgen(constructor)]
    pub fn new(
        host: &str,
        options: &str,
        fetch: Option<Function>,
        credentials: Option<Function>,
        listeners: Option<Listeners>,
    ) -> Result<Client, JsValue> {
        let options: Options = value::from_json(options)?;
        let io = fetch.map_or_else(FetchIo::new, FetchIo::with_fetch);
        let mut io = io.with_credentials(credentials.map(look_up));
        if let Some(listeners) = listeners {
            io = io.observed(move |event| observer::tell(&listeners, event));
        }
        let opened = settings(host, options).and_then(|settings| client::Client::new(io, settings));
        let inner = opened.map_err(|error| thrown(&error))?;
        Ok(Self { inner })
    }

    /// The tags of a repository, page by page.
    pub fn tags(&self, repository: &str, signal: Option<AbortSignal>) -> TagListing {
        TagListing::new(self.inner.tags(repository), signal)
    }

    /// What refers to a manifest.
    pub fn referrers(
        &self,
        repository: &str,
        digest: &str,
        signal: Option<AbortSignal>,
    ) -> Result<ReferrerListing, JsValue> {
        let digest = parsed::<Digest>(digest)?;
        let listing = self.inner.referrers(repository, &digest);
        Ok(ReferrerListing::new(listing, signal))
    }

    /// A manifest: digest, media type, size and bytes.
    pub fn manifest(
        &self,
        repository: String,
        target: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, target) = (self.inner.clone(), parsed::<Target>(target)?);
        let work = async move {
            let found = client.manifest(&repository, &target).await?;
            let found = found.ok_or_else(|| image::missing(client.host(), &repository, &target))?;
            Ok(object(&found))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// What a tag or digest names, with its platforms.
    pub fn image(
        &self,
        repository: String,
        target: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, target) = (self.inner.clone(), parsed::<Target>(target)?);
        let work = async move {
            let image = image::describe(&client, &repository, &target, None).await?;
            Ok(value::to_js(&image))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// What was attached to a manifest, and whether that is all.
    pub fn attached(
        &self,
        repository: String,
        digest: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, digest) = (self.inner.clone(), parsed::<Digest>(digest)?);
        let work = async move {
            let found = image::attached(&client, &repository, &digest).await?;
            Ok(value::to_js(&found))
        };
        Ok(promise(signal, Box::pin(work)))
    }

    /// A blob as a stream that errors where its bytes are wrong.
    pub fn blob(
        &self,
        repository: String,
        digest: &str,
        signal: Option<AbortSignal>,
    ) -> Result<Promise, JsValue> {
        let (client, digest) = (self.inner.clone(), parsed::<Digest>(digest)?);
        let work = async move {
            let blob = client.blob(&repository, &digest).await?;
            let doing = format!("reading the blob {digest} of {repository}");
            let host = client.host().to_owned();
            let stream = blob.body.into_readable_stream(move |error| {
                thrown(&error.clone().doing(doing.clone()).at(host.clone()))
            })?;
            Ok(stream.into())
        };
        Ok(promise(signal, Box::pin(work)))
    }
}

pub(super) fn settings(host: &str, options: Options) -> Result<Settings> {
    let mut settings = Settings::new(host);
    settings.plain_http = options.plain_http;
    settings.credential = options.credential.map(|Credential(credential)| credential);
    settings.realms = options.realms;
    settings.headers = headers(&options.headers)?;
    settings.via = options.via.as_deref().map(address).transpose()?;
    if let Some(name) = &options.user_agent {
        settings.name_user(name)?;
    }
    let limits = &mut settings.limits;
    if let Some(concurrency) = options.concurrency {
        limits.concurrency = concurrency.get().into();
    }
    if let Some(attempts) = options.attempts {
        limits.attempts = attempts.get();
    }
    let Timeouts {
        headers,
        idle,
        deadline,
    } = options.timeouts;
    for (given, limit) in [
        (headers, &mut limits.headers),
        (idle, &mut limits.idle),
        (deadline, &mut limits.deadline),
    ] {
        if let Some(milliseconds) = given {
            *limit = Duration::from_millis(milliseconds.get().into());
        }
    }
    Ok(settings)
}

fn address(text: &str) -> Result<Url> {
    Url::parse(text).map_err(|_| {
        Error::new(Code::InvalidArgument, "`via` is no address")
            .next("write the origin of a portreeve Worker, such as https://cr.acme.dev")
    })
}

fn headers(given: &BTreeMap<String, String>) -> Result<HeaderMap> {
    let header = |(name, value): (&String, &String)| {
        let wrong = || {
            Error::new(
                Code::InvalidArgument,
                format!("`{name}` is no header that can be sent"),
            )
        };
        let value = HeaderValue::from_str(value).map_err(|_| wrong())?;
        Ok((HeaderName::from_str(name).map_err(|_| wrong())?, value))
    };
    given.iter().map(header).collect()
}

pub(super) fn parsed<T: FromStr>(text: &str) -> Result<T, JsValue>
where
    Error: From<T::Err>,
{
    text.parse().map_err(|error| thrown(&Error::from(error)))
}

/// Its bytes are copied once, into an array of JavaScript's own.
fn object(manifest: &Manifest) -> JsValue {
    let object = Object::new();
    let fields: [(&str, JsValue); 4] = [
        ("digest", manifest.digest().to_string().into()),
        ("mediaType", manifest.media_type().into()),
        ("size", manifest.bytes().len().into()),
        ("bytes", Uint8Array::from(manifest.bytes().as_ref()).into()),
    ];
    for (key, value) in fields {
        // a plain object takes every property
        let _ = Reflect::set(&object, &key.into(), &value);
    }
    object.into()
}
