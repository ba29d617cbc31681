//! The check after deletions: whatever is there now and names what this run deleted gets it back,
//! and a tag that vanished without us ends the run.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    backup::Backup, event::Event, journal::Entry, living::Living, put_back, repository::Work,
    run::Ending, store::Store,
};
use crate::{
    error::Result,
    io::Io,
    oci::{Digest, Target},
    plan::Group,
    sorted,
};

impl<I: Io, S: Store> Work<'_, '_, I, S> {
    /// Puts back what is needed and says whether anything came back. `wanted` is needed by tags
    /// already; `before` is where tags pointed in the sweep before.
    pub(super) async fn repair(
        &mut self,
        living: &Living,
        wanted: BTreeSet<Digest>,
        before: &BTreeMap<String, Digest>,
    ) -> Result<bool> {
        let progress = self.progress();
        let moved = |digest| (digest, "a tag was moved onto it".to_owned());
        let mut needed = sorted::map(wanted.into_iter().map(moved));
        let there = living.inventory.images();
        for image in there.filter(|image| !progress.gone.contains_key(&image.digest())) {
            let named = image.children();
            let named = named.chain(image.subject()).chain(image.fallback_for());
            for digest in named.filter(|digest| progress.gone.contains_key(digest)) {
                let explanation = format!("{} names it", image.digest());
                needed.entry(digest).or_insert(explanation);
            }
        }
        for (digest, explanation) in &needed {
            self.bring_back(digest, explanation).await?;
        }
        self.vanished(living, before).await?;
        Ok(!needed.is_empty())
    }

    /// Puts back a manifest with everything below it; a root with its whole group and tags.
    pub(super) async fn bring_back(&mut self, digest: &Digest, explanation: &str) -> Result<()> {
        let Some(group) = self.progress().gone.get(digest).copied() else {
            // an earlier one brought it along
            return Ok(());
        };
        let only;
        let result = match Backup::load(self.shared.store, &self.backup_path(&group)).await {
            Ok(backup) => {
                only = backup.closure(digest);
                self.put_back(group, &backup, &only).await?.map(|()| backup)
            }
            Err(error) => Err(error),
        };
        let backup = result.map_err(|problem| {
            let found = format!(
                "this run deleted {digest}, {explanation}, and it cannot be put back: {problem}"
            );
            self.conflict(found).next(format!(
                "push it again, or look into the back-ups of the run {}",
                self.shared.run
            ))
        })?;
        if *digest == group {
            let tags = backup.manifests.iter().find(|saved| saved.digest == group);
            let tags = tags.map_or(&[][..], |saved| &saved.tags).to_vec();
            let explanation = explanation.to_owned();
            self.end(group, &tags, Ending::PutBack { explanation })
                .await?;
        }
        // what was there again without us
        for digest in backup.closure(digest) {
            if self.progress().gone.contains_key(&digest) {
                let repository = self.place.clone();
                self.note(Entry::Returned { repository, digest }).await?;
            }
        }
        Ok(())
    }

    /// Puts back a manifest that stays and went with a group, where the group's back-up has it.
    pub(super) async fn bring_back_kept(&mut self, digest: &Digest, group: &Group) -> Result<()> {
        let path = self.backup_path(&group.root);
        let backup = Backup::load(self.shared.store, &path).await?;
        let closure = backup.closure(digest);
        if closure.is_empty() {
            return Err(self.conflict("no back-up has it".to_owned()));
        }
        self.put_back(group.root, &backup, &closure).await?
    }

    /// Puts manifests back and notes it. The inner error is the registry's, the outer the store's.
    pub(super) async fn put_back(
        &mut self,
        group: Digest,
        backup: &Backup,
        only: &BTreeSet<Digest>,
    ) -> Result<Result<()>> {
        let mut done = put_back::Done::default();
        let result = put_back::put_back(self.registry, backup, only, &mut done).await;
        for digest in &done.put {
            let (repository, digest) = (self.place.clone(), *digest);
            self.note(Entry::PutBack {
                repository: repository.clone(),
                group,
                digest,
            })
            .await?;
            (self.events)(Event::PutBack { repository, digest });
        }
        for tag in &done.retagged {
            let (repository, tag) = (self.place.clone(), tag.clone());
            (self.events)(Event::Retagged { repository, tag });
        }
        Ok(result)
    }

    /// Tags that this run did not take and that are there no more.
    async fn vanished(&self, living: &Living, before: &BTreeMap<String, Digest>) -> Result<()> {
        let progress = self.progress();
        let mut vanished = Vec::new();
        for (tag, digest) in before {
            if living.tags.contains_key(tag) || progress.untagged.contains(tag) {
                continue;
            }
            let target = Target::Tag(tag.clone());
            let head = self
                .registry
                .reader
                .head(&self.planned.name, &target)
                .await?;
            if head.is_none() {
                vanished.push(format!("{tag} (it showed {digest})"));
            }
        }
        if vanished.is_empty() {
            return Ok(());
        }
        Err(self
            .conflict(format!(
                "tags vanished that this run did not take: {}",
                vanished.join(", ")
            ))
            .next(format!(
                "somebody else deletes here; if one was moved onto what this run deleted, \
                 restore the run {}",
                self.shared.run
            )))
    }
}
