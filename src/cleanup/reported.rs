//! Which digests of reports to look for in a repository.

use crate::{
    oci::Digest,
    plan::{GivenReport, may_be, reports::Used},
};

/// The manifests in use that may lie in the repository at `path`, which a list of tags need not
/// lead to. Those of others are not looked for: what is not known of is not deleted.
///
/// The path counts as far as both have one, whatever host it was pulled from.
#[must_use]
pub fn reported(given: &[GivenReport<'_>], path: &str) -> Vec<Digest> {
    let uses = given.iter().filter_map(|given| given.report);
    let uses = uses.flat_map(|report| &report.uses);
    let digests = uses.filter_map(|one| match &one.used {
        Used::Digest { digest, repository } => {
            let from = repository.as_deref().and_then(|from| from.split_once('/'));
            from.is_none_or(|(_, from)| may_be(from, path))
                .then_some(*digest)
        }
        Used::Config(digest) => Some(*digest),
        _ => None,
    });
    digests.collect()
}
