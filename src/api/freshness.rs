//! Whether an answer comes from the registry itself or from a cache on the way.

use http::{HeaderMap, header};

/// Why an answer may be old, as half a sentence; `None` where nothing says so.
///
/// A deletion is never decided by an old answer, whatever was asked for by `no-cache`. The marks
/// are `Age` above 0 and `Warning: 110`, the one our own proxy puts on what it serves stale.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, header};
/// use portreeve::api::freshness;
///
/// let mut headers = HeaderMap::new();
/// assert_eq!(freshness::doubt(&headers), None);
/// headers.insert(header::AGE, "17".parse()?);
/// assert_eq!(freshness::doubt(&headers).unwrap(), "the answer comes from a cache (Age: 17)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn doubt(headers: &HeaderMap) -> Option<String> {
    let age = headers.get(header::AGE).and_then(|age| age.to_str().ok());
    // an age that cannot be read is an age
    if let Some(age) = age.filter(|age| age.trim().parse() != Ok(0_u64)) {
        let age: String = age.chars().take(20).collect();
        return Some(format!("the answer comes from a cache (Age: {age})"));
    }
    headers
        .get_all(header::WARNING)
        .iter()
        .any(|warning| warning.as_bytes().trim_ascii_start().starts_with(b"110"))
        .then(|| "the answer comes from a cache (Warning: 110)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_doubted_by_its_marks() {
        for (name, value, doubted) in [
            ("age", "0", false),
            ("age", "1", true),
            ("age", "x", true),
            ("warning", r#"110 - "Response is Stale""#, true),
            ("warning", r#"299 - "deprecated""#, false),
            ("x-cache", "HIT", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(doubt(&headers).is_some(), doubted, "{name}: {value}");
        }
    }
}
