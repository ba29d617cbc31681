//! What speaks of manifests, where the registry has a list of it.

use std::collections::BTreeSet;

use super::{Collector, ReferrersOf};
use crate::{
    cleanup::{assemble, event::Phase, reading::Reading},
    client::{Referrers, Source},
    error::Result,
    image::Contents,
    io::Io,
    oci::Digest,
};

impl<I: Io> Collector<'_, '_, I> {
    /// Asks for referrers, which on a registry with that endpoint may be in no list. Where all
    /// manifests are listed, each names its subject itself; where there is no endpoint, the tag
    /// list has named every fallback tag.
    pub(super) async fn referrers(&mut self) -> Result<bool> {
        if self.reading.listed().is_some() {
            return Ok(true);
        }
        if matches!(self.what.referrers, ReferrersOf::Nothing) {
            let doubt = "its referrers were not asked for";
            self.reading.doubt.get_or_insert_with(|| doubt.to_owned());
            return Ok(true);
        }
        loop {
            let mut open = self.unasked_subjects();
            if self.reading.referrers.is_empty() {
                // one answer tells whether there is such an endpoint
                open.truncate(1);
            }
            if open.is_empty() || self.reading.no_referrers {
                return Ok(true);
            }
            let ask = async |contents: &Contents<I>, digest: Digest| {
                let listing = contents.client.referrers(&contents.repository, &digest);
                Ok((digest, listing.without_fallback_tag().all().await?))
            };
            let keep = |reading: &mut Reading, (digest, found): (Digest, Referrers)| {
                reading.no_referrers |=
                    reading.referrers.is_empty() && found.source != Some(Source::Api);
                if let Some(reason) = found.completeness.reason {
                    let doubt = format!("the referrers of {digest}: {reason}");
                    reading.doubt.get_or_insert(doubt);
                }
                let named = found.found.iter();
                let named = named.map(|referrer| referrer.descriptor.digest).collect();
                reading.referrers.insert(digest, named);
            };
            if !self.each(Phase::Referrers, open, ask, keep).await? || !self.manifests().await? {
                return Ok(false);
            }
        }
    }

    fn unasked_subjects(&self) -> Vec<Digest> {
        let reached = assemble::reached(self.reading);
        let nothing = BTreeSet::new();
        let (all, these) = match self.what.referrers {
            ReferrersOf::These(these) => (false, these),
            _ => (true, &nothing),
        };
        let present = reached
            .keys()
            .filter(|digest| all || these.contains(digest));
        // what is not there comes last: whether the endpoint exists is asked of one that is
        let absent = these.iter().filter(|digest| !reached.contains_key(digest));
        let unasked = |digest: &&Digest| !self.reading.referrers.contains_key(digest);
        present.chain(absent).filter(unasked).copied().collect()
    }
}
