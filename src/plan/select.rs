//! From rules to verdicts: roots are judged, then protection spreads until nothing changes.
//!
//! 1. Rules speak about roots.
//! 2. *Every* manifest that does not go protects what it leads to: down to children, out to
//!    referrers, and a referrer that stays keeps its subject. Protection does not climb from a
//!    tagged child to its index.
//! 3. What only deleted roots lead to goes with them, unless something forbids it; whatever is
//!    forbidden protects in its turn.

use std::collections::{BTreeMap, VecDeque};

use super::clock::Clock;
use super::document::{PlannedImage, Reason, Role, Verdict};
use super::graph::{Graph, Node};
use super::inventory::{Image, Inventory};
use super::policy::{Judge, Policy, Ruling};
use crate::configuration::policy::{MinimumAge, TimeFact};
use crate::oci::Digest;

/// The verdict on one manifest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'a> {
    pub(super) ruling: Ruling<'a>,
    /// What leads to it and stays, or the member that speaks for the group.
    pub(super) through: Option<Node>,
    /// What it names and is missing.
    pub(super) missing: Option<Digest>,
    /// The root it belongs to.
    pub(super) group: Node,
}

/// One repository while its verdicts come together.
struct Selection<'a> {
    graph: &'a Graph<'a>,
    clock: &'a Clock<'a>,
    policy: &'a Policy,
    inventory: &'a Inventory,
    /// Sorted by digest: the plan that is being carried out allows no deletion but its own.
    approved: Option<&'a [PlannedImage]>,
    decisions: Vec<Option<Decision<'a>>>,
}

impl<'a> Decision<'a> {
    fn new(group: Node, reason: Reason) -> Self {
        Self {
            ruling: Ruling::because(reason),
            through: None,
            missing: None,
            group,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.ruling.reason.verdict()
    }

    pub(super) fn deletes(&self) -> bool {
        self.verdict() == Verdict::Delete
    }
}

/// Decides about every manifest, in the order of the graph's nodes. Caps come afterwards.
pub(super) fn select<'a>(
    graph: &'a Graph<'a>,
    clock: &'a Clock<'a>,
    policy: &'a Policy,
    inventory: &'a Inventory,
    approved: Option<&'a [PlannedImage]>,
) -> Vec<Decision<'a>> {
    let mut selection = Selection {
        graph,
        clock,
        policy,
        inventory,
        approved,
        decisions: vec![None; graph.len()],
    };
    selection.judge_roots();
    selection.protect(selection.staying());
    selection.judge_members();
    let decisions = selection.decisions.into_iter().enumerate();
    decisions
        .map(|(node, decision)| decision.unwrap_or_else(|| Decision::new(node, Reason::Unrooted)))
        .collect()
}

impl<'a> Selection<'a> {
    fn decision(&self, node: Node) -> Option<Decision<'a>> {
        self.decisions.get(node).copied().flatten()
    }

    fn decide(&mut self, node: Node, decision: Decision<'a>) {
        if let Some(place) = self.decisions.get_mut(node) {
            *place = Some(decision);
        }
    }

    fn staying(&self) -> Vec<Node> {
        let stays = |node: &Node| {
            self.decision(*node)
                .is_some_and(|decision| !decision.deletes())
        };
        self.graph.nodes().filter(stays).collect()
    }

    fn judge_roots(&mut self) {
        // what is of another kind or cannot be read neither is judged nor takes a place
        let candidates: Vec<Node> = self
            .graph
            .images()
            .filter(|(node, image)| {
                self.graph.is_root(*node) && image.unreadable.is_none() && image.kind.is_image()
            })
            .map(|(node, _)| node)
            .collect();
        let judge = Judge::new(
            self.policy,
            self.graph,
            self.clock,
            &candidates,
            self.inventory.lists_untagged,
        );
        for (node, image) in self.graph.images() {
            if !self.graph.is_root(node) {
                continue;
            }
            let mut decision = Decision::new(node, Reason::Kind);
            if image.unreadable.is_some() {
                decision.ruling = Ruling::because(Reason::Unreadable);
            } else if image.kind.is_image() {
                decision.ruling = judge.rule(node);
                if decision.deletes() {
                    self.restrain(node, &mut decision);
                }
            }
            self.decide(node, decision);
        }
    }

    /// What no kept root leads to goes with the deleted roots that do, or stays on its own.
    fn judge_members(&mut self) {
        let groups = self.deleted_groups();
        let mut staying = Vec::new();
        for (node, group) in groups.iter().enumerate() {
            if self.decision(node).is_some() {
                continue;
            }
            let mut decision = match group {
                Some(group) => Decision::new(*group, Reason::Member),
                None => self.unled(node),
            };
            self.restrain(node, &mut decision);
            if !decision.deletes() {
                staying.push(node);
            }
            self.decide(node, decision);
        }
        self.protect(staying);
    }

    /// A manifest with a parent or a subject to which no root leads.
    fn unled(&self, node: Node) -> Decision<'a> {
        match self.graph.fault(node) {
            Some(fault) => Decision {
                missing: fault.missing,
                ..Decision::new(node, fault.reason)
            },
            None => Decision::new(node, Reason::Unrooted),
        }
    }

    /// The first deleted root that leads to each manifest.
    fn deleted_groups(&self) -> Vec<Option<Node>> {
        let mut groups: Vec<Option<Node>> = vec![None; self.graph.len()];
        for root in self.graph.nodes() {
            if !self
                .decision(root)
                .is_some_and(|decision| decision.deletes())
            {
                continue;
            }
            let mut waiting = vec![root];
            while let Some(node) = waiting.pop() {
                if let Some(place @ None) = groups.get_mut(node) {
                    *place = Some(root);
                    waiting.extend(self.graph.leads_to(node));
                }
            }
        }
        groups
    }

    /// Turns everything that the staying manifests lead to into `keep(reachable)`.
    fn protect(&mut self, staying: Vec<Node>) {
        let mut waiting = VecDeque::from(staying);
        while let Some(from) = waiting.pop_front() {
            let Some(group) = self.decision(from).map(|decision| decision.group) else {
                continue;
            };
            let subjects = self.graph.subjects.of(from).iter().copied();
            for node in self.graph.leads_to(from).chain(subjects) {
                if self
                    .decision(node)
                    .is_some_and(|decision| !decision.deletes())
                {
                    continue;
                }
                let group = if self.graph.is_root(node) {
                    node
                } else {
                    group
                };
                let mut decision = Decision::new(group, Reason::Reachable);
                decision.through = Some(from);
                self.decide(node, decision);
                waiting.push_back(node);
            }
        }
    }

    /// What forbids a deletion that rules have chosen.
    fn restrain(&self, node: Node, decision: &mut Decision<'a>) {
        if !decision.deletes() {
            return;
        }
        let Some(image) = self.graph.image(node) else {
            return;
        };
        let untagged = image.own_tags().next().is_none();
        let fault = self.graph.fault(node);
        let reason = if !self.inventory.complete {
            Reason::IncompleteListing
        } else if let Some(fault) = fault {
            decision.missing = fault.missing;
            fault.reason
        } else if let Some((reason, member)) = self.graph.broken_group(node) {
            decision.through = Some(member);
            decision.missing = self.graph.fault(member).and_then(|fault| fault.missing);
            reason
        } else if untagged && self.graph.has_unreadable {
            Reason::UnreadableElsewhere
        } else if image.locks.no_delete {
            Reason::Locked
        } else if self.is_too_young(node) {
            Reason::TooYoung
        } else if self
            .approved
            .is_some_and(|approved| !is_planned(approved, image))
        {
            Reason::NotPlanned
        } else {
            return;
        };
        decision.ruling.reason = reason;
    }

    /// Younger than the minimum age, or nobody knows how old.
    fn is_too_young(&self, node: Node) -> bool {
        let Some(image) = self.graph.image(node) else {
            return true;
        };
        let (age, arrived) = match self.policy.minimum_age {
            MinimumAge::Recorded(age) => (age, self.clock.arrived(node)),
            // what is no image has no creation time; its root's stands for it
            MinimumAge::Created(_) if !image.kind.is_image() => return false,
            MinimumAge::Created(age) => (age, self.clock.time(node, None, TimeFact::Created)),
        };
        let newest_allowed = self.clock.now.minus(age.duration());
        let old_enough = arrived.is_some_and(|time| time <= newest_allowed)
            && self
                .clock
                .last_move(node)
                .is_some_and(|moved| moved.is_none_or(|time| time <= newest_allowed));
        !old_enough
    }
}

/// Whether the plan that is being carried out deletes exactly this: the digest with these tags.
fn is_planned(approved: &[PlannedImage], image: &Image) -> bool {
    let found = approved.binary_search_by_key(&image.digest, |planned| planned.digest);
    let Some(planned) = found.ok().and_then(|position| approved.get(position)) else {
        return false;
    };
    planned.verdict == Verdict::Delete && planned.tags == tag_names(image)
}

/// All tag names of a manifest, sorted.
pub(super) fn tag_names(image: &Image) -> Vec<String> {
    let mut names: Vec<String> = image.tags.iter().map(|tag| tag.name.clone()).collect();
    names.sort();
    names
}

/// The deleted roots that lead to each deleted member, for those that have several.
pub(super) fn shared_members(
    graph: &Graph<'_>,
    decisions: &[Decision<'_>],
) -> BTreeMap<Node, Vec<Node>> {
    let deletes = |node: Node| decisions.get(node).is_some_and(Decision::deletes);
    let mut owners: Vec<Vec<Node>> = vec![Vec::new(); graph.len()];
    for root in graph
        .nodes()
        .filter(|node| graph.is_root(*node) && deletes(*node))
    {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            let Some(known) = owners.get_mut(node) else {
                continue;
            };
            if known.last() != Some(&root) && deletes(node) {
                known.push(root);
                waiting.extend(graph.leads_to(node));
            }
        }
    }
    let shared = |(node, owners): (Node, Vec<Node>)| {
        (graph.role(node) != Role::Root && owners.len() > 1).then_some((node, owners))
    };
    owners.into_iter().enumerate().filter_map(shared).collect()
}
