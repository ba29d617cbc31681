//! `portreeve.journal/1`: what a run is about to do and what it did, one line each, written before
//! and after each step, so that a run that broke off at any point can go on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    run::Ending,
    store::{Store, paths},
};
use crate::{
    error::{Code, Error, Result},
    oci::Digest,
    timestamp::Timestamp,
};

/// The name and version of the document; its first line carries it.
pub(super) const FORMAT: &str = "portreeve.journal/1";

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) entry: Entry,
}

/// What a line tells. `repository` is `host/path`, `group` the digest of the group's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Entry {
    /// The run begins.
    Opened {
        format: String,
        run: String,
        plan: String,
        job: String,
    },
    /// The group is backed up, and this is how it will be deleted.
    Begun {
        repository: String,
        group: Digest,
        tags: Vec<String>,
        steps: Vec<Step>,
    },
    /// A step is about to be taken.
    Intended {
        repository: String,
        group: Digest,
        step: Step,
    },
    /// It was taken, or turned out not to be.
    Taken {
        repository: String,
        group: Digest,
        step: Step,
        outcome: Outcome,
    },
    /// The group is over.
    Ended {
        repository: String,
        group: Digest,
        tags: Vec<String>,
        ending: Ending,
    },
    /// The canary was heard, so that the next invocation needs none.
    Canary { repository: String, asked: usize },
    /// A manifest that was gone is there again, by somebody else.
    Returned { repository: String, digest: Digest },
    /// A manifest was put back.
    PutBack {
        repository: String,
        group: Digest,
        digest: Digest,
    },
    /// The run is over. What it left alone may be tried by a new plan.
    Closed,
}

/// One request of a deletion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Take a tag away.
    Untag {
        /// The tag.
        tag: String,
        /// The manifest it shows.
        shows: Digest,
    },
    /// Delete a manifest, with the tags that point there.
    Delete {
        /// The manifest.
        digest: Digest,
        /// Its tags.
        tags: Vec<String>,
    },
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// It is gone.
    Gone,
    /// It was gone before.
    AlreadyGone,
    /// Something else needs it: it stays.
    Stays,
    /// The registry refused or failed.
    Failed,
}

impl Outcome {
    pub(super) fn is_gone(self) -> bool {
        matches!(self, Self::Gone | Self::AlreadyGone)
    }
}

/// The journal of one run, with what its lines amount to.
pub(super) struct Journal<'a, S> {
    store: &'a S,
    path: String,
    /// When the run began; `None` for a new one.
    pub(super) opened: Option<Timestamp>,
    /// Nothing is left to do.
    pub(super) closed: bool,
    repositories: BTreeMap<String, Progress>,
    /// The progress where there was none.
    nothing: Progress,
}

/// What a run did in one repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Groups that were begun and not ended, with their open steps.
    pub(super) open: BTreeMap<Digest, Open>,
    /// Groups of which something may have been deleted.
    pub(super) begun: BTreeSet<Digest>,
    /// How each group ended, in order.
    pub(super) ended: Vec<(Digest, Vec<String>, Ending)>,
    /// Every manifest that is gone by this run, with the group whose back-up has it.
    pub(super) gone: BTreeMap<Digest, Digest>,
    /// Every tag that is gone by this run.
    pub(super) untagged: BTreeSet<String>,
    /// Manifests that came back.
    pub(super) put_back: Vec<Digest>,
    /// Whether the canary was heard.
    pub(super) canary: bool,
}

/// A group that was begun.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) tags: Vec<String>,
    pub(super) steps: Vec<Step>,
    pub(super) taken: Vec<(Step, Outcome)>,
}

impl<'a, S: Store> Journal<'a, S> {
    /// Reads the journal of a run, which is empty for a new one.
    pub(super) async fn load(store: &'a S, run: &str) -> Result<Self> {
        let path = paths::journal(run);
        let text = store.read(&path).await?.unwrap_or_default();
        let mut journal = Self {
            store,
            path,
            opened: None,
            closed: false,
            repositories: BTreeMap::new(),
            nothing: Progress::default(),
        };
        for line in text.lines() {
            // a line that broke off was never acted upon: intents are kept before they are carried
            // out, and a missing result is asked of the registry
            match serde_json::from_slice::<Line>(line.as_bytes()) {
                Ok(line) => journal.take(&line)?,
                Err(error) if error.is_data() => return Err(unreadable(&error)),
                Err(_) => {}
            }
        }
        Ok(journal)
    }

    /// Keeps an entry.
    pub(super) async fn append(&mut self, at: Timestamp, entry: Entry) -> Result<()> {
        let line = Line { at, entry };
        let text = serde_json::to_string(&line)
            .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        self.store.append(&self.path, &text).await?;
        self.take(&line)
    }

    /// What was done in a repository so far.
    pub(super) fn progress(&self, repository: &str) -> &Progress {
        self.repositories.get(repository).unwrap_or(&self.nothing)
    }

    fn take(&mut self, line: &Line) -> Result<()> {
        let entry = &line.entry;
        match entry {
            Entry::Opened { format, .. } => {
                if format != FORMAT {
                    return Err(unreadable(&format_args!("its format is {format}")));
                }
                self.opened.get_or_insert(line.at);
            }
            Entry::Closed => self.closed = true,
            Entry::Begun { repository, .. }
            | Entry::Intended { repository, .. }
            | Entry::Taken { repository, .. }
            | Entry::Ended { repository, .. }
            | Entry::Canary { repository, .. }
            | Entry::Returned { repository, .. }
            | Entry::PutBack { repository, .. } => {
                let progress = self.repositories.entry(repository.clone()).or_default();
                progress.take(entry);
            }
        }
        Ok(())
    }
}

impl Progress {
    fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Begun {
                group, tags, steps, ..
            } => {
                let open = Open {
                    tags: tags.clone(),
                    steps: steps.clone(),
                    taken: Vec::new(),
                };
                self.begun.insert(*group);
                self.open.insert(*group, open);
            }
            Entry::Taken {
                group,
                step,
                outcome,
                ..
            } => {
                let Some(open) = self.open.get_mut(group) else {
                    return;
                };
                open.taken.push((step.clone(), *outcome));
                if outcome.is_gone() {
                    match step {
                        Step::Untag { tag, .. } => {
                            self.untagged.insert(tag.clone());
                        }
                        Step::Delete { digest, tags } => {
                            self.gone.insert(*digest, *group);
                            self.untagged.extend(tags.iter().cloned());
                        }
                    }
                }
            }
            Entry::Ended {
                group,
                tags,
                ending,
                ..
            } => {
                self.open.remove(group);
                self.ended.push((*group, tags.clone(), ending.clone()));
            }
            Entry::Canary { .. } => self.canary = true,
            Entry::Returned { digest, .. } => {
                self.gone.remove(digest);
            }
            Entry::PutBack { digest, .. } => {
                self.gone.remove(digest);
                self.put_back.push(*digest);
            }
            Entry::Opened { .. } | Entry::Intended { .. } | Entry::Closed => {}
        }
    }
}

impl Open {
    /// The steps that are not known to be over, in their order.
    pub(super) fn left(&self) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(|step| !self.taken.iter().any(|(taken, _)| taken == *step))
    }
}

fn unreadable(problem: &dyn std::fmt::Display) -> Error {
    Error::new(
        Code::StorageFailed,
        format!("the journal cannot be read: {problem}"),
    )
    .next("go on with the release that began the run, or make a new plan")
}
