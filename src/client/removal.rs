//! Taking a tag, and deleting a manifest: two different verbs, and neither is done by the other.

use super::{Deletion, Siblings, Writer, reads::named, siblings, siblings::SiblingIndex};
use crate::{
    error::{Code, Error, Result},
    io::Io,
    oci::{Digest, Target},
    registries::profile::{DeleteBy, Support},
};

/// A tag that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Untagged {
    /// What it showed.
    pub digest: Digest,
    /// Whether its manifest is still there. Some registries take it along with its last tag.
    pub manifest_stays: bool,
}

/// A manifest that was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// Whether it was there.
    pub deletion: Deletion,
    /// The tags that went with it.
    pub tags: Vec<String>,
}

impl<I: Io> Writer<I> {
    /// Takes a tag away and leaves its manifest, after a look at what the tag shows.
    ///
    /// # Errors
    ///
    /// `not_found` where there is no such tag; `unsupported` where the registry takes no tag
    /// without its manifest; `refused` where the image would go with its last tag, or the registry
    /// protects it; `conflict` where it was moved meanwhile; `denied`, `unauthorized`.
    pub async fn untag_now(&self, repository: &str, tag: &str) -> Result<Untagged> {
        let target = Target::Tag(tag.to_owned());
        let doing = || format!("untagging {}", named(repository, &target));
        let client = &self.client;
        let placed = |error: Error| client.placed(error, doing);
        let profile = client.profile();
        if profile.untag == Support::No && profile.deletion != DeleteBy::TagsOnly {
            let found = format!("{} takes no tag away without its manifest", profile.name);
            return Err(placed(unsupported(&found)));
        }
        let head = client.head(repository, &target).await?;
        let Some(digest) = head.map(|head| head.digest) else {
            return Err(placed(
                Error::new(Code::NotFound, "there is no such tag").next("list the tags first"),
            ));
        };
        if profile.deletion == DeleteBy::TagsOnly {
            let found = siblings(client, repository, &digest).await?;
            if !found.tags.iter().any(|other| other != tag) {
                let error = Error::new(
                    Code::Refused,
                    format!("it is the last tag of {digest}, and the image would go with it"),
                );
                return Err(placed(error.next("delete the digest, if that is meant")));
            }
        }
        let taken = if profile.deletion == DeleteBy::TagsOnly {
            self.untag_if_unmoved(repository, tag, &digest).await
        } else {
            self.untag(repository, tag, &digest).await
        };
        match taken {
            Ok(_) => {}
            // distribution 2.8 tells by its answer that a tag is no digest
            Err(error) if error.code() == Code::Unsupported => {
                return Err(placed(unsupported(error.found())));
            }
            Err(error) => return Err(error),
        }
        let stays = client.head(repository, &Target::Digest(digest)).await;
        Ok(Untagged {
            digest,
            manifest_stays: matches!(stays, Ok(Some(_))),
        })
    }

    /// Deletes a manifest and the tags that show it, of which each must be in `named`: nothing goes
    /// that the caller did not name.
    ///
    /// # Errors
    ///
    /// `refused` where other tags show it too ([`Error::tags`] has them), where an index names it,
    /// or where the registry protects it; `conflict` where a tag that was named shows something
    /// else; `incomplete_listing` where nobody can say which tags there are; `unsupported` where
    /// the registry deletes nothing; `denied`, `unauthorized`.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::{client::Writer, error::{Code, Result}, io::Io, oci::Digest};
    ///
    /// async fn delete<I: Io>(writer: &Writer<I>, digest: &Digest) -> Result<()> {
    ///     match writer.delete("acme/web", digest, &["v1".to_owned()]).await {
    ///         Err(error) if error.code() == Code::Refused => {
    ///             println!("also: {}", error.tags().join(", "));
    ///             Ok(())
    ///         }
    ///         other => other.map(drop),
    ///     }
    /// }
    /// ```
    pub async fn delete(
        &self,
        repository: &str,
        digest: &Digest,
        named_tags: &[String],
    ) -> Result<Deleted> {
        let target = Target::Digest(*digest);
        let doing = || format!("deleting {}", named(repository, &target));
        let found = siblings(&self.client, repository, digest).await?;
        may_delete(&found, named_tags).map_err(|error| self.client.placed(error, doing))?;
        let Siblings { tags, .. } = found;
        let by = self.client.profile().deletion;
        let mut deletion = Deletion::AlreadyGone;
        if by != DeleteBy::Digest {
            for (taken, tag) in tags.iter().enumerate() {
                let untagged = self.untag_if_unmoved(repository, tag, digest).await;
                deletion = untagged.map_err(|error| after(error, tags.get(..taken)))?;
            }
        }
        match by {
            DeleteBy::TagsOnly if tags.is_empty() => {
                let error = Error::new(
                    Code::Unsupported,
                    "it has no tag, and the registry deletes nothing but tags",
                );
                let error = error.next("use the registry's own interface");
                return Err(self.client.placed(error, doing));
            }
            DeleteBy::TagsOnly => {}
            DeleteBy::Digest => deletion = self.delete_manifest(repository, digest).await?,
            DeleteBy::UntagThenDigest => {
                let deleted = self.delete_manifest(repository, digest).await;
                deletion = deleted.map_err(|error| after(error, Some(&tags)))?;
            }
        }
        if by == DeleteBy::Digest {
            self.untag_what_dangles(repository, digest, &tags).await;
        }
        Ok(Deleted { deletion, tags })
    }

    /// Takes a tag that was looked at before all the others were, unless it was moved meanwhile.
    async fn untag_if_unmoved(
        &self,
        repository: &str,
        tag: &str,
        digest: &Digest,
    ) -> Result<Deletion> {
        let target = Target::Tag(tag.to_owned());
        match self.client.head(repository, &target).await? {
            None => Ok(Deletion::AlreadyGone),
            Some(head) if head.digest != *digest => {
                let error = Error::new(Code::Conflict, format!("it shows {} by now", head.digest))
                    .next("somebody pushed meanwhile: look again at what it shows");
                let doing = || format!("untagging {}", named(repository, &target));
                Err(self.client.placed(error, doing))
            }
            Some(_) => self.untag(repository, tag, digest).await,
        }
    }

    /// Takes the tags that still show a digest which is gone (ociregistry); what cannot be taken
    /// stays, because the manifest is what was to be deleted.
    async fn untag_what_dangles(&self, repository: &str, digest: &Digest, tags: &[String]) {
        for tag in tags {
            let target = Target::Tag(tag.clone());
            let shown = self.client.head(repository, &target).await;
            if matches!(shown, Ok(Some(head)) if head.digest == *digest) {
                let _ = self.untag(repository, tag, digest).await;
            }
        }
    }
}

/// The error, which says what was done before it.
fn after(error: Error, taken: Option<&[String]>) -> Error {
    match taken {
        Some(taken) if !taken.is_empty() => {
            let taken = taken.join(", ");
            error.map_found(|found| format!("{found}; these tags were taken away before: {taken}"))
        }
        _ => error,
    }
}

fn unsupported(found: &str) -> Error {
    Error::new(Code::Unsupported, found)
        .next("a tag goes there only with its manifest: delete the digest, if that is meant")
}

/// Whether nothing would vanish or break that was not named.
fn may_delete(found: &Siblings, named: &[String]) -> Result<()> {
    if !found.completeness.complete {
        let reason = found
            .completeness
            .reason
            .as_deref()
            .unwrap_or("it is not known why");
        let found = format!("which tags show it could not be proven: {reason}");
        return Err(
            Error::new(Code::IncompleteListing, found).next("try again; nothing was deleted")
        );
    }
    let differ = |of: &[String], from: &[String]| -> Vec<String> {
        of.iter()
            .filter(|tag| !from.contains(tag))
            .cloned()
            .collect()
    };
    let others = differ(&found.tags, named);
    if !others.is_empty() {
        let listed = others.join(", ");
        return Err(Error::new(
            Code::Refused,
            format!("these tags would go with it: {listed}"),
        )
        .next("name them too, if that is meant; nothing was deleted")
        .with_tags(others));
    }
    let moved = differ(named, &found.tags);
    if !moved.is_empty() {
        let listed = moved.join(", ");
        return Err(Error::new(
            Code::Conflict,
            format!("these tags do not show it: {listed}"),
        )
        .next("look again at what they show; nothing was deleted")
        .with_tags(moved));
    }
    if let Some(SiblingIndex { digest, tags }) = found.indexes.first() {
        let listed = tags.join(", ");
        return Err(Error::new(
            Code::Refused,
            format!("the index {digest} ({listed}) names it"),
        )
        .next("delete the index first; nothing was deleted")
        .with_tags(tags.clone()));
    }
    Ok(())
}
