//! Putting manifests and tags back from a back-up: after a deletion that something turned out to
//! need, after one that failed half-way, and for `restore`.

use std::collections::BTreeSet;

use super::{
    apply::Registry,
    backup::{Backup, Saved},
};
use crate::{
    error::Result,
    io::Io,
    oci::{Digest, Target},
};

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// Manifests that were put.
    pub(super) put: Vec<Digest>,
    /// Tags that point where the back-up says again.
    pub(super) retagged: Vec<String>,
    /// Tags that point elsewhere by now and were left alone.
    pub(super) moved: Vec<(String, Digest)>,
}

/// Puts those manifests of a back-up that are in `only` and not there, children before indexes,
/// and then their tags where nobody uses them. `done` tells how far it came, errors or not.
///
/// # Errors
///
/// `refused` where the registry has lost a blob meanwhile, and those of every request.
pub(super) async fn put_back<I: Io>(
    registry: &Registry<I>,
    backup: &Backup,
    only: &BTreeSet<Digest>,
    done: &mut Done,
) -> Result<()> {
    let repository = &*backup.repository;
    let saved: Vec<&Saved> = backup
        .in_order()
        .into_iter()
        .filter(|saved| only.contains(&saved.digest))
        .collect();
    for saved in &saved {
        let target = Target::Digest(saved.digest);
        if registry.reader.head(repository, &target).await?.is_none() {
            put(registry, repository, &target, saved).await?;
            done.put.push(saved.digest);
        }
    }
    for saved in &saved {
        for tag in &saved.tags {
            let target = Target::Tag(tag.clone());
            match registry.reader.head(repository, &target).await? {
                Some(head) if head.digest == saved.digest => {}
                Some(head) => done.moved.push((tag.clone(), head.digest)),
                None => {
                    put(registry, repository, &target, saved).await?;
                    done.retagged.push(tag.clone());
                }
            }
        }
    }
    Ok(())
}

async fn put<I: Io>(
    registry: &Registry<I>,
    repository: &str,
    target: &Target,
    saved: &Saved,
) -> Result<Digest> {
    let bytes = saved.bytes.clone();
    registry
        .writer
        .put_manifest(repository, target, &saved.media_type, bytes)
        .await
}
