//! JavaScript exceptions as [`Error`]s, and back as themselves.

use std::rc::Rc;

use js_sys::Reflect;
use url::Url;
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    connection::{self, Failure},
    error::{Code, Error},
    event::redacted,
};

/// An error that keeps `exception`. An abort is `cancelled`, whatever `code` says.
#[must_use]
pub fn error(code: Code, exception: JsValue) -> Error {
    let error = if name(&exception) == "AbortError" {
        Error::new(Code::Cancelled, "the caller gave up")
    } else {
        Error::new(code, message(&exception))
    };
    let error = error.with_foreign(Rc::new(exception));
    match error.code() {
        Code::Truncated => error.next(TRUNCATED),
        _ => error,
    }
}

/// The error for a `fetch` that came to no answer, with what to do about it. Where the platform's
/// words hold the address, they hold it without secrets.
pub(super) fn of_fetch(exception: JsValue, url: &str, in_page: bool) -> Error {
    if name(&exception) == "AbortError" {
        return error(Code::Cancelled, exception);
    }
    let mut words = message(&exception);
    if let Ok(address) = Url::parse(url)
        && address.query().is_some()
    {
        words = words.replace(url, &redacted(&address));
    }
    let failure = Failure {
        words: &words,
        code: &code(&exception),
        plain_http: url.starts_with("http:"),
        in_page,
    };
    let error = connection::error(failure);
    // what a caller's function throws of its own accord it throws again
    let error = if is_of_network(&exception) {
        error
    } else {
        error.lasting()
    };
    error.with_foreign(Rc::new(exception))
}

/// Whether this is how platforms tell of a failure of the network: a `TypeError` in Node and
/// browsers, and a plain `Error` in workerd.
#[must_use]
pub fn is_of_network(exception: &JsValue) -> bool {
    let constructor = text(&property(exception, "constructor"), "name");
    exception.is_instance_of::<js_sys::TypeError>() || constructor.as_deref() == Some("Error")
}

/// An error that a function of the caller's threw: it comes out as itself, whatever it is.
#[must_use]
pub fn of_caller(code: Code, exception: JsValue) -> Error {
    Error::new(code, message(&exception)).with_foreign(Rc::new(OfCaller(exception)))
}

struct OfCaller(JsValue);

/// The exception that a function of the caller's threw, if that caused this error.
#[must_use]
pub fn thrown_by_caller(error: &Error) -> Option<JsValue> {
    let OfCaller(exception) = error.foreign()?.downcast_ref()?;
    Some(exception.clone())
}

/// What to do about a body that ended too early.
pub(super) const TRUNCATED: &str =
    "try again; if it stays so, the registry or a proxy between breaks answers off";

/// The exception that caused this error, if one did.
#[must_use]
pub fn original(error: &Error) -> Option<JsValue> {
    error.foreign()?.downcast_ref::<JsValue>().cloned()
}

/// What the exception says, with its innermost cause: Node's own message is `fetch failed`.
fn message(exception: &JsValue) -> String {
    let own = text(exception, "message")
        .or_else(|| exception.as_string())
        .unwrap_or_else(|| "an exception without a message".to_owned());
    let innermost = causes(exception).into_iter().rev().find_map(|cause| {
        text(&cause, "message")
            .filter(|message| !message.is_empty())
            .or_else(|| text(&cause, "code"))
    });
    let whole = match innermost {
        Some(cause) => format!("{own}: {cause}"),
        None => own,
    };
    // OpenSSL's end in a new line
    whole.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The code of the innermost cause that has one: Node keeps that of the system there.
fn code(exception: &JsValue) -> String {
    let codes = causes(exception).into_iter().rev();
    codes
        .chain([exception.clone()])
        .find_map(|cause| text(&cause, "code"))
        .unwrap_or_default()
}

/// What caused it, what caused that, and so on; no deeper than anybody nests them.
fn causes(exception: &JsValue) -> Vec<JsValue> {
    std::iter::successors(Some(exception.clone()), |one| Some(property(one, "cause")))
        .skip(1)
        .take(5)
        .take_while(JsValue::is_object)
        .collect()
}

fn name(exception: &JsValue) -> String {
    text(exception, "name").unwrap_or_default()
}

fn text(value: &JsValue, key: &str) -> Option<String> {
    property(value, key).as_string()
}

fn property(value: &JsValue, key: &str) -> JsValue {
    if value.is_object() || value.has_type::<js_sys::Function>() {
        Reflect::get(value, &key.into()).unwrap_or_default()
    } else {
        JsValue::UNDEFINED
    }
}
