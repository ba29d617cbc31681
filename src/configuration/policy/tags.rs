//! Which tags a rule speaks about.

use serde_json::{Value, json};

use super::{Found, TagPattern, VersionRange};
use crate::configuration::Glob;
use crate::configuration::reader::Node;
use crate::sorted;

/// `tags` of a rule: globs, of which any may match, one anchored regular expression, or ranges of
/// versions.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum TagSelector {
    /// `"main-*"` or `["latest", "v*"]`, sorted.
    Globs(Vec<Glob>),
    /// `{ "regex": "pr-(?<pr>[0-9]+)" }`.
    Pattern(TagPattern),
    /// `{ "semver": ">=1.0.0" }`. What a keep and a delete rule do with pre-releases is settled.
    Versions(VersionRange),
}

impl TagSelector {
    /// Reads the field; `None` with a problem noted where it is broken.
    pub(super) fn read(node: &Node<'_>, keeps: bool) -> Option<Self> {
        let mut globs = match node.value() {
            Value::String(_) => vec![glob(node)?],
            Value::Array(_) => node.items().iter().filter_map(glob).collect(),
            Value::Object(_) => return Self::read_object(node, keeps),
            _ => {
                node.problem(
                    "expected a pattern, an array of patterns, { \"regex\": ... } or { \"semver\": ... }",
                );
                return None;
            }
        };
        sorted::sort(&mut globs);
        globs.dedup();
        (!globs.is_empty()).then_some(Self::Globs(globs))
    }

    fn read_object(node: &Node<'_>, keeps: bool) -> Option<Self> {
        let fields = node.fields()?;
        let (regex, semver) = (fields.get("regex"), fields.get("semver"));
        fields.finish();
        match (regex, semver) {
            (Some(regex), None) => {
                let pattern = TagPattern::new(regex.string()?);
                pattern
                    .map_err(|problem| regex.problem(problem))
                    .ok()
                    .map(Self::Pattern)
            }
            (None, Some(semver)) => VersionRange::read(&semver, keeps).map(Self::Versions),
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
            Self::Pattern(pattern) => pattern.matches(tag),
            Self::Versions(range) => range.matches(tag),
        }
    }

    /// What the named groups captured of the tag, if the whole of it fits.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::configuration::policy::{TagPattern, TagSelector};
    /// let selector = TagSelector::Pattern(TagPattern::new("pr-(?<pr>[0-9]+)(-.+)?").unwrap());
    /// assert_eq!(selector.find("pr-7-abc").unwrap().group("pr"), "7");
    /// assert!(selector.find("main").is_none());
    /// ```
    #[must_use]
    pub fn find<'t>(&self, tag: &'t str) -> Option<Found<'t>> {
        match self {
            Self::Pattern(pattern) => pattern.find(tag),
            _ => self.matches(tag).then(Found::nothing),
        }
    }

    /// Whether it captures a group of this name.
    #[must_use]
    pub fn has_group(&self, name: &str) -> bool {
        matches!(self, Self::Pattern(pattern) if pattern.has_group(name))
    }

    /// Whether every tag that `other`, of a delete rule, matches is surely matched by this, of a
    /// keep rule.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            _ if self.is_every_tag() => true,
            // to a pattern the other's `*` is a letter that only its own wildcards match
            (Self::Globs(outer), Self::Globs(inner)) => {
                let within = |inner: &Glob| outer.iter().any(|glob| glob.matches(inner.as_str()));
                inner.iter().all(within)
            }
            (_, Self::Globs(inner)) => inner
                .iter()
                .all(|glob| glob.is_literal() && self.matches(glob.as_str())),
            (Self::Pattern(outer), Self::Pattern(inner)) => outer.as_str() == inner.as_str(),
            (Self::Versions(outer), Self::Versions(inner)) => outer.covers(inner),
            _ => false,
        }
    }

    /// Whether it surely matches every tag there is.
    pub(super) fn is_every_tag(&self) -> bool {
        matches!(self, Self::Globs(globs) if globs.iter().any(Glob::is_everything))
    }

    pub(super) fn canonical(&self) -> Value {
        match self {
            Self::Globs(globs) => json!({ "globs": globs }),
            Self::Pattern(pattern) => json!({ "regex": pattern.as_str() }),
            Self::Versions(range) => range.canonical(),
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
            Self::Pattern(pattern) => format!("/{}/", pattern.as_str()),
            Self::Versions(range) => range.describe(),
        }
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
