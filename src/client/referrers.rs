use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Request, Response};
use serde::Serialize;
use url::Url;

use super::{
    Client, Completeness,
    completeness::Cause,
    listing::{Listed, Listing, keep},
    reads::named,
};
use crate::{
    api::referrers as api,
    auth::Scope,
    error::{Code, Error, Result},
    io::Io,
    oci::{Content, Descriptor, Digest, Manifest, Target},
};

/// Something that refers to a manifest: a signature, an SBOM, an attestation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Referrer {
    /// What it is, and its digest.
    #[serde(flatten)]
    pub descriptor: Descriptor,
    /// Who told of it.
    pub source: Source,
}

/// Where a referrer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Source {
    /// In the registry's own list.
    Api,
    /// In the index under the tag `sha256-<hex>`, kept up by clients where the registry has no
    /// list.
    FallbackTag,
    /// Under cosign's tag `sha256-<hex>.sig`, `.att` or `.sbom`. The name alone says so: anything
    /// may be pushed under it.
    CosignTag,
}

/// All that refers to a manifest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Referrers {
    /// The referrers, in the registry's order.
    pub found: Vec<Referrer>,
    /// Who told, cosign's tags left out; `None` where the registry has no list, and there is no
    /// fallback tag.
    pub source: Option<Source>,
    /// Whether these are all.
    pub completeness: Completeness,
}

/// What refers to one manifest, a page at a time.
///
/// Where the registry has no list of its own, the index under the fallback tag takes its place.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, io::Io, oci::Digest};
///
/// async fn sboms<I: Io>(client: &Client<I>, image: &Digest) -> Result<usize> {
///     let sboms = client.referrers("acme/web", image).artifact_type("application/spdx+json");
///     Ok(sboms.all().await?.found.len())
/// }
/// ```
pub struct ReferrerListing<I: Io> {
    pages: Listing<I, OfDigest>,
    stage: Stage,
    with_fallback_tag: bool,
    with_cosign: bool,
    limit: Option<usize>,
    shown: BTreeSet<Digest>,
    source: Option<Source>,
    doubt: Option<(Cause, String)>,
}

enum Stage {
    Api,
    FallbackTag,
    Cosign,
    Ended,
}

impl<I: Io> ReferrerListing<I> {
    pub(super) fn new(client: &Client<I>, repository: &str, digest: Digest) -> Self {
        let listed = OfDigest {
            repository: repository.to_owned(),
            digest,
            artifact_type: None,
        };
        Self {
            pages: Listing::new(client, listed, None),
            stage: Stage::Api,
            with_fallback_tag: true,
            with_cosign: false,
            limit: None,
            shown: BTreeSet::new(),
            source: None,
            doubt: None,
        }
    }

    /// Only referrers of this type, such as `application/spdx+json`. The registry is asked to
    /// leave the others out; where it does not, they are left out here.
    #[must_use]
    pub fn artifact_type(mut self, wanted: impl Into<String>) -> Self {
        self.pages.listed_mut().artifact_type = Some(wanted.into());
        self
    }

    /// Looks under cosign's three tags as well, one request each.
    #[must_use]
    pub fn cosign_tags(mut self) -> Self {
        self.with_cosign = true;
        self
    }

    /// Asks the registry's own list alone, for whoever has seen all tags.
    #[must_use]
    pub(crate) fn without_fallback_tag(mut self) -> Self {
        self.with_fallback_tag = false;
        self
    }

    /// Stops after so many, as [`Listing::limit`].
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The next page; `None` after the last. A page may be empty, where a filter left nothing.
    ///
    /// # Errors
    ///
    /// Those of every request; a manifest without referrers has an empty list.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Referrer>>> {
        if self.is_full() && !matches!(self.stage, Stage::Ended) {
            let was_all = match self.stage {
                Stage::Api => self.pages.complete().complete,
                _ => true,
            };
            self.end((!was_all || self.with_cosign).then(|| self.limited()));
        }
        let page = self.read_next().await;
        page.or_else(|error| {
            let is_throttled = error.code() == Code::Throttled;
            let passes = is_throttled && !self.shown.is_empty();
            let cause = if is_throttled {
                Cause::Throttled
            } else {
                Cause::Failed
            };
            self.end(Some((cause, format!("it broke off: {}", error.found()))));
            if passes { Ok(None) } else { Err(error) }
        })
    }

    /// Reads what is left of it.
    ///
    /// # Errors
    ///
    /// Those of [`ReferrerListing::next_page`].
    pub async fn all(mut self) -> Result<Referrers> {
        let mut found = Vec::new();
        while let Some(page) = self.next_page().await? {
            found.extend(page);
        }
        Ok(Referrers {
            found,
            source: self.source,
            completeness: self.complete(),
        })
    }

    /// Who told, cosign's tags left out; `None` before the first page, and where the registry has
    /// no list and there is no fallback tag.
    #[must_use]
    pub fn source(&self) -> Option<Source> {
        self.source
    }

    /// Whether these were all, as [`Listing::complete`].
    #[must_use]
    pub fn complete(&self) -> Completeness {
        Completeness::new(match self.stage {
            Stage::Ended => self.doubt.clone(),
            _ => Some((Cause::Unread, "it was not read to its end".to_owned())),
        })
    }

    /// How many requests went out for it, as [`Listing::requests_used`].
    #[must_use]
    pub fn requests_used(&self) -> u64 {
        self.pages.requests_used()
    }

    async fn read_next(&mut self) -> Result<Option<Vec<Referrer>>> {
        loop {
            match self.stage {
                Stage::Ended => return Ok(None),
                Stage::Api => match self.pages.next_page().await {
                    Ok(Some(api::Answer::Page(page))) => {
                        self.source = Some(Source::Api);
                        return Ok(Some(self.take(page.descriptors, Source::Api)));
                    }
                    Ok(Some(api::Answer::NoEndpoint)) => self.stage = Stage::FallbackTag,
                    Ok(None) => {
                        self.doubt = self.pages.complete().doubt();
                        self.stage = Stage::Cosign;
                    }
                    Err(error) if is_about_endpoint(&error) && self.source.is_none() => {
                        self.stage = Stage::FallbackTag;
                    }
                    Err(error) => return Err(error),
                },
                Stage::FallbackTag => {
                    self.stage = Stage::Cosign;
                    if self.with_fallback_tag
                        && let Some(descriptors) = self.under_fallback_tag().await?
                    {
                        self.source = Some(Source::FallbackTag);
                        return Ok(Some(self.take(descriptors, Source::FallbackTag)));
                    }
                }
                Stage::Cosign => {
                    if self.with_cosign {
                        let descriptors = self.under_cosign_tags().await?;
                        self.stage = Stage::Ended;
                        return Ok(Some(self.take(descriptors, Source::CosignTag)));
                    }
                    self.stage = Stage::Ended;
                }
            }
        }
    }

    /// What the index under the fallback tag lists, compared with its digest; `None` where there
    /// is none. Another thing under that tag is somebody's image with an odd name.
    async fn under_fallback_tag(&self) -> Result<Option<Vec<Descriptor>>> {
        let (client, listed) = (self.pages.client(), self.pages.listed());
        let tag = api::fallback_tag(&listed.digest);
        let doing = || {
            format!(
                "reading the referrers under {}",
                named(&listed.repository, &tag)
            )
        };
        let manifest = client.manifest(&listed.repository, &tag).await;
        let manifest = manifest.map_err(|error| client.placed(error, doing))?;
        Ok(match manifest.as_ref().map(Manifest::content) {
            Some(Content::Index(index)) => Some(index.manifests.clone()),
            _ => None,
        })
    }

    async fn under_cosign_tags(&self) -> Result<Vec<Descriptor>> {
        let (client, listed) = (self.pages.client(), self.pages.listed());
        let mut found = Vec::new();
        for (tag, artifact_type) in api::cosign_tags(&listed.digest) {
            let head = client.head(&listed.repository, &Target::Tag(tag)).await?;
            if let Some(head) = head {
                let mut descriptor = Descriptor::new(head.media_type, head.digest, head.size);
                descriptor.artifact_type = artifact_type.map(str::to_owned);
                found.push(descriptor);
            }
        }
        Ok(found)
    }

    /// What is shown of these: each once, of the type asked for, within the limit.
    fn take(&mut self, descriptors: Vec<Descriptor>, source: Source) -> Vec<Referrer> {
        let wanted = self.pages.listed().artifact_type.clone();
        let mut page = Vec::new();
        for descriptor in descriptors {
            let fits = wanted.is_none() || descriptor.artifact_type == wanted;
            if !fits || self.shown.contains(&descriptor.digest) {
                continue;
            }
            if self.is_full() {
                self.end(Some(self.limited()));
                break;
            }
            self.shown.insert(descriptor.digest);
            page.push(Referrer { descriptor, source });
        }
        page
    }

    fn limited(&self) -> (Cause, String) {
        let limit = self.limit.unwrap_or_default();
        (Cause::Limited, format!("it was limited to {limit}"))
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.shown.len() >= limit)
    }

    fn end(&mut self, doubt: Option<(Cause, String)>) {
        self.stage = Stage::Ended;
        if self.doubt.is_none() {
            self.doubt = doubt;
        }
    }
}

fn is_about_endpoint(error: &Error) -> bool {
    error.status().is_some_and(api::has_no_endpoint)
}

/// The registry's own list of what refers to a manifest.
pub(super) struct OfDigest {
    repository: String,
    digest: Digest,
    artifact_type: Option<String>,
}

impl Listed for OfDigest {
    type Page = api::Answer;

    fn scope(&self) -> Scope {
        Scope::pull(&self.repository)
    }

    fn doing(&self) -> String {
        format!("listing what refers to {}@{}", self.repository, self.digest)
    }

    fn first(&self, root: &Url, _: Option<u32>) -> Result<Url> {
        let artifact_type = self.artifact_type.as_deref();
        api::first(root, &self.repository, &self.digest, artifact_type)
    }

    fn request(&self, at: &Url) -> Result<Request<Bytes>> {
        api::request(at)
    }

    fn read(&self, asked: &Url, response: &Response<Bytes>) -> Result<api::Answer> {
        api::read(
            asked,
            response.status(),
            response.headers(),
            response.body(),
        )
    }

    fn doubt(&self, page: &api::Answer) -> Option<String> {
        let api::Answer::Page(page) = page else {
            return None;
        };
        let asked = |filter: &str| self.artifact_type.is_some() && filter == api::FILTER;
        let applied = page.filters.iter().flat_map(|filters| filters.split(','));
        let unasked = applied.map(str::trim).find(|filter| !asked(filter));
        unasked.map(|filter| format!("the registry filtered it unasked, by {filter}"))
    }

    fn next(page: &api::Answer) -> Option<&Url> {
        match page {
            api::Answer::Page(page) => page.next.as_ref(),
            api::Answer::NoEndpoint => None,
        }
    }

    fn names(page: &api::Answer) -> Vec<String> {
        match page {
            api::Answer::Page(page) => {
                let descriptors = page.descriptors.iter();
                descriptors.map(|found| found.digest.to_string()).collect()
            }
            api::Answer::NoEndpoint => Vec::new(),
        }
    }

    fn keep(page: &mut api::Answer, shown: &[bool]) {
        if let api::Answer::Page(page) = page {
            keep(&mut page.descriptors, shown);
        }
    }
}
