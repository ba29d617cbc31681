//! What may still be deleted: the approved plan and the present state, both.

use super::caps;
use super::document::{Plan, Role, Verdict};
use super::made::Made;
use super::make::{Input, make_within};
use crate::error::{Code, Error, Result};

/// Plans again with present facts, and lets only those deletions stand that `approved` holds for
/// the same digest with the same tags.
///
/// A plan is reviewed, carried about and edited; this is why it is never taken as a list of what
/// to delete. Every deletion is decided anew; what `approved` does not hold is
/// `blocked(not_planned)`, protects what it leads to, and the caps are checked on what is left.
/// `fresh` may hold only some of the job's repositories.
///
/// # Errors
///
/// `refused` for a simulated plan, `expired` for one past its time, `conflict` where job, policy
/// or configuration are not those it was made with, and what [`make`](super::make) says.
pub fn intersection<'i>(approved: &Plan, fresh: &Input<'i>) -> Result<Made<'i>> {
    let refuse = |code, found: &str| {
        Err(Error::new(code, found)
            .doing(format!("carrying out the plan {}", approved.short_hash()))
            .next("make a new plan and review it"))
    };
    if approved.simulated {
        return refuse(
            Code::Refused,
            "it was made for another time or from a given inventory",
        );
    }
    if fresh.now >= approved.expires_at {
        return refuse(Code::Expired, "it is older than 24 hours");
    }
    if approved.now > fresh.now.plus(std::time::Duration::from_mins(5)) {
        return refuse(
            Code::ClockSkew,
            "it was made in what is the future by this clock",
        );
    }
    if approved.job != fresh.job {
        return refuse(Code::Conflict, "it was made for another job");
    }
    if approved.policy_hash != fresh.policy.hash() {
        return refuse(Code::Conflict, "the policy has changed since");
    }
    if approved.configuration_hash != fresh.configuration_hash {
        return refuse(Code::Conflict, "the job has changed since");
    }
    let images = approved.repositories.iter().flat_map(|one| &one.images);
    let deleting =
        images.filter(|image| image.role == Role::Root && image.verdict == Verdict::Delete);
    // the fresh look is at one repository at a time, and the limit is on all of them
    if let Some(breach) = caps::run_breach(&fresh.caps, deleting.count() as u64) {
        return refuse(Code::Refused, &breach);
    }
    fresh.policy.ensure_supported()?;
    make_within(fresh, Some(approved))
}
