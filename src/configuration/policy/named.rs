//! Annotations and labels: a key, and texts of which any may fit its value.

use serde_json::{Value, json};

use super::TextPattern;
use crate::configuration::reader::Node;
use crate::sorted;

/// `"team": "web-*"`: the key, and what its value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// The key, whole.
    pub key: String,
    /// Of which any may fit, sorted; `*` fits whatever the value is.
    pub values: Vec<TextPattern>,
}

impl Named {
    /// Whether this value of the key fits.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::configuration::policy::Policy;
    /// let policy = Policy::parse(
    ///     r#"{ "keep": [{ "name": "ours", "labels": { "team": ["web-*", "shop"] } }] }"#,
    /// )?;
    /// let team = &policy.keep[0].labels[0];
    /// assert!(team.fits("web-frontend") && team.fits("shop") && !team.fits("shop-2"));
    /// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
    /// ```
    #[must_use]
    pub fn fits(&self, value: &str) -> bool {
        self.values.iter().any(|pattern| pattern.fits(value))
    }

    /// Reads the field: every key and its values, sorted by key.
    pub(super) fn read(node: &Node<'_>) -> Vec<Self> {
        let entries = node.entries();
        if entries.is_empty() && node.value().is_object() {
            node.problem("expected at least one key");
        }
        let mut named = Vec::new();
        for (key, value) in entries {
            if key.is_empty() {
                value.problem("a key is not empty");
            }
            let given = match value.value() {
                Value::String(_) => vec![value],
                Value::Array(_) => value.items(),
                _ => {
                    value.problem("expected a text or an array of texts");
                    continue;
                }
            };
            let mut values: Vec<TextPattern> = given.iter().filter_map(TextPattern::read).collect();
            sorted::sort(&mut values);
            values.dedup();
            if let Some(everything) = values.iter().find(|pattern| pattern.is_everything()) {
                values = vec![everything.clone()];
            }
            let key = key.to_owned();
            named.push(Self { key, values });
        }
        sorted::sort_by(&mut named, |one, two| one.key.cmp(&two.key));
        named
    }

    pub(super) fn canonical(&self) -> Value {
        let values: Vec<&str> = self.values.iter().map(TextPattern::as_str).collect();
        json!([self.key, values])
    }
}
