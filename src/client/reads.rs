use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Catalog, Listing, ReferrerListing, Session, Settings, Tags, wait};
use crate::{
    api::{self, freshness, manifest::Head, ping::Ping},
    auth::{Scope, TokenCache},
    error::{Error, Result},
    io::Io,
    limits::Limits,
    oci::{Descriptor, Digest, ImageConfig, Manifest, Target},
    rate_limit::RateLimit,
    registries::profile::Profile,
    timestamp::Timestamp,
};

/// Reads one registry. It has no method that writes: [`Writer`](super::Writer) is another type.
///
/// Cheap to clone; lives for one invocation of a Worker.
///
/// # Examples
///
/// ```
/// use portreeve::{client::{Client, Settings}, error::Result, io::Io, oci::Target};
///
/// async fn media_type<I: Io>(io: I) -> Result<Option<String>> {
///     let client = Client::new(io, Settings::new("ghcr.io"))?;
///     let head = client.head("acme/web", &Target::Tag("latest".into())).await?;
///     Ok(head.map(|head| head.media_type))
/// }
/// ```
pub struct Client<I: Io> {
    pub(super) session: Session<I>,
    doubt: Rc<RefCell<Option<String>>>,
}

impl<I: Io> Clone for Client<I> {
    fn clone(&self) -> Self {
        Self {
            session: self.session.clone(),
            doubt: Rc::clone(&self.doubt),
        }
    }
}

impl<I: Io> Client<I> {
    /// A client; nothing is sent.
    ///
    /// # Errors
    ///
    /// `invalid_reference` where the host is none.
    pub fn new(io: I, settings: Settings) -> Result<Self> {
        Ok(Self {
            session: Session::new(io, settings)?,
            doubt: Rc::default(),
        })
    }

    /// The registry's host, as references name it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.session.settings().host
    }

    /// The platform below.
    #[must_use]
    pub fn io(&self) -> &I {
        self.session.io()
    }

    /// The bounds it keeps to.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.session.settings().limits
    }

    /// What the registry can do.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.session.settings().profile
    }

    /// The tokens it holds now, for the next client's [`Settings::tokens`].
    #[must_use]
    pub fn tokens(&self) -> TokenCache {
        self.session.tokens()
    }

    /// How many requests went out, with those to token servers, redirects and retries.
    #[must_use]
    pub fn requests_used(&self) -> u64 {
        self.session.requests_used()
    }

    /// What the registry's last answer that told it says is left; `None` where none has.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.session.rate_limit()
    }

    /// The `Date` of the registry's last answer: its clock, to compare with ours.
    #[must_use]
    pub fn last_date(&self) -> Option<Timestamp> {
        self.session.last_date()
    }

    /// Why an answer about tags or referrers that this client got may be old; `None` while all
    /// came from the registry itself. No deletion may rest on what was read with a doubt.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        self.doubt.borrow().clone()
    }

    /// Asks whether a registry is there and takes the credential.
    pub async fn ping(&self) -> Result<Ping> {
        let doing = || "asking whether a registry is there".to_owned();
        let request = api::ping::request(self.session.root())?;
        let response = self.ask(request, &Scope::none(), 64 << 10, doing).await?;
        if response.status() == StatusCode::OK {
            api::ping::read(response.status(), response.headers(), response.body())
                .map_err(|error| self.placed(error, doing))
        } else {
            Err(self.refused(&response, doing))
        }
    }

    /// The tags of a repository, page by page; nothing is sent before the first page is asked
    /// for.
    #[must_use]
    pub fn tags(&self, repository: &str) -> Listing<I> {
        Listing::new(self, Tags::of(repository), Some(self.profile().page_size))
    }

    /// The repositories of the registry, page by page; nothing is sent before the first page is
    /// asked for.
    ///
    /// Reading a page fails with `unsupported` where the registry lists none, and with `denied`
    /// where it lists them to others; both say what to do instead.
    #[must_use]
    pub fn catalog(&self) -> Listing<I, Catalog> {
        let catalog = Catalog::of(self.profile());
        Listing::new(self, catalog, Some(self.profile().page_size))
    }

    /// What a tag shows now, or whether a digest is there; `None` where it is not.
    ///
    /// One HEAD, which does not count as a pull; where the registry leaves a header out or says
    /// 403, the manifest is read and hashed.
    ///
    /// # Errors
    ///
    /// `invalid_reference` for malformed names, `digest_mismatch` where the registry answers with
    /// another manifest, and those of every request.
    pub async fn head(&self, repository: &str, target: &Target) -> Result<Option<Head>> {
        let found = self.look(repository, target).await?;
        Ok(found.map(|(head, _)| head))
    }

    /// As [`Client::head`], with the manifest where it had to be read.
    pub(crate) async fn look(
        &self,
        repository: &str,
        target: &Target,
    ) -> Result<Option<(Head, Option<Manifest>)>> {
        let doing = || format!("asking for {}", named(repository, target));
        let request = api::manifest::head(self.session.root(), repository, target)
            .map_err(|error| self.placed(error, doing))?;
        let response = self
            .ask(request, &Scope::pull(repository), 0, doing)
            .await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            // JFrog so answers what is missing, and a refusal's words come with GET alone
            StatusCode::FORBIDDEN => return self.head_of_manifest(repository, target).await,
            _ => return Err(self.refused(&response, doing)),
        }
        self.note_doubt(target, &response);
        let head = api::manifest::read_head(target, response.headers())
            .map_err(|error| self.placed(error, doing))?;
        if let Some(head) = head {
            return Ok(Some((head, None)));
        }
        self.head_of_manifest(repository, target).await
    }

    /// What a HEAD would have shown, from the manifest itself.
    async fn head_of_manifest(
        &self,
        repository: &str,
        target: &Target,
    ) -> Result<Option<(Head, Option<Manifest>)>> {
        let manifest = self.manifest(repository, target).await?;
        Ok(manifest.map(|manifest| (Head::of(&manifest), Some(manifest))))
    }

    /// A manifest, compared with its digest; `None` where there is none.
    ///
    /// # Errors
    ///
    /// As [`Client::head`]; `upstream_error` for what is no manifest, `too_large` above
    /// [`Limits::manifest`], `truncated`.
    pub async fn manifest(&self, repository: &str, target: &Target) -> Result<Option<Manifest>> {
        let doing = || format!("reading {}", named(repository, target));
        let request = api::manifest::get(self.session.root(), repository, target)
            .map_err(|error| self.placed(error, doing))?;
        let limit = self.limits().manifest;
        let response = self
            .ask(request, &Scope::pull(repository), limit, doing)
            .await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(self.refused(&response, doing)),
        }
        self.note_doubt(target, &response);
        let (parts, bytes) = response.into_parts();
        api::manifest::read(target, &parts.headers, bytes)
            .map(Some)
            .map_err(|error| self.placed(error, doing))
    }

    /// An image's config, compared with its digest.
    ///
    /// # Errors
    ///
    /// `not_found` where the registry has lost it, `too_large` above [`Limits::config`],
    /// `digest_mismatch`, `truncated`, `upstream_error` for what is no config.
    pub async fn image_config(
        &self,
        repository: &str,
        descriptor: &Descriptor,
    ) -> Result<ImageConfig> {
        let doing = || format!("reading the config {} of {repository}", descriptor.digest);
        let limits = self.limits();
        let read = async {
            let blob = self.blob(repository, &descriptor.digest).await?;
            let bytes = wait::whole(
                self.io(),
                blob.body,
                limits.config,
                wait::Patience::of(limits),
            )
            .await?;
            ImageConfig::parse(&bytes)
        };
        read.await.map_err(|error| self.placed(error, doing))
    }

    /// What refers to a manifest: signatures, SBOMs, attestations; nothing is sent before the
    /// first page is asked for.
    #[must_use]
    pub fn referrers(&self, repository: &str, digest: &Digest) -> ReferrerListing<I> {
        ReferrerListing::new(self, repository, *digest)
    }

    /// The same client with a count of its own in [`Client::metered_requests`].
    pub(crate) fn metered(&self) -> Self {
        Self {
            session: self.session.metered(),
            doubt: Rc::clone(&self.doubt),
        }
    }

    /// The same client with a [`Client::doubt`] of its own: of what is read through it, and no more.
    pub(super) fn undoubted(&self) -> Self {
        Self {
            session: self.session.clone(),
            doubt: Rc::default(),
        }
    }

    /// How many requests went out through this client and its clones since [`Client::metered`].
    pub(crate) fn metered_requests(&self) -> u64 {
        self.session.metered_requests()
    }

    /// A page of a listing, whatever its status.
    pub(super) async fn page(
        &self,
        request: Request<Bytes>,
        scope: &Scope,
    ) -> Result<Response<Bytes>> {
        let limit = self.limits().page;
        self.session.send_whole(request, scope, limit).await
    }

    /// Sends, and says in an error what was being done where.
    pub(super) async fn ask(
        &self,
        request: Request<Bytes>,
        scope: &Scope,
        limit: u64,
        doing: impl FnOnce() -> String,
    ) -> Result<Response<Bytes>> {
        self.session
            .send_whole(request, scope, limit)
            .await
            .map_err(|error| self.placed(error, doing))
    }

    pub(super) fn placed(&self, error: Error, doing: impl FnOnce() -> String) -> Error {
        error.doing(doing()).at(self.host())
    }

    pub(super) fn refused(
        &self,
        response: &Response<Bytes>,
        doing: impl FnOnce() -> String,
    ) -> Error {
        self.placed(self.session.refusal(response), doing)
    }

    /// Remembers a mark of a cache on an answer; one about a digest cannot be old, only late.
    fn note_doubt(&self, target: &Target, response: &Response<Bytes>) {
        if matches!(target, Target::Tag(_)) {
            self.note(freshness::doubt(response.headers()));
        }
    }

    pub(super) fn note(&self, doubt: Option<String>) {
        if doubt.is_some() {
            *self.doubt.borrow_mut() = doubt;
        }
    }
}

/// `team/web:v1`, or `team/web@sha256:...`.
pub(super) fn named(repository: &str, target: &Target) -> String {
    match target {
        Target::Tag(tag) => format!("{repository}:{tag}"),
        Target::Digest(digest) => format!("{repository}@{digest}"),
    }
}
