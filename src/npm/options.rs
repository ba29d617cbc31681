//! `ConnectOptions`, read: how a registry is reached, as whom, and who is told of it.

use std::{
    collections::BTreeMap,
    num::{NonZeroU8, NonZeroU32},
    str::FromStr,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue};
use js_sys::Function;
use serde::Deserialize;
use url::Url;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{
    credential::{Credential, look_up},
    exception::thrown,
    observer::{self, Listeners},
    value,
};
use crate::{
    client::{Client, Settings},
    error::{Code, Error, Result},
    web::FetchIo,
};

/// `ConnectOptions`, without the functions among them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    credential: Option<Credential>,
    plain_http: Option<bool>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    realms: Vec<String>,
    via: Option<String>,
    user_agent: Option<String>,
    concurrency: Option<NonZeroU8>,
    attempts: Option<NonZeroU8>,
    #[serde(default)]
    timeouts: Timeouts,
}

/// In milliseconds.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Timeouts {
    headers: Option<NonZeroU32>,
    idle: Option<NonZeroU32>,
    deadline: Option<NonZeroU32>,
}

#[wasm_bindgen]
extern "C" {
    /// The functions among `ConnectOptions`; the TypeScript half has looked that they are some.
    #[wasm_bindgen(typescript_type = "object")]
    #[derive(Debug)]
    pub type Callbacks;

    #[wasm_bindgen(method, getter)]
    fn fetch(this: &Callbacks) -> Option<Function>;

    #[wasm_bindgen(method, getter)]
    fn credential(this: &Callbacks) -> Option<Function>;

    #[wasm_bindgen(method, getter)]
    fn listeners(this: &Callbacks) -> Option<Listeners>;
}

/// A client for the registry at `host`; `options` is JSON.
pub(super) fn open(
    host: &str,
    options: &str,
    callbacks: &Callbacks,
) -> Result<Client<FetchIo>, JsValue> {
    let options: Options = value::from_json(options)?;
    let mut io = callbacks
        .fetch()
        .map_or_else(FetchIo::new, FetchIo::with_fetch)
        .with_credentials(callbacks.credential().map(look_up));
    if let Some(listeners) = callbacks.listeners() {
        io = io.observed(move |event| observer::tell(&listeners, event));
    }
    let opened = settings(host, options).and_then(|settings| Client::new(io, settings));
    opened.map_err(|error| thrown(&error))
}

fn settings(host: &str, options: Options) -> Result<Settings> {
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
