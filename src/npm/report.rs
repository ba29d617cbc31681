//! Reports, reduced where they are taken.

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::exception::thrown;
use crate::{
    error::{Code, Error},
    plan::reports::{self, Report, ReportKind},
    timestamp::Timestamp,
};

/// Reduces texts to one report.
#[wasm_bindgen]
pub struct Reducer {
    inner: reports::Reducer,
}

#[wasm_bindgen]
impl Reducer {
    /// Of the kind `images` or `strings`.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: &str) -> Result<Reducer, JsValue> {
        let kinds = [ReportKind::Images, ReportKind::Strings];
        let found = kinds.into_iter().find(|known| known.as_str() == kind);
        let inner = reports::Reducer::new(found.ok_or_else(|| {
            let found = format!("the kind is `images` or `strings`, not `{kind}`");
            thrown(&Error::new(Code::InvalidArgument, found))
        })?);
        Ok(Self { inner })
    }

    /// Takes over what a text says.
    pub fn read(&mut self, text: &str) -> Result<(), JsValue> {
        self.inner.read(text).map_err(|error| thrown(&error))
    }

    /// The report's document, taken at a time in milliseconds since 1970.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "JavaScript's dates end long before"
    )]
    pub fn finish(self, taken_at: f64) -> String {
        let taken_at = Timestamp::from_milliseconds(taken_at as i64);
        self.inner.finish(taken_at).to_text()
    }
}

/// Proves that a text is a report's document, and writes it out in its one form.
#[wasm_bindgen(js_name = readReport)]
pub fn read_report(text: &str) -> Result<String, JsValue> {
    let report = Report::parse(text).map_err(|error| thrown(&error))?;
    Ok(report.to_text())
}
