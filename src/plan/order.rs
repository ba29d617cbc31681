//! What a manifest leads to, before the manifest itself: for facts that add up from below.

use super::column::Column;
use super::graph::{Graph, Node};

/// A walk over one repository that comes to every manifest at most once.
///
/// Indexes nest as deep as they like, so the stack is a list. In a cycle, one manifest comes
/// before something that it leads to; which one is settled by the order of the digests.
pub(super) struct Upwards<'g> {
    next: fn(&Graph<'_>, Node, &mut dyn FnMut(Node)),
    graph: &'g Graph<'g>,
    entered: Column<bool>,
    waiting: Vec<(Node, bool)>,
}

impl<'g> Upwards<'g> {
    /// A walk along children.
    pub(super) fn by_children(graph: &'g Graph<'g>) -> Self {
        Self::new(graph, |graph, node, visit| {
            for child in graph.children.of(node) {
                visit(*child);
            }
        })
    }

    /// A walk along children and referrers.
    pub(super) fn by_members(graph: &'g Graph<'g>) -> Self {
        Self::new(graph, |graph, node, visit| {
            for member in graph.leads_to(node) {
                visit(member);
            }
        })
    }

    fn new(graph: &'g Graph<'g>, next: fn(&Graph<'_>, Node, &mut dyn FnMut(Node))) -> Self {
        Self {
            next,
            graph,
            entered: Column::new(graph.len(), false),
            waiting: Vec::new(),
        }
    }

    /// Visits what `start` leads to and was not visited before, and then `start`.
    pub(super) fn walk(&mut self, start: Node, visit: &mut dyn FnMut(Node)) {
        self.waiting.push((start, false));
        while let Some((node, is_done)) = self.waiting.pop() {
            if is_done {
                visit(node);
            } else if !self.entered.get(node) {
                self.entered.set(node, true);
                self.waiting.push((node, true));
                let (entered, waiting) = (&self.entered, &mut self.waiting);
                (self.next)(self.graph, node, &mut |below| {
                    if !entered.get(below) {
                        waiting.push((below, false));
                    }
                });
            }
        }
    }
}
