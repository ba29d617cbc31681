//! What earlier scans condemned, and since when.

use std::collections::{BTreeMap, BTreeSet};

use portreeve::oci::Digest;

use super::look::Look;
use super::times::seconds;
use crate::planning::world::Image;

/// The record of one repository: group roots that the rules select and nothing forbids.
pub(crate) type Condemned = BTreeMap<Digest, Sentence>;

/// Since when a group is condemned, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) since: i64,
    bindings: Bindings,
}

/// Own tags, parents and referrers of the root and of everything that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bindings {
    tags: BTreeSet<(Digest, String)>,
    above: BTreeSet<(Digest, Digest)>,
    referrers: BTreeSet<(Digest, Digest)>,
}

impl<'w> Look<'w> {
    /// The group's entry in the record after this scan.
    pub(super) fn sentence(&self, root: &'w Image, earlier: &Condemned) -> Sentence {
        let bindings = self.bindings(root);
        let since = match earlier.get(&root.digest) {
            Some(sentence) if sentence.bindings == bindings => sentence.since,
            _ => self.repository.taken_at,
        };
        Sentence { since, bindings }
    }

    /// Whether the policy's grace is not over yet.
    pub(super) fn is_in_grace(&self, root: &'w Image, earlier: &Condemned) -> bool {
        let Some(grace) = self.world.policy.get("grace") else {
            return false;
        };
        let due = self.world.now.min(self.repository.taken_at) - seconds(grace);
        let bindings = self.bindings(root);
        let is_due = |sentence: &Sentence| sentence.bindings == bindings && sentence.since <= due;
        !earlier.get(&root.digest).is_some_and(is_due)
    }

    fn bindings(&self, root: &'w Image) -> Bindings {
        let pairs = |of: &dyn Fn(&Image) -> Vec<&'w Image>| {
            let closure = self.closure(root);
            let pairs = closure.iter().flat_map(|member| {
                of(member)
                    .into_iter()
                    .map(|other| (member.digest, other.digest))
            });
            pairs.collect()
        };
        let tags = |image: &Image| -> Vec<(Digest, String)> {
            let own = Self::own_tags(image).into_iter();
            own.map(|tag| (image.digest, tag.name.clone())).collect()
        };
        Bindings {
            tags: self.closure(root).into_iter().flat_map(tags).collect(),
            above: pairs(&|member| self.parents(member)),
            referrers: pairs(&|member| self.referrers(member)),
        }
    }
}
