//! `portreeve.plan/1`: what a plan looks like to those who review, store and carry it out.

mod facts;
mod hash;
mod image;
mod verdict;

pub use facts::Facts;
pub use image::{PlannedImage, Role, Undo};
pub use verdict::{Reason, Verdict};

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::sorted;
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
    /// One entry for each manifest, sorted by digest.
    pub images: Vec<PlannedImage>,
}

/// How many groups and manifests have each verdict, and what a reviewer should read first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Summary {
    /// Kept.
    pub keep: Count,
    /// To be deleted.
    pub delete: Count,
    /// Selected, but something forbids it.
    pub blocked: Count,
    /// A fact is missing; kept.
    pub unknown: Count,
    /// What is remarkable, in words: an incomplete listing, a rule without effect, a cap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A group is a root with everything that only it leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Count {
    /// Roots.
    pub groups: u64,
    /// Manifests, roots included.
    pub manifests: u64,
}

impl Plan {
    /// Reads a plan and proves its hashes.
    ///
    /// A plan is reviewed by people and carried about in files; one that was edited, by hand or
    /// by a program, is an arbitrary list of deletions and is refused.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for another format, an unknown field, or a hash that does not cover the
    /// content.
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

    /// Sorts, sums up and hashes. The images of each repository are sorted already.
    pub(super) fn seal(&mut self) {
        sorted::sort_by(&mut self.repositories, |one, two| {
            (&one.host, &one.name).cmp(&(&two.host, &two.name))
        });
        let mut repositories = std::mem::take(&mut self.repositories);
        for repository in &mut repositories {
            repository.hash = hash::repository(self, repository);
            self.summary.add(&repository.summary);
        }
        self.repositories = repositories;
        self.hash = hash::plan(self);
    }
}

impl Repository {
    /// The deletions, group by group, in the order in which they are to be carried out: the root
    /// first, so that a run that ends in between leaves no index without its children.
    ///
    /// Manifests that several deleted groups lead to are no member here: they go last, by
    /// [`Repository::shared_deletions`], when all of those groups are gone.
    #[must_use]
    pub fn deletions(&self) -> Vec<Vec<&PlannedImage>> {
        let deleted = || {
            let images = self.images.iter();
            images.filter(|image| image.verdict == Verdict::Delete)
        };
        let roots = deleted().filter(|image| image.role == Role::Root);
        let mut groups: Vec<Vec<&PlannedImage>> = roots.map(|root| vec![root]).collect();
        for member in deleted().filter(|image| image.role != Role::Root) {
            if !member.facts.shared_with.is_empty() {
                continue;
            }
            let root = |group: &Vec<&PlannedImage>| group.first().map(|root| root.digest);
            let found = groups.binary_search_by(|group| root(group).cmp(&Some(member.group)));
            if let Some(group) = found.ok().and_then(|position| groups.get_mut(position)) {
                group.push(member);
            }
        }
        groups
    }

    /// Manifests to delete once every group that leads to them is gone: those of
    /// [`PlannedImage::group`] and of [`Facts::shared_with`].
    pub fn shared_deletions(&self) -> impl Iterator<Item = &PlannedImage> {
        self.images
            .iter()
            .filter(|image| image.verdict == Verdict::Delete && !image.facts.shared_with.is_empty())
    }
}

impl Summary {
    pub(super) fn count(&mut self, image: &PlannedImage) {
        let count = match image.verdict {
            Verdict::Keep => &mut self.keep,
            Verdict::Delete => &mut self.delete,
            Verdict::Blocked => &mut self.blocked,
            Verdict::Unknown => &mut self.unknown,
        };
        count.manifests += 1;
        if image.role == Role::Root {
            count.groups += 1;
        }
    }

    fn add(&mut self, other: &Self) {
        for (sum, part) in [
            (&mut self.keep, other.keep),
            (&mut self.delete, other.delete),
            (&mut self.blocked, other.blocked),
            (&mut self.unknown, other.unknown),
        ] {
            sum.groups += part.groups;
            sum.manifests += part.manifests;
        }
    }
}

fn invalid(found: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, found)
        .doing("reading a plan")
        .next("make the plan again; a plan that was edited is not carried out")
}
