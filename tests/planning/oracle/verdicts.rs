//! Everything together: rulings of roots, what forbids a deletion, what stays with what stays.

use std::collections::{BTreeMap, BTreeSet};

use portreeve::oci::Digest;
use serde_json::Value;

use super::caps;
use super::grace::Condemned;
use super::look::Look;
use super::reported::{InUse, is_breached};
use super::selector::means_tag;
use super::truth::Truth;
use crate::planning::world::{Image, World};

/// Any reason that keeps.
pub(crate) const ANY: &str = "any";

/// What is to become of one manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) deletes: bool,
    /// Every reason that holds; which of them is shown first is the engine's choice. [`ANY`] stands
    /// for whatever does not delete.
    pub(crate) reasons: BTreeSet<&'static str>,
}

/// What is to become of one repository, and what is remembered of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) answers: BTreeMap<Digest, Answer>,
    pub(crate) condemned: Condemned,
}

/// Decides a whole job, its repositories in their order; `None` where a keep rule that may not
/// match nothing does.
pub(crate) fn decide(world: &World) -> Option<Vec<Outcome>> {
    if has_inert_protection(world) {
        return None;
    }
    let before = world.before.as_deref().and_then(decide);
    let looks: Vec<Look> = world
        .repositories
        .iter()
        .map(|repository| Look { world, repository })
        .collect();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (at, look) in looks.iter().enumerate() {
        let earlier = before
            .as_ref()
            .map_or_else(Condemned::new, |before| before[at].condemned.clone());
        outcomes.push(look.outcome(&earlier));
    }
    if world
        .reports
        .iter()
        .any(|report| report.required && is_breached(report, world.now))
    {
        for outcome in &mut outcomes {
            block(outcome, "report");
        }
    }
    for (look, outcome) in looks.iter().zip(&mut outcomes) {
        let groups = look.roots().len() as u64;
        if caps::forbids(
            &world.caps,
            look.repository,
            groups,
            look.going(outcome),
            world.now,
        ) {
            block(outcome, "cap");
        }
    }
    let going: u64 = looks
        .iter()
        .zip(&outcomes)
        .map(|(look, outcome)| look.going(outcome))
        .sum();
    if going > u64::from(world.caps.deletions) {
        for outcome in &mut outcomes {
            block(outcome, "cap");
        }
    }
    Some(outcomes)
}

fn block(outcome: &mut Outcome, reason: &'static str) {
    for answer in outcome.answers.values_mut().filter(|answer| answer.deletes) {
        *answer = Answer {
            deletes: false,
            reasons: BTreeSet::from([reason]),
        };
    }
}

fn rules(policy: &Value, field: &str) -> Vec<Value> {
    policy
        .get(field)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// A keep rule whose tag selector alone matches no tag in the whole job, and may not.
fn has_inert_protection(world: &World) -> bool {
    let is_empty = world
        .repositories
        .iter()
        .all(|repository| repository.images.is_empty());
    let tags = || {
        world.repositories.iter().flat_map(|repository| {
            let own = repository
                .images
                .iter()
                .flat_map(Look::own_tags)
                .map(|tag| &tag.name);
            own.chain(&repository.unreadable_tags)
        })
    };
    !is_empty
        && rules(&world.policy, "keep").iter().any(|rule| {
            let Some(selector) = rule.get("tags") else {
                return false;
            };
            rule.get("optional") != Some(&Value::Bool(true))
                && !tags().any(|tag| means_tag(selector, true, tag))
        })
}

/// What the rules alone say of a root.
struct Ruling {
    keep: Truth,
    delete: Truth,
}

impl<'w> Look<'w> {
    fn roots(&self) -> Vec<&'w Image> {
        self.repository
            .images
            .iter()
            .filter(|image| self.is_root(image))
            .collect()
    }

    fn going(&self, outcome: &Outcome) -> u64 {
        self.roots()
            .iter()
            .filter(|root| outcome.answers[&root.digest].deletes)
            .count() as u64
    }

    fn outcome(&self, earlier: &Condemned) -> Outcome {
        let in_use = self.in_use();
        let mut outcome = Outcome::default();
        if !self.repository.complete {
            outcome.condemned = earlier.clone();
        }
        for root in self.roots() {
            let answer = self.answer(root, earlier, &in_use, &mut outcome.condemned);
            outcome.answers.insert(root.digest, answer);
        }
        let mut kept: BTreeSet<Digest> = in_use.digests.clone();
        kept.retain(|digest| self.find(digest).is_some());
        let is_kept = |(digest, answer): (&Digest, &Answer)| (!answer.deletes).then_some(*digest);
        kept.extend(outcome.answers.iter().filter_map(is_kept));
        let grouped: BTreeSet<Digest> = self
            .roots()
            .iter()
            .flat_map(|root| self.group(root))
            .map(|member| member.digest)
            .collect();
        for image in &self.repository.images {
            if in_use.everything || !grouped.contains(&image.digest) {
                kept.insert(image.digest);
            }
        }
        let stays = self.staying(&kept);
        for image in &self.repository.images {
            let is_root = self.is_root(image);
            let answer = outcome.answers.entry(image.digest).or_default();
            if stays.contains(&image.digest) {
                if answer.deletes || !is_root {
                    answer.reasons.insert("reachable");
                }
                if !is_root {
                    // something below may be what forbids it, and so be the better explanation
                    answer.reasons.extend(self.forbidding_group(image));
                }
                if !is_root && !grouped.contains(&image.digest) {
                    answer.reasons.insert("unrooted");
                }
                if (answer.deletes || !is_root) && (in_use.everything || !in_use.digests.is_empty())
                {
                    answer.reasons.insert("in_use");
                }
                answer.reasons.remove("delete_rule");
                answer.deletes = false;
            } else if !is_root {
                *answer = Answer {
                    deletes: true,
                    reasons: BTreeSet::from(["member"]),
                };
            }
        }
        outcome
    }

    /// What the rules and everything that forbids a deletion say of a root, and whether it is
    /// condemned.
    fn answer(
        &self,
        root: &'w Image,
        earlier: &Condemned,
        in_use: &InUse,
        condemned: &mut Condemned,
    ) -> Answer {
        let mut reasons = BTreeSet::new();
        if !self.is_judged(root) {
            reasons.insert(if root.unreadable {
                "unreadable"
            } else {
                "kind"
            });
            return Answer {
                deletes: false,
                reasons,
            };
        }
        let Ruling { keep, delete } = self.ruling(root);
        match (&keep, &delete) {
            (Truth::Yes, _) => drop(reasons.insert("keep_rule")),
            (Truth::No, Truth::Yes) => {
                reasons.extend(self.forbidding_group(root));
                let group = self.group(root);
                let is_used = |member: &&Image| in_use.digests.contains(&member.digest);
                if in_use.everything || group.iter().any(is_used) {
                    reasons.insert("in_use");
                }
                if reasons.is_empty() {
                    condemned.insert(root.digest, self.sentence(root, earlier));
                }
                if self.is_in_grace(root, earlier) {
                    reasons.insert("grace");
                }
                if reasons.is_empty() {
                    return Answer {
                        deletes: true,
                        reasons: BTreeSet::from(["delete_rule"]),
                    };
                }
            }
            _ => {
                if delete == Truth::No {
                    reasons.insert("not_selected");
                }
                if !self.repository.lists_untagged && Self::own_tags(root).is_empty() {
                    reasons.insert(ANY);
                }
                for truth in [keep, delete] {
                    if let Truth::Unknown(facts) = truth {
                        reasons.extend(facts);
                    }
                }
            }
        }
        Answer {
            deletes: false,
            reasons,
        }
    }

    fn ruling(&self, root: &Image) -> Ruling {
        let keep = rules(&self.world.policy, "keep")
            .into_iter()
            .flat_map(|rule| {
                Self::names(root).into_iter().map(move |tag| {
                    let matches = self.rule(&rule, true, root, tag);
                    match (&matches, rule.get("ifUnknown")) {
                        (Truth::Unknown(_), Some(_)) => Truth::No,
                        _ => matches,
                    }
                })
            });
        let delete = Self::names(root).into_iter().map(|tag| {
            let rules = rules(&self.world.policy, "delete");
            Truth::any(rules.iter().map(|rule| self.rule(rule, false, root, tag)))
        });
        Ruling {
            keep: Truth::any(keep),
            delete: Truth::all(delete),
        }
    }

    fn rule(&self, rule: &Value, keeps: bool, image: &Image, tag: Option<&str>) -> Truth {
        self.selector(rule, keeps, image, tag)
            .and(self.bounds(rule, image, tag))
            .and(self.count(rule, keeps, image, tag))
    }

    fn forbidding_group(&self, image: &'w Image) -> BTreeSet<&'static str> {
        self.group(image)
            .into_iter()
            .flat_map(|member| self.forbidding(member))
            .collect()
    }

    /// What forbids that a manifest goes, and with it every group that it is in.
    fn forbidding(&self, image: &Image) -> BTreeSet<&'static str> {
        let is_missing =
            |digests: Vec<Digest>| digests.iter().any(|digest| self.find(digest).is_none());
        let may_be_named_elsewhere = !self.repository.unreadable_tags.is_empty()
            || self.repository.images.iter().any(|image| image.unreadable);
        let all = [
            ("unreadable", image.unreadable),
            (
                "unreadable_elsewhere",
                may_be_named_elsewhere && Self::own_tags(image).is_empty(),
            ),
            ("missing_child", is_missing(Self::children(image))),
            ("missing_subject", is_missing(Self::subjects(image))),
            ("locked", image.no_delete),
            ("too_young", self.is_too_young(image)),
        ];
        let all = all
            .into_iter()
            .chain([("incomplete_listing", !self.repository.complete)]);
        all.filter(|(_, forbids)| *forbids)
            .map(|(reason, _)| reason)
            .collect()
    }
}
