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
/// One HEAD a tag, six at once, and one GET for each index under a tag; no request beside the list
/// where that tells of digests itself (Google).
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
    let mut found = Shown::default();
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
            Ok(Some((digest, media_type))) => found.add(digest, media_type, tag),
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
    let kind = if let Some(kind) = found.kind_of(digest) {
        Some(kind)
    } else {
        let head = client.head(repository, &Target::Digest(*digest)).await?;
        head.map(|head| head.media_type)
    };
    let mut indexes = Vec::new();
    // an index of indexes is nobody's child in practice, and costs a GET of all the others
    if kind.is_some_and(|kind| !media_type::is_index(&kind)) {
        for (index, tags) in found.indexes(digest) {
            match names(client, repository, &index, digest).await {
                Ok(true) => indexes.push(SiblingIndex {
                    digest: index,
                    tags,
                }),
                Ok(false) => {}
                Err(error) => {
                    let tag = tags.first().map(String::as_str).unwrap_or_default();
                    doubt.get_or_insert_with(|| unseen(tag, &error));
                }
            }
        }
    }
    Ok(Siblings {
        tags: found.tags_of(digest),
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

/// What the tags show.
#[derive(Default)]
struct Shown(Vec<(Digest, Option<String>, Vec<String>)>);

impl Shown {
    fn add(&mut self, digest: Digest, media_type: Option<String>, tag: String) {
        match self.0.iter_mut().find(|(known, ..)| *known == digest) {
            Some((_, kind, tags)) => {
                *kind = kind.take().or(media_type);
                tags.push(tag);
            }
            None => self.0.push((digest, media_type, vec![tag])),
        }
    }

    fn tags_of(&self, digest: &Digest) -> Vec<String> {
        let found = self.0.iter().find(|(known, ..)| known == digest);
        found.map(|(_, _, tags)| tags.clone()).unwrap_or_default()
    }

    fn kind_of(&self, digest: &Digest) -> Option<String> {
        let found = self.0.iter().find(|(known, ..)| known == digest);
        found.and_then(|(_, kind, _)| kind.clone())
    }

    /// The indexes, and what may be one, with their tags.
    fn indexes(&self, but: &Digest) -> Vec<(Digest, Vec<String>)> {
        let mut indexes = Vec::new();
        for (digest, kind, tags) in &self.0 {
            if digest != but && kind.as_deref().is_none_or(media_type::is_index) {
                indexes.push((*digest, tags.clone()));
            }
        }
        indexes
    }
}
