//! The text that hashes cover: compact JSON, keys sorted, integers only.
//!
//! Two documents that mean the same must hash the same wherever and however they were read, so
//! nothing of a serializer's taste may enter: no white space, no key order, no floating point.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::oci::Digest;

/// The 64 hex digits of the SHA-256 over `value`'s canonical text.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::canonical_json;
/// let one = serde_json::json!({ "b": 1, "a": [true, null] });
/// assert_eq!(canonical_json::text(&one), r#"{"a":[true,null],"b":1}"#);
/// assert_eq!(canonical_json::hash(&one).len(), 64);
/// ```
#[must_use]
pub fn hash(value: &Value) -> String {
    Digest::of(text(value).as_bytes()).hex()
}

/// The canonical text of `value`.
///
/// Whoever hashes a document has turned its times into seconds and its shares into whole numbers,
/// so that no float's formatting decides about a hash.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// Hashes text that is canonical already, as it is written: by lines or by pieces.
#[derive(Debug, Default)]
pub(crate) struct LineHasher(Sha256);

impl LineHasher {
    pub(crate) fn line(&mut self, line: &str) {
        self.0.update(line.as_bytes());
        self.0.update(b"\n");
    }

    pub(crate) fn piece(&mut self, piece: &str) {
        self.0.update(piece.as_bytes());
    }

    pub(crate) fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|half| char::from_digit(u32::from(half), 16))
            .collect()
    }
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            crate::sorted::sort(&mut names);
            text.push('{');
            for (position, name) in names.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(&Value::String(name.clone()), text);
                text.push(':');
                write(fields.get(name).unwrap_or(&Value::Null), text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_never_changes_a_hash() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":{"c":[1,2],"d":"\u00e9"}}"#).unwrap();
        let two: Value =
            serde_json::from_str(r#"{ "b" : {"d":"é", "c":[1, 2]}, "a": 1 }"#).unwrap();
        assert_eq!(hash(&one), hash(&two));
        assert_ne!(hash(&one), hash(&json!({"a":1,"b":{"c":[2,1],"d":"é"}})));
    }

    #[test]
    fn large_integers_stay_exact() {
        assert_eq!(
            text(&json!([u64::MAX, i64::MIN])),
            "[18446744073709551615,-9223372036854775808]"
        );
    }

    #[test]
    fn lines_hash_as_the_text_with_its_line_ends() {
        let mut hasher = LineHasher::default();
        hasher.line("{}");
        assert_eq!(hasher.finish(), Digest::of(b"{}\n").hex());
    }
}
