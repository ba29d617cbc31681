//! Flux `OCIRepository`: an artifact that a cluster takes its manifests or a chart from.

use super::image_name;
use super::object::Object;
use crate::plan::reports::{Gathered, Used};

/// Takes over the artifact that is asked for, and the one that was fetched last.
pub(super) fn reduce(found: &mut Gathered, object: &Object<'_>) {
    let url = object.text(&["spec", "url"]);
    let Some(repository) = image_name::repository(url) else {
        return;
    };
    let fetched = revision(
        &repository,
        object.text(&["status", "artifact", "revision"]),
    );
    let field = |name| object.text(&["spec", "ref", name]);
    // a digest goes before a range, and a range before a tag
    let asked = match (field("digest"), field("semver"), field("tag")) {
        ("", "", "") => Some(image_name::version(&repository, "latest")),
        ("", "", tag) => Some(image_name::version(&repository, tag)),
        ("", _, _) if fetched.is_some() => None,
        ("", _, _) => Some(Used::Unresolved(repository)),
        (digest, _, _) => Some(image_name::version(&repository, digest)),
    };
    for used in [fetched, asked].into_iter().flatten() {
        found.add(used, &object.source);
    }
}

/// `6.1.8@sha256:<manifest>`; before Flux 2.0 `6.1.8/<manifest>`.
fn revision(repository: &str, revision: &str) -> Option<Used> {
    let (_, digest) = revision.rsplit_once(['@', '/'])?;
    let digest = digest
        .parse()
        .or_else(|_| format!("sha256:{digest}").parse())
        .ok()?;
    let repository = Some(repository.to_owned());
    Some(Used::Digest { digest, repository })
}
