//! Caps: how much may go at once. A breach blocks everything, it never trims.

use std::time::Duration;

use crate::configuration::Caps;
use crate::timestamp::Timestamp;

/// The share is reckoned over this long.
const WINDOW: Duration = Duration::from_hours(7 * 24);
/// So few deletions within the window are never a share too much.
const ALWAYS_ALLOWED: u64 = 5;

/// What an earlier run deleted from a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub repository: String,
    /// When the run began.
    pub at: Timestamp,
    /// How many groups there were then.
    pub groups_before: u64,
    /// How many of them it deleted.
    pub groups_deleted: u64,
}

impl History {
    /// An entry of one run.
    #[must_use]
    pub fn new(
        host: impl Into<String>,
        repository: impl Into<String>,
        at: Timestamp,
        groups_before: u64,
        groups_deleted: u64,
    ) -> Self {
        Self {
            host: host.into(),
            repository: repository.into(),
            at,
            groups_before,
            groups_deleted,
        }
    }
}

/// Why deleting so many of a repository's groups is too much, if it is.
pub(super) fn breach<'h>(
    caps: &Caps,
    groups: u64,
    deleting: u64,
    history: impl Iterator<Item = &'h History>,
    now: Timestamp,
) -> Option<String> {
    if deleting == 0 {
        return None;
    }
    let staying = groups.saturating_sub(deleting);
    if staying < u64::from(caps.survivors) {
        return Some(format!(
            "{staying} of {groups} groups would stay, fewer than the {} survivors of the limit",
            caps.survivors
        ));
    }
    // a run that another clock dates after now has deleted all the same
    let (mut start, mut earlier) = (None::<(Timestamp, u64)>, 0_u64);
    for run in history.filter(|run| run.at > now.minus(WINDOW)) {
        earlier = earlier.saturating_add(run.groups_deleted);
        if start.is_none_or(|(at, _)| run.at < at) {
            start = Some((run.at, run.groups_before));
        }
    }
    let at_start = start.map_or(groups, |(_, groups)| groups);
    let total = earlier.saturating_add(deleting);
    // multiplied, not divided: 25% of 7 is no whole number
    let is_share_kept = total.saturating_mul(100) <= at_start.saturating_mul(u64::from(caps.share));
    if is_share_kept || total <= ALWAYS_ALLOWED {
        return None;
    }
    let before = match earlier {
        0 => String::new(),
        earlier => format!(", {earlier} of them by earlier runs"),
    };
    Some(format!(
        "{total} of {at_start} groups would have gone within seven days{before}; the limit is {}%",
        caps.share
    ))
}

/// Why deleting so many groups in one run is too much, if it is.
pub(super) fn run_breach(caps: &Caps, deleting: u64) -> Option<String> {
    (deleting > u64::from(caps.deletions)).then(|| {
        format!(
            "the run would delete {deleting} groups; the limit is {}",
            caps.deletions
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_507_200);
    const DAY: u64 = 86_400;

    fn blocks(groups: u64, deleting: u64, history: &[(u64, u64, u64)]) -> bool {
        let history: Vec<History> = history
            .iter()
            .map(|(days, before, deleted)| {
                History::new(
                    "r.example",
                    "a",
                    NOW.minus(Duration::from_secs(days * DAY)),
                    *before,
                    *deleted,
                )
            })
            .collect();
        breach(&Caps::default(), groups, deleting, history.iter(), NOW).is_some()
    }

    #[test]
    fn a_quarter_may_go_within_seven_days() {
        for (groups, deleting, history, blocked) in [
            (100, 25, &[][..], false),
            (100, 26, &[], true),
            (27, 6, &[], false),
            (23, 6, &[], true),
            (80, 5, &[(1, 100, 20)], false),
            (80, 6, &[(1, 100, 20)], true),
            (80, 20, &[(8, 100, 20)], false),
            (70, 5, &[(1, 80, 10), (6, 100, 20)], true),
            (95, 20, &[(1, 100, 5)], false),
            (95, 21, &[(1, 100, 5)], true),
        ] {
            assert_eq!(
                blocks(groups, deleting, history),
                blocked,
                "{deleting} of {groups} after {history:?}"
            );
        }
    }

    #[test]
    fn five_or_fewer_are_never_a_share_too_much() {
        assert!(!blocks(6, 5, &[]));
        assert!(
            blocks(6, 5, &[(1, 7, 1)]),
            "the window's earlier deletions count"
        );
        assert!(
            !blocks(6, 0, &[(1, 100, 90)]),
            "nothing to delete, nothing to block"
        );
    }

    #[test]
    fn a_run_dated_after_now_counts() {
        let later = History::new("r.example", "a", NOW.plus(Duration::from_mins(1)), 100, 20);
        let breach = |deleting| breach(&Caps::default(), 80, deleting, [&later].into_iter(), NOW);
        assert!(breach(5).is_none());
        assert!(breach(6).is_some());
    }

    #[test]
    fn somebody_survives() {
        assert!(blocks(3, 3, &[]));
        assert!(!blocks(4, 3, &[]));
        assert!(run_breach(&Caps::default(), 1001).is_some());
        assert!(run_breach(&Caps::default(), 1000).is_none());
    }
}
