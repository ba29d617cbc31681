//! A sweep: the repository read anew, what earlier deletions broke put right, and the present plan
//! made. It decides the next batch, and is the check of the last one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    apply::input,
    clock,
    collect::{Collect, ReferrersOf, collect, is_of_one},
    event::Event,
    journal::Entry,
    living::Living,
    reading::Reading,
    reported::reported,
    repository::{SHORTEST_BATCH, Sweep, Work},
    state,
    store::{Store, paths},
};
use crate::{
    error::{Code, Error, Result},
    io::Io,
    oci::{Digest, Target},
    plan::{self, inventory::Inventory},
    sorted,
};

/// So often in a row may a sweep have to put something back.
const REPAIRS: u8 = 3;

impl<I: Io, S: Store> Work<'_, '_, I, S> {
    /// Reads, repairs and plans; `None` when the budget ends in between.
    pub(super) async fn sweep(&mut self) -> Result<Option<Sweep>> {
        for _ in 0..=REPAIRS {
            let begun = self.io().now();
            let earlier = self.earlier().await?;
            let Some((inventory, reading)) = self.read(earlier.as_ref()).await? else {
                return Ok(None);
            };
            let (seen, lists_at_once) = (reading.seen(), reading.lists_at_once());
            self.known = Some(reading.known);
            clock::check(self.io().now(), self.registry.reader.last_date())
                .map_err(|error| error.at(&*self.planned.host))?;
            if !inventory.complete {
                let reason = inventory.incomplete_reason.unwrap_or_default();
                return Err(Error::new(Code::IncompleteListing, reason)
                    .doing(format!("reading {}", self.planned.name))
                    .at(&*self.planned.host)
                    .next("nothing more is deleted there; apply the same plan again later"));
            }
            let (inventory, wanted) = self.without_ghosts(inventory).await?;
            let living = Living::new(inventory);
            if self.resume(&living).await? {
                // what was there at the start of this sweep is not what is there now
                continue;
            }
            let before = self.tags_before(earlier.as_ref());
            if self.repair(&living, wanted, &before).await? {
                // what came back must protect what it leads to: look again
                continue;
            }
            state::save_inventory(self.shared.store, &self.without_gone(&living.inventory)).await?;
            let (fresh, mut groups) = self.fresh(&living.inventory).await?;
            let took = self.io().now().since(begun).max(SHORTEST_BATCH);
            groups.retain(|group| !self.over.contains(&group.root));
            let repository = self.place.clone();
            (self.events)(Event::Swept {
                repository,
                manifests: living.inventory.len(),
                groups: groups.len(),
            });
            return Ok(Some(Sweep {
                living,
                fresh,
                groups,
                seen,
                lists_at_once,
                until: self.io().now().plus(took),
            }));
        }
        Err(self.conflict("what this run puts back is used in new ways again and again".to_owned()))
    }

    /// The last inventory kept, without what this run deleted.
    async fn earlier(&self) -> Result<Option<Inventory>> {
        let store = self.shared.store;
        let earlier = state::load_inventory(store, &self.planned.host, &self.planned.name).await?;
        Ok(earlier.map(|earlier| self.without_gone(&earlier)))
    }

    fn without_gone(&self, inventory: &Inventory) -> Inventory {
        let gone = &self.progress().gone;
        let mut inventory = inventory.clone();
        inventory.retain(|image| !gone.contains_key(&image.digest()));
        inventory
    }

    async fn read(&mut self, earlier: Option<&Inventory>) -> Result<Option<(Inventory, Reading)>> {
        let needs = self.shared.job.policy.needs();
        let (host, name) = (&self.planned.host, &self.planned.name);
        let path = paths::reading(host, name);
        let begun = self.shared.store.read(&path).await?;
        // one that an earlier run left behind shows what was there before this one
        let opened = self.journal.opened;
        let begun = begun
            .and_then(|text| Reading::parse(&text))
            .filter(|reading| opened.is_some_and(|opened| reading.begun >= Some(opened)));
        let mut reading = match begun {
            Some(reading) => reading,
            None => Reading::knowing(self.known.take().unwrap_or_default()),
        };
        let condemned = self.planned.images.iter();
        let condemned = condemned.filter(|image| image.verdict == plan::Verdict::Delete);
        let condemned = sorted::set(condemned.map(|image| image.digest));
        let what = Collect {
            client: &self.registry.reader,
            repository: name,
            needs,
            earlier,
            cache: None,
            reported: &reported(self.shared.job.reports, name),
            referrers: ReferrersOf::These(&condemned),
            budget: self.shared.budget,
        };
        let inventory = collect(&what, &mut reading, self.events).await?;
        let Some(inventory) = inventory else {
            self.shared.store.write(&path, &reading.to_text()?).await?;
            return Ok(None);
        };
        self.shared.store.write(&path, "").await?;
        Ok(Some((inventory, reading)))
    }

    /// Takes out what a tag still shows though this run deleted it (`ociregistry` leaves such
    /// tags): the tags that went with it are taken away, and if others show it now, somebody
    /// needs it.
    async fn without_ghosts(
        &mut self,
        mut inventory: Inventory,
    ) -> Result<(Inventory, BTreeSet<Digest>)> {
        let gone = self.progress().gone.clone();
        let mut wanted = BTreeSet::new();
        let mut ghosts = BTreeSet::new();
        for image in inventory.images() {
            if !gone.contains_key(&image.digest()) {
                continue;
            }
            let (name, digest) = (&*self.planned.name, image.digest());
            let target = Target::Digest(digest);
            if self.registry.reader.head(name, &target).await?.is_some() {
                let repository = self.place.clone();
                self.note(Entry::Returned { repository, digest }).await?;
                continue;
            }
            ghosts.insert(digest);
            for tag in image.tags() {
                if !self.bury(tag.name, &digest).await? {
                    wanted.insert(digest);
                }
            }
        }
        inventory.retain(|image| !ghosts.contains(&image.digest()));
        for tag in std::mem::take(&mut inventory.unreadable_tags) {
            let shown = match self.shown(&tag).await {
                Ok(shown) => shown,
                Err(error) if is_of_one(&error) => None,
                Err(error) => return Err(error),
            };
            match shown.filter(|digest| gone.contains_key(digest)) {
                Some(digest) if self.bury(&tag, &digest).await? => {}
                shown => {
                    wanted.extend(shown);
                    inventory.unreadable_tags.push(tag);
                }
            }
        }
        Ok((inventory, wanted))
    }

    /// Takes away a tag that shows a manifest which this run deleted together with it; `false`
    /// where the tag was set by somebody else.
    async fn bury(&self, tag: &str, digest: &Digest) -> Result<bool> {
        if !self.progress().untagged.contains(tag) {
            return Ok(false);
        }
        if self.shown(tag).await? != Some(*digest) {
            return Ok(true);
        }
        let name = &*self.planned.name;
        match self.registry.writer.untag(name, tag, digest).await {
            Ok(_) => Ok(true),
            // a dead tag that cannot be taken harms nobody
            Err(error) if matches!(error.code(), Code::Unsupported | Code::Refused) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Where tags pointed in the last sweep of this run.
    fn tags_before(&self, earlier: Option<&Inventory>) -> BTreeMap<String, Digest> {
        let of_this_run = |inventory: &&Inventory| {
            let opened = self.journal.opened;
            opened.is_some_and(|opened| inventory.taken_at >= opened)
        };
        let images = earlier.filter(of_this_run).into_iter();
        let images = images.flat_map(Inventory::images);
        sorted::map(images.flat_map(|image| {
            let tags = image.tags();
            tags.map(move |tag| (tag.name.to_owned(), image.digest()))
        }))
    }

    /// The present plan, and its groups in their order.
    async fn fresh(&self, inventory: &Inventory) -> Result<(plan::Plan, Vec<plan::Group>)> {
        let (host, name) = (&self.planned.host, &self.planned.name);
        let history = state::history(self.shared.store, host, name).await?;
        let now = self.io().now();
        let inventories = std::slice::from_ref(inventory);
        let made = plan::intersection(
            self.shared.approved,
            &input(self.shared.job, inventories, &history, now),
        )?;
        Ok((made.document(), made.groups()))
    }
}
