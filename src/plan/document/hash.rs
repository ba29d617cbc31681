//! What a plan's hashes cover.

use serde_json::json;

use super::{Plan, Reason, Verdict};
use crate::configuration::canonical_json::{self, LineHasher};
use crate::oci::Digest;
use crate::plan::inventory::line::string;
use crate::timestamp::Timestamp;

/// The hash of one repository: host, name, now, policy, and per manifest digest, tags, verdict,
/// rule and reason.
///
/// Nothing of how the repository was read: the Worker's cron and `plan --now` on a laptop agree on
/// the hash where they agree on the verdicts. It takes the manifests one after the other, because
/// a million of them need not be held as text at once.
pub(in crate::plan) struct RepositoryHash {
    hasher: LineHasher,
    /// What was written and not hashed yet.
    text: String,
    is_first: bool,
}

/// What is hashed of a manifest.
pub(in crate::plan) struct Proof<'a, T> {
    pub(in crate::plan) digest: Digest,
    pub(in crate::plan) reason: Reason,
    pub(in crate::plan) rule: Option<&'a str>,
    /// Sorted.
    pub(in crate::plan) tags: &'a [T],
    pub(in crate::plan) verdict: Verdict,
}

/// So much text is hashed at once.
const PIECE: usize = 32 * 1024;

impl RepositoryHash {
    pub(in crate::plan) fn new(host: &str) -> Self {
        let mut text = "{\"host\":".to_owned();
        string(host, &mut text);
        text.push_str(",\"images\":[");
        Self {
            hasher: LineHasher::default(),
            text,
            is_first: true,
        }
    }

    /// Takes the next manifest; they come in the order of their digests.
    pub(in crate::plan) fn image<T: AsRef<str>>(&mut self, proof: &Proof<'_, T>) {
        let text = &mut self.text;
        if !std::mem::take(&mut self.is_first) {
            text.push(',');
        }
        text.push_str("{\"digest\":\"");
        proof.digest.write_to(text);
        text.push_str("\",\"reason\":");
        string(proof.reason.as_str(), text);
        text.push_str(",\"rule\":");
        match proof.rule {
            Some(rule) => string(rule, text),
            None => text.push_str("null"),
        }
        text.push_str(",\"tags\":[");
        for (position, tag) in proof.tags.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            string(tag.as_ref(), text);
        }
        text.push_str("],\"verdict\":");
        string(proof.verdict.as_str(), text);
        text.push('}');
        if text.len() > PIECE {
            self.hasher.piece(text);
            text.clear();
        }
    }

    pub(in crate::plan) fn finish(
        mut self,
        name: &str,
        now: Timestamp,
        policy_hash: &str,
    ) -> String {
        let text = &mut self.text;
        text.push_str("],\"name\":");
        string(name, text);
        text.push_str(",\"now\":");
        text.push_str(&now.seconds().to_string());
        text.push_str(",\"policyHash\":");
        string(policy_hash, text);
        text.push('}');
        self.hasher.piece(text);
        self.hasher.finish()
    }
}

/// The hash over the verdicts of one repository of a plan.
pub(super) fn repository(plan: &Plan, repository: &super::Repository) -> String {
    let mut hash = RepositoryHash::new(&repository.host);
    for image in &repository.images {
        hash.image(&Proof {
            digest: image.digest,
            reason: image.reason,
            rule: image.rule.as_deref(),
            tags: &image.tags,
            verdict: image.verdict,
        });
    }
    hash.finish(&repository.name, plan.now, &plan.policy_hash)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_hashes_as_the_canonical_text_of_its_verdicts() {
        let mut hash = RepositoryHash::new("r.example");
        let mut images = Vec::new();
        for (name, rule, tags) in [
            ("a", Some("the \"rule\" \u{1}é"), vec!["v1", "v2"]),
            ("b", None, Vec::new()),
        ] {
            let proof = Proof {
                digest: Digest::of(name.as_bytes()),
                reason: Reason::DeleteRule,
                rule,
                tags: &tags,
                verdict: Verdict::Delete,
            };
            hash.image(&proof);
            images.push(json!({
                "digest": proof.digest,
                "tags": tags,
                "verdict": "delete",
                "rule": rule,
                "reason": "delete_rule",
            }));
        }
        assert_eq!(
            hash.finish("shop/web", Timestamp::from_seconds(7), "p"),
            canonical_json::hash(&json!({
                "host": "r.example",
                "name": "shop/web",
                "now": 7,
                "policyHash": "p",
                "images": images,
            }))
        );
    }
}
