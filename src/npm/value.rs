//! Values between Rust and JavaScript: as JSON, which both read faster than objects are built
//! field by field.

use js_sys::JSON;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

use super::exception::thrown;
use crate::error::{Code, Error};

/// A JavaScript value of what serde writes; `undefined` for what it cannot write.
pub(super) fn to_js<T: Serialize + ?Sized>(value: &T) -> JsValue {
    serde_json::to_string(value)
        .ok()
        .and_then(|text| JSON::parse(&text).ok())
        .unwrap_or_default()
}

/// Reads an argument that the TypeScript half passed as JSON.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, JsValue> {
    serde_json::from_slice(text.as_bytes()).map_err(|error| {
        let found = without_quotes(&error.to_string());
        thrown(&Error::new(Code::InvalidArgument, found).doing("reading the arguments"))
    })
}

/// What serde says of a value without the value, which may be a secret in the wrong place.
fn without_quotes(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let (before, after) = (message.get(..first), message.get(last + 1..));
            format!(
                "{}...{}",
                before.unwrap_or_default(),
                after.unwrap_or_default()
            )
        }
        _ => message.to_owned(),
    }
}
