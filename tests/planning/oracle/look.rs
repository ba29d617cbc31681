//! One repository looked at: who names whom, which manifests rules speak about, what a group is.

use std::collections::BTreeSet;

use portreeve::oci::{Digest, Kind};

use crate::planning::world::{Image, Repository, Tag, World};

#[derive(Clone, Copy)]
pub(super) struct Look<'w> {
    pub(super) world: &'w World,
    pub(super) repository: &'w Repository,
}

impl<'w> Look<'w> {
    pub(super) fn find(&self, digest: &Digest) -> Option<&'w Image> {
        self.repository
            .images
            .iter()
            .find(|image| image.digest == *digest)
    }

    fn images_where(&self, is_meant: impl Fn(&Image) -> bool) -> Vec<&'w Image> {
        self.repository
            .images
            .iter()
            .filter(|image| is_meant(image))
            .collect()
    }

    /// The digests that an image names as its children; naming oneself names nobody.
    pub(super) fn children(image: &Image) -> Vec<Digest> {
        let others = image
            .children
            .iter()
            .filter(|child| **child != image.digest);
        others.copied().collect()
    }

    /// Whether it names others: an index of images or, as caches and artifacts, of something else.
    pub(super) fn is_index(image: &Image) -> bool {
        image.kind == Kind::Index || !image.children.is_empty()
    }

    /// What it refers to, as a referrer or under a fallback tag.
    pub(super) fn subjects(image: &Image) -> Vec<Digest> {
        let subjects = [image.subject, image.fallback_for].into_iter().flatten();
        subjects
            .filter(|subject| *subject != image.digest)
            .collect()
    }

    pub(super) fn parents(&self, image: &Image) -> Vec<&'w Image> {
        self.images_where(|other| Self::children(other).contains(&image.digest))
    }

    pub(super) fn referrers(&self, image: &Image) -> Vec<&'w Image> {
        self.images_where(|other| Self::subjects(other).contains(&image.digest))
    }

    /// Children and referrers that are there.
    pub(super) fn below(&self, image: &Image) -> Vec<&'w Image> {
        let children = Self::children(image);
        let mut below = self.images_where(|other| children.contains(&other.digest));
        below.extend(self.referrers(image));
        below
    }

    /// Indexes that name it and subjects that are there.
    pub(super) fn above(&self, image: &Image) -> Vec<&'w Image> {
        let mut above = self.parents(image);
        above.extend(
            Self::subjects(image)
                .iter()
                .filter_map(|subject| self.find(subject)),
        );
        above
    }

    /// Its tags but those that make it the fallback of another.
    pub(super) fn own_tags(image: &Image) -> Vec<&Tag> {
        let is_fallback = |tag: &&Tag| {
            image.fallback_for.is_some_and(|subject| {
                let tag_of_subject = format!("sha256-{}", subject.hex());
                ["", ".sig", ".att", ".sbom"]
                    .iter()
                    .any(|suffix| tag.name == format!("{tag_of_subject}{suffix}"))
            })
        };
        image.tags.iter().filter(|tag| !is_fallback(tag)).collect()
    }

    /// A tag of its own, or neither parent nor subject. What says to refer to itself is no free
    /// manifest: the safer reading of something that no honest digest can be.
    pub(super) fn is_root(&self, image: &Image) -> bool {
        let refers = image.subject.is_some() || image.fallback_for.is_some();
        let is_free = self.parents(image).is_empty() && !refers;
        !Self::own_tags(image).is_empty() || is_free
    }

    /// A root and everything below it, stopping where another root begins.
    pub(super) fn group(&self, root: &'w Image) -> Vec<&'w Image> {
        let mut group = vec![root];
        let mut at = 0;
        while at < group.len() {
            for below in self.below(group[at]) {
                let is_in = group.iter().any(|image| image.digest == below.digest);
                if !is_in && !self.is_root(below) {
                    group.push(below);
                }
            }
            at += 1;
        }
        group
    }

    /// The image and everything that it leads to, down to children and out to referrers.
    pub(super) fn closure(&self, image: &'w Image) -> Vec<&'w Image> {
        let mut closure = vec![image];
        let mut at = 0;
        while at < closure.len() {
            for below in self.below(closure[at]) {
                if closure.iter().all(|image| image.digest != below.digest) {
                    closure.push(below);
                }
            }
            at += 1;
        }
        closure
    }

    /// Every index above it, and every index above those.
    pub(super) fn ancestors(&self, image: &Image) -> BTreeSet<Digest> {
        let mut ancestors = BTreeSet::new();
        let mut next = self.parents(image);
        while let Some(parent) = next.pop() {
            if ancestors.insert(parent.digest) {
                next.extend(self.parents(parent));
            }
        }
        ancestors
    }

    /// The image children of an index, attestations and other kinds left out. `None` stands for
    /// one that nobody can look at: it is missing, or leads back to the index; and for what an
    /// index may hold that could not be read, has none, or refers to what is missing.
    pub(super) fn image_children(&self, index: &Image) -> Vec<Option<&'w Image>> {
        let mut children = Vec::new();
        for child in Self::children(index) {
            match self.find(&child) {
                Some(found) if !is_image(found) => {}
                found => children.push(found.filter(|child| !self.leads_to(child, index))),
            }
        }
        let is_missing = |subject: &Digest| self.find(subject).is_none();
        if index.unreadable || children.is_empty() || Self::subjects(index).iter().any(is_missing) {
            children.push(None);
        }
        children
    }

    /// Whether the one is an image child of the other, or of one of its image children.
    fn leads_to(&self, from: &'w Image, to: &Image) -> bool {
        let mut reached = vec![from];
        let mut at = 0;
        while at < reached.len() {
            let children = Self::children(reached[at]);
            for child in children.iter().filter_map(|child| self.find(child)) {
                let is_new = reached.iter().all(|image| image.digest != child.digest);
                if is_new && is_image(child) {
                    reached.push(child);
                }
            }
            at += 1;
        }
        reached.iter().any(|image| image.digest == to.digest)
    }
}

fn is_image(image: &Image) -> bool {
    matches!(image.kind, Kind::Image | Kind::Index)
}
