//! A range of versions as its two ends, by precedence.

use std::cmp::Ordering;

use semver::{Comparator, Op, Version};

use super::{earliest, release};

/// From one version to another. An end that is missing is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interval {
    low: Option<End>,
    high: Option<End>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    at: Version,
    included: bool,
}

impl Interval {
    pub(super) const fn everything() -> Self {
        Self {
            low: None,
            high: None,
        }
    }

    /// What one comparator means; `None` where its end is no version any more.
    ///
    /// A comparator that leaves parts out speaks of whole releases, pre-releases included: `=1.2`
    /// goes from `1.2.0-0` up to `1.3.0-0`.
    pub(super) fn of(comparator: &Comparator) -> Option<Self> {
        let Comparator {
            op,
            major,
            minor,
            patch,
            ref pre,
        } = *comparator;
        let whole = |minor, patch| Version {
            pre: pre.clone(),
            ..release(major, minor, patch)
        };
        let next_major = || earliest(major.checked_add(1)?, 0, 0);
        let next_minor = |minor: u64| earliest(major, minor.checked_add(1)?, 0);
        let next_patch = |minor, patch: u64| earliest(major, minor, patch.checked_add(1)?);
        // what it names, from its first version to behind its last
        let (first, behind) = match (minor, patch) {
            (None, _) => (earliest(major, 0, 0)?, next_major()?),
            (Some(minor), None) => (earliest(major, minor, 0)?, next_minor(minor)?),
            (Some(minor), Some(patch)) => {
                let version = whole(minor, patch);
                let ends = match op {
                    Op::Greater => return Some(Self::from(version, false)),
                    Op::GreaterEq => return Some(Self::from(version, true)),
                    Op::Less => return Some(Self::to(version, false)),
                    Op::LessEq => return Some(Self::to(version, true)),
                    Op::Tilde => next_minor(minor)?,
                    Op::Caret if major > 0 => next_major()?,
                    Op::Caret if minor > 0 => next_minor(minor)?,
                    Op::Caret => next_patch(minor, patch)?,
                    _ => {
                        return Some(
                            Self::from(version.clone(), true).both(Self::to(version, true)),
                        );
                    }
                };
                (version, ends)
            }
        };
        Some(match op {
            Op::Greater => Self::from(behind, true),
            Op::GreaterEq => Self::from(first, true),
            Op::Less => Self::to(first, false),
            Op::LessEq => Self::to(behind, false),
            Op::Caret if major > 0 || minor.is_none() => {
                Self::from(first, true).both(Self::to(next_major()?, false))
            }
            _ => Self::from(first, true).both(Self::to(behind, false)),
        })
    }

    fn from(at: Version, included: bool) -> Self {
        Self {
            low: Some(End { at, included }),
            high: None,
        }
    }

    fn to(at: Version, included: bool) -> Self {
        Self {
            low: None,
            high: Some(End { at, included }),
        }
    }

    pub(super) fn holds(&self, version: &Version) -> bool {
        self.low.as_ref().is_none_or(|low| low.is_below(version))
            && self.high.as_ref().is_none_or(|high| high.is_above(version))
    }

    /// What lies in both.
    pub(super) fn both(self, other: Self) -> Self {
        let narrower = |one: Option<End>, other: Option<End>, wanted| match (one, other) {
            (Some(one), Some(other)) => {
                let order = one.at.cmp_precedence(&other.at);
                let first = order == wanted || (order == Ordering::Equal && !one.included);
                Some(if first { one } else { other })
            }
            (one, other) => one.or(other),
        };
        Self {
            low: narrower(self.low, other.low, Ordering::Greater),
            high: narrower(self.high, other.high, Ordering::Less),
        }
    }

    /// Whether no version lies in it.
    pub(super) fn is_empty(&self) -> bool {
        let earliest = earliest(0, 0, 0);
        let below_all = |high: &End| {
            let Some(earliest) = &earliest else {
                return false;
            };
            !high.is_above(earliest)
        };
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => !low.is_below(&high.at) || !high.is_above(&low.at),
            (None, Some(high)) => below_all(high),
            _ => false,
        }
    }

    /// Whether all of `inner` lies in it.
    pub(super) fn includes(&self, inner: &Self) -> bool {
        let both = self.clone().both(inner.clone());
        both == *inner
    }

    pub(super) fn compare(one: &Self, other: &Self) -> Ordering {
        one.canonical().cmp(&other.canonical())
    }

    pub(super) fn canonical(&self) -> String {
        let end = |end: &Option<End>| {
            end.as_ref().map_or_else(String::new, |end| {
                let mark = if end.included { "=" } else { "" };
                format!("{mark}{}", end.at)
            })
        };
        format!("{}..{}", end(&self.low), end(&self.high))
    }

    pub(super) fn describe(&self) -> String {
        let end = |end: &End, included, excluded| {
            let words = if end.included { included } else { excluded };
            // `1.3.0-0` is how "before anything of 1.3.0" is written
            if end.at.pre.as_str() == "0" {
                format!(
                    "{words} {}",
                    release(end.at.major, end.at.minor, end.at.patch)
                )
            } else {
                format!("{words} {}", end.at)
            }
        };
        match (&self.low, &self.high) {
            (Some(low), Some(high)) if low == high => low.at.to_string(),
            (Some(low), Some(high)) => {
                let (low, high) = (end(low, "from", "after"), end(high, "up to", "before"));
                format!("{low} {high}")
            }
            (Some(low), None) => end(low, "from", "after"),
            (None, Some(high)) => end(high, "up to", "before"),
            (None, None) => "of any number".to_owned(),
        }
    }
}

impl End {
    fn is_below(&self, version: &Version) -> bool {
        match self.at.cmp_precedence(version) {
            Ordering::Less => true,
            Ordering::Equal => self.included,
            Ordering::Greater => false,
        }
    }

    fn is_above(&self, version: &Version) -> bool {
        match self.at.cmp_precedence(version) {
            Ordering::Greater => true,
            Ordering::Equal => self.included,
            Ordering::Less => false,
        }
    }
}
