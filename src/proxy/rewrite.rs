//! Listings come back under the proxy's own names: the body's `name` and the address in `Link`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::error::{Code, Error, Result};

/// A tag list with `name` as the client knows it. Every other field stays byte by byte: Google's
/// `manifest` map among them, which cleanup reads.
///
/// # Errors
///
/// `upstream_error` where the body is no JSON object.
///
/// # Examples
///
/// ```
/// use portreeve::proxy::rewrite;
/// let body = br#"{"name":"shop/web","tags":["v1"]}"#;
/// assert_eq!(
///     rewrite::tag_list(body, "demo/shop/web")?,
///     r#"{"name":"demo/shop/web","tags":["v1"]}"#
/// );
/// # Ok::<(), portreeve::error::Error>(())
/// ```
pub fn tag_list(body: &[u8], name: &str) -> Result<String> {
    let refused = |error: serde_json::Error| {
        Error::new(
            Code::UpstreamError,
            format!("the body is no tag list: {error}"),
        )
    };
    let mut fields: BTreeMap<&str, &RawValue> = serde_json::from_slice(body).map_err(refused)?;
    let name = serde_json::value::to_raw_value(name).map_err(refused)?;
    fields.insert("name", &name);
    serde_json::to_string(&fields).map_err(refused)
}

/// The `Link` to the next page, as the client asks for it: `own` is the path that it asked, and
/// `ns` the registry that it named beside it.
///
/// # Examples
///
/// ```
/// use portreeve::proxy::rewrite;
/// let next = "http://registry/v2/shop/web/tags/list?last=v1&n=1".parse()?;
/// assert_eq!(
///     rewrite::link("/v2/demo/shop/web/tags/list", None, &next),
///     r#"</v2/demo/shop/web/tags/list?last=v1&n=1>; rel="next""#
/// );
/// assert_eq!(
///     rewrite::link("/v2/shop/web/tags/list", Some("ghcr.io"), &next),
///     r#"</v2/shop/web/tags/list?last=v1&n=1&ns=ghcr.io>; rel="next""#
/// );
/// # Ok::<(), url::ParseError>(())
/// ```
#[must_use]
pub fn link(own: &str, ns: Option<&str>, next: &url::Url) -> String {
    let mut next = next.clone();
    if let Some(ns) = ns {
        next.query_pairs_mut().append_pair("ns", ns);
    }
    let query = next.query().unwrap_or_default();
    format!(r#"<{own}?{query}>; rel="next""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_other_registries_are_kept() {
        let body = br#"{"child":[],"manifest":{"sha256:0":{"tag":["v1"],"timeUploadedMs":"1"}},"name":"shop/web","tags":["v1"]}"#;
        let rewritten = tag_list(body, "demo/shop/web").unwrap();
        assert_eq!(
            rewritten,
            String::from_utf8_lossy(body).replace("shop/web", "demo/shop/web")
        );
    }

    #[test]
    fn what_is_no_tag_list_is_not_passed_on() {
        assert_eq!(
            tag_list(b"<html>", "demo/shop/web").unwrap_err().code(),
            Code::UpstreamError
        );
    }
}
