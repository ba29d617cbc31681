//! The steps of a group, as the journal keeps them.

use super::journal::Step;
use crate::{
    plan::{Group, document, steps_of},
    registries::profile::DeleteBy,
};

/// How a group is deleted. A member that another group shares stays when its turn comes, and goes
/// with the last of them.
pub(super) fn steps(group: &Group, by: DeleteBy) -> Vec<Step> {
    let mut steps = Vec::new();
    for member in &group.members {
        let tags = member.tags.clone();
        steps_of(member.digest, tags, by, &mut |step| steps.push(step.into()));
    }
    steps
}

impl From<document::Step> for Step {
    fn from(step: document::Step) -> Self {
        match step {
            document::Step::Untag(untag) => Self::Untag {
                tag: untag.tag,
                shows: untag.shows,
            },
            document::Step::Delete(delete) => Self::Delete {
                digest: delete.digest,
                tags: delete.tags,
            },
        }
    }
}
