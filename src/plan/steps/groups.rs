//! The groups that go, for those who carry a plan out one group at a time.

use std::collections::BTreeSet;

use super::{Order, tag_names};
use crate::oci::Digest;
use crate::plan::graph::{Graph, Node};
use crate::sorted;

/// A root and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) root: Digest,
    /// In the order of deletion: parents before children, the root before what speaks of it. What
    /// several groups share is a member of each.
    pub(crate) members: Vec<Member>,
    /// What its indexes list and what does not go with it: roots of their own, and what those list.
    /// Backed up too, because an index cannot be put back before its children.
    pub(crate) also: BTreeSet<Digest>,
}

/// A manifest of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) digest: Digest,
    pub(crate) tags: Vec<String>,
}

impl Group {
    /// The tags of the root.
    pub(crate) fn tags(&self) -> &[String] {
        self.members.first().map_or(&[], |root| &root.tags)
    }
}

/// The groups in their order.
pub(in crate::plan) fn groups(graph: &Graph<'_>, order: &Order) -> Vec<Group> {
    // a manifest's place among all of them is its place in every group it belongs to
    let mut places: Vec<(Node, usize)> =
        order.turns.iter().map(|turn| turn.node).zip(0..).collect();
    sorted::sort(&mut places);
    let place = |node: Node| {
        let found = places.binary_search_by_key(&node, |(node, _)| *node);
        let position = found.ok().and_then(|position| places.get(position))?;
        let turn = order.turns.get(position.1)?;
        Some((turn.is_member, turn.speaks, turn.depth, node))
    };
    let group = |root: &Node| {
        let mut members = BTreeSet::new();
        let mut open = vec![*root];
        while let Some(node) = open.pop() {
            if (node == *root || !graph.is_root(node))
                && let Some(place) = place(node)
                && members.insert(place)
            {
                open.extend(graph.leads_to(node));
            }
        }
        let digest = |node: Node| graph.digest(node);
        let mut also = BTreeSet::new();
        let mut open: Vec<Node> = members.iter().map(|(.., node)| *node).collect();
        let own = sorted::set(open.iter().copied());
        let mut seen = own.clone();
        while let Some(node) = open.pop() {
            for child in graph.children.of(node) {
                if seen.insert(*child) {
                    also.extend(digest(*child));
                    open.push(*child);
                }
            }
        }
        let member = |(.., node): &(bool, bool, u32, Node)| {
            let image = graph.image(*node)?;
            Some(Member {
                digest: image.digest(),
                tags: tag_names(image),
            })
        };
        Some(Group {
            root: digest(*root)?,
            members: members.iter().filter_map(member).collect(),
            also,
        })
    };
    order.roots.iter().filter_map(group).collect()
}
