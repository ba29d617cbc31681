//! References, read for TypeScript.

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{exception::thrown, value};
use crate::{
    error::Error,
    oci::{Reference, Target},
};

#[derive(Serialize)]
struct Parts<'a> {
    host: &'a str,
    repository: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// Reads a reference as docker does.
#[wasm_bindgen(js_name = parseReference)]
pub fn parse_reference(text: &str) -> Result<JsValue, JsValue> {
    let reference: Reference = text.parse().map_err(|error| thrown(&Error::from(error)))?;
    let tag = match reference.target() {
        Target::Tag(tag) => Some(tag),
        Target::Digest(_) => reference.tag().map(str::to_owned),
    };
    Ok(value::to_js(&Parts {
        host: reference.host(),
        repository: reference.repository(),
        tag,
        digest: reference.digest().map(ToString::to_string),
    }))
}
