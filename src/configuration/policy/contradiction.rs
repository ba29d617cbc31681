//! Rules that say two things at once, or nothing.

use super::{Order, Rule};
use crate::configuration::reader::{Fields, Node};

/// The fields that select; without one a rule would mean everything by accident.
const CONDITIONS: [&str; 11] = [
    "tags",
    "tagged",
    "kinds",
    "annotations",
    "labels",
    "platform",
    "where",
    "olderThan",
    "youngerThan",
    "newest",
    "beyondNewest",
];

/// Notes what contradicts itself in a rule as read.
pub(super) fn check(rule: &Rule, node: &Node<'_>, fields: &Fields<'_>, tags_given: bool) {
    let (own, other) = if rule.keeps {
        ("newest", "beyondNewest")
    } else {
        ("beyondNewest", "newest")
    };
    if let Some(node) = fields.get(other) {
        node.problem(format!(
            "`{other}` would do the opposite here: a {} rule takes `{own}`",
            if rule.keeps { "keep" } else { "delete" }
        ));
    }
    if !CONDITIONS.iter().any(|field| fields.get(field).is_some()) {
        node.problem("the rule names no condition; say \"tags\": \"*\" to mean every tag");
    }
    if rule.tagged == Some(false) {
        if tags_given {
            node.problem(
                "contradiction: `tagged: false` selects what has no tag, `tags` what has one",
            );
        }
        let counting = rule.counting.as_ref();
        if counting.is_some_and(|counting| counting.by == Order::Version) {
            node.problem("contradiction: what has no tag has no version to be ordered by");
        }
    }
    if let (Some(older), Some(younger)) = (rule.older_than, rule.younger_than)
        && older.fact == younger.fact
        && older.age >= younger.age
    {
        node.problem(format!(
            "contradiction: nothing is both older than {} and younger than {}",
            older.age, younger.age
        ));
    }
}
