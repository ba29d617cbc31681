//! Caps: how many groups may go. A breach blocks everything.

use crate::planning::world::{Caps, Repository};

const WEEK: i64 = 7 * 86_400;

/// Whether a repository with so many groups must not lose so many of them.
pub(super) fn forbids(
    caps: &Caps,
    repository: &Repository,
    groups: u64,
    going: u64,
    now: i64,
) -> bool {
    let mut runs: Vec<_> = repository
        .runs
        .iter()
        .filter(|run| now - run.at < WEEK)
        .collect();
    runs.sort_by_key(|run| run.at);
    let groups_then = runs.first().map_or(groups, |run| run.groups_before);
    let gone = going + runs.iter().map(|run| run.groups_deleted).sum::<u64>();
    let is_too_large_a_share = gone > 5 && gone * 100 > u64::from(caps.share) * groups_then;
    going > 0 && (is_too_large_a_share || groups - going < u64::from(caps.survivors))
}
