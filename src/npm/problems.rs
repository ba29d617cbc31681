//! Documents that are wrong in several places at once.

use wasm_bindgen::JsValue;

use super::{exception::registry_error, value};
use crate::configuration::problem::{self, Problem};

/// The error for a document with problems, which its `details` list, each with its place.
pub(super) fn problems(found: &[Problem]) -> JsValue {
    let details = value::to_js(found);
    registry_error(&problem::error(found), Some(details), None)
}
