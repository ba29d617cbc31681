//! Ways through the graph.

use std::collections::{BTreeMap, VecDeque};

use super::Relation;
use crate::plan::graph::{Graph, Node};
use crate::plan::scene::Scene;
use crate::plan::select::Selected;

/// From what stays for a reason of its own to what it protects.
pub(super) fn of_protection(selected: &Selected, target: Node) -> Vec<Node> {
    let above = |node: &Node| {
        let decision = selected.decision(*node)?;
        let is_reachable = decision.ruling.reason == super::Reason::Reachable;
        decision.through().filter(|_| is_reachable)
    };
    // each was kept by one that was kept before, so this comes to an end; held to anyway
    let most = selected.decisions.len();
    let mut way: Vec<Node> = std::iter::successors(Some(target), above)
        .take(most)
        .collect();
    way.reverse();
    way
}

/// The shortest way from a root to a member.
pub(super) fn down(scene: &Scene<'_>, from: Node, to: Node) -> Vec<Node> {
    shortest(from, to, &|node, visit| {
        scene.graph.leads_to(node).for_each(visit);
    })
}

/// The shortest way from a member to something that leads to it.
pub(super) fn up(scene: &Scene<'_>, from: Node, to: Node) -> Vec<Node> {
    shortest(from, to, &|node, visit| {
        scene.graph.led_by(node).for_each(visit);
    })
}

/// What `node` is to `before`.
pub(super) fn relation(scene: &Scene<'_>, before: Node, node: Node) -> Option<Relation> {
    let graph: &Graph<'_> = scene.graph;
    let relations = [
        (graph.children.of(before), Relation::Child),
        (graph.referrers.of(before), Relation::Referrer),
        (graph.parents.of(before), Relation::Parent),
        (graph.subjects.of(before), Relation::Subject),
    ];
    let mut found = relations
        .into_iter()
        .filter(|(neighbours, _)| neighbours.binary_search(&node).is_ok());
    found.next().map(|(_, relation)| relation)
}

/// Hands the neighbours of a manifest over.
type Next<'n> = &'n dyn Fn(Node, &mut dyn FnMut(Node));

fn shortest(from: Node, to: Node, next: Next<'_>) -> Vec<Node> {
    let mut came_from: BTreeMap<Node, Node> = BTreeMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(node) = waiting.pop_front().filter(|node| *node != to) {
        next(node, &mut |found| {
            if found != from && !came_from.contains_key(&found) {
                came_from.insert(found, node);
                waiting.push_back(found);
            }
        });
    }
    let before = |node: &Node| came_from.get(node).copied();
    let mut way: Vec<Node> = std::iter::successors(Some(to), before).collect();
    way.reverse();
    way
}
