//! The conditions of a rule, one by one, as they are written.

use super::{Fact, Truth};
use crate::configuration::policy::{
    Captured, Counting, Found, Named, PlatformPattern, Rule, TagSelector, TimeBound,
};
use crate::oci::Kind;
use crate::plan::clock::Clock;
use crate::plan::graph::Node;
use crate::plan::inventory::ImageTag;
use crate::plan::reported::Reported;

/// One condition. A rule matches where all of them do.
#[derive(Debug, Clone, Copy)]
pub(super) enum Condition<'r> {
    Tagged(bool),
    Tags(&'r TagSelector),
    Kinds(&'r [Kind]),
    Annotation(&'r Named),
    Label(&'r Named),
    Platforms(&'r [PlatformPattern]),
    /// What the pattern of its tags captured is in a report.
    Captured(&'r Captured),
    Older(TimeBound),
    Younger(TimeBound),
    Counted(&'r Counting),
}

impl Condition<'_> {
    /// Itself, if it is about what an image says of itself.
    pub(super) fn as_contents(self) -> impl Iterator<Item = Self> {
        let is_contents = matches!(
            self,
            Self::Annotation(_) | Self::Label(_) | Self::Platforms(_)
        );
        is_contents.then_some(self).into_iter()
    }
}

/// The conditions of a rule: first its selectors, then its times, then its place.
pub(super) fn conditions(rule: &Rule) -> Vec<Condition<'_>> {
    let mut conditions = Vec::new();
    conditions.extend(rule.tagged.map(Condition::Tagged));
    conditions.extend(rule.tags.as_ref().map(Condition::Tags));
    if !rule.kinds.is_empty() {
        conditions.push(Condition::Kinds(&rule.kinds));
    }
    conditions.extend(contents(rule));
    conditions.extend(rule.captured.iter().map(Condition::Captured));
    conditions.extend(rule.older_than.map(Condition::Older));
    conditions.extend(rule.younger_than.map(Condition::Younger));
    conditions.extend(rule.counting.as_ref().map(Condition::Counted));
    conditions
}

/// Those about what an image says of itself.
pub(super) fn contents(rule: &Rule) -> impl Iterator<Item = Condition<'_>> {
    let platforms = Some(rule.platforms.as_slice()).filter(|platforms| !platforms.is_empty());
    let annotations = rule.annotations.iter().map(Condition::Annotation);
    annotations
        .chain(rule.labels.iter().map(Condition::Label))
        .chain(platforms.map(Condition::Platforms))
}

/// Whether a rule speaks about what has a tag, or has none.
pub(super) fn is_tagged(rule: &Rule, is_tagged: bool) -> bool {
    rule.tagged.is_none_or(|tagged| tagged == is_tagged)
}

/// Whether a place among the groups that a rule counts is what the rule asks for.
pub(super) fn is_in_place(rule: &Rule, counting: &Counting, place: u32) -> bool {
    (place <= counting.count) == rule.keeps
}

/// Whether a report lists what a pattern captured.
pub(super) fn captured(reported: &Reported<'_>, condition: &Captured, found: &Found<'_>) -> Truth {
    match reported.lists(&condition.report, found.group(&condition.group)) {
        Some(is_listed) => is_listed.into(),
        None => Truth::Unknown(Fact::Report),
    }
}

/// What a rule's times say.
pub(super) fn times(
    clock: &Clock<'_>,
    rule: &Rule,
    node: Node,
    tag: Option<ImageTag<'_>>,
) -> Truth {
    let older = rule.older_than;
    let older = older.map_or(Truth::Yes, |bound| compare(clock, node, tag, bound, true));
    let younger = rule.younger_than;
    older.and(younger.map_or(Truth::Yes, |bound| compare(clock, node, tag, bound, false)))
}

/// Whether a time lies at least, or less than, so long ago.
pub(super) fn compare(
    clock: &Clock<'_>,
    node: Node,
    tag: Option<ImageTag<'_>>,
    bound: TimeBound,
    older: bool,
) -> Truth {
    match clock.time(node, tag, bound.fact) {
        None => Truth::Unknown(Fact::Time(bound.fact)),
        Some(time) => {
            let is_older = time <= clock.now.minus(bound.age.duration());
            Truth::from(is_older == older)
        }
    }
}
