//! Whether a report may be relied on.
//!
//! Cleaners deleted running images because the list of them was fresh and empty: a permission was
//! cut, a cluster was gone. So a report has to be recent, large and steady, or nothing goes.

use std::{fmt, time::Duration};

use super::{Report, ReportKind, ReportRule};
use crate::configuration::Age;
use crate::timestamp::Timestamp;

/// How far ahead of ours a reporter's clock may be.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Why a report may not be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Breach {
    /// There is none.
    Missing,
    /// It lists something else than the rule says.
    WrongKind {
        /// What it lists.
        found: ReportKind,
        /// What it should list.
        expected: ReportKind,
    },
    /// It was taken more than five minutes after now.
    FromTheFuture {
        /// When it says it was taken.
        taken_at: Timestamp,
    },
    /// It is older than `maxAge`.
    Stale {
        /// When it was taken.
        taken_at: Timestamp,
        /// How old it may be.
        max_age: Age,
    },
    /// It lists fewer than `min`.
    TooFew {
        /// How many it lists.
        found: u64,
        /// How many it should list at least.
        least: u64,
    },
    /// It lists so much less than the last one accepted that something else than a change of mind
    /// must have happened.
    Shrunk {
        /// How many it lists.
        found: u64,
        /// How many the last accepted one listed.
        before: u64,
        /// By how much it may shrink, in percent.
        most: u32,
    },
}

/// Whether `report` is all that `rule` asks for, with the size of the last one that was.
///
/// # Errors
///
/// The first [`Breach`] found.
///
/// # Examples
///
/// ```
/// use portreeve::plan::reports::{Breach, Report, ReportKind, ReportRule, check};
/// use portreeve::timestamp::Timestamp;
///
/// let rule = ReportRule::new("open-prs", ReportKind::Strings, "2h".parse()?);
/// let report = Report::new(ReportKind::Strings, Timestamp::from_seconds(0));
/// assert_eq!(check(&rule, Some(&report), None, Timestamp::from_seconds(7200)), Ok(()));
/// let breach = check(&rule, Some(&report), None, Timestamp::from_seconds(7201)).unwrap_err();
/// assert_eq!(breach.as_str(), "stale");
/// assert_eq!(check(&rule, None, None, Timestamp::from_seconds(0)), Err(Breach::Missing));
/// # Ok::<(), portreeve::configuration::InvalidAge>(())
/// ```
pub fn check(
    rule: &ReportRule,
    report: Option<&Report>,
    previous_size: Option<u64>,
    now: Timestamp,
) -> Result<(), Breach> {
    let report = report.ok_or(Breach::Missing)?;
    if report.kind != rule.kind {
        return Err(Breach::WrongKind {
            found: report.kind,
            expected: rule.kind,
        });
    }
    let taken_at = report.taken_at;
    if taken_at > now.plus(TOLERANCE) {
        return Err(Breach::FromTheFuture { taken_at });
    }
    if now.since(taken_at) > rule.max_age.duration() {
        let max_age = rule.max_age;
        return Err(Breach::Stale { taken_at, max_age });
    }
    let found = report.size();
    if found < rule.min {
        let least = rule.min;
        return Err(Breach::TooFew { found, least });
    }
    if let (Some(most), Some(before)) = (rule.max_shrink, previous_size) {
        let lost = u128::from(before.saturating_sub(found));
        if lost * 100 > u128::from(before) * u128::from(most) {
            return Err(Breach::Shrunk {
                found,
                before,
                most,
            });
        }
    }
    Ok(())
}

impl Breach {
    /// A word for programs: `missing`, `wrong_kind`, `from_the_future`, `stale`, `too_few` or
    /// `shrunk`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongKind { .. } => "wrong_kind",
            Self::FromTheFuture { .. } => "from_the_future",
            Self::Stale { .. } => "stale",
            Self::TooFew { .. } => "too_few",
            Self::Shrunk { .. } => "shrunk",
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("there is none"),
            Self::WrongKind { found, expected } => write!(
                formatter,
                "it lists {}, not {}",
                found.as_str(),
                expected.as_str()
            ),
            Self::FromTheFuture { taken_at } => {
                write!(formatter, "it was taken in the future, at {taken_at}")
            }
            Self::Stale { taken_at, max_age } => {
                write!(
                    formatter,
                    "it was taken at {taken_at}, more than {max_age} ago"
                )
            }
            Self::TooFew { found, least } => {
                write!(
                    formatter,
                    "it lists {found}, and at least {least} are expected"
                )
            }
            Self::Shrunk {
                found,
                before,
                most,
            } => write!(
                formatter,
                "it lists {found} where the last one listed {before}: it may shrink by {most}%"
            ),
        }
    }
}

impl std::error::Error for Breach {}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn rule() -> ReportRule {
        let mut rule = ReportRule::new("prs", ReportKind::Strings, "6h".parse().unwrap());
        rule.min = 10;
        rule.max_shrink = Some(30);
        rule
    }

    fn report(size: usize, taken_at: Timestamp) -> Report {
        let mut report = Report::new(ReportKind::Strings, taken_at);
        report.strings = (0..size).map(|number| number.to_string()).collect();
        report
    }

    fn breach(report: &Report, previous: Option<u64>) -> &'static str {
        match check(&rule(), Some(report), previous, NOW) {
            Ok(()) => "",
            Err(breach) => breach.as_str(),
        }
    }

    #[test]
    fn rule_22_a_report_that_is_fresh_and_empty_is_not_believed() {
        assert_eq!(breach(&report(0, NOW), None), "too_few");
        assert_eq!(breach(&report(9, NOW), None), "too_few");
        assert_eq!(breach(&report(10, NOW), None), "");
    }

    #[test]
    fn one_that_shrank_suddenly_is_not_believed() {
        assert_eq!(breach(&report(70, NOW), Some(100)), "");
        assert_eq!(breach(&report(69, NOW), Some(100)), "shrunk");
        assert_eq!(breach(&report(500, NOW), Some(100)), "");
        assert_eq!(breach(&report(70, NOW), Some(u64::MAX)), "shrunk");
        assert_eq!(breach(&report(70, NOW), Some(0)), "");
        assert_eq!(
            breach(&report(70, NOW), None),
            "",
            "a first one has nothing to shrink from"
        );
    }

    #[test]
    fn its_age_ends_to_the_second_and_the_future_is_not_believed() {
        let aged = |seconds: i64| report(10, Timestamp::from_seconds(NOW.seconds() - seconds));
        assert_eq!(breach(&aged(6 * 3600), None), "");
        assert_eq!(breach(&aged(6 * 3600 + 1), None), "stale");
        assert_eq!(breach(&aged(-300), None), "");
        assert_eq!(breach(&aged(-301), None), "from_the_future");
        assert_eq!(
            breach(&report(10, Timestamp::from_seconds(i64::MIN)), None),
            "stale"
        );
    }

    #[test]
    fn one_of_the_other_kind_is_none() {
        let images = Report::new(ReportKind::Images, NOW);
        let breach = check(&rule(), Some(&images), None, NOW).unwrap_err();
        assert_eq!(breach.to_string(), "it lists images, not strings");
    }
}
