//! Which tags a rule speaks about.

use regex_lite::{Regex, RegexBuilder};
use serde_json::{Value, json};

use crate::configuration::Glob;
use crate::configuration::reader::Node;

/// A pattern longer than this is not one that a person wrote to be read.
const LONGEST_PATTERN: usize = 1000;
/// The compiled size allowed: counted repetitions multiply, `(a{99}){99}` and so on.
const COMPILED_SIZE: usize = 1 << 20;

/// `tags` of a rule: globs, of which any may match, or one anchored regular expression.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TagSelector {
    /// `"main-*"` or `["latest", "v*"]`.
    Globs(Vec<Glob>),
    /// `{ "regex": "pr-(?<pr>[0-9]+)" }`.
    Pattern(TagPattern),
}

/// A regular expression over the whole tag.
#[derive(Debug, Clone)]
pub struct TagPattern {
    source: String,
    whole: Regex,
}

impl TagSelector {
    /// Reads the field; `None` with a problem noted where it is broken, or with `unsupported`
    /// noted for a selector of a later release.
    pub(super) fn read(node: &Node<'_>) -> Option<Self> {
        match node.value() {
            Value::String(_) => Some(Self::Globs(vec![glob(node)?])),
            Value::Array(_) => {
                let globs: Vec<Glob> = node.items().iter().filter_map(glob).collect();
                (!globs.is_empty()).then_some(Self::Globs(globs))
            }
            Value::Object(_) => Self::read_object(node),
            _ => {
                node.problem("expected a pattern, an array of patterns, or { \"regex\": ... }");
                None
            }
        }
    }

    fn read_object(node: &Node<'_>) -> Option<Self> {
        let fields = node.fields()?;
        let (regex, semver) = (fields.get("regex"), fields.get("semver"));
        fields.finish();
        match (regex, semver) {
            (Some(regex), None) => {
                let source = regex.string()?;
                TagPattern::new(source)
                    .map_err(|problem| regex.problem(problem))
                    .ok()
                    .map(Self::Pattern)
            }
            (None, Some(semver)) => {
                semver_selector(&semver);
                None
            }
            _ => {
                node.problem("expected exactly one of regex, semver");
                None
            }
        }
    }

    /// Whether the whole tag fits.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::configuration::policy::{TagPattern, TagSelector};
    /// let selector = TagSelector::Pattern(TagPattern::new("C|D").unwrap());
    /// assert!(selector.matches("C"));
    /// assert!(!selector.matches("Cat"));
    /// ```
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        match self {
            Self::Globs(globs) => globs.iter().any(|glob| glob.matches(tag)),
            Self::Pattern(pattern) => pattern.whole.is_match(tag),
        }
    }

    /// What the named group `name` captured of a tag that matches. A group that took no part
    /// captured nothing.
    #[must_use]
    pub fn capture<'t>(&self, tag: &'t str, name: &str) -> Option<&'t str> {
        match self {
            Self::Globs(_) => None,
            Self::Pattern(pattern) => {
                let captures = pattern.whole.captures(tag)?;
                Some(captures.name(name).map_or("", |found| found.as_str()))
            }
        }
    }

    /// Whether it captures a group of this name.
    #[must_use]
    pub fn has_group(&self, name: &str) -> bool {
        match self {
            Self::Globs(_) => false,
            Self::Pattern(pattern) => pattern
                .whole
                .capture_names()
                .any(|group| group == Some(name)),
        }
    }

    pub(super) fn canonical(&self) -> Value {
        match self {
            Self::Globs(globs) => json!({ "globs": globs }),
            Self::Pattern(pattern) => json!({ "regex": pattern.source }),
        }
    }

    /// The selector as a person would say it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Globs(globs) => {
                let texts: Vec<&str> = globs.iter().map(Glob::as_str).collect();
                texts.join(" or ")
            }
            Self::Pattern(pattern) => format!("/{}/", pattern.source),
        }
    }
}

impl TagPattern {
    /// Compiles `source` alone first, so that `a)|(?:b` cannot break out of the anchors, and then
    /// wrapped. Matching takes time linear in the tag: there is no backtracking.
    ///
    /// # Errors
    ///
    /// What is wrong with the pattern, as half a sentence.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.len() > LONGEST_PATTERN {
            return Err(format!(
                "the pattern is longer than {LONGEST_PATTERN} characters"
            ));
        }
        let compile = |pattern: &str| {
            RegexBuilder::new(pattern)
                .size_limit(COMPILED_SIZE)
                .build()
                .map_err(|problem| format!("the pattern cannot be run: {problem}"))
        };
        compile(source)?;
        Ok(Self {
            source: source.to_owned(),
            whole: compile(&format!(r"\A(?:{source})\z"))?,
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

fn glob(node: &Node<'_>) -> Option<Glob> {
    let text = node.string()?;
    if text.contains('/') {
        node.problem("a tag holds no slash");
        return None;
    }
    match text.parse() {
        Ok(glob) => Some(glob),
        Err(problem) => {
            node.problem(format!("{problem}"));
            None
        }
    }
}

/// `">=1.0.0"` or `{ "range", "prereleases" }`.
fn semver_selector(node: &Node<'_>) {
    match node.value() {
        Value::Object(_) => {
            let Some(fields) = node.fields() else { return };
            if let Some(range) = fields.require("range") {
                range.string();
            }
            if let Some(prereleases) = fields.get("prereleases") {
                prereleases.boolean();
            }
            fields.finish();
        }
        _ => {
            node.string();
        }
    }
    node.unsupported();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_is_anchored_over_the_whole_tag() {
        let pattern = TagSelector::Pattern(TagPattern::new("v1|v2").unwrap());
        for (tag, expected) in [
            ("v1", true),
            ("v2", true),
            ("v12", false),
            ("xv2", false),
            ("v2\n", false),
        ] {
            assert_eq!(pattern.matches(tag), expected, "{tag:?}");
        }
    }

    #[test]
    fn a_pattern_cannot_break_out_of_its_anchors() {
        for source in [
            "a)|(?:b",
            "a)",
            "(",
            "(?=a)",
            r"\1",
            "a{4294967295}",
            "(?x)a # comment",
        ] {
            assert!(TagPattern::new(source).is_err(), "{source}");
        }
        let lines = TagSelector::Pattern(TagPattern::new("(?m)^a$").unwrap());
        assert!(!lines.matches("b\na"));
    }

    #[test]
    fn a_pattern_that_would_take_exponential_time_elsewhere_answers_at_once() {
        let pattern = TagSelector::Pattern(TagPattern::new("(a+)+b").unwrap());
        assert!(!pattern.matches(&"a".repeat(128)));
    }

    #[test]
    fn a_group_that_took_no_part_captured_nothing() {
        let pattern =
            TagSelector::Pattern(TagPattern::new("pr-(?<pr>[0-9]+)(-(?<sha>.+))?").unwrap());
        assert_eq!(pattern.capture("pr-7-abc", "sha"), Some("abc"));
        assert_eq!(pattern.capture("pr-7", "sha"), Some(""));
        assert_eq!(pattern.capture("main", "sha"), None);
        assert!(pattern.has_group("pr") && !pattern.has_group("branch"));
    }
}
