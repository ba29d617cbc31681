//! What a policy means: which facts it needs, and what its rules say about an image.

mod judge;
mod needs;
mod places;
mod truth;

pub use crate::configuration::policy::Policy;
pub(super) use judge::{Judge, Ruling};
pub use needs::Needs;
pub(super) use truth::Truth;

use crate::configuration::policy::Rule;

/// Whether the rule's selectors, times and counting left aside, speak about a tag, or about an
/// image without one.
fn selects(rule: &Rule, tag: Option<&str>) -> bool {
    let by_state = rule.tagged.is_none_or(|tagged| tagged == tag.is_some());
    by_state
        && match (&rule.tags, tag) {
            (None, _) => true,
            (Some(tags), Some(tag)) => tags.matches(tag),
            (Some(_), None) => false,
        }
}
