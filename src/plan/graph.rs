//! The graph of one repository: who names whom, and what is missing.
//!
//! Untagged is not unreferenced: an index's children, attestations and referrers look untagged.
//! So the whole graph stands before any rule is asked. Manifests are numbered in the order of
//! their digests, which makes everything below independent of the order of the input.

mod edges;

pub(super) use edges::Edges;

use super::document::{Reason, Role};
use super::inventory::{Image, Inventory};
use crate::error::{Code, Error, Result};
use crate::oci::Digest;
use crate::sorted;

/// A manifest's number.
pub(super) type Node = usize;

pub(super) struct Graph<'i> {
    images: Vec<&'i Image>,
    roles: Vec<Role>,
    /// From an index to its children.
    pub(super) children: Edges,
    /// From a manifest to those that refer to it, by subject or by fallback tag.
    pub(super) referrers: Edges,
    /// From a referrer to what it refers to.
    pub(super) subjects: Edges,
    parents: Edges,
    faults: Vec<Option<Fault>>,
    /// Whether something in the repository could not be read.
    pub(super) has_unreadable: bool,
}

/// Why a manifest itself is not to be judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) reason: Reason,
    /// What is missing.
    pub(super) missing: Option<Digest>,
}

impl<'i> Graph<'i> {
    pub(super) fn new(inventory: &'i Inventory) -> Result<Self> {
        let mut images: Vec<&Image> = inventory.images.iter().collect();
        sorted::sort_by(&mut images, |one, two| one.digest.cmp(&two.digest));
        for pair in images.windows(2) {
            if let [one, two] = pair
                && one.digest == two.digest
            {
                let found = format!("the inventory holds {} twice", one.digest);
                return Err(Error::new(Code::InvalidArgument, found)
                    .doing(format!("planning {}", inventory.repository))
                    .at(&*inventory.host)
                    .next("take a new inventory"));
            }
        }
        let position = |digest: &Digest| {
            images
                .binary_search_by_key(digest, |image| image.digest)
                .ok()
        };
        let (mut children, mut referrers, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
        let mut faults = Vec::with_capacity(images.len());
        for (node, image) in images.iter().enumerate() {
            let mut fault = None;
            for digest in image.subject.iter().chain(&image.fallback_for) {
                match position(digest) {
                    Some(subject) if subject != node => {
                        referrers.push((subject, node));
                        subjects.push((node, subject));
                    }
                    Some(_) => {}
                    None => fault = Some((Reason::MissingSubject, Some(*digest))),
                }
            }
            for digest in &image.children {
                match position(digest) {
                    Some(child) if child != node => children.push((node, child)),
                    Some(_) => {}
                    None => fault = Some((Reason::MissingChild, Some(*digest))),
                }
            }
            if image.unreadable.is_some() {
                fault = Some((Reason::Unreadable, None));
            }
            faults.push(fault.map(|(reason, missing)| Fault { reason, missing }));
        }
        let children = Edges::new(images.len(), &children);
        let parents = children.reversed(images.len());
        let roles = images.iter().enumerate().map(|(node, image)| {
            if image.own_tags().next().is_some() {
                Role::Root
            } else if image.fallback_for.is_some() {
                Role::Fallback
            } else if image.subject.is_some() {
                Role::Referrer
            } else if parents.of(node).is_empty() {
                Role::Root
            } else {
                Role::Child
            }
        });
        Ok(Self {
            roles: roles.collect(),
            children,
            parents,
            referrers: Edges::new(images.len(), &referrers),
            subjects: Edges::new(images.len(), &subjects),
            has_unreadable: !inventory.unreadable_tags.is_empty()
                || images.iter().any(|image| image.unreadable.is_some()),
            faults,
            images,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.images.len()
    }

    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        0..self.len()
    }

    /// Every manifest with its number.
    pub(super) fn images(&self) -> impl Iterator<Item = (Node, &'i Image)> {
        self.images.iter().copied().enumerate()
    }

    pub(super) fn image(&self, node: Node) -> Option<&'i Image> {
        self.images.get(node).copied()
    }

    pub(super) fn role(&self, node: Node) -> Role {
        self.roles.get(node).copied().unwrap_or(Role::Root)
    }

    pub(super) fn is_root(&self, node: Node) -> bool {
        self.role(node) == Role::Root
    }

    pub(super) fn fault(&self, node: Node) -> Option<Fault> {
        self.faults.get(node).copied().flatten()
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
    use crate::plan::inventory::{Kind, Tag};
    use crate::timestamp::Timestamp;

    fn digest(name: &str) -> Digest {
        Digest::of(name.as_bytes())
    }

    fn image(name: &str, tags: &[&str]) -> Image {
        let mut image = Image::new(digest(name), Kind::Image);
        image.tags = tags.iter().map(|tag| Tag::new(*tag)).collect();
        image
    }

    fn role_of(inventory: &Inventory, name: &str) -> Role {
        let graph = Graph::new(inventory).unwrap();
        let found = graph
            .images()
            .find(|(_, image)| image.digest == digest(name));
        graph.role(found.unwrap().0)
    }

    fn inventory(images: Vec<Image>) -> Inventory {
        let mut inventory = Inventory::new("r.example", "a", Timestamp::from_seconds(0));
        inventory.images = images;
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
    fn a_digest_that_comes_twice_is_refused() {
        let inventory = inventory(vec![image("a", &["v1"]), image("a", &["v2"])]);
        let error = Graph::new(&inventory).map(drop).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
    }
}
