//! A policy in words that a colleague understands who has never seen one.

use super::words::{kinds_in_words, listed};
use super::{MinimumAge, Policy, Rule};

impl Policy {
    /// What it means, a sentence or two a line: what it touches, what protects everything, and
    /// each rule.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::configuration::policy::Policy;
    /// let policy = Policy::parse(
    ///     r#"{ "delete": [{ "name": "old prs", "tags": "pr-*", "olderThan": { "pushed": "7d" } }] }"#,
    /// )?;
    /// assert_eq!(
    ///     policy.explain().last().unwrap(),
    ///     "Delete `old prs`: what has a tag like pr-* and was pushed at least 7 days ago."
    /// );
    /// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
    /// ```
    #[must_use]
    pub fn explain(&self) -> Vec<String> {
        let mut lines = vec![self.scope(), self.age_in_words()];
        if let Some(grace) = self.grace {
            lines.push(format!(
                "A group goes only after complete scans at least {} apart have both condemned it, its tags, parents and referrers unchanged in between.",
                grace.in_words()
            ));
        }
        lines.push(match (self.keep.is_empty(), self.delete.is_empty()) {
            (_, true) => "Nothing is deleted: there is no delete rule.".to_owned(),
            (true, false) => "Deleted is what has every one of its tags selected by a delete rule; everything else stays.".to_owned(),
            (false, false) => "Deleted is what has every one of its tags selected by a delete rule and none of them by a keep rule; everything else stays. Keep rules win.".to_owned(),
        });
        lines.push(
            "Where a rule needs a fact that nobody has, the image stays and the plan says which fact is missing."
                .to_owned(),
        );
        lines.extend(self.rules().map(Rule::explain));
        lines
    }

    fn scope(&self) -> String {
        format!(
            "It touches {} only; whatever else a repository holds stays, unless it goes with an image it belongs to.",
            kinds_in_words(&self.kinds)
        )
    }

    fn age_in_words(&self) -> String {
        match self.minimum_age {
            MinimumAge::Recorded(age) => format!(
                "Nothing goes that came less than {} ago: by the push time where the registry records one, otherwise by when a scan first saw it. A tag that was moved counts from its move.",
                age.in_words()
            ),
            MinimumAge::Created(age) => format!(
                "Nothing goes that was built less than {} ago, as the image itself says, and no tag that scans saw move since then.",
                age.in_words()
            ),
        }
    }
}

impl Rule {
    /// What it means, in one sentence or two.
    #[must_use]
    pub fn explain(&self) -> String {
        let verb = if self.keeps { "Keep" } else { "Delete" };
        let mut text = format!("{verb} `{}`: ", self.name);
        if let Some(counting) = &self.counting {
            let of = counting
                .per
                .as_ref()
                .map_or_else(String::new, |per| format!(" for each value of `{per}`"));
            let newest = format!(
                "the {} newest by {}{of}",
                counting.count,
                counting.by.in_words()
            );
            if !self.keeps {
                text.push_str("all but ");
            }
            text.push_str(&newest);
            text.push_str(" of ");
        }
        text.push_str(&self.subject());
        let selectors = self.selectors();
        if !selectors.is_empty() {
            text.push(' ');
            text.push_str(&listed(&selectors, "and"));
        }
        let times = self.times();
        if !times.is_empty() {
            // times do not decide what is counted
            text.push_str(match (&self.counting, selectors.is_empty()) {
                (Some(_), _) => ", as far as it ",
                (None, true) => " ",
                (None, false) => " and ",
            });
            text.push_str(&listed(&times, "and"));
        }
        text.push('.');
        if self.ignores_unknown {
            text.push_str(" Where the fact is missing, this rule keeps nothing.");
        }
        if self.optional && self.tags.is_some() {
            text.push_str(" It may match no tag at all.");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(list: &str, rule: &str) -> String {
        let text = format!(r#"{{ "{list}": [{rule}] }}"#);
        Policy::parse(&text).unwrap().explain().pop().unwrap()
    }

    #[test]
    fn every_field_of_a_rule_has_its_words() {
        for (rule, expected) in [
            (
                r#"{ "name": "a", "tags": ["latest", "v*"] }"#,
                "Keep `a`: what has a tag like latest or v*.",
            ),
            (
                r#"{ "name": "a", "tags": { "regex": "v[0-9]+" }, "optional": true }"#,
                "Keep `a`: what has a tag that fits /v[0-9]+/ as a whole. It may match no tag at all.",
            ),
            (
                r#"{ "name": "a", "tags": { "semver": [">=1.0.0, <2", "=3.1"] } }"#,
                "Keep `a`: what has a tag that is a version from 1.0.0 before 2.0.0 or from 3.1.0 before 3.2.0, pre-releases included.",
            ),
            (
                r#"{ "name": "a", "tagged": true, "kinds": ["chart", "image"] }"#,
                "Keep `a`: images (indexes of them, too) and charts with a tag.",
            ),
            (
                r#"{ "name": "a", "tagged": false }"#,
                "Keep `a`: what has no tag, no parent and no subject.",
            ),
            (
                r#"{ "name": "a", "annotations": { "team": ["web-*", "shop"] }, "labels": { "keep": "*" } }"#,
                "Keep `a`: what has the annotation team like shop or web-* and has the label keep.",
            ),
            (
                r#"{ "name": "a", "platform": ["linux/*", "*/arm64"] }"#,
                "Keep `a`: what runs on */arm64 or linux/*.",
            ),
            (
                r#"{ "name": "a", "tags": { "regex": "pr-(?<pr>[0-9]+)" }, "where": { "pr": { "in": "open-prs" } } }"#,
                "Keep `a`: what has a tag that fits /pr-(?<pr>[0-9]+)/ as a whole and has its `pr` in the report `open-prs`.",
            ),
            (
                r#"{ "name": "a", "olderThan": { "created": "1d" }, "youngerThan": { "pulled": "90d" }, "ifUnknown": "ignore" }"#,
                "Keep `a`: what was built at least 1 day ago and was last pulled less than 90 days ago. Where the fact is missing, this rule keeps nothing.",
            ),
            (
                r#"{ "name": "a", "tags": { "regex": "(?<b>.+)-[0-9]" }, "newest": { "count": 3, "by": "semver", "per": "b" }, "youngerThan": { "firstSeen": "90s" } }"#,
                "Keep `a`: the 3 newest by version for each value of `b` of what has a tag that fits /(?<b>.+)-[0-9]/ as a whole, as far as it was first seen by a scan less than 90 seconds ago.",
            ),
        ] {
            assert_eq!(sentence("keep", rule), expected);
        }
        assert_eq!(
            sentence(
                "delete",
                r#"{ "name": "d", "tags": "*", "beyondNewest": { "count": 1, "by": "pushed" }, "platform": "windows/*" }"#
            ),
            "Delete `d`: all but the 1 newest by push time of what has a tag like * and runs on nothing but windows/*."
        );
    }

    #[test]
    fn what_protects_everything_is_said_first() {
        let policy = Policy::parse(
            r#"{ "kinds": ["image", "chart"], "minimumAge": { "created": "36h" }, "grace": "7d" }"#,
        )
        .unwrap();
        let lines = policy.explain();
        assert!(lines[0].starts_with("It touches images (indexes of them, too) and charts only"));
        assert!(lines[1].contains("built less than 36 hours ago"));
        assert!(lines[2].contains("at least 7 days apart"));
        assert!(lines[3].contains("no delete rule"));
    }
}
