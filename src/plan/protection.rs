//! Closure: whatever stays protects what it leads to, until nothing changes.
//!
//! - Down to children and out to referrers, always.
//! - A referrer that is kept for itself (a root that stays, or a member of an index that stays)
//!   keeps its subject, and with an untagged subject everything that leads to it: otherwise the
//!   subject would be left behind as a root of its own.
//! - Not up from a tagged child to its index.
//!
//! Every step only ever keeps more, and none asks whether something else goes: so the result is
//! the same in whatever order it is reached, and a further reason to keep never deletes.

use std::collections::VecDeque;

use super::column::Column;
use super::decision::Decision;
use super::document::Reason;
use super::graph::{Graph, Node};

/// The verdicts of one repository while they come together.
pub(super) struct Protection<'a> {
    graph: &'a Graph<'a>,
    decisions: Column<Option<Decision>>,
    /// What stays and has not yet protected what it leads to.
    waiting: VecDeque<Node>,
    /// Members whose groups stay because of them.
    held: Column<bool>,
}

impl<'a> Protection<'a> {
    pub(super) fn new(graph: &'a Graph<'a>) -> Self {
        Self {
            graph,
            decisions: Column::new(graph.len(), None),
            waiting: VecDeque::new(),
            held: Column::new(graph.len(), false),
        }
    }

    pub(super) fn is_decided(&self, node: Node) -> bool {
        self.decisions.get(node).is_some()
    }

    pub(super) fn deletes(&self, node: Node) -> bool {
        self.decisions
            .get(node)
            .is_some_and(|decision| decision.deletes())
    }

    pub(super) fn decide(&mut self, node: Node, decision: Decision) {
        if !decision.deletes() {
            self.waiting.push_back(node);
        }
        self.decisions.set(node, Some(decision));
    }

    /// Takes a deletion back, and with it that of the groups that lead there.
    pub(super) fn hold(&mut self, node: Node, reason: Reason) {
        let Some(mut decision) = self.decisions.get(node) else {
            return;
        };
        decision.ruling.reason = reason;
        self.decide(node, decision);
        self.keep_group(node, node);
    }

    /// Turns everything that staying manifests lead to into `keep(reachable)`.
    pub(super) fn spread(&mut self) {
        let graph = self.graph;
        while let Some(from) = self.waiting.pop_front() {
            let children = graph.children.of(from);
            for child in children {
                self.keep(*child, from);
                for subject in graph.subjects.of(*child) {
                    // a sibling stays with the index that names both
                    if *subject != from && children.binary_search(subject).is_err() {
                        self.keep_group(*subject, *child);
                    }
                }
            }
            for referrer in graph.referrers.of(from) {
                self.keep(*referrer, from);
            }
            let subjects = graph.subjects.of(from);
            for subject in subjects {
                // with one subject, a referrer that is no root is kept by that or by an index
                if graph.is_root(from) || subjects.len() > 1 {
                    self.keep_group(*subject, from);
                } else {
                    self.keep(*subject, from);
                }
            }
        }
    }

    /// Keeps a manifest, and what leads to it up to the roots.
    fn keep_group(&mut self, node: Node, from: Node) {
        let mut rising = Vec::new();
        let mut next = Some((node, from));
        while let Some((node, from)) = next {
            self.keep(node, from);
            if !self.graph.is_root(node) && !self.held.get(node) {
                self.held.set(node, true);
                rising.extend(self.graph.led_by(node).map(|above| (above, node)));
            }
            next = rising.pop();
        }
    }

    fn keep(&mut self, node: Node, from: Node) {
        let is_kept = |decision: Decision| !decision.deletes();
        if self.decisions.get(node).is_some_and(is_kept) {
            return;
        }
        let group = match self.decisions.get(from) {
            Some(decision) if !self.graph.is_root(node) => decision.group,
            _ => node,
        };
        self.decide(
            node,
            Decision::new(group, Reason::Reachable).led_through(from),
        );
    }

    /// The verdicts, in the order of the nodes.
    pub(super) fn finish(self) -> Vec<Decision> {
        let decided = self.decisions.into_values().into_iter().zip(0..);
        decided
            .map(|(decision, node)| {
                decision.unwrap_or_else(|| Decision::new(node, Reason::Unrooted))
            })
            .collect()
    }
}
