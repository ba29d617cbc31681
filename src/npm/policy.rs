//! Policies read for who writes them: what is wrong, what is seldom meant, and what they mean.

use serde_json::json;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{problems::problems, value};
use crate::plan::policy::Policy;

/// `ReadPolicy` of the package's types: the policy as written, its hash, and what to think about.
#[wasm_bindgen(js_name = parsePolicy)]
pub fn parse_policy(text: &str) -> Result<JsValue, JsValue> {
    let policy = Policy::parse(text).map_err(|found| problems(&found))?;
    Ok(value::to_js(&json!({
        "policy": policy.source(),
        "hash": policy.hash(),
        "warnings": policy.warnings(),
        "unsupported": policy.unsupported(),
    })))
}

/// A policy in words, a sentence or two a line.
#[wasm_bindgen(js_name = explainPolicy)]
pub fn explain_policy(text: &str) -> Result<JsValue, JsValue> {
    let policy = Policy::parse(text).map_err(|found| problems(&found))?;
    Ok(value::to_js(&policy.explain()))
}
