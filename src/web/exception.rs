//! JavaScript exceptions as [`Error`]s, and back as themselves.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Code, Error};

/// An error that keeps `exception`. An abort is `cancelled`, whatever `code` says.
#[must_use]
pub fn error(code: Code, exception: JsValue) -> Error {
    let (code, found) = if name(&exception) == "AbortError" {
        (Code::Cancelled, "the caller gave up".to_owned())
    } else {
        (code, message(&exception))
    };
    let error = Error::new(code, found).with_foreign(Rc::new(exception));
    match code {
        Code::Unreachable => error.next("check the address, and that the registry is running"),
        Code::Truncated => error.next(TRUNCATED),
        _ => error,
    }
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
    let cause = property(exception, "cause");
    match text(&cause, "message")
        .filter(|cause| !cause.is_empty())
        .or_else(|| text(&cause, "code"))
    {
        Some(cause) => format!("{own}: {cause}"),
        None => own,
    }
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
