//! From rules to verdicts: roots are judged, then protection spreads until nothing changes.
//!
//! 1. Rules speak about roots; what forbids the deletion of a root, or of an untagged member of
//!    its group, restrains the root. The unit is the group: none is deleted by half.
//! 2. *Every* manifest that stays protects what it leads to, down to children and out to
//!    referrers; see [`protection`](super::protection).
//! 3. What only deleted roots lead to goes with them.

use super::clock::Clock;
use super::document::{PlannedImage, Reason, Verdict};
use super::graph::{Graph, Node};
use super::inventory::{Image, Inventory};
use super::policy::{Judge, Policy, Ruling};
use super::protection::Protection;
use super::restraint::{Restraint, restraints};

/// The verdict on one manifest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'a> {
    pub(super) ruling: Ruling<'a>,
    /// What leads to it and stays, or the member that restrains its group.
    pub(super) through: Option<Node>,
    /// The id of what it names and is missing.
    pub(super) missing: Option<u32>,
    /// The root it belongs to.
    pub(super) group: Node,
}

impl Decision<'_> {
    pub(super) fn new(group: Node, reason: Reason) -> Self {
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

    fn restrain(&mut self, node: Node, restraint: Restraint) {
        self.ruling.reason = restraint.reason;
        self.missing = restraint.missing;
        self.through = Some(restraint.origin).filter(|origin| *origin != node);
    }
}

/// Decides about every manifest, in the order of the graph's nodes. Caps come afterwards.
///
/// `approved` are the entries, sorted by digest, of the plan that is being carried out; no
/// deletion is decided that it does not hold.
pub(super) fn select<'a>(
    graph: &'a Graph<'a>,
    clock: &'a Clock<'a>,
    policy: &'a Policy,
    inventory: &'a Inventory,
    approved: Option<&[PlannedImage]>,
) -> Vec<Decision<'a>> {
    let restraints = restraints(graph, clock, policy, inventory);
    let mut protection = Protection::new(graph);
    for (node, decision) in judge_roots(graph, clock, policy, inventory, &restraints) {
        protection.decide(node, decision);
    }
    protection.spread();
    judge_members(graph, &restraints, &mut protection);
    protection.spread();
    if let Some(approved) = approved {
        for (node, image) in graph.images() {
            if protection.deletes(node) && !is_planned(approved, &image) {
                protection.hold(node, Reason::NotPlanned);
            }
        }
        protection.spread();
    }
    protection.finish()
}

fn judge_roots<'a>(
    graph: &'a Graph<'a>,
    clock: &'a Clock<'a>,
    policy: &'a Policy,
    inventory: &'a Inventory,
    restraints: &[Option<Restraint>],
) -> Vec<(Node, Decision<'a>)> {
    let roots = || graph.images().filter(|(node, _)| graph.is_root(*node));
    // what is of another kind or could not be read neither is judged nor takes a place
    let is_judged = |image: &Image<'_>| image.unreadable().is_none() && image.kind().is_image();
    let candidates: Vec<Node> = roots()
        .filter(|(_, image)| is_judged(image))
        .map(|(node, _)| node)
        .collect();
    let judge = Judge::new(policy, graph, clock, &candidates, inventory.lists_untagged);
    let decide = |(node, image): (Node, Image<'_>)| {
        let reason = if image.unreadable().is_some() {
            Reason::Unreadable
        } else {
            Reason::Kind
        };
        let mut decision = Decision::new(node, reason);
        if is_judged(&image) {
            decision.ruling = judge.rule(node);
            if let (true, Some(restraint)) = (decision.deletes(), restraint_of(restraints, node)) {
                decision.restrain(node, restraint);
            }
        }
        (node, decision)
    };
    roots().map(decide).collect()
}

/// What no staying root leads to goes with the deleted roots that do, or stays on its own.
fn judge_members(
    graph: &Graph<'_>,
    restraints: &[Option<Restraint>],
    protection: &mut Protection<'_>,
) {
    let groups = deleted_groups(graph, protection);
    for (node, group) in (0..).zip(groups) {
        if protection.is_decided(node) {
            continue;
        }
        let decision = match (group, restraint_of(restraints, node)) {
            (Some(group), _) => Decision::new(group, Reason::Member),
            (None, Some(restraint)) => {
                let mut decision = Decision::new(node, Reason::Unrooted);
                decision.restrain(node, restraint);
                decision
            }
            (None, None) => Decision::new(node, Reason::Unrooted),
        };
        protection.decide(node, decision);
    }
}

/// The first deleted root that leads to each manifest.
fn deleted_groups(graph: &Graph<'_>, protection: &Protection<'_>) -> Vec<Option<Node>> {
    let mut groups: Vec<Option<Node>> = vec![None; graph.len()];
    for root in graph.nodes().filter(|node| protection.deletes(*node)) {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            if let Some(place @ None) = groups.get_mut(node as usize) {
                *place = Some(root);
                waiting.extend(graph.leads_to(node));
            }
        }
    }
    groups
}

fn restraint_of(restraints: &[Option<Restraint>], node: Node) -> Option<Restraint> {
    restraints.get(node as usize).copied().flatten()
}

/// Whether the plan that is being carried out deletes exactly this: the digest with these tags.
fn is_planned(approved: &[PlannedImage], image: &Image<'_>) -> bool {
    let found = approved.binary_search_by_key(&image.digest(), |planned| planned.digest);
    let Some(planned) = found.ok().and_then(|position| approved.get(position)) else {
        return false;
    };
    planned.verdict == Verdict::Delete && planned.tags == tag_names(image)
}

/// All tag names of a manifest, sorted.
pub(super) fn tag_names(image: &Image<'_>) -> Vec<String> {
    image.tags().map(|tag| tag.name.to_owned()).collect()
}

/// For each manifest that goes, the deleted roots that lead to it, ascending.
pub(super) fn deleting_groups(graph: &Graph<'_>, decisions: &[Decision<'_>]) -> Vec<Vec<Node>> {
    let deletes = |node: Node| decisions.get(node as usize).is_some_and(Decision::deletes);
    let mut owners: Vec<Vec<Node>> = vec![Vec::new(); graph.len()];
    for root in graph
        .nodes()
        .filter(|node| graph.is_root(*node) && deletes(*node))
    {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            let Some(known) = owners.get_mut(node as usize) else {
                continue;
            };
            if known.last() != Some(&root) && deletes(node) {
                known.push(root);
                waiting.extend(graph.leads_to(node));
            }
        }
    }
    owners
}
