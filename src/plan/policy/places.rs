//! First pass over the groups: who is the how-manieth newest, by every rule that counts.
//!
//! A total order with the digest as tiebreak: an unstable order once kept survivors by chance
//! (registry-cli#9, gitlab#377417). Groups are counted, not manifests or tags, and a group whose
//! time is unknown takes no place.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::configuration::policy::{Counting, Rule};
use crate::plan::clock::Clock;
use crate::plan::graph::{Graph, Node};
use crate::timestamp::Timestamp;

/// The places of one rule's groups.
#[derive(Debug, Default)]
pub(super) struct Places<'i> {
    /// By the captured group's value, the empty text where the rule counts everything together:
    /// groups, ascending, with their places from 1.
    by_value: BTreeMap<&'i str, Vec<(Node, u64)>>,
}

impl<'i> Places<'i> {
    pub(super) fn of(
        rule: &Rule,
        graph: &Graph<'i>,
        clock: &Clock<'_>,
        candidates: &[Node],
    ) -> Self {
        let Some(counting) = &rule.counting else {
            return Self::default();
        };
        let mut times: BTreeMap<&'i str, Vec<(Reverse<Timestamp>, Node)>> = BTreeMap::new();
        for node in candidates {
            for (value, time) in group_times(rule, counting, graph, clock, *node) {
                if let Some(time) = time {
                    times.entry(value).or_default().push((Reverse(time), *node));
                }
            }
        }
        let by_value = times.into_iter().map(|(value, mut newest_first)| {
            newest_first.sort_unstable();
            let numbered = newest_first.into_iter().zip(1..);
            let mut places: Vec<(Node, u64)> =
                numbered.map(|((_, node), place)| (node, place)).collect();
            places.sort_unstable();
            (value, places)
        });
        Self {
            by_value: by_value.collect(),
        }
    }

    /// The place of a group among those of `value`, from 1; `None` if it takes none.
    pub(super) fn place(&self, value: &str, node: Node) -> Option<u64> {
        let places = self.by_value.get(value)?;
        let position = places.binary_search_by_key(&node, |(node, _)| *node).ok()?;
        places.get(position).map(|(_, place)| *place)
    }
}

/// Every value under which a group is counted, with the time that places it there.
fn group_times<'i>(
    rule: &Rule,
    counting: &Counting,
    graph: &Graph<'i>,
    clock: &Clock<'_>,
    node: Node,
) -> BTreeMap<&'i str, Option<Timestamp>> {
    let mut times = BTreeMap::new();
    let Some(image) = graph.image(node) else {
        return times;
    };
    let mut own_tags = image.own_tags().peekable();
    if own_tags.peek().is_none() && super::selects(rule, None) {
        times.insert("", clock.time(node, None, counting.by));
    }
    for tag in own_tags.filter(|tag| super::selects(rule, Some(&tag.name))) {
        let time = clock.time(node, Some(tag), counting.by);
        // several tags on one digest: it is as new as the newest, unknown if one is
        times
            .entry(value(rule, counting, &tag.name))
            .and_modify(|known: &mut Option<Timestamp>| {
                *known = known.and_then(|known| Some(known.max(time?)));
            })
            .or_insert(time);
    }
    times
}

/// The value under which a tag is counted.
pub(super) fn value<'t>(rule: &Rule, counting: &Counting, tag: &'t str) -> &'t str {
    match (&counting.per, &rule.tags) {
        (Some(per), Some(tags)) => tags.capture(tag, per).unwrap_or_default(),
        _ => "",
    }
}
