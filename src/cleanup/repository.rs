//! One repository of a run: sweep, delete for as long as the sweep is good for, sweep again.
//!
//! ```text
//!          ┌───────────────────────────── batch over, or all done ───────────────────────────┐
//!          ▼                                                                                 │
//!        sweep ── incomplete, clock, conflict ──> stopped                                    │
//!          │ └─── nothing left ──> over                                                      │
//!          ▼                                                                                 │
//!        group: back-up ─> last look ─> intent ─> DELETE ─> result ─> ... ─> ended ──────────┘
//!          │                  └─ differs ─> skipped     └─ failed ─> undone; three in a row,
//!          └─ (after the first) canary ── one gone ──> stopped          401, 403 ─> stopped
//! ```

use std::{collections::BTreeSet, time::Duration};

use super::{
    apply::{Job, Registry},
    budget::Budget,
    event::Event,
    journal::{Entry, Journal, Progress},
    known::Known,
    lease::Held,
    living::Living,
    run::{Ending, Skipped},
    store::Store,
};
use crate::{
    error::{Code, Error, Result},
    io::Io,
    oci::Digest,
    plan::{Group, Plan, Role, Verdict, document},
    timestamp::Timestamp,
};

/// A sweep is good for as long as it took, and for this long at least.
pub(super) const SHORTEST_BATCH: Duration = Duration::from_mins(5);
/// So many groups may fail in a row.
const FAILURES: u8 = 3;

/// What all repositories of a run share.
pub(super) struct Shared<'a, S> {
    pub(super) run: &'a str,
    pub(super) job: &'a Job<'a>,
    pub(super) approved: &'a Plan,
    pub(super) store: &'a S,
    pub(super) budget: &'a Budget,
    pub(super) lease: &'a Held,
}

/// How the work in a repository ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing is left that may be deleted.
    Whole,
    /// The budget is used up.
    Paused,
}

/// What a sweep found.
pub(super) struct Sweep {
    pub(super) living: Living,
    /// The present plan, limited to what the approved one deletes.
    pub(super) fresh: Plan,
    pub(super) groups: Vec<Group>,
    /// The digests that answered in this sweep.
    pub(super) seen: BTreeSet<Digest>,
    /// Whether one request lists all tags, so that each group can be looked at with it.
    pub(super) lists_at_once: bool,
    /// Until when deletions may rest on it.
    pub(super) until: Timestamp,
}

/// The work in one repository.
pub(super) struct Work<'a, 'j, I: Io, S> {
    pub(super) shared: &'a Shared<'a, S>,
    pub(super) registry: &'a Registry<I>,
    pub(super) planned: &'a document::Repository,
    /// `host/path`, by which journal and events name it.
    pub(super) place: String,
    pub(super) journal: &'a mut Journal<'j, S>,
    pub(super) events: &'a mut dyn FnMut(Event),
    pub(super) known: Option<Known>,
    /// Groups that this invocation need not look at again.
    pub(super) over: BTreeSet<Digest>,
    /// The kept manifests that answered before the first deletion, until they are asked again.
    pub(super) canary: Option<Vec<Digest>>,
    failures: u8,
}

impl<'a, 'j, I: Io, S: Store> Work<'a, 'j, I, S> {
    pub(super) fn new(
        shared: &'a Shared<'a, S>,
        registry: &'a Registry<I>,
        planned: &'a document::Repository,
        journal: &'a mut Journal<'j, S>,
        events: &'a mut dyn FnMut(Event),
    ) -> Self {
        let place = format!("{}/{}", planned.host, planned.name);
        let ended = &journal.progress(&place).ended;
        let is_over = |ending: &Ending| !matches!(ending, Ending::Failed { .. });
        let over = ended
            .iter()
            .filter(|(_, _, ending)| is_over(ending))
            .map(|(group, _, _)| *group)
            .collect();
        Self {
            shared,
            registry,
            planned,
            place,
            journal,
            events,
            known: None,
            over,
            canary: None,
            failures: 0,
        }
    }

    pub(super) async fn carry_out(&mut self) -> Result<Ended> {
        if self.planned.summary.delete.manifests == 0 && self.progress().open.is_empty() {
            return Ok(Ended::Whole);
        }
        loop {
            let Some(sweep) = self.sweep().await? else {
                return Ok(Ended::Paused);
            };
            if sweep.groups.is_empty() {
                self.tell_what_is_left(&sweep).await?;
                return Ok(Ended::Whole);
            }
            for (number, group) in sweep.groups.iter().enumerate() {
                if self.io().now() >= sweep.until {
                    break;
                }
                // one group follows each sweep, or a budget below a sweep's price would never do
                if number > 0 && self.shared.budget.is_spent() {
                    return Ok(Ended::Paused);
                }
                self.group(&sweep, group).await?;
            }
        }
    }

    /// One group, with what it means for the others.
    async fn group(&mut self, sweep: &Sweep, group: &Group) -> Result<()> {
        let before = self.requests_used();
        let ending = self.delete(sweep, group).await?;
        self.shared.budget.spend(self.requests_used() - before);
        match &ending {
            Ending::Deleted { .. } => {
                self.failures = 0;
                self.hear_canary(group).await?;
            }
            Ending::Failed { problem, .. } => {
                self.failures += 1;
                if self.failures >= FAILURES {
                    let found =
                        format!("{FAILURES} groups in a row failed; the last one: {problem}");
                    return Err(Error::new(problem.code(), found)
                        .doing(format!("deleting from {}", self.planned.name))
                        .at(&*self.planned.host)
                        .next("apply the same plan again when the cause is gone"));
                }
            }
            Ending::Skipped { .. } | Ending::PutBack { .. } => {}
        }
        Ok(())
    }

    /// Notes the groups that the approved plan deletes and the present one does not.
    async fn tell_what_is_left(&mut self, sweep: &Sweep) -> Result<()> {
        let planned = self.planned;
        let roots = planned
            .images
            .iter()
            .filter(|image| image.verdict == Verdict::Delete && image.role == Role::Root);
        for image in roots.filter(|image| image.group == image.digest) {
            if self.over.contains(&image.digest) || self.has_ended(&image.digest) {
                continue;
            }
            let fresh = sweep.fresh.repositories.iter().flat_map(|one| &one.images);
            let explanation = fresh
                .filter(|fresh| fresh.digest == image.digest)
                .map(|fresh| fresh.explanation.clone())
                .next();
            let ending = Ending::Skipped {
                reason: Skipped::NotReproduced,
                explanation: explanation.unwrap_or_else(|| "it is there no more".to_owned()),
            };
            self.end(image.digest, &image.tags, ending).await?;
        }
        Ok(())
    }

    fn has_ended(&self, group: &Digest) -> bool {
        let progress = self.progress();
        progress.ended.iter().any(|(ended, _, _)| ended == group)
    }

    /// Notes how a group ended.
    pub(super) async fn end(
        &mut self,
        group: Digest,
        tags: &[String],
        ending: Ending,
    ) -> Result<()> {
        self.over.insert(group);
        let entry = Entry::Ended {
            repository: self.place.clone(),
            group,
            tags: tags.to_vec(),
            ending: ending.clone(),
        };
        self.note(entry).await?;
        let repository = self.place.clone();
        (self.events)(Event::GroupEnded {
            repository,
            group,
            ending,
        });
        Ok(())
    }

    pub(super) async fn note(&mut self, entry: Entry) -> Result<()> {
        let now = self.io().now();
        self.journal.append(now, entry).await
    }

    pub(super) fn progress(&self) -> &Progress {
        self.journal.progress(&self.place)
    }

    pub(super) fn io(&self) -> &'a I {
        self.registry.reader.io()
    }

    fn requests_used(&self) -> u64 {
        let Registry { reader, writer } = self.registry;
        reader.requests_used() + writer.client().requests_used()
    }

    pub(super) fn conflict(&self, found: String) -> Error {
        Error::new(Code::Conflict, found)
            .doing(format!("deleting from {}", self.planned.name))
            .at(&*self.planned.host)
    }
}
