//! `{ "semver": ">=1.0.0" }`: tags that are versions, and ranges of them.
//!
//! Source: Semantic Versioning 2.0.0; comparators as the `semver` crate (Cargo) reads them. npm and
//! Cargo disagree about a version without an operator, so that is an error here.

mod interval;

use semver::{BuildMetadata, Comparator, Prerelease, Version};
use serde_json::{Value, json};

use self::interval::Interval;
use crate::configuration::reader::Node;
use crate::sorted;

/// A range longer than this is not one that a person wrote to be read.
const LONGEST: usize = 1000;

/// Ranges of versions, of which any may hold the tag's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    intervals: Vec<Interval>,
    prereleases: Prereleases,
}

/// What a rule does with `1.2.3-rc.1`. The doubt is always decided for keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prereleases {
    /// It belongs to the range if it, or the version it precedes, lies in it: keep rules.
    Either,
    /// It belongs to the range only if both do: delete rules that ask for pre-releases.
    Both,
    /// It never does.
    None,
}

/// The version that a tag is: exactly a version of Semantic Versioning, with or without a leading
/// `v`.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::policy::version_of;
/// assert_eq!(version_of("v1.2.3"), version_of("1.2.3"));
/// assert!(version_of("1.2").is_none() && version_of("1.2.3.4").is_none());
/// ```
#[must_use]
pub fn version_of(tag: &str) -> Option<Version> {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    // most tags are none: what does not start like one needs no parser
    text.starts_with(|first: char| first.is_ascii_digit())
        .then(|| Version::parse(text).ok())?
}

impl VersionRange {
    /// Whether the tag is a version of these ranges.
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        let Some(mut version) = version_of(tag) else {
            return false;
        };
        let lies = |version: &Version| self.intervals.iter().any(|range| range.holds(version));
        let itself = lies(&version);
        if version.pre.is_empty() {
            return itself;
        }
        version.pre = Prerelease::EMPTY;
        match self.prereleases {
            Prereleases::Either => itself || lies(&version),
            Prereleases::Both => itself && lies(&version),
            Prereleases::None => false,
        }
    }

    /// Reads `">=1.0.0"`, a list of such, or `{ "range", "prereleases" }`.
    pub(super) fn read(node: &Node<'_>, keeps: bool) -> Option<Self> {
        let (ranges, asked) = match node.value() {
            Value::Object(_) => {
                let fields = node.fields()?;
                let ranges = fields.require("range").map(|range| read_ranges(&range));
                let asked = fields.get("prereleases").and_then(|node| node.boolean());
                fields.finish();
                (ranges?, asked)
            }
            _ => (read_ranges(node), None),
        };
        let mut intervals = ranges;
        sorted::sort_by(&mut intervals, Interval::compare);
        intervals.dedup();
        if intervals.is_empty() {
            return None;
        }
        let prereleases = match (asked.unwrap_or(keeps), keeps) {
            (false, _) => Prereleases::None,
            (true, true) => Prereleases::Either,
            (true, false) => Prereleases::Both,
        };
        Some(Self {
            intervals,
            prereleases,
        })
    }

    /// Whether every tag that `other`, of a delete rule, matches is matched by this, of a keep rule.
    pub(super) fn covers(&self, other: &Self) -> bool {
        // a pre-release that a delete rule takes lies in the range itself
        let prereleases =
            self.prereleases == Prereleases::Either || other.prereleases == Prereleases::None;
        prereleases
            && other
                .intervals
                .iter()
                .all(|inner| self.intervals.iter().any(|outer| outer.includes(inner)))
    }

    pub(super) fn canonical(&self) -> Value {
        let intervals: Vec<String> = self.intervals.iter().map(Interval::canonical).collect();
        json!({ "semver": intervals, "prereleases": match self.prereleases {
            Prereleases::Either => "either",
            Prereleases::Both => "both",
            Prereleases::None => "none",
        } })
    }

    /// The ranges as a person would say them.
    pub(super) fn describe(&self) -> String {
        let ranges: Vec<String> = self.intervals.iter().map(Interval::describe).collect();
        let ranges = ranges.join(" or ");
        match self.prereleases {
            Prereleases::Either | Prereleases::Both => {
                format!("that is a version {ranges}, pre-releases included")
            }
            Prereleases::None => format!("that is a version {ranges}, pre-releases left out"),
        }
    }
}

fn read_ranges(node: &Node<'_>) -> Vec<Interval> {
    let given = match node.value() {
        Value::String(_) => vec![node.clone()],
        Value::Array(_) => node.items(),
        _ => {
            node.problem("expected a range such as \">=1.0.0\", or an array of ranges");
            return Vec::new();
        }
    };
    let mut intervals = Vec::new();
    for item in given {
        let Some(text) = item.string() else { continue };
        match range(text) {
            Ok(interval) => intervals.push(interval),
            Err(problem) => item.problem(problem),
        }
    }
    intervals
}

/// One range: comparators with commas between them, all of which hold.
fn range(text: &str) -> Result<Interval, String> {
    if text.len() > LONGEST {
        return Err(format!("the range is longer than {LONGEST} characters"));
    }
    let mut interval = Interval::everything();
    for part in text.split(',') {
        let part = part.trim();
        if part == "*" {
            continue;
        }
        let operator = ['=', '<', '>', '^', '~'];
        if part.starts_with(|first: char| first.is_ascii_digit())
            && !part.ends_with(['*', 'x', 'X'])
        {
            return Err(format!(
                "`{part}` has no operator, and npm and Cargo disagree about what it means: write ={part} or ^{part}"
            ));
        }
        if part.contains("||") {
            return Err("`||` is no operator here: write an array of ranges".to_owned());
        }
        if part
            .split_whitespace()
            .skip(1)
            .any(|word| word.starts_with(operator))
        {
            return Err(format!("`{part}`: write a comma between comparators"));
        }
        let comparator = Comparator::parse(part)
            .map_err(|problem| format!("`{part}` is no range of versions: {problem}"))?;
        let other = Interval::of(&comparator)
            .ok_or_else(|| format!("`{part}` is beyond the largest version"))?;
        interval = interval.both(other);
    }
    if interval.is_empty() {
        return Err(format!("contradiction: no version is `{text}`"));
    }
    Ok(interval)
}

/// A version without pre-release.
fn release(major: u64, minor: u64, patch: u64) -> Version {
    Version::new(major, minor, patch)
}

/// The version that comes before every other of this release: `1.2.3-0`.
fn earliest(major: u64, minor: u64, patch: u64) -> Option<Version> {
    Some(Version {
        major,
        minor,
        patch,
        pre: Prerelease::new("0").ok()?,
        build: BuildMetadata::EMPTY,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, prereleases: Prereleases, tag: &str) -> bool {
        let intervals = text.split('|').map(|text| range(text).unwrap()).collect();
        let ranges = VersionRange {
            intervals,
            prereleases,
        };
        ranges.matches(tag)
    }

    #[test]
    fn only_whole_versions_are_versions() {
        for (tag, expected) in [
            ("1.2.3", true),
            ("v1.2.3", true),
            ("v1.2.3-rc.1", true),
            ("V1.2.3", false),
            ("vv1.2.3", false),
            ("1.2", false),
            ("1.2.3.4", false),
            ("01.2.3", false),
            ("1.2.3-01", false),
            ("1.2.3-", false),
            ("release-1.2.3", false),
            ("1.2.3_build", false),
            ("latest", false),
            ("v", false),
            ("", false),
            ("18446744073709551616.0.0", false),
        ] {
            assert_eq!(version_of(tag).is_some(), expected, "{tag}");
            assert_eq!(matches("*", Prereleases::Either, tag), expected, "{tag}");
        }
    }

    #[test]
    fn releases_match_as_the_semver_crate_matches_them() {
        let tags = [
            "0.0.0", "0.0.3", "0.0.4", "0.1.0", "0.1.9", "0.2.0", "1.0.0", "1.2.2", "1.2.3",
            "1.2.4", "1.3.0", "1.9.9", "2.0.0", "2.1.0", "3.0.0",
        ];
        for text in [
            "=1.2.3",
            "=1.2",
            "=1",
            ">1.2.3",
            ">1.2",
            ">1",
            ">=1.2.3",
            ">=1.2",
            ">=1",
            "<1.2.3",
            "<1.2",
            "<1",
            "<=1.2.3",
            "<=1.2",
            "<=1",
            "~1.2.3",
            "~1.2",
            "~1",
            "^1.2.3",
            "^1.2",
            "^1",
            "^0.1.0",
            "^0.1",
            "^0.0.3",
            "^0.0",
            "^0",
            "1.*",
            "1.2.*",
            "*",
            ">=1, <2",
            ">=1.2.3,<1.3",
            ">0.0.0",
            "<=0.0.0",
            ">=1.0.0-rc.1",
        ] {
            let theirs = semver::VersionReq::parse(text).unwrap();
            for tag in tags {
                let expected = theirs.matches(&Version::parse(tag).unwrap());
                for mode in [Prereleases::Either, Prereleases::Both, Prereleases::None] {
                    assert_eq!(matches(text, mode, tag), expected, "{text} {tag}");
                }
            }
        }
    }

    #[test]
    fn a_doubt_about_a_pre_release_is_decided_for_keeping() {
        for (text, tag, keep, delete) in [
            (">=1.0.0", "1.0.0-rc.1", true, false),
            (">=1.0.0", "1.0.1-rc.1", true, true),
            ("<2.0.0", "2.0.0-rc.1", true, false),
            ("<2.0.0", "1.9.0-rc.1", true, true),
            ("=1.2", "1.3.0-rc.1", false, false),
            ("=1.2", "1.2.0-rc.1", true, true),
            ("^1.2.3", "2.0.0-rc.1", false, false),
            ("=1.2.3", "1.2.3-rc.1", true, false),
            ("=1.2.3-rc.1", "1.2.3-rc.1", true, false),
            (">=1.2.3-rc.2", "1.2.3-rc.1", true, false),
            (">=1.2.3-rc.2", "1.2.3-rc.10", true, true),
            ("<1.0.0|>=2.0.0", "2.0.0-rc.1", true, false),
            ("*", "0.0.0-0", true, true),
        ] {
            assert_eq!(
                matches(text, Prereleases::Either, tag),
                keep,
                "{text} {tag}"
            );
            assert_eq!(
                matches(text, Prereleases::Both, tag),
                delete,
                "{text} {tag}"
            );
            assert!(!matches(text, Prereleases::None, tag), "{text} {tag}");
        }
    }

    #[test]
    fn what_two_tools_read_differently_is_an_error() {
        for (text, why) in [
            ("1.2.3", "write =1.2.3 or ^1.2.3"),
            ("1", "write =1 or ^1"),
            (">=1.0.0 <2.0.0", "write a comma"),
            ("^1 || ^2", "array of ranges"),
            ("v1.2.3", "no range"),
            (">=v1.2.3", "no range"),
            (">=1.2.3.4", "no range"),
            ("", "no range"),
            (">=1,", "no range"),
            ("=>1", "no range"),
            ("latest", "no range"),
            ("1.0.0 - 2.0.0", "no operator"),
            (">2.0.0, <1.0.0", "contradiction"),
            ("<0.0.0-0", "contradiction"),
            (">=1.0.0, <1.0.0", "contradiction"),
            ("=18446744073709551615", "beyond the largest"),
            ("=18446744073709551616", "no range"),
        ] {
            let problem = range(text).unwrap_err();
            assert!(problem.contains(why), "{text}: {problem}");
        }
    }

    #[test]
    fn ranges_that_mean_the_same_are_the_same() {
        for (one, other) in [
            ("^1.2.3", "~1, >=1.2.3"),
            ("=1.2", "~1.2"),
            ("1.*", "=1"),
            (">=1.0.0, <2.0.0", "<2.0.0,>=1.0.0"),
            ("*", "*, *"),
        ] {
            assert_eq!(range(one).unwrap(), range(other).unwrap(), "{one} {other}");
        }
        assert_ne!(range("<2.0.0").unwrap(), range("<=1.99").unwrap());
    }
}
