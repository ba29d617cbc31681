//! Patterns over repositories and tags: whole path segments, `*` and `**`, nothing else.
//!
//! A prefix that stopped in the middle of a segment once cleaned `p/app-prod` for `p/app`
//! (gcr-cleaner); what looks like an exclusion once excluded nothing. So the letters of names and
//! two wildcards are all that is allowed.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// A pattern such as `acme/**` or `main-*`.
///
/// `*` stands for one segment or part of one, `**` for any number of whole segments, none
/// included.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Glob;
/// let glob: Glob = "acme/base-*".parse()?;
/// assert!(glob.matches("acme/base-debian"));
/// assert!(!glob.matches("acme/base-debian/slim"));
/// assert!("!acme/**".parse::<Glob>().is_err());
/// # Ok::<(), portreeve::configuration::InvalidGlob>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Glob(String);

/// A text that is no [`Glob`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidGlob {
    /// A character that no name holds and no wildcard is.
    #[error("`{1}` is not allowed in the pattern `{0}`: only * and ** are wildcards")]
    Character(String, char),
    /// An empty segment: a leading, trailing or doubled slash.
    #[error("the pattern `{0}` has an empty segment")]
    EmptySegment(String),
    /// `**` as a part of a segment.
    #[error("`**` stands for whole segments: write `{0}` with it between slashes")]
    PartOfSegment(String),
}

impl Glob {
    /// Whether the whole of `name` fits.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        // fast-glob wants something behind the last slash; "any number" includes none
        std::iter::successors(Some(&*self.0), |pattern| pattern.strip_suffix("/**"))
            .any(|pattern| pattern == "**" || fast_glob::glob_match(pattern, name))
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names exactly one thing.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether it narrows nothing down: it consists of wildcards only.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.bytes().all(|byte| matches!(byte, b'*' | b'/'))
    }
}

impl FromStr for Glob {
    type Err = InvalidGlob;

    fn from_str(text: &str) -> Result<Self, InvalidGlob> {
        let allowed =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*');
        if let Some(other) = text.chars().find(|c| !allowed(*c)) {
            return Err(InvalidGlob::Character(text.to_owned(), other));
        }
        for segment in text.split('/') {
            if segment.is_empty() {
                return Err(InvalidGlob::EmptySegment(text.to_owned()));
            }
            if segment.contains("**") && segment != "**" {
                return Err(InvalidGlob::PartOfSegment(text.to_owned()));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_match() {
        for (pattern, name, expected) in [
            ("p/app", "p/app", true),
            ("p/app", "p/app-prod", false),
            ("p/app", "p/app/web", false),
            ("p/app/**", "p/app-prod", false),
            ("p/app/**", "p/app", true),
            ("p/app/**", "p/app/web/x", true),
            ("p/app/**/**", "p/app", true),
            ("p/*/**/**", "p/app", true),
            ("p/*", "p/app", true),
            ("p/*", "p/app/web", false),
            ("p/*", "p", false),
            ("**", "p/app/web", true),
            ("**/web", "web", true),
            ("**/web", "p/app/web", true),
            ("**/web", "p/cobweb", false),
            ("p/**/web", "p/web", true),
            ("p/**/web", "p/a/b/web", true),
            ("base-*", "base-", true),
            ("*", "v1.0.0", true),
            ("*-amd64", "abc-amd64", true),
            ("*-amd64", "abc-amd64-x", false),
            ("v1.*", "v1x0", false),
        ] {
            let glob: Glob = pattern.parse().unwrap();
            assert_eq!(glob.matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn other_wildcards_are_errors() {
        for text in ["!a", "[ab]", "{a,b}", "a\\*", "a?", "a b", "ä", "a,b", "^a"] {
            let problem = text.parse::<Glob>().unwrap_err();
            assert!(matches!(problem, InvalidGlob::Character(..)), "{text}");
        }
        for text in ["", "/a", "a/", "a//b"] {
            let problem = text.parse::<Glob>().unwrap_err();
            assert!(matches!(problem, InvalidGlob::EmptySegment(_)), "{text}");
        }
        for text in ["a**", "**a", "a/b**/c", "***"] {
            let problem = text.parse::<Glob>().unwrap_err();
            assert!(matches!(problem, InvalidGlob::PartOfSegment(_)), "{text}");
        }
    }
}
