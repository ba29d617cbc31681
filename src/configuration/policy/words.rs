//! The words for what a rule selects.

use super::{Named, Order, PlatformPattern, Rule, TagSelector, TextPattern, TimeBound, TimeFact};
use crate::oci::Kind;

impl Rule {
    /// Whom it speaks about.
    pub(super) fn subject(&self) -> String {
        if self.kinds.is_empty() {
            return "what".to_owned();
        }
        let with = match (self.tagged, &self.tags) {
            (Some(true), None) => " with a tag",
            _ => " that",
        };
        let kinds = kinds_in_words(&self.kinds);
        // nothing more may follow
        if with == " that" && self.selectors().is_empty() && self.times().is_empty() {
            return kinds;
        }
        format!("{kinds}{with}")
    }

    /// Its conditions on what an image is, each a verb and its object.
    pub(super) fn selectors(&self) -> Vec<String> {
        let mut all = Vec::new();
        match (&self.tags, self.tagged) {
            (Some(TagSelector::Globs(_)), _) => all.push("has a tag like "),
            (Some(TagSelector::Pattern(_)), _) => all.push("has a tag that fits "),
            (Some(TagSelector::Versions(_)), _) => all.push("has a tag "),
            (None, Some(true)) if self.kinds.is_empty() => all.push("has a tag"),
            (None, Some(false)) => all.push("has no tag, no parent and no subject"),
            (None, _) => {}
        }
        let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        if let (Some(tags), Some(first)) = (&self.tags, all.first_mut()) {
            first.push_str(&tags.describe());
            if matches!(tags, TagSelector::Pattern(_)) {
                first.push_str(" as a whole");
            }
        }
        all.extend(
            self.annotations
                .iter()
                .map(|named| has("annotation", named)),
        );
        all.extend(self.labels.iter().map(|named| has("label", named)));
        if !self.platforms.is_empty() {
            let names: Vec<String> = self
                .platforms
                .iter()
                .map(PlatformPattern::to_string)
                .collect();
            let only = if self.keeps { "" } else { "nothing but " };
            all.push(format!("runs on {only}{}", listed(&names, "or")));
        }
        for condition in &self.captured {
            let (group, report) = (&condition.group, &condition.report);
            all.push(format!("has its `{group}` in the report `{report}`"));
        }
        all
    }

    /// Its conditions on times.
    pub(super) fn times(&self) -> Vec<String> {
        let words = |bound: &Option<TimeBound>, than: &str| {
            let TimeBound { fact, age } = (*bound)?;
            Some(format!("{} {than} {} ago", fact.happened(), age.in_words()))
        };
        let (older, younger) = (
            words(&self.older_than, "at least"),
            words(&self.younger_than, "less than"),
        );
        older.into_iter().chain(younger).collect()
    }
}

impl TimeFact {
    const fn happened(self) -> &'static str {
        match self {
            Self::Created => "was built",
            Self::FirstSeen => "was first seen by a scan",
            Self::Pulled => "was last pulled",
            Self::Pushed => "was pushed",
        }
    }
}

impl Order {
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Time(TimeFact::Created) => "build time",
            Self::Time(TimeFact::FirstSeen) => "first sight",
            Self::Time(TimeFact::Pulled) => "pull time",
            Self::Time(TimeFact::Pushed) => "push time",
            Self::Version => "version",
        }
    }
}

fn has(what: &str, named: &Named) -> String {
    let key = &named.key;
    if named.values.iter().any(TextPattern::is_everything) {
        return format!("has the {what} {key}");
    }
    let values: Vec<String> = named.values.iter().map(TextPattern::to_string).collect();
    format!("has the {what} {key} like {}", listed(&values, "or"))
}

/// Kinds as a person would say them.
pub(super) fn kinds_in_words(kinds: &[Kind]) -> String {
    let words: Vec<String> = kinds
        .iter()
        .map(|kind| match kind {
            Kind::Image | Kind::Index => "images (indexes of them, too)".to_owned(),
            Kind::Sbom => "bills of materials".to_owned(),
            Kind::Other => "artifacts of other kinds".to_owned(),
            other => format!("{}s", other.as_str()),
        })
        .collect();
    listed(&words, "and")
}

/// `a, b and c`.
pub(super) fn listed(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [start @ .., last] => format!("{} {word} {last}", start.join(", ")),
    }
}
