//! From rules to verdicts: roots are judged, then protection spreads until nothing changes.
//!
//! 1. Rules speak about roots; what forbids the deletion of a root, or of an untagged member of
//!    its group, restrains the root. The unit is the group: none is deleted by half.
//! 2. What nothing forbids is condemned, and waits the policy's grace.
//! 3. *Every* manifest that stays protects what it leads to, down to children and out to
//!    referrers; see [`protection`](super::protection).
//! 4. What only deleted roots lead to goes with them.

use super::column::Column;
use super::decision::Decision;
use super::document::{PlannedImage, Reason, Verdict};
use super::grace::{Grace, Sentence};
use super::graph::{Graph, Node};
use super::inventory::Image;
use super::policy::Judge;
use super::protection::Protection;
use super::restraint::Restraints;
use super::scene::Scene;

/// No deleted root leads there.
const NO_GROUP: Node = Node::MAX;

/// The verdicts on one repository.
pub(super) struct Selected {
    /// One for each manifest, in the order of the graph's nodes.
    pub(super) decisions: Vec<Decision>,
    /// What this scan condemns, ascending; empty where the policy has no grace.
    pub(super) sentences: Vec<Sentence>,
}

impl Selected {
    pub(super) fn decision(&self, node: Node) -> Option<Decision> {
        self.decisions.get(node as usize).copied()
    }
}

/// Decides about every manifest. Reports that cannot be relied on and caps come afterwards.
///
/// `approved` are the entries, sorted by digest, of the plan that is being carried out; no
/// deletion is decided that it does not hold.
pub(super) fn select(scene: Scene<'_>, approved: Option<&[PlannedImage]>) -> Selected {
    let graph = scene.graph;
    let restraints = Restraints::new(scene);
    let mut grace = Grace::new(scene);
    let mut protection = Protection::new(graph);
    judge_roots(&scene, &restraints, &mut grace, &mut protection);
    protection.spread();
    judge_members(graph, &restraints, &mut protection);
    protection.spread();
    if let Some(approved) = approved {
        for (node, image) in graph.images() {
            if protection.deletes(node) && !is_planned(approved, image) {
                protection.hold(node, Reason::NotPlanned);
            }
        }
        protection.spread();
    }
    Selected {
        decisions: protection.finish(),
        sentences: grace.into_sentences(),
    }
}

/// Takes all deletions back.
pub(super) fn block(decisions: &mut [Decision], reason: Reason) {
    for decision in decisions.iter_mut().filter(|decision| decision.deletes()) {
        decision.ruling.reason = reason;
    }
}

/// Whether rules speak about a root at all. What is of another kind or could not be read neither
/// is judged nor takes a place.
pub(super) fn is_judged(scene: &Scene<'_>, image: Image<'_>) -> bool {
    image.unreadable().is_none() && scene.policy.speaks_of(image.kind())
}

fn judge_roots(
    scene: &Scene<'_>,
    restraints: &Restraints<'_>,
    grace: &mut Grace<'_>,
    protection: &mut Protection<'_>,
) {
    let judge = Judge::new(*scene);
    for (node, image) in scene.graph.images() {
        if !scene.graph.is_root(node) {
            continue;
        }
        let mut decision = Decision::new(node, Reason::Kind);
        if image.unreadable().is_some() {
            decision.ruling.reason = Reason::Unreadable;
        } else if is_judged(scene, image) {
            decision.ruling = judge.rule(node);
        }
        if decision.deletes() {
            decision = restrained(decision, node, restraints);
        }
        if decision.deletes() && !grace.is_over(node) {
            decision.ruling.reason = Reason::Grace;
        }
        protection.decide(node, decision);
    }
}

/// The decision, or what forbids it.
fn restrained(mut decision: Decision, node: Node, restraints: &Restraints<'_>) -> Decision {
    let Some(restraint) = restraints.of(node) else {
        return decision;
    };
    decision.ruling.reason = restraint.reason;
    decision = decision.lacking(restraint.missing);
    if restraint.origin == node {
        decision
    } else {
        decision.led_through(restraint.origin)
    }
}

/// What no staying root leads to goes with the deleted roots that do, or stays on its own.
fn judge_members(graph: &Graph<'_>, restraints: &Restraints<'_>, protection: &mut Protection<'_>) {
    let groups = deleted_groups(graph, protection);
    for node in graph.nodes() {
        if protection.is_decided(node) {
            continue;
        }
        let decision = match groups.get(node) {
            NO_GROUP => restrained(Decision::new(node, Reason::Unrooted), node, restraints),
            group => Decision::new(group, Reason::Member),
        };
        protection.decide(node, decision);
    }
}

/// The first deleted root that leads to each manifest. Another root is a group of its own.
fn deleted_groups(graph: &Graph<'_>, protection: &Protection<'_>) -> Column<Node> {
    let mut groups = Column::new(graph.len(), NO_GROUP);
    let mut waiting = Vec::new();
    for root in graph.nodes().filter(|node| protection.deletes(*node)) {
        waiting.push(root);
        while let Some(node) = waiting.pop() {
            let is_member = node == root || !graph.is_root(node);
            if is_member && groups.get(node) == NO_GROUP {
                groups.set(node, root);
                waiting.extend(graph.leads_to(node));
            }
        }
    }
    groups
}

/// Whether the plan that is being carried out deletes exactly this: the digest with these tags.
fn is_planned(approved: &[PlannedImage], image: Image<'_>) -> bool {
    let digest = image.digest();
    let found = approved.binary_search_by_key(&digest, |planned| planned.digest);
    let Some(planned) = found.ok().and_then(|position| approved.get(position)) else {
        return false;
    };
    planned.verdict == Verdict::Delete
        && planned
            .tags
            .iter()
            .map(String::as_str)
            .eq(image.tags().map(|tag| tag.name))
}
