//! What no list names: on a registry that lists tags only, an untagged manifest shows when it is
//! asked for.

use std::collections::BTreeSet;

use super::Collector;
use crate::{
    cleanup::{assemble, event::Phase},
    error::Result,
    io::Io,
    oci::Digest,
    sorted,
};

impl<I: Io> Collector<'_, '_, I> {
    /// Asks for what an earlier inventory saw and for what is in use, and reads what is there.
    pub(super) async fn unlisted(&mut self) -> Result<bool> {
        if self.reading.listed().is_some() {
            return Ok(true);
        }
        loop {
            let open = self.out_of_sight();
            if open.is_empty() {
                return Ok(self.manifests().await? && self.referrers().await?);
            }
            if !self.presence(Phase::Unlisted, open).await? {
                return Ok(false);
            }
        }
    }

    /// Those that nothing leads to, the indexes before what they list: a child counts as there
    /// where its index is.
    fn out_of_sight(&self) -> Vec<Digest> {
        let reading = &*self.reading;
        let reached = assemble::reached(reading);
        let earlier = self.what.earlier.into_iter();
        let earlier = earlier.flat_map(|all| all.images().map(|image| image.digest()));
        let reported = self.what.reported.iter().copied();
        let open = earlier
            .chain(reported)
            .filter(|digest| !reached.contains_key(digest) && !reading.asked.contains_key(digest));
        let open: BTreeSet<Digest> = sorted::set(open);
        let named = open.iter().flat_map(|digest| {
            let children = reading.known.get(digest).into_iter();
            let children = children.flat_map(|facts| &facts.children);
            // one that lists itself is no less on top
            children.filter(move |child| child.digest != *digest)
        });
        let named = sorted::set(named.map(|child| child.digest));
        let on_top: Vec<Digest> = open.difference(&named).copied().collect();
        if on_top.is_empty() {
            return open.into_iter().collect();
        }
        on_top
    }
}
