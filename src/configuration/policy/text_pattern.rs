//! Patterns over values that may hold anything: `*` is any text, and nothing else is special.

use std::fmt;

use crate::configuration::reader::Node;

/// A pattern longer than this is not one that a person wrote to be read.
const LONGEST: usize = 1000;

/// A pattern such as `web-*` over the whole of a value.
///
/// Unlike in a [`Glob`](crate::configuration::Glob), `*` also stands for slashes: values are no
/// paths. A `*` in a value has no other name than `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPattern(String);

impl TextPattern {
    /// Whether the whole value fits, in time that grows with the product of both lengths at most.
    #[must_use]
    pub fn fits(&self, value: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|start| value.strip_prefix(start)) else {
            return false;
        };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            // the first place where it fits leaves the most room for what follows
            let Some((_, behind)) = rest.split_once(part) else {
                return false;
            };
            rest = behind;
        }
        true
    }

    /// The pattern as written, `**` as `*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every value fits.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0 == "*"
    }

    pub(super) fn read(node: &Node<'_>) -> Option<Self> {
        let text = node.string()?;
        if text.len() > LONGEST {
            node.problem(format!("the pattern is longer than {LONGEST} characters"));
            return None;
        }
        Some(Self::new(text))
    }

    fn new(text: &str) -> Self {
        let mut pattern = String::with_capacity(text.len());
        for letter in text.chars() {
            if letter != '*' || !pattern.ends_with('*') {
                pattern.push(letter);
            }
        }
        Self(pattern)
    }
}

impl fmt::Display for TextPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, value, expected) in [
            ("web", "web", true),
            ("web", "web-1", false),
            ("web-*", "web-", true),
            ("web-*", "web-a/b c", true),
            ("*", "", true),
            ("*-prod", "web-prod", true),
            ("*-prod", "web-prod-2", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "xab", false),
            ("*aab", "aaab", true),
            ("*ü*", "für", true),
            ("[a]?", "[a]?", true),
            ("a**b", "ab", true),
        ] {
            assert_eq!(
                TextPattern::new(pattern).fits(value),
                expected,
                "{pattern} {value}"
            );
        }
    }

    #[test]
    fn two_stars_are_one() {
        assert_eq!(TextPattern::new("a***b**").as_str(), "a*b*");
        assert!(TextPattern::new("***").is_everything());
    }

    #[test]
    fn a_pattern_of_many_stars_answers_at_once() {
        let pattern = TextPattern::new(&"*a".repeat(500));
        assert!(!pattern.fits(&format!("{}b", "a".repeat(10_000))));
    }
}
