//! Totals: what a reviewer reads before any single verdict.

use serde::{Deserialize, Serialize};

use super::{PlannedImage, Reason, Role, Verdict};
use crate::oci::Digest;
use crate::timestamp::Timestamp;

/// How many groups and manifests have each verdict, why, and what a reviewer should read first.
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
    /// The same by reason and rule, most groups first: what goes by which rule, and what protects
    /// the rest.
    #[serde(default)]
    pub causes: Vec<Cause>,
    /// How many bytes of layers the deletions free, once the registry collects them; `null` where
    /// the layers of something that is deleted were not read.
    #[serde(default)]
    pub freed: Option<Freed>,
    /// The oldest group that goes, of those with a known time.
    #[serde(default)]
    pub oldest: Option<Deletion>,
    /// The newest group that goes, of those with a known time.
    #[serde(default)]
    pub newest: Option<Deletion>,
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

/// How much has one verdict for one reason by one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Cause {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The rule that decided, if one did.
    pub rule: Option<String>,
    /// Roots.
    pub groups: u64,
    /// Manifests, roots included.
    pub manifests: u64,
    /// Up to three of them, roots first: a tag, or the digest of what has none. In the totals of a
    /// plan they are whole references.
    pub examples: Vec<String>,
}

/// Bytes of layers that a registry gives back when it collects what no manifest names; none says
/// when that is.
///
/// Layers are counted once however many manifests share them. Configs and the manifests themselves
/// are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Freed {
    /// Of `most`, what no other scanned repository of the registry has, for registries that store
    /// a layer once for all of them. In the totals: what nothing that stays has in any of them.
    /// Zero where the layers of something that stays were not read.
    pub least: u64,
    /// What nothing has that stays in the repository, for registries that store each repository
    /// for itself. In the totals the sum.
    pub most: u64,
}

/// A group that goes, with its age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Deletion {
    /// Where it is, as `host/path`.
    pub repository: String,
    /// Its root.
    pub digest: Digest,
    /// The first of the root's tags.
    pub tag: Option<String>,
    /// How old it is: the first that is known of `pushed`, `created` and `firstSeen`.
    pub time: Timestamp,
    /// Which of them.
    pub by: AgeSource,
}

/// Where the time of a [`Deletion`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum AgeSource {
    /// The registry recorded when it was pushed.
    Pushed,
    /// It says when it was built.
    Created,
    /// A scan saw it first then.
    FirstSeen,
}

/// So many examples does a cause give.
const EXAMPLES: usize = 3;

impl Summary {
    /// The counts, each with its verdict.
    pub(super) const fn counts(&self) -> [(Verdict, Count); 4] {
        [
            (Verdict::Keep, self.keep),
            (Verdict::Delete, self.delete),
            (Verdict::Blocked, self.blocked),
            (Verdict::Unknown, self.unknown),
        ]
    }

    const fn count_of(&mut self, verdict: Verdict) -> &mut Count {
        match verdict {
            Verdict::Keep => &mut self.keep,
            Verdict::Delete => &mut self.delete,
            Verdict::Blocked => &mut self.blocked,
            Verdict::Unknown => &mut self.unknown,
        }
    }

    /// Counts one manifest; what it is an example by is asked for only where one is wanted.
    pub(in crate::plan) fn count(
        &mut self,
        (reason, by): (Reason, Option<&str>),
        role: Role,
        example: impl FnOnce() -> String,
    ) {
        let groups = u64::from(role == Role::Root);
        self.count_of(reason.verdict()).add(Count {
            groups,
            manifests: 1,
        });
        let cause = self.cause(reason, by);
        // a root is the better example: what comes before it makes room
        if groups > cause.groups && cause.groups == 0 {
            cause.examples.clear();
        }
        if cause.examples.len() < EXAMPLES && (groups > 0 || cause.groups == 0) {
            cause.examples.push(example());
        }
        cause.groups += groups;
        cause.manifests += 1;
    }

    fn cause(&mut self, reason: Reason, rule: Option<&str>) -> &mut Cause {
        let is_it = |cause: &Cause| cause.reason == reason && cause.rule.as_deref() == rule;
        let position = self.causes.iter().position(is_it).unwrap_or_else(|| {
            self.causes.push(Cause {
                verdict: reason.verdict(),
                reason,
                rule: rule.map(str::to_owned),
                groups: 0,
                manifests: 0,
                examples: Vec::new(),
            });
            self.causes.len() - 1
        });
        // the position is of one that is there
        #[expect(clippy::indexing_slicing, reason = "found or pushed right above")]
        &mut self.causes[position]
    }

    /// Adds the totals of `repository` (`host/path`); its bytes are added elsewhere, because
    /// repositories share layers.
    pub(in crate::plan) fn add(&mut self, repository: &str, part: &Self) {
        for (verdict, count) in part.counts() {
            self.count_of(verdict).add(count);
        }
        for cause in &part.causes {
            let sum = self.cause(cause.reason, cause.rule.as_deref());
            if cause.groups > 0 && sum.groups == 0 {
                sum.examples.clear();
            }
            if cause.groups > 0 || sum.groups == 0 {
                let room = EXAMPLES.saturating_sub(sum.examples.len());
                let whole = |example: &String| match example.split_once(':') {
                    Some((_, hex)) if hex.len() >= 64 => format!("{repository}@{example}"),
                    _ => format!("{repository}:{example}"),
                };
                sum.examples
                    .extend(cause.examples.iter().take(room).map(whole));
            }
            sum.groups += cause.groups;
            sum.manifests += cause.manifests;
        }
        for deletion in part.oldest.iter().chain(&part.newest) {
            self.reach(deletion.key(), || deletion.clone());
        }
    }

    /// Puts the causes in order.
    pub(in crate::plan) fn order(&mut self) {
        crate::sorted::sort_by(&mut self.causes, |one, two| {
            (two.groups, two.manifests)
                .cmp(&(one.groups, one.manifests))
                .then_with(|| (one.reason, &one.rule).cmp(&(two.reason, &two.rule)))
        });
    }

    /// Widens what is known of the oldest and the newest deletion.
    pub(in crate::plan) fn reach(
        &mut self,
        key: (Timestamp, Digest),
        deletion: impl Fn() -> Deletion,
    ) {
        if self.oldest.as_ref().is_none_or(|oldest| key < oldest.key()) {
            self.oldest = Some(deletion());
        }
        if self.newest.as_ref().is_none_or(|newest| key > newest.key()) {
            self.newest = Some(deletion());
        }
    }

    /// The counts and causes of these manifests.
    pub(super) fn of(images: &[PlannedImage]) -> Self {
        let mut summary = Self::default();
        for image in images {
            let rule = image.rule.as_deref();
            summary.count((image.reason, rule), image.role, || image.name());
        }
        summary.order();
        summary
    }

    /// Whether a document counts the same, and for the same causes if it names any.
    pub(super) fn counts_as(&self, document: &Self) -> bool {
        self.counts() == document.counts()
            && (document.causes.is_empty() || self.causes == document.causes)
    }
}

impl Count {
    pub(super) const fn add(&mut self, other: Self) {
        self.groups += other.groups;
        self.manifests += other.manifests;
    }
}

impl Freed {
    pub(in crate::plan) const fn new(least: u64, most: u64) -> Self {
        Self { least, most }
    }
}

impl Deletion {
    /// By which deletions are ordered.
    const fn key(&self) -> (Timestamp, Digest) {
        (self.time, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(summary: &Summary) -> Vec<&[String]> {
        let causes = summary.causes.iter();
        causes.map(|cause| cause.examples.as_slice()).collect()
    }

    #[test]
    fn a_cause_shows_roots_before_what_belongs_to_them() {
        let mut summary = Summary::default();
        let member = || "child".to_owned();
        summary.count((Reason::Cap, None), Role::Child, member);
        assert_eq!(examples(&summary), [["child"]]);
        for tag in ["a", "b", "c", "d"] {
            summary.count((Reason::Cap, None), Role::Root, || tag.to_owned());
        }
        summary.count((Reason::Cap, None), Role::Child, member);
        assert_eq!(examples(&summary), [["a", "b", "c"]]);
        assert_eq!((summary.blocked.groups, summary.blocked.manifests), (4, 6));
    }

    #[test]
    fn totals_name_whole_references_and_order_causes_by_what_they_hold() {
        let mut part = Summary::default();
        part.count((Reason::Kind, None), Role::Root, || "chart".to_owned());
        for digest in [Digest::of(b"a"), Digest::of(b"b")] {
            let rule = (Reason::DeleteRule, Some("old"));
            part.count(rule, Role::Root, || digest.to_string());
        }
        let mut total = Summary::default();
        total.add("r.example/a", &part);
        total.add("r.example/b", &part);
        total.order();
        let digest =
            |repository: &str, name: &[u8]| format!("r.example/{repository}@{}", Digest::of(name));
        assert_eq!(
            examples(&total),
            [
                &[digest("a", b"a"), digest("a", b"b"), digest("b", b"a")][..],
                &[
                    "r.example/a:chart".to_owned(),
                    "r.example/b:chart".to_owned()
                ],
            ]
        );
        assert_eq!(total.delete.groups, 4);
    }
}
