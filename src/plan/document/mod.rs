//! `portreeve.plan/1`: what a plan looks like to those who review, store and carry it out.

mod facts;
mod hash;
mod image;
mod step;
mod summary;
mod verdict;

pub use facts::Facts;
pub(super) use hash::{Proof, RepositoryHash};
pub use image::{PlannedImage, Role, Undo};
pub use step::{Delete, Step, Untag};
pub use summary::{AgeSource, Cause, Count, Deletion, Freed, Summary};
pub use verdict::{Reason, Verdict};

use serde::{Deserialize, Serialize};

use super::reports::ReportKind;
use crate::error::{Code, Error, Result};
use crate::timestamp::Timestamp;

/// The name and version that the document carries.
pub const FORMAT: &str = "portreeve.plan/1";

/// A plan over the repositories of one job.
///
/// The same inventories, policy and time give the same document and the same hashes, whatever the
/// order of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Plan {
    /// [`FORMAT`].
    pub format: String,
    /// The job.
    pub job: String,
    /// The time that ages are reckoned from.
    pub now: Timestamp,
    /// When the plan is too old to be carried out.
    pub expires_at: Timestamp,
    /// Made for another time than the clock's or from a given inventory: it cannot be applied.
    pub simulated: bool,
    /// The hash over the policy's meaning.
    pub policy_hash: String,
    /// The hash over the resolved job.
    pub configuration_hash: String,
    /// The hash over the plan.
    pub hash: String,
    /// Totals over all repositories.
    pub summary: Summary,
    /// The repositories that lose most, by bytes and then by groups; ten at most.
    #[serde(default)]
    pub largest: Vec<Largest>,
    /// Repositories on the same registries that no job cleans, sorted.
    #[serde(default)]
    pub unmanaged: Vec<Unmanaged>,
    /// The job's reports, sorted by name.
    #[serde(default)]
    pub reports: Vec<ReportState>,
    /// The repositories, sorted by host and name.
    pub repositories: Vec<Repository>,
}

/// The part of a plan about one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Repository {
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub name: String,
    /// The hash over host, name, time, policy and verdicts, and nothing of how it was read.
    pub hash: String,
    /// The hash over the inventory.
    pub inventory_hash: String,
    /// Totals.
    pub summary: Summary,
    /// What is to be taken away, in the order in which that is done; empty where the registry's way
    /// of deletion is not known. It is shown to people: whoever carries the plan out decides each
    /// step anew.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// One entry for each manifest, sorted by digest.
    pub images: Vec<PlannedImage>,
}

/// A repository by how much goes from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Largest {
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub name: String,
    /// How many groups go.
    pub groups: u64,
    /// How many manifests go.
    pub manifests: u64,
    /// How many bytes that frees.
    pub freed: Option<Freed>,
}

/// A repository on a registry of the job that no job cleans.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Unmanaged {
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub name: String,
}

/// A report that the plan took into account, or should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ReportState {
    /// Its name in the configuration.
    pub name: String,
    /// What it lists.
    pub kind: ReportKind,
    /// Whether nothing is deleted without it.
    pub required: bool,
    /// When it was taken; `null` where there is none.
    pub taken_at: Option<Timestamp>,
    /// How many images or texts it lists.
    pub size: Option<u64>,
    /// Why it cannot be relied on, as a word: `missing`, `stale`, `too_few` and so on.
    pub breach: Option<String>,
    /// The same as a sentence.
    pub explanation: Option<String>,
}

impl Plan {
    /// Reads a plan and proves its hashes.
    ///
    /// A plan is reviewed by people and carried about in files; one that was edited, by hand or
    /// by a program, is an arbitrary list of deletions and is refused.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for another format, an unknown field, a hash that does not cover the
    /// content, or totals and steps that the verdicts contradict. A plan of an earlier release, with
    /// neither causes nor steps, is read as one without.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let plan: Self =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        if plan.format != FORMAT {
            return Err(invalid(format!(
                "its format is `{}`, not {FORMAT}",
                plan.format
            )));
        }
        for repository in &plan.repositories {
            if hash::repository(&plan, repository) != repository.hash {
                let found = format!(
                    "the hash of {} does not cover its verdicts",
                    repository.name
                );
                return Err(invalid(found));
            }
        }
        if hash::plan(&plan) != plan.hash {
            return Err(invalid("its hash does not cover its content"));
        }
        if let Some(found) = plan.contradiction() {
            return Err(invalid(found));
        }
        Ok(plan)
    }

    /// The first twelve digits of the hash, which name a plan in ids.
    #[must_use]
    pub fn short_hash(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }

    /// Whether anything would be deleted.
    #[must_use]
    pub const fn has_deletions(&self) -> bool {
        self.summary.delete.manifests > 0
    }

    /// Puts the hash over the repositories' hashes in its place.
    pub(super) fn seal(&mut self) {
        self.hash = hash::plan(self);
    }

    /// What the hashes do not cover and would mislead a reviewer: totals, and the list of steps.
    fn contradiction(&self) -> Option<String> {
        let mut total = Summary::default();
        for repository in &self.repositories {
            if let Some(found) = repository.contradiction() {
                return Some(format!("{} {found}", repository.name));
            }
            let place = format!("{}/{}", repository.host, repository.name);
            total.add(&place, &repository.summary);
        }
        total.order();
        (!total.counts_as(&self.summary))
            .then(|| "its totals are not those of its repositories".to_owned())
    }
}

impl Repository {
    fn contradiction(&self) -> Option<&'static str> {
        let images = &self.images;
        if !images.is_sorted_by(|one, two| one.digest < two.digest) {
            return Some("does not list each manifest once, sorted by digest");
        }
        if !Summary::of(images).counts_as(&self.summary) {
            return Some("has totals that are not those of its manifests");
        }
        if self.steps.is_empty() {
            return None;
        }
        // of each manifest, how many of its tags go, and whether it goes itself
        let mut taken = vec![(0, false); images.len()];
        for step in &self.steps {
            let (digest, tags) = match step {
                Step::Delete(delete) => (&delete.digest, delete.tags.as_slice()),
                Step::Untag(untag) => (&untag.shows, std::slice::from_ref(&untag.tag)),
            };
            let place = images
                .binary_search_by(|image| image.digest.cmp(digest))
                .ok();
            let found = place.and_then(|place| images.get(place).zip(taken.get_mut(place)));
            let is_planned = found.is_some_and(|(image, (untagged, deleted))| {
                let goes_twice = *deleted;
                match step {
                    Step::Delete(_) => *deleted = true,
                    Step::Untag(_) => *untagged += 1,
                }
                let has = |tag: &String| image.tags.contains(tag);
                image.verdict == Verdict::Delete && !goes_twice && tags.iter().all(has)
            });
            if !is_planned {
                return Some("has a step that its verdicts do not ask for");
            }
        }
        // where the last tag takes the manifest there is no step of its own for it
        let lacks = |(image, (untagged, deleted)): (&PlannedImage, &(usize, bool))| {
            let goes_with_tags = *untagged > 0 && *untagged == image.tags.len();
            image.verdict == Verdict::Delete && !deleted && !goes_with_tags
        };
        let mut images = images.iter().zip(&taken);
        images
            .any(lacks)
            .then_some("lacks a step that its verdicts ask for")
    }
}

fn invalid(found: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, found)
        .doing("reading a plan")
        .next("make the plan again; a plan that was edited is not carried out")
}
