//! Errors on their way to JavaScript.

use std::cell::RefCell;

use js_sys::{Array, Function, Reflect};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::value;
use crate::{
    error::{Code, Error},
    web::exception,
};

thread_local! {
    static ERROR_CLASS: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Names the class that errors are made of; called once, when the package starts.
#[wasm_bindgen(js_name = useErrorClass)]
pub fn use_error_class(class: Function) {
    ERROR_CLASS.with(|slot| slot.replace(Some(class)));
}

/// What the constructor of `RegistryError` takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parts<'a> {
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details<'a>>,
}

#[derive(Serialize)]
struct Request<'a> {
    method: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
}

/// What JavaScript sees of an error: a `RegistryError`, or the exception that it once was.
pub(super) fn thrown(error: &Error) -> JsValue {
    if let Some(exception) = exception::thrown_by_caller(error) {
        return exception;
    }
    let original = exception::original(error);
    match original {
        Some(original) if is_its_own(error, &original) => original,
        cause => registry_error(error, None, cause),
    }
}

/// An abort, or whatever else a caller's function threw that is no failure of the network.
fn is_its_own(error: &Error, original: &JsValue) -> bool {
    error.code() == Code::Cancelled || !exception::is_of_network(original)
}

/// A `RegistryError` with further `details`, and with what caused it.
pub(super) fn registry_error(
    error: &Error,
    details: Option<JsValue>,
    cause: Option<JsValue>,
) -> JsValue {
    let parts = value::to_js(&Parts {
        code: error.code().as_str(),
        message: short(&error.to_string()),
        status: error.status(),
        retryable: error.is_retryable(),
        request: error.request().map(|(method, url)| Request { method, url }),
        details: (error.path().is_some()
            || error.retry_after().is_some()
            || !error.tags().is_empty())
        .then(|| Details {
            path: error.path(),
            tags: error.tags(),
            retry_after: error.retry_after().map(|pause| pause.as_secs()),
        }),
    });
    let further = [("details", details), ("cause", cause)];
    for (key, value) in further {
        if let Some(value) = value {
            // `parts` is an object of ours: setting cannot fail
            let _ = Reflect::set(&parts, &key.into(), &value);
        }
    }
    ERROR_CLASS
        .with(|class| class.borrow().clone())
        .and_then(|class| Reflect::construct(&class, &Array::of1(&parts)).ok())
        .unwrap_or_else(|| js_sys::Error::new(&error.to_string()).into())
}

/// What was wrong may be a megabyte of text, which no person reads.
fn short(message: &str) -> String {
    match message.char_indices().nth(900) {
        Some((end, _)) => format!("{}...", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}
