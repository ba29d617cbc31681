//! What would vanish with a digest.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde::Serialize;

use super::{Cause, Client, Completeness};
use crate::{
    api::manifest::Head,
    error::{Error, Result},
    io::Io,
    oci::{Content, Digest, Target, media_type},
    sorted,
};

/// The tags that share a digest, and the indexes that name it: what a deletion of the digest takes
/// along, or breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Siblings {
    /// The tags that show it, in the registry's order.
    pub tags: Vec<String>,
    /// Indexes under a tag that name it: without it they are broken. Indexes without a tag are
    /// known to no registry's list, and not among these.
    pub indexes: Vec<SiblingIndex>,
    /// Whether the tags are all there are. No deletion may rest on it where they are not.
    #[serde(flatten)]
    pub completeness: Completeness,
}

/// An index that names a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SiblingIndex {
    /// The index's own digest.
    pub digest: Digest,
    /// Its tags.
    pub tags: Vec<String>,
}

/// What a deletion of `digest` would take along or break.
///
/// One HEAD a tag, unless the list itself tells of digests (Google), and one GET for each other index
/// under a tag, six at once.
///
/// # Errors
///
/// `not_found` for a repository that is not there, and those of every request. A tag that cannot be
/// looked at makes the answer incomplete.
///
/// # Examples
///
/// ```
/// use portreeve::{client::{Client, siblings}, error::Result, io::Io, oci::Digest};
///
/// async fn vanishing<I: Io>(client: &Client<I>, digest: &Digest) -> Result<Vec<String>> {
///     let siblings = siblings(client, "acme/web", digest).await?;
///     assert!(siblings.completeness.complete, "there may be more");
///     Ok(siblings.tags)
/// }
/// ```
pub async fn siblings<I: Io>(
    client: &Client<I>,
    repository: &str,
    digest: &Digest,
) -> Result<Siblings> {
    // one answer out of a cache must not keep a client from deleting for as long as it lives
    let client = &client.undoubted();
    let mut found = Shown::of(*digest);
    let mut listing = client.tags(repository);
    let mut unknown = Vec::new();
    let mut told = BTreeMap::new();
    while let Some(page) = listing.next_page().await? {
        for (digest, listed) in page.manifests.into_iter().flatten() {
            for tag in listed.tags {
                told.insert(tag, (digest, listed.media_type.clone()));
            }
        }
        unknown.extend(page.tags);
    }
    let mut doubt = listing.complete().doubt();
    let mut heads = stream::iter(unknown)
        .map(|tag| {
            let told = told.get(&tag).cloned();
            async move {
                let shown = match told {
                    Some(told) => Ok(Some(told)),
                    None => look(client, repository, &tag).await,
                };
                (tag, shown)
            }
        })
        .buffered(client.limits().concurrency);
    while let Some((tag, shown)) = heads.next().await {
        match shown {
            Ok(Some((digest, media_type))) => found.add(digest, media_type.as_deref(), tag),
            // it went meanwhile
            Ok(None) => {}
            Err(error) => {
                doubt.get_or_insert_with(|| unseen(&tag, &error));
                // the others would not be seen either
                if error.is_retryable() || matches!(error.status(), Some(401 | 403)) {
                    break;
                }
            }
        }
    }
    drop(heads);
    if let Some(reason) = client.doubt() {
        doubt.get_or_insert((Cause::Unproven, reason));
    }
    let tags = std::mem::take(&mut found.tags);
    let mut indexes = Vec::new();
    let mut looks = stream::iter(found.indexes())
        .map(|(index, tags)| async move {
            let names_it = names(client, repository, &index, digest).await;
            (
                SiblingIndex {
                    digest: index,
                    tags,
                },
                names_it,
            )
        })
        .buffered(client.limits().concurrency);
    while let Some((index, names_it)) = looks.next().await {
        match names_it {
            Ok(true) => indexes.push(index),
            Ok(false) => {}
            Err(error) => {
                let tag = index.tags.first().map(String::as_str);
                doubt.get_or_insert_with(|| unseen(tag.unwrap_or_default(), &error));
            }
        }
    }
    drop(looks);
    Ok(Siblings {
        tags,
        indexes,
        completeness: Completeness::new(doubt),
    })
}

async fn look<I: Io>(
    client: &Client<I>,
    repository: &str,
    tag: &str,
) -> Result<Option<(Digest, Option<String>)>> {
    let head = client
        .head(repository, &Target::Tag(tag.to_owned()))
        .await?;
    Ok(head.map(
        |Head {
             digest, media_type, ..
         }| (digest, Some(media_type)),
    ))
}

async fn names<I: Io>(
    client: &Client<I>,
    repository: &str,
    index: &Digest,
    child: &Digest,
) -> Result<bool> {
    let manifest = client.manifest(repository, &Target::Digest(*index)).await?;
    Ok(match manifest.as_ref().map(crate::oci::Manifest::content) {
        Some(Content::Index(index)) => index.manifests.iter().any(|listed| listed.digest == *child),
        _ => false,
    })
}

fn unseen(tag: &str, error: &Error) -> (Cause, String) {
    let reason = format!("what `{tag}` shows could not be seen: {}", error.found());
    (Cause::Failed, reason)
}

/// What the tags show, as far as it matters to one digest.
struct Shown {
    of: Digest,
    tags: Vec<String>,
    /// The indexes, and what may be one, each beside its tag.
    indexes: Vec<(Digest, String)>,
}

impl Shown {
    fn of(digest: Digest) -> Self {
        Self {
            of: digest,
            tags: Vec::new(),
            indexes: Vec::new(),
        }
    }

    fn add(&mut self, digest: Digest, media_type: Option<&str>, tag: String) {
        if digest == self.of {
            self.tags.push(tag);
        } else if media_type.is_none_or(media_type::is_index) {
            self.indexes.push((digest, tag));
        }
    }

    /// The indexes, and what may be one, with their tags.
    fn indexes(mut self) -> Vec<(Digest, Vec<String>)> {
        let mut indexes: Vec<(Digest, Vec<String>)> = Vec::new();
        sorted::sort_by(&mut self.indexes, |one, two| one.0.cmp(&two.0));
        for (digest, tag) in self.indexes {
            match indexes.last_mut() {
                Some((last, tags)) if *last == digest => tags.push(tag),
                _ => indexes.push((digest, vec![tag])),
            }
        }
        indexes
    }
}
