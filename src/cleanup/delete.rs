//! Deleting one group: back-up, last look, and the steps, each with its intent before and its
//! result after it.

use super::{
    backup::{self, Backup, Saved},
    event::Event,
    group,
    journal::{Entry, Open, Outcome, Step},
    known::Facts,
    last_look,
    living::Living,
    repository::{Sweep, Work},
    run::{Ending, Problem, Skipped},
    state,
    store::Store,
};
use crate::{
    client::Deletion,
    error::{Code, Error, Result},
    io::Io,
    oci::{Digest, Target},
    plan::{Group, policy::Needs},
};

/// Why the steps of a group came to an end early.
enum Failure {
    /// The group is over; others may be tried.
    Group(Error),
    /// Nothing more is deleted in this repository. What the group lost comes back first.
    Undo(Error),
    /// The same, and nobody knows what became of the last step: the next invocation goes on.
    Unknown(Error),
}

impl<I: Io, S: Store> Work<'_, '_, I, S> {
    /// Deletes a group, and says how that ended. An error stops the repository.
    pub(super) async fn delete(&mut self, sweep: &Sweep, group: &Group) -> Result<Ending> {
        let ready = self.make_ready(sweep, group).await;
        let ending = match ready {
            Ok(None) => {
                let steps = group::steps(group, self.registry.reader.profile().deletion);
                let repository = self.place.clone();
                self.note(Entry::Begun {
                    repository: repository.clone(),
                    group: group.root,
                    tags: group.tags().to_vec(),
                    steps: steps.clone(),
                })
                .await?;
                (self.events)(Event::GroupBegun {
                    repository,
                    group: group.root,
                    tags: group.tags().to_vec(),
                });
                return self
                    .carry_through(&sweep.living, group.root, group.tags(), &steps)
                    .await;
            }
            Ok(Some((reason, explanation))) => Ending::Skipped {
                reason,
                explanation,
            },
            Err(error) if stops(&error) => return Err(error),
            Err(error) => Ending::Failed {
                problem: Problem::from(&error),
                undone: true,
            },
        };
        self.end(group.root, group.tags(), ending.clone()).await?;
        Ok(ending)
    }

    /// Everything before the first deletion; a reason where there must be none.
    async fn make_ready(
        &mut self,
        sweep: &Sweep,
        group: &Group,
    ) -> Result<Option<(Skipped, String)>> {
        let gone = &self.progress().gone;
        if let Some(parent) = sweep.living.parent(&group.root, gone) {
            let explanation = format!("the index {parent} lists it and stays");
            return Ok(Some((Skipped::InUse, explanation)));
        }
        self.set_canary(sweep, group).await?;
        match self.back_up(&sweep.living, group).await? {
            Ok(backup) => backup.keep(self.shared.store).await?,
            Err(missing) => return Ok(Some((Skipped::NoBackup, missing))),
        }
        last_look::differs(
            &self.registry.reader,
            &self.planned.name,
            group,
            &sweep.living,
            &self.progress().gone,
            sweep.lists_at_once,
        )
        .await
    }

    /// Reads the group whole; the inner error says what of it cannot be had.
    async fn back_up(
        &self,
        living: &Living,
        group: &Group,
    ) -> Result<std::result::Result<Backup, String>> {
        let name = &*self.planned.name;
        let members = group.members.iter();
        let members = members.map(|member| (member.digest, &*member.tags));
        let also = group.also.iter().map(|digest| (*digest, &[][..]));
        let mut manifests = Vec::new();
        for (digest, tags) in members.chain(also) {
            let target = Target::Digest(digest);
            let manifest = match self.registry.reader.manifest(name, &target).await {
                Ok(Some(manifest)) => manifest,
                Ok(None) => return Ok(Err(format!("{digest} is not there"))),
                Err(error) if stops(&error) || error.is_retryable() => return Err(error),
                Err(error) => return Ok(Err(error.found().to_owned())),
            };
            // most children are known by their index's word alone: here the content speaks
            let facts = Facts::of_manifest(&manifest, &Needs::default());
            let known = living.image(&digest);
            let as_known = facts.children.iter().all(|child| {
                known.is_some_and(|image| image.children().any(|id| id == child.digest))
            });
            if !as_known {
                return Ok(Err(format!(
                    "{digest} lists manifests that its index hides"
                )));
            }
            manifests.push(Saved {
                digest,
                media_type: manifest.media_type().to_owned(),
                tags: tags.to_vec(),
                bytes: manifest.bytes().clone(),
            });
        }
        Ok(Ok(Backup {
            format: backup::FORMAT.to_owned(),
            run: self.shared.run.to_owned(),
            host: self.planned.host.clone(),
            repository: name.to_owned(),
            group: group.root,
            taken_at: self.io().now(),
            manifests,
        }))
    }

    /// Takes the steps of a group that was begun, and ends it.
    async fn carry_through(
        &mut self,
        living: &Living,
        group: Digest,
        tags: &[String],
        steps: &[Step],
    ) -> Result<Ending> {
        let failure = self.take_steps(living, group, steps).await?;
        let (ending, stop) = match failure {
            None => {
                let gone = &self.progress().gone;
                let manifests = gone.values().filter(|of| **of == group).count();
                (Ending::Deleted { manifests }, None)
            }
            Some(Failure::Unknown(error)) => return Err(error),
            Some(Failure::Group(error)) => (self.undo(group, &error).await?, None),
            Some(Failure::Undo(error)) => (self.undo(group, &error).await?, Some(error)),
        };
        if matches!(ending, Ending::Deleted { .. }) {
            let line = state::Line {
                at: self.io().now(),
                groups_before: roots(living),
                groups_deleted: 1,
            };
            let (host, name) = (&self.planned.host, &self.planned.name);
            state::remember(self.shared.store, host, name, &line).await?;
        }
        self.end(group, tags, ending.clone()).await?;
        match stop {
            Some(error) => Err(error),
            None => Ok(ending),
        }
    }

    async fn take_steps(
        &mut self,
        living: &Living,
        group: Digest,
        steps: &[Step],
    ) -> Result<Option<Failure>> {
        for step in steps {
            self.shared
                .lease
                .check(self.io(), self.shared.store)
                .await?;
            let outcome = if self.is_needed(living, &group, step) {
                Outcome::Stays
            } else {
                let repository = self.place.clone();
                let step = step.clone();
                self.note(Entry::Intended {
                    repository,
                    group,
                    step: step.clone(),
                })
                .await?;
                match self.take_step(&step).await {
                    Ok(outcome) => outcome,
                    Err(Failure::Unknown(error)) => return Ok(Some(Failure::Unknown(error))),
                    Err(failure) => {
                        self.note_taken(group, &step, Outcome::Failed).await?;
                        return Ok(Some(failure));
                    }
                }
            };
            self.note_taken(group, step, outcome).await?;
        }
        Ok(None)
    }

    /// Whether something that stays leads to what a step would delete: an index that lists it,
    /// what it speaks of, or a tag.
    fn is_needed(&self, living: &Living, group: &Digest, step: &Step) -> bool {
        let progress = self.progress();
        let (digest, taken) = match step {
            Step::Delete { digest, tags } => (digest, Some(tags)),
            Step::Untag { shows, .. } => (shows, None),
        };
        let Some(image) = living.image(digest) else {
            return false;
        };
        let has_other_tag = taken.is_some_and(|taken| {
            let mut names = image.tags().map(|tag| tag.name);
            names.any(|name| {
                taken.iter().all(|tag| tag != name) && !progress.untagged.contains(name)
            })
        });
        let mut subjects = image.subject().into_iter().chain(image.fallback_for());
        let speaks_of_another = subjects.any(|subject| {
            living.image(&subject).is_some() && !progress.gone.contains_key(&subject)
        });
        has_other_tag
            || (speaks_of_another && digest != group)
            || living.parent(digest, &progress.gone).is_some()
    }

    async fn take_step(&self, step: &Step) -> std::result::Result<Outcome, Failure> {
        let (name, writer) = (&*self.planned.name, &self.registry.writer);
        if let Step::Untag { tag, shows } = step {
            match self.shown(tag).await {
                Ok(Some(digest)) if digest != *shows => {
                    let found = format!("the tag {tag} shows {digest} by now");
                    return Err(Failure::Group(self.conflict(found)));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(Outcome::AlreadyGone),
                Err(error) => return Err(Failure::Unknown(error)),
            }
        }
        let (result, target) = match step {
            Step::Delete { digest, .. } => (
                writer.delete_manifest(name, digest).await,
                Target::Digest(*digest),
            ),
            Step::Untag { tag, shows } => (
                writer.untag(name, tag, shows).await,
                Target::Tag(tag.clone()),
            ),
        };
        let error = match result {
            Ok(Deletion::Deleted) => return Ok(Outcome::Gone),
            Ok(Deletion::AlreadyGone) => return Ok(Outcome::AlreadyGone),
            Err(error) => error,
        };
        match error.code() {
            Code::Unauthorized | Code::Denied | Code::Unsupported => Err(Failure::Undo(error)),
            _ if !error.is_retryable() => Err(Failure::Group(error)),
            // its effect is unknown: the registry knows
            _ => match self.registry.reader.head(name, &target).await {
                Ok(None) => Ok(Outcome::Gone),
                Ok(Some(_)) => Err(Failure::Group(error)),
                Err(_) => Err(Failure::Unknown(error)),
            },
        }
    }

    /// What a tag shows at this moment. A tag is taken by its name alone: one that was pushed anew
    /// would go in place of the old, so that it is looked at right before.
    pub(super) async fn shown(&self, tag: &str) -> Result<Option<Digest>> {
        let target = Target::Tag(tag.to_owned());
        let head = self
            .registry
            .reader
            .head(&self.planned.name, &target)
            .await?;
        Ok(head.map(|head| head.digest))
    }

    async fn note_taken(&mut self, group: Digest, step: &Step, outcome: Outcome) -> Result<()> {
        let repository = self.place.clone();
        self.note(Entry::Taken {
            repository: repository.clone(),
            group,
            step: step.clone(),
            outcome,
        })
        .await?;
        if outcome.is_gone() {
            (self.events)(match step.clone() {
                Step::Delete { digest, .. } => Event::Deleted { repository, digest },
                Step::Untag { tag, .. } => Event::Untagged { repository, tag },
            });
        }
        Ok(())
    }

    /// Gives a group that failed half-way what it lost: manifests, and tags that nobody uses.
    async fn undo(&mut self, group: Digest, error: &Error) -> Result<Ending> {
        let undone = match Backup::load(self.shared.store, &self.backup_path(&group)).await {
            Ok(backup) => {
                let all = backup.closure(&group);
                self.put_back(group, &backup, &all).await?
            }
            Err(error) => Err(error),
        };
        Ok(Ending::Failed {
            problem: Problem::from(error),
            undone: undone.is_ok(),
        })
    }

    /// Goes on with groups that an earlier invocation left half-way, and says whether there were
    /// any. A group of which nothing is gone yet is left to the plan.
    pub(super) async fn resume(&mut self, living: &Living) -> Result<bool> {
        let mut resumed = false;
        for (group, open) in self.progress().open.clone() {
            for step in open.left().cloned().collect::<Vec<_>>() {
                // a step whose result was never noted may have had its effect
                if self.is_done(&step).await? {
                    self.note_taken(group, &step, Outcome::Gone).await?;
                }
            }
            let Some(open) = self.progress().open.get(&group).cloned() else {
                continue;
            };
            if open.taken.iter().all(|(_, outcome)| !outcome.is_gone()) {
                continue;
            }
            resumed = true;
            if was_claimed(living, &group, &open) {
                let error = self.conflict(format!("{group} was tagged anew meanwhile"));
                let ending = self.undo(group, &error).await?;
                self.end(group, &open.tags, ending).await?;
                continue;
            }
            let left: Vec<Step> = open.left().cloned().collect();
            self.carry_through(living, group, &open.tags, &left).await?;
        }
        Ok(resumed)
    }

    async fn is_done(&self, step: &Step) -> Result<bool> {
        let (target, shows) = match step {
            Step::Delete { digest, .. } => (Target::Digest(*digest), digest),
            Step::Untag { tag, shows } => (Target::Tag(tag.clone()), shows),
        };
        let head = self
            .registry
            .reader
            .head(&self.planned.name, &target)
            .await?;
        Ok(head.is_none_or(|head| head.digest != *shows))
    }

    pub(super) fn backup_path(&self, group: &Digest) -> String {
        let key = Backup::key(&self.planned.host, &self.planned.name, group);
        format!("{}/{key}", super::store::paths::backups(self.shared.run))
    }
}

/// Errors after which nothing more is tried in the repository.
fn stops(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Unauthorized
            | Code::Denied
            | Code::StorageFailed
            | Code::Locked
            | Code::Conflict
            | Code::Cancelled
            | Code::Internal
    )
}

/// Whether a root that lost some of its tags got a new one.
fn was_claimed(living: &Living, group: &Digest, open: &Open) -> bool {
    let Some(root) = living.image(group) else {
        return false;
    };
    root.tags()
        .any(|tag| open.tags.iter().all(|open| open != tag.name))
}

/// How many groups there are, as caps count them.
fn roots(living: &Living) -> u64 {
    let images = living.inventory.images();
    let roots = images.filter(|image| {
        image.own_tags().next().is_some()
            || (image.fallback_for_id().is_none()
                && image.subject_id().is_none()
                && !living.has_parent(&image.digest()))
    });
    roots.count() as u64
}
