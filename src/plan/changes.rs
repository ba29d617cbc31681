//! What changed between two plans: `portreeve.changes/1`.
//!
//! A plan that was reviewed yesterday is not read whole again today. Both plans are sorted, so one
//! walk over the two finds every difference.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::document::{Plan, PlannedImage, Reason, Repository, Verdict};
use crate::oci::Digest;
use crate::timestamp::Timestamp;

/// The name and version that the document carries.
const FORMAT: &str = "portreeve.changes/1";

/// The differences between an older plan and a newer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Changes {
    /// `portreeve.changes/1`.
    pub format: String,
    /// The older plan.
    pub old: PlanName,
    /// The newer one.
    pub new: PlanName,
    /// The repositories that differ, sorted by host and name.
    pub repositories: Vec<RepositoryChanges>,
}

/// Which plan was compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PlanName {
    /// Its hash.
    pub hash: String,
    /// The time that its ages are reckoned from.
    pub now: Timestamp,
    /// The hash over the policy; where it differs, so may everything.
    pub policy_hash: String,
    /// The hash over the resolved job.
    pub configuration_hash: String,
}

/// The differences in one repository, each manifest in one of the lists, sorted by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct RepositoryChanges {
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub name: String,
    /// Which of the plans speak of it.
    #[serde(rename = "in")]
    pub found_in: FoundIn,
    /// To be deleted now, and not before; also what was not there before.
    pub newly_deleted: Vec<Change>,
    /// To be deleted before, and there and not to be deleted now.
    pub no_longer_deleted: Vec<Change>,
    /// Another verdict, reason, rule or other tags, and none of the above.
    pub changed: Vec<Change>,
    /// Not there before, and it stays.
    pub appeared: Vec<Change>,
    /// There before, and not now.
    pub gone: Vec<Change>,
}

/// Which of two plans speak of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FoundIn {
    /// Both.
    Both,
    /// Only the older one.
    Old,
    /// Only the newer one.
    New,
}

/// One manifest that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Change {
    /// The manifest.
    pub digest: Digest,
    /// Its tags: those of the newer plan where it is in both.
    pub tags: Vec<String>,
    /// What the older plan says.
    pub before: Option<Judgement>,
    /// What the newer plan says.
    pub after: Option<Judgement>,
    /// Why, in the words of the newest plan that speaks of it.
    pub explanation: String,
}

/// What a plan says about a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The rule that decided, if one did.
    pub rule: Option<String>,
}

/// Compares two plans.
///
/// # Examples
///
/// ```
/// # use portreeve::{configuration::Caps, plan, timestamp::Timestamp};
/// # let policy = plan::policy::Policy::parse(r#"{ "delete": [{ "name": "all" , "tags": "*" }] }"#).unwrap();
/// # let inventory = plan::inventory::Inventory::new("r.example", "a", Timestamp::from_seconds(0));
/// # let inventories = [inventory];
/// # let input = plan::Input::new("job", &policy, &inventories, Timestamp::from_seconds(0));
/// let yesterday = plan::make(&input)?.document();
/// let today = plan::make(&plan::Input { now: Timestamp::from_seconds(86_400), ..input })?.document();
/// assert!(plan::changes(&yesterday, &today).is_empty());
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[must_use]
pub fn changes(old: &Plan, new: &Plan) -> Changes {
    let key = |repository: &Repository| (repository.host.clone(), repository.name.clone());
    let mut repositories = Vec::new();
    pairs(&old.repositories, &new.repositories, key, |one, two| {
        let changes = RepositoryChanges::between(one, two);
        repositories.extend(changes.filter(|changes| !changes.is_empty()));
    });
    Changes {
        format: FORMAT.to_owned(),
        old: PlanName::of(old),
        new: PlanName::of(new),
        repositories,
    }
}

impl Changes {
    /// Whether both plans say the same of the same manifests.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.repositories.is_empty()
    }
}

impl PlanName {
    fn of(plan: &Plan) -> Self {
        Self {
            hash: plan.hash.clone(),
            now: plan.now,
            policy_hash: plan.policy_hash.clone(),
            configuration_hash: plan.configuration_hash.clone(),
        }
    }
}

impl RepositoryChanges {
    fn between(old: Option<&Repository>, new: Option<&Repository>) -> Option<Self> {
        let of = new.or(old)?;
        let mut changes = Self {
            host: of.host.clone(),
            name: of.name.clone(),
            found_in: match (old, new) {
                (Some(_), Some(_)) => FoundIn::Both,
                (_, None) => FoundIn::Old,
                (None, _) => FoundIn::New,
            },
            newly_deleted: Vec::new(),
            no_longer_deleted: Vec::new(),
            changed: Vec::new(),
            appeared: Vec::new(),
            gone: Vec::new(),
        };
        let digest = |image: &PlannedImage| image.digest;
        pairs(images(old), images(new), digest, |before, after| {
            changes.compare(before, after);
        });
        Some(changes)
    }

    fn compare(&mut self, before: Option<&PlannedImage>, after: Option<&PlannedImage>) {
        let deletes = |image: &PlannedImage| image.verdict == Verdict::Delete;
        let list = match (before, after) {
            (None, Some(after)) if deletes(after) => &mut self.newly_deleted,
            (None, Some(_)) => &mut self.appeared,
            (Some(_), None) => &mut self.gone,
            (Some(before), Some(after)) => match (deletes(before), deletes(after)) {
                (false, true) => &mut self.newly_deleted,
                (true, false) => &mut self.no_longer_deleted,
                _ if differs(before, after) => &mut self.changed,
                _ => return,
            },
            (None, None) => return,
        };
        let Some(image) = after.or(before) else {
            return;
        };
        list.push(Change {
            digest: image.digest,
            tags: image.tags.clone(),
            before: before.map(Judgement::of),
            after: after.map(Judgement::of),
            explanation: image.explanation.clone(),
        });
    }

    const fn is_empty(&self) -> bool {
        self.newly_deleted.is_empty()
            && self.no_longer_deleted.is_empty()
            && self.changed.is_empty()
            && self.appeared.is_empty()
            && self.gone.is_empty()
    }
}

impl Judgement {
    fn of(image: &PlannedImage) -> Self {
        Self {
            verdict: image.verdict,
            reason: image.reason,
            rule: image.rule.clone(),
        }
    }
}

fn images(repository: Option<&Repository>) -> &[PlannedImage] {
    repository.map_or(&[], |repository| &repository.images)
}

fn differs(before: &PlannedImage, after: &PlannedImage) -> bool {
    (before.reason, &before.rule, &before.tags) != (after.reason, &after.rule, &after.tags)
}

/// Walks over two sorted lists, and hands over what has the same key together.
fn pairs<'l, T, K: Ord>(
    old: &'l [T],
    new: &'l [T],
    key: impl Fn(&T) -> K,
    mut each: impl FnMut(Option<&'l T>, Option<&'l T>),
) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (Some(one), Some(two)) => key(one).cmp(&key(two)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        let before = if order.is_gt() { None } else { old.next() };
        let after = if order.is_lt() { None } else { new.next() };
        each(before, after);
    }
}
