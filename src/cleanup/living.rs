//! The graph of what is there, as the last sweep saw it and without what went since. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    oci::Digest,
    plan::inventory::{Image, Inventory},
    sorted,
};

/// What a sweep saw.
pub(super) struct Living {
    pub(super) inventory: Inventory,
    /// From a manifest to the indexes that list it.
    parents: BTreeMap<Digest, Vec<Digest>>,
    /// Where every tag points.
    pub(super) tags: BTreeMap<String, Digest>,
}

impl Living {
    pub(super) fn new(inventory: Inventory) -> Self {
        let mut parents: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
        let mut tags = BTreeMap::new();
        for image in inventory.images() {
            for tag in image.tags() {
                tags.insert(tag.name.to_owned(), image.digest());
            }
            for child in image.children() {
                parents.entry(child).or_default().push(image.digest());
            }
        }
        Self {
            inventory,
            parents,
            tags,
        }
    }

    pub(super) fn image(&self, digest: &Digest) -> Option<Image<'_>> {
        self.inventory.image(self.inventory.find(digest)?)
    }

    /// An index that lists it and is not in `gone`.
    pub(super) fn parent(
        &self,
        digest: &Digest,
        gone: &BTreeMap<Digest, Digest>,
    ) -> Option<Digest> {
        let parents = self.parents.get(digest).into_iter().flatten();
        parents
            .copied()
            .find(|parent| self.image(parent).is_some() && !gone.contains_key(parent))
    }

    /// Whether an index lists it.
    pub(super) fn has_parent(&self, digest: &Digest) -> bool {
        self.parents.contains_key(digest)
    }

    /// What refers to a digest by its subject.
    pub(super) fn referrers(&self, subject: &Digest) -> BTreeSet<Digest> {
        let images = self.inventory.images();
        let referrers = images.filter(|image| image.subject() == Some(*subject));
        sorted::set(referrers.map(|image| image.digest()))
    }
}
