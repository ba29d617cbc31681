//! Giving a manifest more names.

use futures_util::{StreamExt, stream};

use super::{Writer, reads::named};
use crate::{
    error::{Code, Error, Result},
    io::Io,
    oci::{Descriptor, Target, is_tag},
};

/// What became of tags.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tagging {
    /// What they were to show.
    pub descriptor: Descriptor,
    /// Each tag that was asked for, in that order, and what became of it.
    pub outcomes: Vec<(String, Result<()>)>,
}

impl<I: Io> Writer<I> {
    /// Lets tags show what `target` shows: its manifest is read once and stored under each, six at
    /// a time. A tag that shows something else is moved.
    ///
    /// One that fails does not keep the others: each has its own outcome.
    ///
    /// # Errors
    ///
    /// `invalid_reference` where one is no tag, before anything is sent; `not_found` where there is
    /// nothing under `target`, and those of reading it.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::{client::Writer, error::Result, io::Io, oci::Target};
    ///
    /// async fn release<I: Io>(writer: &Writer<I>) -> Result<()> {
    ///     let built = Target::Tag("main-4f2a".into());
    ///     let names = ["v2".to_owned(), "latest".to_owned()];
    ///     let tagging = writer.tag("acme/web", &built, &names).await?;
    ///     for (_, outcome) in tagging.outcomes {
    ///         outcome?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn tag(&self, repository: &str, target: &Target, tags: &[String]) -> Result<Tagging> {
        let client = &self.client;
        let doing = || format!("tagging {}", named(repository, target));
        if let Some(wrong) = tags.iter().find(|tag| !is_tag(tag)) {
            let error = Error::new(Code::InvalidReference, format!("`{wrong}` is no tag"));
            return Err(client.placed(error, doing));
        }
        let manifest = client.manifest(repository, target).await?;
        let manifest = manifest.ok_or_else(|| {
            let error = Error::new(Code::NotFound, "there is nothing under that name");
            client.placed(error.next("list the tags first"), doing)
        })?;
        let (kind, bytes) = (manifest.media_type(), manifest.bytes());
        let mut wanted: Vec<String> = Vec::new();
        for tag in tags {
            if !wanted.contains(tag) {
                wanted.push(tag.clone());
            }
        }
        let put = async |tag: String| {
            let target = Target::Tag(tag.clone());
            let put = self.put_manifest(repository, &target, kind, bytes.clone());
            (tag, put.await.map(drop))
        };
        let mut wanted = wanted.into_iter();
        let mut outcomes = Vec::new();
        // the first gets the token for all of them
        if let Some(tag) = wanted.next() {
            outcomes.push(put(tag).await);
        }
        let mut others = stream::iter(wanted)
            .map(put)
            .buffered(client.limits().concurrency);
        while let Some(outcome) = others.next().await {
            outcomes.push(outcome);
        }
        drop(others);
        Ok(Tagging {
            descriptor: Descriptor::new(kind, manifest.digest(), bytes.len() as u64),
            outcomes,
        })
    }
}
