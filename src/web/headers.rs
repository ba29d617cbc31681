//! `Headers` to [`HeaderMap`] and back.

use http::{HeaderMap, HeaderName, HeaderValue};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Headers;

use super::exception;
use crate::error::{Code, Error, Result};

/// The platform's headers as ours. Names and values that HTTP forbids do not come out of `fetch`;
/// an injected `fetch` may answer them, and they are left out.
///
/// # Errors
///
/// `upstream_error` where an injected `fetch` answers headers that cannot be listed.
pub fn read(headers: &Headers) -> Result<HeaderMap> {
    let refused = |exception| exception::error(Code::UpstreamError, exception);
    let mut map = HeaderMap::new();
    let entries = js_sys::try_iter(headers).map_err(refused)?;
    for entry in entries.into_iter().flatten() {
        let entry: Array = entry.map_err(refused)?.unchecked_into();
        let name = entry.get(0).as_string();
        let value = entry.get(1).as_string();
        if let (Some(name), Some(value)) = (name, value)
            && let Ok(name) = HeaderName::try_from(name)
            && let Ok(value) = HeaderValue::try_from(value)
        {
            map.append(name, value);
        }
    }
    Ok(map)
}

/// Our headers as the platform's.
///
/// # Errors
///
/// `invalid_argument` for a value that is not text.
pub fn write(map: &HeaderMap) -> Result<Headers> {
    let refused = |exception: JsValue| exception::error(Code::InvalidArgument, exception);
    let headers = Headers::new().map_err(refused)?;
    for (name, value) in map {
        let value = value.to_str().map_err(|_| {
            let found = format!("the value of the header {name} is not visible ASCII");
            Error::new(Code::InvalidArgument, found)
        })?;
        headers.append(name.as_str(), value).map_err(refused)?;
    }
    Ok(headers)
}
