//! The canary: after the first group of a repository, every manifest that stays is asked for, and
//! after each later one those of its own members that stay. A registry that takes more than it was
//! asked to is found out before the next group.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    event::Event,
    journal::Entry,
    repository::{Sweep, Work},
    store::Store,
};
use crate::{
    error::{Error, Result},
    io::Io,
    oci::{Digest, Target},
    plan::Group,
    sorted,
};

/// So many manifests are asked for at most.
const MOST: usize = 500;

impl<I: Io, S: Store> Work<'_, '_, I, S> {
    /// Chooses the manifests to ask for, those that share children with the group first, and
    /// leaves out what does not answer now: it is nothing that this run could take.
    pub(super) async fn set_canary(&mut self, sweep: &Sweep, group: &Group) -> Result<()> {
        if self.canary.is_some() || self.progress().canary {
            return Ok(());
        }
        let condemned = sweep.groups.iter();
        let condemned = sorted::set(
            condemned.flat_map(|group| group.members.iter().map(|member| member.digest)),
        );
        let of_group = group
            .members
            .iter()
            .filter_map(|member| sweep.living.image(&member.digest))
            .flat_map(|image| image.children().chain([image.digest()]));
        let of_group = sorted::set(of_group);
        let images = sweep.living.inventory.images();
        let mut kept: Vec<_> = images
            .filter(|image| !condemned.contains(&image.digest()))
            .map(|image| {
                let shares = of_group.contains(&image.digest())
                    || image.children().any(|child| of_group.contains(&child));
                (!shares, image.digest())
            })
            .collect();
        sorted::sort(&mut kept);
        kept.truncate(MOST);
        let (seen, unsure): (Vec<Digest>, Vec<Digest>) = kept
            .into_iter()
            .map(|(_, digest)| digest)
            .partition(|digest| sweep.seen.contains(digest));
        let missing = self.missing(unsure.clone()).await?;
        let there = unsure
            .into_iter()
            .filter(|digest| !missing.contains(digest));
        self.canary = Some(seen.into_iter().chain(there).collect());
        Ok(())
    }

    /// Asks for them again.
    pub(super) async fn hear_canary(&mut self, group: &Group) -> Result<()> {
        let canary = self.canary.take();
        let is_first = canary.is_some();
        let progress = self.progress();
        let members = group.members.iter().map(|member| &member.digest);
        let mut kept = sorted::set(members.chain(&group.also).copied());
        kept.retain(|digest| !progress.gone.contains_key(digest));
        kept.extend(canary.unwrap_or_default());
        if kept.is_empty() && !is_first {
            return Ok(());
        }
        let asked = kept.len();
        let gone = self.missing(kept).await?;
        let repository = self.place.clone();
        (self.events)(Event::Canary {
            repository: repository.clone(),
            asked,
            gone: gone.iter().copied().collect(),
        });
        if gone.is_empty() {
            if is_first {
                self.note(Entry::Canary { repository, asked }).await?;
            }
            return Ok(());
        }
        let mut lost = Vec::new();
        for digest in &gone {
            match self.bring_back_kept(digest, group).await {
                Ok(()) => lost.push(format!("{digest} (put back)")),
                Err(error) => lost.push(format!("{digest} ({})", error.found())),
            }
        }
        Err(self
            .conflict(format!(
                "after the group {} went, manifests that stay are gone: {}",
                group.root,
                lost.join(", ")
            ))
            .next(
                "find out who deletes here; if it is the registry, it is not one to clean up \
                 by this release",
            ))
    }

    async fn missing(&self, digests: impl IntoIterator<Item = Digest>) -> Result<BTreeSet<Digest>> {
        let (client, name) = (&self.registry.reader, &*self.planned.name);
        let heads = stream::iter(digests)
            .map(async |digest| {
                let head = client.head(name, &Target::Digest(digest)).await?;
                Ok::<_, Error>(head.is_none().then_some(digest))
            })
            .buffer_unordered(client.limits().concurrency);
        heads
            .try_filter_map(async |missing| Ok(missing))
            .try_collect()
            .await
    }
}
