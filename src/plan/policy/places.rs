//! First pass over the groups: who is the how-manieth newest, by every rule that counts.
//!
//! A total order with the digest as tiebreak: an unstable order once kept survivors by chance
//! (registry-cli#9, gitlab#377417). Groups are counted, not manifests or tags, and a group whose
//! time is unknown takes no place.

use crate::configuration::policy::{Counting, Order, Rule};
use crate::plan::clock::Clock;
use crate::plan::graph::{Graph, Node};
use crate::plan::inventory::ImageTag;
use crate::sorted;
use crate::timestamp::Timestamp;

/// The places of one rule's groups.
#[derive(Debug, Default)]
pub(super) struct Places<'i> {
    /// Sorted by the captured group's value (the empty text where the rule counts everything
    /// together), then by group; places count from 1.
    places: Vec<(&'i str, Node, u64)>,
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
        let mut times: Vec<(&'i str, Timestamp, Node)> = Vec::new();
        for node in candidates {
            let groups = group_times(rule, counting, graph, clock, *node);
            let known = groups
                .into_iter()
                .filter_map(|(value, time)| Some((value, time?, *node)));
            times.extend(known);
        }
        sorted::sort_by(&mut times, |one, two| {
            let by_value = one.0.cmp(two.0);
            by_value.then(two.1.cmp(&one.1)).then(one.2.cmp(&two.2))
        });
        let mut places: Vec<(&'i str, Node, u64)> = Vec::with_capacity(times.len());
        for (value, _, node) in times {
            let place = match places.last() {
                Some((last, _, place)) if *last == value => place + 1,
                _ => 1,
            };
            places.push((value, node, place));
        }
        sorted::sort_by(&mut places, |one, two| (one.0, one.1).cmp(&(two.0, two.1)));
        Self { places }
    }

    /// The place of a group among those of `value`, from 1; `None` if it takes none.
    pub(super) fn place(&self, value: &str, node: Node) -> Option<u64> {
        let found = self
            .places
            .binary_search_by(|(one, other, _)| (*one, *other).cmp(&(value, node)));
        self.places.get(found.ok()?).map(|(_, _, place)| *place)
    }
}

/// Every value under which a group is counted, with the time that places it there.
fn group_times<'i>(
    rule: &Rule,
    counting: &Counting,
    graph: &Graph<'i>,
    clock: &Clock<'_>,
    node: Node,
) -> Vec<(&'i str, Option<Timestamp>)> {
    let mut times: Vec<(&'i str, Option<Timestamp>)> = Vec::new();
    let Some(image) = graph.image(node) else {
        return times;
    };
    let mut own_tags = image.own_tags().peekable();
    if own_tags.peek().is_none() && super::selects(rule, None) {
        times.push(("", time(clock, node, None, counting)));
    }
    for tag in own_tags.filter(|tag| super::selects(rule, Some(tag.name))) {
        let time = time(clock, node, Some(tag), counting);
        times.push((value(rule, counting, tag.name), time));
    }
    // several tags on one digest: it is as new as the newest, unknown if one is
    sorted::sort_by(&mut times, |one, two| {
        let is_known = one.1.is_none().cmp(&two.1.is_none());
        one.0
            .cmp(two.0)
            .then(is_known.reverse())
            .then(two.1.cmp(&one.1))
    });
    times.dedup_by_key(|(value, _)| *value);
    times
}

fn time(
    clock: &Clock<'_>,
    node: Node,
    tag: Option<ImageTag<'_>>,
    counting: &Counting,
) -> Option<Timestamp> {
    match counting.by {
        Order::Time(fact) => clock.time(node, tag, fact),
        Order::Version => None,
    }
}

/// The value under which a tag is counted.
pub(super) fn value<'t>(rule: &Rule, counting: &Counting, tag: &'t str) -> &'t str {
    match (&counting.per, &rule.tags) {
        (Some(per), Some(tags)) => tags.find(tag).map_or("", |found| found.group(per)),
        _ => "",
    }
}
