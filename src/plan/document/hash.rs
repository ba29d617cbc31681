//! What a plan's hashes cover.

use serde_json::json;

use super::{Plan, Repository};
use crate::configuration::canonical_json;

/// Host, name, now, policy, and per manifest digest, tags, verdict, rule and reason.
///
/// Nothing of how the repository was read: the Worker's cron and `plan --now` on a laptop agree on
/// the hash where they agree on the verdicts.
pub(super) fn repository(plan: &Plan, repository: &Repository) -> String {
    let images: Vec<_> = repository
        .images
        .iter()
        .map(|image| {
            json!({
                "digest": image.digest,
                "tags": image.tags,
                "verdict": image.verdict,
                "rule": image.rule,
                "reason": image.reason,
            })
        })
        .collect();
    canonical_json::hash(&json!({
        "host": repository.host,
        "name": repository.name,
        "now": plan.now.seconds(),
        "policyHash": plan.policy_hash,
        "images": images,
    }))
}

/// The repositories' hashes, and everything that decides whether the plan may be carried out.
pub(super) fn plan(plan: &Plan) -> String {
    let repositories: Vec<_> = plan.repositories.iter().map(|part| &part.hash).collect();
    canonical_json::hash(&json!({
        "format": plan.format,
        "job": plan.job,
        "now": plan.now.seconds(),
        "expiresAt": plan.expires_at.seconds(),
        "simulated": plan.simulated,
        "policyHash": plan.policy_hash,
        "configurationHash": plan.configuration_hash,
        "repositories": repositories,
    }))
}
