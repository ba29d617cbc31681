//! Rules that match nothing.

use super::inventory::Inventory;
use super::make::Input;
use crate::configuration::policy::{Rule, TagSelector};
use crate::error::{Code, Error, Result};

/// A protect pattern that matches nothing is a typo until its author says otherwise; three tools
/// that shrugged deleted what it should have kept.
pub(super) fn refuse(input: &Input<'_>) -> Result<()> {
    let is_empty = input.inventories.iter().all(Inventory::is_empty);
    let inert = input
        .policy
        .keep
        .iter()
        .find(|rule| !is_empty && !rule.optional && !matches_any_tag(rule, input));
    let Some(rule) = inert else { return Ok(()) };
    let selector = rule
        .tags
        .as_ref()
        .map(TagSelector::describe)
        .unwrap_or_default();
    let found = format!(
        "the keep rule `{}` ({selector}) matches no tag in the whole job",
        rule.name
    );
    Err(Error::new(Code::Refused, found)
        .doing(format!("planning the job {}", input.job))
        .next("correct its tags, or say \"optional\": true in the rule"))
}

/// Rules that are allowed to match nothing, and do: a reviewer wants to know.
pub(super) fn warnings(input: &Input<'_>) -> Vec<String> {
    let inert = input
        .policy
        .rules()
        .filter(|rule| !matches_any_tag(rule, input));
    inert
        .map(|rule| format!("the rule `{}` matches no tag", rule.name))
        .collect()
}

/// Whether a rule's tag selector alone matches something; a rule without one needs no tag.
fn matches_any_tag(rule: &Rule, input: &Input<'_>) -> bool {
    let Some(tags) = &rule.tags else { return true };
    input.inventories.iter().any(|inventory| {
        let own_tags = inventory.images().flat_map(|image| image.own_tags());
        own_tags
            .map(|tag| tag.name)
            .chain(inventory.unreadable_tags.iter().map(String::as_str))
            .any(|tag| tags.matches(tag))
    })
}
