//! The graph of one repository: who names whom, and what is missing.
//!
//! Untagged is not unreferenced: an index's children, attestations and referrers look untagged.
//! So the whole graph stands before any rule is asked. Manifests are numbered in the order of
//! their digests, which makes everything below independent of the order of the input.

mod edges;

pub(super) use edges::Edges;

use super::document::{Reason, Role};
use super::inventory::{Image, Inventory};
use crate::oci::Digest;

/// A manifest's number: its row in the inventory.
pub(super) type Node = u32;

pub(super) struct Graph<'i> {
    inventory: &'i Inventory,
    roles: Vec<Role>,
    /// From an index to its children.
    pub(super) children: Edges,
    /// From a manifest to those that refer to it, by subject or by fallback tag.
    pub(super) referrers: Edges,
    /// From a referrer to what it refers to.
    pub(super) subjects: Edges,
    /// From a child to the indexes that name it.
    pub(super) parents: Edges,
    faults: Vec<Option<Fault>>,
    /// Whether something in the repository could not be read.
    pub(super) has_unreadable: bool,
}

/// Why a manifest itself is not to be judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    /// The id of what is missing.
    pub(super) missing: Option<u32>,
}

impl<'i> Graph<'i> {
    pub(super) fn new(inventory: &'i Inventory) -> Self {
        let count = inventory.len();
        let is_here = |id: u32| (id as usize) < count;
        let (mut children, mut referrers, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
        let mut faults = Vec::with_capacity(count);
        for image in inventory.images() {
            let node = image.row();
            let mut fault = None;
            for id in image
                .subject_id()
                .into_iter()
                .chain(image.fallback_for_id())
            {
                if !is_here(id) {
                    fault = Some((Reason::MissingSubject, Some(id)));
                } else if id != node {
                    referrers.push((id, node));
                    subjects.push((node, id));
                }
            }
            for id in image.child_ids().iter().copied() {
                if !is_here(id) {
                    fault = Some((Reason::MissingChild, Some(id)));
                } else if id != node {
                    children.push((node, id));
                }
            }
            if image.unreadable().is_some() {
                fault = Some((Reason::Unreadable, None));
            }
            faults.push(fault.map(|(reason, missing)| Fault { reason, missing }));
        }
        let children = Edges::new(count, &children);
        let parents = children.reversed(count);
        let roles = inventory.images().map(|image| {
            if image.own_tags().next().is_some() {
                Role::Root
            } else if image.fallback_for_id().is_some() {
                Role::Fallback
            } else if image.subject_id().is_some() {
                Role::Referrer
            } else if parents.of(image.row()).is_empty() {
                Role::Root
            } else {
                Role::Child
            }
        });
        Self {
            roles: roles.collect(),
            children,
            parents,
            referrers: Edges::new(count, &referrers),
            subjects: Edges::new(count, &subjects),
            has_unreadable: !inventory.unreadable_tags.is_empty()
                || inventory.images().any(|image| image.unreadable().is_some()),
            faults,
            inventory,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.inventory.len()
    }

    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        // rows are numbered in as many bits
        0..u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    /// Every manifest with its number.
    pub(super) fn images(&self) -> impl Iterator<Item = (Node, Image<'i>)> + use<'i> {
        self.inventory.images().map(|image| (image.row(), image))
    }

    pub(super) fn image(&self, node: Node) -> Option<Image<'i>> {
        self.inventory.image(node)
    }

    /// The digest of a manifest.
    pub(super) fn digest(&self, node: Node) -> Option<Digest> {
        self.inventory.digest(node)
    }

    pub(super) fn role(&self, node: Node) -> Role {
        self.roles.get(node as usize).copied().unwrap_or(Role::Root)
    }

    pub(super) fn is_root(&self, node: Node) -> bool {
        self.role(node) == Role::Root
    }

    pub(super) fn fault(&self, node: Node) -> Option<Fault> {
        self.faults.get(node as usize).copied().flatten()
    }

    /// Down to children and out to referrers: what belongs to `node`'s group.
    pub(super) fn leads_to(&self, node: Node) -> impl Iterator<Item = Node> {
        self.children
            .of(node)
            .iter()
            .chain(self.referrers.of(node))
            .copied()
    }

    /// The other way: what has `node` in its group by naming it, or by being what it refers to.
    pub(super) fn led_by(&self, node: Node) -> impl Iterator<Item = Node> {
        let (parents, subjects) = (self.parents.of(node), self.subjects.of(node));
        parents.iter().chain(subjects).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::inventory::{Entry, Kind, Tag};
    use crate::timestamp::Timestamp;

    fn digest(name: &str) -> Digest {
        Digest::of(name.as_bytes())
    }

    fn image(name: &str, tags: &[&str]) -> Entry {
        let mut image = Entry::new(digest(name), Kind::Image);
        image.tags = tags.iter().map(|tag| Tag::new(*tag)).collect();
        image
    }

    fn role_of(inventory: &Inventory, name: &str) -> Role {
        let graph = Graph::new(inventory);
        graph.role(inventory.find(&digest(name)).unwrap())
    }

    fn inventory(images: Vec<Entry>) -> Inventory {
        let mut inventory = Inventory::new("r.example", "a", Timestamp::from_seconds(0));
        inventory.fill(images).unwrap();
        inventory
    }

    #[test]
    fn roles_follow_from_tags_subjects_and_parents() {
        let mut index = image("index", &["v1"]);
        index.children = vec![digest("child"), digest("tagged child"), digest("index")];
        let mut referrer = image("referrer", &[]);
        referrer.subject = Some(digest("index"));
        let mut fallback = image(
            "fallback",
            &[&format!("sha256-{}.sig", digest("index").hex())],
        );
        fallback.fallback_for = Some(digest("index"));
        let inventory = inventory(vec![
            index,
            referrer,
            fallback,
            image("child", &[]),
            image("tagged child", &["v1-amd64"]),
            image("untagged", &[]),
        ]);
        for (name, role) in [
            ("index", Role::Root),
            ("tagged child", Role::Root),
            ("untagged", Role::Root),
            ("child", Role::Child),
            ("referrer", Role::Referrer),
            ("fallback", Role::Fallback),
        ] {
            assert_eq!(role_of(&inventory, name), role, "{name}");
        }
    }

    #[test]
    fn what_two_indexes_share_has_both_as_parents() {
        let mut one = image("one", &["v1"]);
        one.children = vec![digest("shared"), digest("shared")];
        let mut two = image("two", &["v2"]);
        two.children = vec![digest("shared")];
        let inventory = inventory(vec![one, two, image("shared", &[])]);
        let graph = Graph::new(&inventory);
        let node = |name: &str| inventory.find(&digest(name)).unwrap();
        let mut parents = [node("one"), node("two")];
        parents.sort_unstable();
        assert_eq!(graph.parents.of(node("shared")), parents);
        assert_eq!(graph.led_by(node("shared")).count(), 2);
        assert_eq!(
            graph.leads_to(node("one")).collect::<Vec<_>>(),
            [node("shared")]
        );
    }

    #[test]
    fn cycles_are_edges_and_what_names_itself_names_nothing() {
        let mut one = image("one", &[]);
        one.children = vec![digest("two"), digest("one")];
        let mut two = image("two", &[]);
        two.children = vec![digest("one")];
        let mut selfish = image("selfish", &[]);
        selfish.subject = Some(digest("selfish"));
        let inventory = inventory(vec![one, two, selfish]);
        let graph = Graph::new(&inventory);
        let node = |name: &str| inventory.find(&digest(name)).unwrap();
        assert_eq!(graph.children.of(node("one")), [node("two")]);
        assert_eq!(graph.parents.of(node("one")), [node("two")]);
        assert_eq!(graph.leads_to(node("selfish")).count(), 0);
        for name in ["one", "two", "selfish"] {
            assert!(
                !graph.is_root(node(name)),
                "{name} waits for what leads to it"
            );
            assert!(graph.fault(node(name)).is_none(), "{name}");
        }
    }

    #[test]
    fn what_is_missing_or_cannot_be_read_is_a_fault_of_the_one_that_names_it() {
        let mut broken = image("broken", &["v1"]);
        broken.children = vec![digest("child"), digest("gone")];
        let mut dangling = image("dangling", &[]);
        dangling.subject = Some(digest("gone"));
        let mut signature = image("signature", &[]);
        signature.fallback_for = Some(digest("gone too"));
        let mut unreadable = image("unreadable", &["v2"]);
        unreadable.unreadable = Some("404".to_owned());
        let child = image("child", &[]);
        let all = inventory(vec![broken, dangling, signature, unreadable, child.clone()]);
        let graph = Graph::new(&all);
        assert!(graph.has_unreadable);
        for (name, reason, missing) in [
            ("broken", Reason::MissingChild, Some("gone")),
            ("dangling", Reason::MissingSubject, Some("gone")),
            ("signature", Reason::MissingSubject, Some("gone too")),
            ("unreadable", Reason::Unreadable, None),
        ] {
            let fault = graph.fault(all.find(&digest(name)).unwrap()).unwrap();
            assert_eq!(fault.reason, reason, "{name}");
            let found = fault.missing.and_then(|id| graph.digest(id));
            assert_eq!(found, missing.map(digest), "{name}");
        }
        assert!(graph.fault(all.find(&digest("child")).unwrap()).is_none());
        let mut lost = inventory(vec![child]);
        assert!(!Graph::new(&lost).has_unreadable);
        lost.unreadable_tags.push("v3".to_owned());
        assert!(
            Graph::new(&lost).has_unreadable,
            "it may be an index of anything"
        );
    }
}
