//! What stays because something else does, to a fixed point.

use std::collections::BTreeSet;

use portreeve::oci::Digest;

use super::look::Look;
use crate::planning::world::Image;

impl<'w> Look<'w> {
    /// Everything that stays if these do.
    pub(super) fn staying(&self, kept: &BTreeSet<Digest>) -> BTreeSet<Digest> {
        let mut kept = kept.clone();
        loop {
            let mut more = kept.clone();
            for image in &self.repository.images {
                if self.is_held_from_below(image, &kept) {
                    more.extend(self.above(image).iter().map(|above| above.digest));
                }
            }
            if more == kept {
                return self.reached(&kept, &BTreeSet::new());
            }
            kept = more;
        }
    }

    /// A member that stays by itself, or for a referrer that is kept by something else than the
    /// member and the indexes that name it, must not be left behind by what leads to it. A referrer
    /// with a tag of its own counts however it is kept.
    fn is_held_from_below(&self, image: &'w Image, kept: &BTreeSet<Digest>) -> bool {
        let is_kept_otherwise = |referrer: &&Image| {
            let leading = self.parents(image).into_iter().map(|above| above.digest);
            let mut without: BTreeSet<Digest> = leading.chain([image.digest]).collect();
            without.remove(&referrer.digest);
            if self.is_root(referrer) {
                without.clear();
            }
            self.reached(kept, &without).contains(&referrer.digest)
        };
        !self.is_root(image)
            && (kept.contains(&image.digest) || self.referrers(image).iter().any(is_kept_otherwise))
    }

    /// What these lead to: down to children, out to referrers, and from a referrer to its subject.
    fn reached(&self, kept: &BTreeSet<Digest>, without: &BTreeSet<Digest>) -> BTreeSet<Digest> {
        let mut reached = kept - without;
        loop {
            let mut more = reached.clone();
            for image in self
                .repository
                .images
                .iter()
                .filter(|image| reached.contains(&image.digest))
            {
                more.extend(self.below(image).iter().map(|below| below.digest));
                let subjects = Self::subjects(image);
                more.extend(
                    subjects
                        .iter()
                        .filter(|subject| self.find(subject).is_some()),
                );
            }
            more = &more - without;
            if more == reached {
                return reached;
            }
            reached = more;
        }
    }
}
