//! Which facts a policy needs, so that collecting an inventory reads no more.

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::configuration::policy::{MinimumAge, Named, Rule, TimeFact};
use crate::sorted;

/// The facts that cost requests of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a list of facts, any of which may be asked for without the others"
)]
#[non_exhaustive]
pub struct Needs {
    /// Creation times: the config of each single-platform image, and its manifest where an index
    /// lists it.
    pub created: bool,
    /// Pull times: a vendor's metadata.
    pub pulled: bool,
    /// Platforms: the config of each image that no index gives one.
    pub platform: bool,
    /// Layers with their sizes: the manifest of everything that an index lists.
    pub layers: bool,
    /// These annotations: the manifest of each image that an index lists.
    pub annotations: Vec<String>,
    /// These labels: manifest and config of each single-platform image.
    pub labels: Vec<String>,
}

impl Needs {
    /// Every fact that rules may ask of each image alike: for an inventory that another policy
    /// will be tried on. Annotations and labels are asked for by name, and layers decide nothing.
    #[must_use]
    pub const fn everything() -> Self {
        Self {
            created: true,
            pulled: true,
            platform: true,
            layers: false,
            annotations: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// The same with what somebody asks for beside them.
    #[must_use]
    pub fn and(mut self, layers: bool, annotations: &[String], labels: &[String]) -> Self {
        self.layers |= layers;
        for (keys, more) in [
            (&mut self.annotations, annotations),
            (&mut self.labels, labels),
        ] {
            keys.extend_from_slice(more);
            sorted::sort(keys);
            keys.dedup();
        }
        self
    }

    /// Whether images that an index lists must be read themselves.
    pub(crate) fn reads_images(&self) -> bool {
        self.created || self.layers || !self.annotations.is_empty() || !self.labels.is_empty()
    }
}

impl Policy {
    /// The facts this policy needs.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::plan::policy::Policy;
    /// let policy = Policy::parse(
    ///     r#"{ "delete": [{ "name": "old", "olderThan": { "created": "30d" } }] }"#,
    /// )?;
    /// assert!(policy.needs().created && !policy.needs().pulled);
    /// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
    /// ```
    #[must_use]
    pub fn needs(&self) -> Needs {
        let asks = |fact| self.rules().any(|rule| rule.asks(fact));
        let keys = |named: fn(&Rule) -> &[Named]| -> Vec<String> {
            let named = self.rules().flat_map(named);
            named.map(|named| named.key.clone()).collect()
        };
        let needs = Needs {
            created: asks(TimeFact::Created) || matches!(self.minimum_age, MinimumAge::Created(_)),
            pulled: asks(TimeFact::Pulled),
            platform: self.rules().any(|rule| !rule.platforms.is_empty()),
            ..Needs::default()
        };
        needs.and(
            false,
            &keys(|rule| &rule.annotations),
            &keys(|rule| &rule.labels),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_needs_what_its_rules_look_at_and_no_more() {
        let needs = |rule: &str| {
            let text = format!(r#"{{ "delete": [{{ "name": "x", "tags": "a", {rule} }}] }}"#);
            Policy::parse(&text).unwrap().needs()
        };
        let age = r#""olderThan": { "pushed": "30d" }"#;
        assert_eq!(needs(age), Needs::default());
        let platform = needs(&format!(r#"{age}, "platform": "linux/arm64""#));
        assert_eq!((platform.platform, platform.reads_images()), (true, false));
        let keys = needs(&format!(
            r#"{age}, "annotations": {{ "b": "x", "a": "*" }}, "labels": {{ "l": "x-*" }}"#
        ));
        assert_eq!(
            (keys.annotations.join(" "), keys.labels.join(" ")),
            ("a b".into(), "l".into())
        );
        assert!(needs(r#""olderThan": { "pulled": "30d" }"#).pulled);
        assert!(needs(r#""beyondNewest": { "count": 1, "by": "created" }"#).created);
    }
}
