//! Listings that say whether they are whole.

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use super::{
    Client, Completeness,
    completeness::Cause,
    walk::{Answer, Ask, Landmarks, Walk},
};
use crate::{
    api::{freshness, tags},
    auth::Scope,
    error::{Code, Error, Result},
    io::Io,
    oci::Digest,
};

/// Something that a registry lists in pages: the tags of a repository, the repositories, the
/// referrers of a manifest. What they have in common is [`Listing`]'s.
pub trait Listed {
    /// One page of it.
    type Page;

    /// What a request for it needs to be allowed.
    fn scope(&self) -> Scope;

    /// What is being done, such as `listing tags of team/web`.
    fn doing(&self) -> String;

    /// The first page's address, asking for so many names.
    fn first(&self, root: &Url, page_size: Option<u32>) -> Result<Url>;

    /// The request for a page.
    fn request(&self, at: &Url) -> Result<Request<Bytes>>;

    /// Reads an answer of status 200.
    fn read(&self, asked: &Url, response: &Response<Bytes>) -> Result<Self::Page>;

    /// The error that any other answer means, to somebody known or to nobody.
    fn refusal(&self, error: Error, _known: bool) -> Error {
        error
    }

    /// Why a page is not all that it should be, as half a sentence.
    fn doubt(&self, _page: &Self::Page) -> Option<String> {
        None
    }

    /// The address of the page after this one.
    fn next(page: &Self::Page) -> Option<&Url>;

    /// The page's names, each of which stands once in a listing.
    fn names(page: &Self::Page) -> Vec<String>;

    /// Whether what is listed as a name is one.
    #[must_use]
    fn is_name(_name: &str) -> bool {
        true
    }

    /// Keeps the names at the places for which `shown` is true.
    fn keep(page: &mut Self::Page, shown: &[bool]);
}

/// A listing, a page at a time: the tags of one repository unless it says otherwise.
///
/// Registries lie by omission: a cursor that turns in a circle, an empty page that links on, a
/// last page cut off at a round number. A listing that meets such a thing ends, and says so in
/// [`Listing::complete`]; it never justifies a deletion then.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, io::Io};
///
/// async fn count<I: Io>(client: &Client<I>) -> Result<usize> {
///     let mut listing = client.tags("acme/web");
///     let mut count = 0;
///     while let Some(page) = listing.next_page().await? {
///         count += page.tags.len();
///     }
///     assert!(listing.complete().complete);
///     Ok(count)
/// }
/// ```
pub struct Listing<I: Io, L: Listed = Tags> {
    client: Client<I>,
    listed: L,
    walk: Walk,
    broken_by: Option<Error>,
}

impl<I: Io, L: Listed> Listing<I, L> {
    /// Counts its own requests from here on.
    pub(super) fn new(client: &Client<I>, listed: L, page_size: Option<u32>) -> Self {
        Self {
            walk: Walk::new(page_size, client.limits().pages),
            client: client.metered(),
            listed,
            broken_by: None,
        }
    }

    /// Stops after so many: nothing more is asked for once they are here, and the listing then is
    /// [`Limited`](Cause::Limited), unless that was all.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.walk.limit(limit);
        self
    }

    /// The next page; `None` after the last. Every name comes once.
    ///
    /// A 429 that outlasts the repetitions ends a listing of which something was read already, as
    /// incomplete; [`Listing::broken_by`] has it.
    ///
    /// # Errors
    ///
    /// `not_found` for a repository that is not there, `invalid_reference` for a malformed name,
    /// and those of every request. The listing has ended then, and is incomplete.
    pub async fn next_page(&mut self) -> Result<Option<L::Page>> {
        let page = self.read_next().await;
        page.or_else(|error| {
            let error = self.client.placed(error, || self.listed.doing());
            let is_throttled = error.code() == Code::Throttled;
            let passes = is_throttled && !self.walk.is_at_start();
            let cause = if is_throttled {
                Cause::Throttled
            } else {
                Cause::Failed
            };
            let reason = format!("it broke off: {}", error.found());
            self.walk.end(Some((cause, reason)));
            self.broken_by = Some(error.clone());
            if passes { Ok(None) } else { Err(error) }
        })
    }

    /// Whether all pages were read and nothing speaks against their being all there is.
    #[must_use]
    pub fn complete(&self) -> Completeness {
        self.walk.completeness()
    }

    /// The error that ended it before its end.
    #[must_use]
    pub fn broken_by(&self) -> Option<&Error> {
        self.broken_by.as_ref()
    }

    /// How many requests went out for it, with those to token servers, redirects and repetitions.
    #[must_use]
    pub fn requests_used(&self) -> u64 {
        self.client.metered_requests()
    }

    /// How many pages were asked for, which takes more requests where they need a token or fail.
    pub(crate) fn pages_asked(&self) -> u32 {
        self.walk.asked()
    }

    /// The client through which it reads: what is asked there counts as its own.
    pub(crate) fn client(&self) -> &Client<I> {
        &self.client
    }

    pub(super) fn listed(&self) -> &L {
        &self.listed
    }

    pub(super) fn listed_mut(&mut self) -> &mut L {
        &mut self.listed
    }

    async fn read_next(&mut self) -> Result<Option<L::Page>> {
        loop {
            let at = match self.walk.ask() {
                Ask::Nothing => return Ok(None),
                Ask::At(at) => at,
                Ask::First(size) => self.listed.first(self.client.session.root(), size)?,
            };
            let response = self
                .client
                .page(self.listed.request(&at)?, &self.listed.scope())
                .await?;
            match self.walk.answered(response.status()) {
                Answer::Again => continue,
                Answer::Refused => {
                    let session = &self.client.session;
                    let refusal = session.refusal(&response);
                    return Err(self.listed.refusal(refusal, session.has_credential()));
                }
                Answer::Page => {}
            }
            let doubt = freshness::doubt(response.headers());
            self.client.note(doubt.clone());
            let mut page = self.listed.read(&at, &response)?;
            let doubt = doubt.or_else(|| self.listed.doubt(&page));
            self.walk
                .doubt(doubt.map(|reason| (Cause::Unproven, reason)));
            if self.take(&at, &mut page) {
                return Ok(Some(page));
            }
        }
    }

    /// Leaves in a page what is to be shown of it; `false` where it is not to be shown at all.
    fn take(&mut self, at: &Url, page: &mut L::Page) -> bool {
        let names = L::names(page);
        let seen = self.walk.seen();
        let mut shown = Vec::new();
        for name in &names {
            shown.push(self.walk.shows(name, L::is_name(name)));
        }
        let landmarks = Landmarks {
            count: names.len(),
            last: names.last().map(String::as_str),
            next: L::next(page).cloned(),
        };
        let is_page = self.walk.read(at, seen, landmarks);
        L::keep(page, &shown);
        is_page
    }
}

/// The tags of one repository.
#[derive(Debug, Clone)]
pub struct Tags {
    repository: String,
}

impl Tags {
    pub(super) fn of(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
        }
    }
}

impl Listed for Tags {
    type Page = tags::Page;

    fn scope(&self) -> Scope {
        Scope::pull(&self.repository)
    }

    fn doing(&self) -> String {
        format!("listing tags of {}", self.repository)
    }

    fn first(&self, root: &Url, page_size: Option<u32>) -> Result<Url> {
        tags::first(root, &self.repository, page_size)
    }

    fn request(&self, at: &Url) -> Result<Request<Bytes>> {
        tags::request(at)
    }

    fn read(&self, asked: &Url, response: &Response<Bytes>) -> Result<tags::Page> {
        tags::read(
            asked,
            response.status(),
            response.headers(),
            response.body(),
        )
    }

    fn doubt(&self, page: &tags::Page) -> Option<String> {
        (page.unreadable > 0).then(|| {
            format!(
                "{} of its manifests have digests that this release cannot read",
                page.unreadable
            )
        })
    }

    fn next(page: &tags::Page) -> Option<&Url> {
        page.next.as_ref()
    }

    fn names(page: &tags::Page) -> Vec<String> {
        page.tags.clone()
    }

    /// serverless-registry lists digests among its tags.
    fn is_name(name: &str) -> bool {
        name.parse::<Digest>().is_err()
    }

    fn keep(page: &mut tags::Page, shown: &[bool]) {
        keep(&mut page.tags, shown);
    }
}

/// Keeps the items at the places for which `shown` is true.
pub(super) fn keep<T>(items: &mut Vec<T>, shown: &[bool]) {
    let mut shown = shown.iter();
    items.retain(|_| shown.next().is_some_and(|shown| *shown));
}
