//! In what order the deletions of a repository go, and by which steps. Apply goes by it, too.
//!
//! - An index goes before what it lists, so that a run that ends in between leaves no index without
//!   its children; a group whose root another one lists comes after that one.
//! - A root goes before the signatures and SBOMs that speak of it; a referrer with a tag of its own
//!   is a root itself and goes before its subject.
//! - What several groups lead to goes with the last of them.

mod groups;

pub(crate) use groups::Group;
pub(super) use groups::groups;

use super::column::Column;
use super::decision::Decision;
use super::document::{Delete, Role, Step, Untag};
use super::graph::{Graph, Node};
use super::inventory::Image;
use crate::registries::profile::DeleteBy;
use crate::sorted;

/// The order of everything that goes.
pub(super) struct Order {
    /// The deleted roots, in the order of their groups.
    roots: Vec<Node>,
    /// Every deleted manifest once, in the order of its deletion.
    turns: Vec<Turn>,
}

/// When a manifest goes; turns sort in the order of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    /// The place of the last group that leads to it.
    group: u32,
    is_member: bool,
    /// It speaks of the group, or belongs to something that does.
    speaks: bool,
    /// How many must go before it, one after the other.
    depth: u32,
    node: Node,
}

/// What is known of each manifest that goes while the order comes together.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    deletes: bool,
    /// How many of those that go before it have not had their turn.
    waits_for: u32,
    depth: u32,
    speaks: bool,
    /// Something that does not go with its group is listed in it, or below it.
    shares: bool,
    group: u32,
}

impl Order {
    pub(super) fn new(graph: &Graph<'_>, decisions: &[Decision]) -> Self {
        let mut places = Places::new(graph, decisions);
        let order = places.sort();
        for node in order.iter().rev() {
            places.find_shared(*node);
        }
        let mut roots: Vec<Node> = order
            .iter()
            .copied()
            .filter(|node| graph.is_root(*node))
            .collect();
        // one that shares something with what stays comes early: it shows whether the registry
        // takes more than it is asked to
        let key = |node: &Node| {
            let place = places.get(*node);
            (place.depth, !place.shares, *node)
        };
        sorted::sort_by(&mut roots, |one, two| key(one).cmp(&key(two)));
        for (position, root) in (0..).zip(&roots) {
            places.change(*root, |place| place.group = position);
        }
        for node in &order {
            places.hand_group_on(*node);
        }
        let mut turns: Vec<Turn> = order.iter().map(|node| places.turn(*node)).collect();
        sorted::sort(&mut turns);
        Self { roots, turns }
    }

    /// Hands every step over, in order.
    pub(super) fn steps(&self, graph: &Graph<'_>, by: DeleteBy, each: &mut dyn FnMut(Step)) {
        for turn in &self.turns {
            if let Some(image) = graph.image(turn.node) {
                steps(image.digest(), tag_names(image), by, each);
            }
        }
    }
}

/// The steps that take one manifest away.
///
/// A registry that refuses to delete what is tagged is asked for the tags first. One that knows
/// only tags takes the manifest with the last of them; what has none goes by its digest.
pub(crate) fn steps(
    digest: crate::oci::Digest,
    tags: Vec<String>,
    by: DeleteBy,
    each: &mut dyn FnMut(Step),
) {
    let by_tag = by != DeleteBy::Digest;
    let goes_with_tags = by == DeleteBy::TagsOnly && !tags.is_empty();
    let mut left = Vec::new();
    for tag in tags {
        if by_tag {
            each(Step::Untag(Untag { tag, shows: digest }));
        } else {
            left.push(tag);
        }
    }
    if !goes_with_tags {
        each(Step::Delete(Delete { digest, tags: left }));
    }
}

/// All tag names of a manifest, sorted.
pub(super) fn tag_names(image: Image<'_>) -> Vec<String> {
    image.tags().map(|tag| tag.name.to_owned()).collect()
}

/// Where the way up from each manifest that goes first divides or meets a root: from there on, what
/// leads to it is looked up. A nest is climbed once, however deep it is.
pub(super) struct Tops(Column<Option<Node>>);

impl Tops {
    pub(super) fn new(graph: &Graph<'_>, decisions: &[Decision]) -> Self {
        let mut tops = Column::new(decisions.len(), None);
        let mut way = Vec::new();
        for start in graph.nodes().filter(|node| deletes(decisions, *node)) {
            let mut node = start;
            // who is met again, on this way or an earlier one, has its answer
            while tops.get(node).is_none() {
                tops.set(node, Some(node));
                let Some(above) = only_member_above(graph, decisions, node) else {
                    break;
                };
                way.push(node);
                node = above;
            }
            let top = tops.get(node).unwrap_or(node);
            for below in way.drain(..) {
                tops.set(below, Some(top));
            }
        }
        Self(tops)
    }

    /// The deleted roots that lead to a member, ascending; at most `most` of them.
    pub(super) fn roots_above(
        &self,
        graph: &Graph<'_>,
        decisions: &[Decision],
        member: Node,
        most: usize,
    ) -> Vec<Node> {
        let top = self.0.get(member).unwrap_or(member);
        let mut found = std::collections::BTreeSet::new();
        let mut seen = std::collections::BTreeSet::from([top]);
        let mut rising = vec![top];
        while let Some(node) = rising.pop() {
            if found.len() >= most {
                break;
            }
            for above in graph.led_by(node) {
                if !deletes(decisions, above) || !seen.insert(above) {
                    continue;
                }
                if graph.is_root(above) {
                    found.insert(above);
                } else {
                    rising.push(above);
                }
            }
        }
        found.into_iter().take(most).collect()
    }
}

/// What leads to a member, if it goes, is one manifest alone and no root.
fn only_member_above(graph: &Graph<'_>, decisions: &[Decision], node: Node) -> Option<Node> {
    let mut above = graph
        .led_by(node)
        .filter(|above| deletes(decisions, *above));
    let only = above.next()?;
    let is_alone = above.next().is_none() && !graph.is_root(only) && !graph.is_root(node);
    is_alone.then_some(only)
}

fn deletes(decisions: &[Decision], node: Node) -> bool {
    decisions.get(node as usize).is_some_and(Decision::deletes)
}

struct Places<'g> {
    graph: &'g Graph<'g>,
    places: Vec<Place>,
}

impl<'g> Places<'g> {
    fn new(graph: &'g Graph<'g>, decisions: &[Decision]) -> Self {
        let place = |decision: &Decision| Place {
            deletes: decision.deletes(),
            ..Place::default()
        };
        Self {
            graph,
            places: decisions.iter().map(place).collect(),
        }
    }

    fn get(&self, node: Node) -> Place {
        self.places.get(node as usize).copied().unwrap_or_default()
    }

    fn change(&mut self, node: Node, change: impl FnOnce(&mut Place)) {
        if let Some(place) = self.places.get_mut(node as usize) {
            change(place);
        }
    }

    fn deleted(&self) -> impl Iterator<Item = Node> {
        let nodes = self.graph.nodes();
        nodes.filter(|node| self.get(*node).deletes)
    }

    /// What goes with a manifest's group and after it: children and referrers that are no roots.
    fn members(&self, node: Node) -> impl Iterator<Item = Node> {
        let goes = |node: &Node| self.get(*node).deletes && !self.graph.is_root(*node);
        self.graph.leads_to(node).filter(goes)
    }

    /// Everything that goes after a manifest.
    fn after(&self, node: Node) -> Vec<Node> {
        let graph = self.graph;
        let children = graph.children.of(node).iter();
        let is_listed_root = |child: &&Node| self.get(**child).deletes && graph.is_root(**child);
        let mut after: Vec<Node> = children.filter(is_listed_root).copied().collect();
        after.extend(self.members(node));
        if graph.is_root(node) {
            let subjects = graph.subjects.of(node).iter();
            after.extend(subjects.filter(|subject| self.get(**subject).deletes));
        }
        after
    }

    /// Everything that goes, each after what goes before it. Content cannot name itself; should an
    /// inventory say so, what is in the circle comes in the order of its digests.
    fn sort(&mut self) -> Vec<Node> {
        let deleted: Vec<Node> = self.deleted().collect();
        for node in &deleted {
            for after in self.after(*node) {
                self.change(after, |place| place.waits_for += 1);
            }
        }
        let mut order: Vec<Node> = Vec::with_capacity(deleted.len());
        let is_free = |place: Place| place.waits_for == 0;
        order.extend(deleted.iter().filter(|node| is_free(self.get(**node))));
        let mut circle = deleted.iter();
        let mut next = 0;
        loop {
            while let Some(node) = order.get(next).copied() {
                next += 1;
                self.let_go(node, &mut order);
            }
            let Some(caught) = circle.find(|node| !is_free(self.get(**node))) else {
                return order;
            };
            self.change(*caught, |place| place.waits_for = 0);
            order.push(*caught);
        }
    }

    fn let_go(&mut self, node: Node, order: &mut Vec<Node>) {
        let graph = self.graph;
        let speaks_itself = matches!(graph.role(node), Role::Referrer | Role::Fallback);
        self.change(node, |place| place.speaks |= speaks_itself);
        let above = self.get(node);
        for after in self.after(node) {
            // what was taken out of a circle has had its turn
            if self.get(after).waits_for == 0 {
                continue;
            }
            let is_child = graph.children.of(node).binary_search(&after).is_ok();
            self.change(after, |place| {
                place.waits_for -= 1;
                place.depth = place.depth.max(above.depth + 1);
                place.speaks |= above.speaks && is_child;
            });
            if self.get(after).waits_for == 0 {
                order.push(after);
            }
        }
    }

    fn find_shared(&mut self, node: Node) {
        let graph = self.graph;
        let mut children = graph.children.of(node).iter();
        let shares = children.any(|child| graph.is_root(*child) || !self.get(*child).deletes)
            || self.members(node).any(|member| self.get(member).shares);
        self.change(node, |place| place.shares = shares);
    }

    fn hand_group_on(&mut self, node: Node) {
        let group = self.get(node).group;
        let members: Vec<Node> = self.members(node).collect();
        for member in members {
            self.change(member, |place| place.group = place.group.max(group));
        }
    }

    fn turn(&self, node: Node) -> Turn {
        let place = self.get(node);
        Turn {
            group: place.group,
            is_member: !self.graph.is_root(node),
            speaks: place.speaks,
            depth: place.depth,
            node,
        }
    }
}
