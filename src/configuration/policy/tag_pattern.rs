//! `{ "regex": "pr-(?<pr>[0-9]+)" }`: a regular expression over the whole tag.

use regex_lite::{Captures, Regex, RegexBuilder};

/// A pattern longer than this is not one that a person wrote to be read.
const LONGEST: usize = 1000;
/// The compiled size allowed: counted repetitions multiply, `(a{99}){99}` and so on.
const COMPILED_SIZE: usize = 1 << 17;
/// More groups within groups than this are no pattern that a person wrote.
const NESTING: u32 = 50;

/// A regular expression over the whole tag.
#[derive(Debug, Clone)]
pub struct TagPattern {
    source: String,
    whole: Regex,
}

/// A tag that matched, and what the named groups captured of it.
#[derive(Debug)]
pub struct Found<'t>(Option<Captures<'t>>);

impl TagPattern {
    /// Compiles `source` alone first, so that `a)|(?:b` cannot break out of the anchors, and then
    /// wrapped. Matching takes time linear in the tag: there is no backtracking.
    ///
    /// # Errors
    ///
    /// What is wrong with the pattern, as half a sentence.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.len() > LONGEST {
            return Err(format!("the pattern is longer than {LONGEST} characters"));
        }
        let compile = |pattern: &str| {
            RegexBuilder::new(pattern)
                .size_limit(COMPILED_SIZE)
                .nest_limit(NESTING)
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

    pub(super) fn matches(&self, tag: &str) -> bool {
        self.whole.is_match(tag)
    }

    pub(super) fn find<'t>(&self, tag: &'t str) -> Option<Found<'t>> {
        self.whole.captures(tag).map(|found| Found(Some(found)))
    }

    pub(super) fn has_group(&self, name: &str) -> bool {
        let mut groups = self.whole.capture_names();
        groups.any(|group| group == Some(name))
    }
}

impl<'t> Found<'t> {
    pub(super) const fn nothing() -> Self {
        Self(None)
    }

    /// What the group of this name captured; the empty text where it took no part.
    #[must_use]
    pub fn group(&self, name: &str) -> &'t str {
        let captured = self.0.as_ref().and_then(|found| found.name(name));
        captured.map_or("", |captured| captured.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_is_anchored_over_the_whole_tag() {
        let pattern = TagPattern::new("v1|v2").unwrap();
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
            "a\\",
            "[",
            "a{2,1}",
            "(?<n>a)(?<n>b)",
        ] {
            assert!(TagPattern::new(source).is_err(), "{source}");
        }
        let lines = TagPattern::new("(?m)^a$").unwrap();
        assert!(!lines.matches("b\na"));
    }

    #[test]
    fn an_empty_alternative_matches_the_empty_text_alone() {
        for source in ["|a", "a|", "a||b", "()a|"] {
            let pattern = TagPattern::new(source).unwrap();
            assert!(pattern.matches("a") && pattern.matches(""), "{source}");
            assert!(!pattern.matches("latest"), "{source}");
        }
    }

    #[test]
    fn a_pattern_that_would_take_exponential_time_elsewhere_answers_at_once() {
        let tag = format!("{}!", "a".repeat(128));
        for source in [
            "(a+)+$", "(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)*!x",
        ] {
            assert!(!TagPattern::new(source).unwrap().matches(&tag), "{source}");
        }
    }

    #[test]
    fn repetitions_that_multiply_are_refused() {
        for source in [
            "(a{99}){99}{99}",
            "((a{100}){100}){100}",
            ".{100000}",
            "[a-z]{9999}",
            &"(".repeat(60)
                .replace('(', "(a")
                .chars()
                .chain(")".repeat(60).chars())
                .collect::<String>(),
        ] {
            let problem = TagPattern::new(source).unwrap_err();
            assert!(problem.contains("cannot be run"), "{source}: {problem}");
        }
        assert!(TagPattern::new("[a-z0-9._-]{1,128}").is_ok());
        assert!(TagPattern::new(&"a".repeat(1001)).is_err());
    }

    #[test]
    fn a_group_that_took_no_part_captured_nothing() {
        let pattern = TagPattern::new("pr-(?<pr>[0-9]+)(-(?<sha>.+))?").unwrap();
        assert_eq!(pattern.find("pr-7-abc").unwrap().group("sha"), "abc");
        assert_eq!(pattern.find("pr-7").unwrap().group("sha"), "");
        assert!(pattern.find("main").is_none());
        assert!(pattern.has_group("pr") && !pattern.has_group("branch"));
    }
}
