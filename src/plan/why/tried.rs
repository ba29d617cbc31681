//! Every rule, asked about every tag, with what each of its conditions found.

use super::{Asked, Outcome, TriedRule};
use crate::plan::document::Reason;
use crate::plan::graph::Node;
use crate::plan::policy::{Judge, PlacedTag, Tried, Truth, subjects};
use crate::plan::scene::Scene;

/// So many tags are told of one manifest.
const MOST_TAGS: usize = 100;

/// What every rule says about the tags of a root, the one that was asked about first; and how many
/// tags are left out.
pub(super) fn rules(scene: &Scene<'_>, root: Node, target: &str) -> (Vec<TriedRule>, u64) {
    let Some(image) = scene.graph.image(root) else {
        return (Vec::new(), 0);
    };
    let is_target =
        |placed: &Option<PlacedTag<'_>>| placed.is_some_and(|(_, tag)| tag.name == target);
    let first = subjects(image).filter(is_target);
    let others = subjects(image).filter(|placed| !is_target(placed));
    let tags: Vec<_> = first.chain(others).take(MOST_TAGS).collect();
    let left_out = subjects(image).count() - tags.len();
    let tried = Judge::new(*scene).tried(root, image, &tags);
    (tried.into_iter().map(told).collect(), left_out as u64)
}

fn told(tried: Tried<'_>) -> TriedRule {
    let (outcome, fact) = outcome(tried.truth);
    let conditions = tried.conditions.into_iter().map(|condition| {
        let (outcome, fact) = self::outcome(condition.truth);
        Asked {
            condition: condition.words,
            outcome,
            fact,
            found: condition.found,
        }
    });
    TriedRule {
        rule: tried.rule.name.clone(),
        keeps: tried.rule.keeps,
        tag: tried.tag.map(str::to_owned),
        outcome,
        fact,
        conditions: conditions.collect(),
    }
}

const fn outcome(truth: Truth) -> (Outcome, Option<Reason>) {
    match truth {
        Truth::Yes => (Outcome::Yes, None),
        Truth::No => (Outcome::No, None),
        Truth::Unknown(fact) => (Outcome::Unknown, Some(fact.reason())),
    }
}
