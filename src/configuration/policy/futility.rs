//! Rules that are allowed and can never do anything: their author meant something else.

use super::{Policy, Rule, kinds};
use crate::configuration::reader::Node;

/// Warns about every such rule, at its place.
pub(super) fn warn(policy: &Policy, node: &Node<'_>) {
    for (name, rules) in [("keep", &policy.keep), ("delete", &policy.delete)] {
        for (position, rule) in rules.iter().enumerate() {
            let path = format!("{}.{name}[{position}]", node.path());
            for warning in of_rule(policy, rule) {
                node.warn_at(&path, warning);
            }
        }
    }
}

fn of_rule(policy: &Policy, rule: &Rule) -> Vec<String> {
    let mut warnings = Vec::new();
    if rule.ignores_unknown {
        warnings.push(
            "`ifUnknown: ignore` gives up this protection wherever the fact is missing".to_owned(),
        );
    }
    if rule.optional && rule.tags.is_none() {
        warnings.push("`optional` is about tags, and the rule names none".to_owned());
    }
    let none_named = |kind| !policy.kinds.contains(kind);
    if !rule.kinds.is_empty() && rule.kinds.iter().all(none_named) {
        warnings.push(format!(
            "it can never select: the policy speaks of {} only; name the kinds in the policy, too",
            kinds::words(&policy.kinds).join(", ")
        ));
    }
    if rule.keeps {
        return warnings;
    }
    if let Some(younger) = rule.younger_than
        && policy.minimum_age.rules_out(younger)
    {
        warnings.push(format!(
            "it can never delete: what is younger than {} has not the minimum age",
            younger.age
        ));
    }
    if let Some(keep) = policy.keep.iter().find(|keep| covers(keep, rule)) {
        warnings.push(format!(
            "contradiction: it can never delete, because `{}` keeps all that it selects",
            keep.name
        ));
    }
    warnings
}

/// Whether a keep rule surely matches whatever a delete rule selects.
fn covers(keep: &Rule, delete: &Rule) -> bool {
    let unconditional = keep.older_than.is_none()
        && keep.younger_than.is_none()
        && keep.counting.is_none()
        && keep.captured.is_empty();
    if !unconditional {
        return false;
    }
    let selects_tags = delete.tags.is_some() || delete.tagged == Some(true);
    let state = match keep.tagged {
        None => true,
        Some(true) => selects_tags,
        Some(false) => delete.tagged == Some(false),
    };
    let tags = match (&keep.tags, &delete.tags) {
        (None, _) => true,
        (Some(keep), Some(delete)) => keep.covers(delete),
        (Some(keep), None) => selects_tags && keep.is_every_tag(),
    };
    let all_within = |one: &[_], other: &[_]| one.iter().all(|named| other.contains(named));
    let kinds = keep.kinds.is_empty()
        || (!delete.kinds.is_empty() && delete.kinds.iter().all(|kind| keep.kinds.contains(kind)));
    state
        && tags
        && kinds
        && all_within(&keep.annotations, &delete.annotations)
        && all_within(&keep.labels, &delete.labels)
        && (keep.platforms.is_empty() || keep.platforms == delete.platforms)
}
