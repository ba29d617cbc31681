//! The tag list, and where each tag points.

use super::{Collector, is_of_one, tell};
use crate::{
    cleanup::{
        event::Phase,
        known::Facts,
        reading::{Listed, Presence},
    },
    error::Result,
    image::Contents,
    io::Io,
    oci::{Target, is_tag},
};

impl<I: Io> Collector<'_, '_, I> {
    pub(super) async fn listing(&mut self) -> Result<bool> {
        if self.reading.listing.is_some() {
            return Ok(true);
        }
        let mut pages = self.what.client.tags(self.what.repository);
        let mut listed = Listed::default();
        while let Some(page) = pages.next_page().await? {
            listed.add(page);
            let done = listed.tags.len();
            tell(self.what, self.events, Phase::Listing, done, done);
        }
        if let Some(error) = pages.broken_by() {
            return Err(error.clone());
        }
        listed.requests = pages.pages_asked();
        self.what.budget.spend(listed.requests.into());
        listed.incomplete = pages.complete().reason.or(listed.incomplete);
        let resolved = listed.resolved();
        self.reading.tags.extend(
            resolved
                .into_iter()
                .map(|(tag, digest)| (tag, Some(digest))),
        );
        self.reading.listing = Some(listed);
        Ok(true)
    }

    /// Resolves what the list itself did not, by HEAD. Where a registry does not say the digest
    /// then, its manifest is read, and that once.
    pub(super) async fn tags(&mut self) -> Result<bool> {
        let listed = self.reading.listing.iter().flat_map(|list| &list.tags);
        let open: Vec<String> = listed
            .filter(|tag| !self.reading.tags.contains_key(*tag))
            .cloned()
            .collect();
        let ask = async |contents: &Contents<I>, tag: String| {
            if !is_tag(&tag) {
                return Ok((tag, None));
            }
            let target = Target::Tag(tag.clone());
            // twice, because a list may be younger than what answers for a tag
            for _ in 0..2 {
                match contents.client.look(&contents.repository, &target).await {
                    Ok(Some((head, read))) => {
                        if let Some(manifest) = &read {
                            contents.keep(&head.digest, manifest.bytes()).await;
                        }
                        return Ok((tag, Some((head.digest, read))));
                    }
                    Ok(None) => {}
                    Err(error) if is_of_one(&error) => return Ok((tag, None)),
                    Err(error) => return Err(error),
                }
            }
            Ok((tag, None))
        };
        let needs = &self.what.needs;
        self.each(Phase::Tags, open, ask, |reading, (tag, shown)| {
            let digest = shown.map(|(digest, read)| {
                if let Some(manifest) = read {
                    if reading.known.get(&digest).is_none() {
                        let facts = Facts::of_manifest(&manifest, needs);
                        reading.known.insert(digest, facts);
                    }
                    reading.asked.insert(digest, Presence::Here);
                }
                digest
            });
            reading.tags.insert(tag, digest);
        })
        .await
    }
}
