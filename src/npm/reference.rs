//! References, read for TypeScript.

use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{client::parsed, exception::thrown, value};
use crate::{
    error::Error,
    oci::{Descriptor, Index, Platform, Reference, Target},
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

/// Reads a reference as docker does; strictly, only one that is written out.
#[wasm_bindgen(js_name = parseReference)]
pub fn parse_reference(text: &str, strict: bool) -> Result<JsValue, JsValue> {
    let read = if strict {
        Reference::strict(text)
    } else {
        text.parse()
    };
    let reference = read.map_err(|error| thrown(&Error::from(error)))?;
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

/// Chooses the image for a platform, such as `linux/arm/v7`, among the descriptors of an index, which
/// are JSON; `undefined` where none fits.
#[wasm_bindgen(js_name = matchPlatform)]
pub fn match_platform(manifests: &str, platform: &str) -> Result<JsValue, JsValue> {
    let manifests: Vec<Descriptor> = value::from_json(manifests)?;
    let platform = parsed::<Platform>(platform)?;
    let index = Index {
        manifests,
        ..Index::default()
    };
    Ok(index
        .image_for(&platform)
        .map_or(JsValue::UNDEFINED, value::to_js))
}
