//! Listings that say whether they are whole.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use http::StatusCode;
use url::Url;

use super::Client;
use crate::{
    api::{freshness, tags},
    auth::Scope,
    error::Result,
    io::Io,
};

/// The tags of one repository, a page at a time.
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
pub struct Listing<I: Io> {
    client: Client<I>,
    repository: String,
    state: State,
    /// Hashes, because a repository may have a million tags: they only tell that nothing is new.
    seen_tags: HashSet<u64>,
    seen_pages: HashSet<u64>,
    requests: u32,
    reason: Option<String>,
}

enum State {
    First(Option<u32>),
    Next(Url),
    Ended,
}

/// Whether a listing is all that the registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completeness {
    /// Nothing is missing.
    pub complete: bool,
    /// What speaks against it, as half a sentence.
    pub reason: Option<String>,
}

impl<I: Io> Listing<I> {
    pub(super) fn new(client: Client<I>, repository: &str) -> Self {
        let first = State::First(Some(client.profile().page_size));
        Self {
            client,
            repository: repository.to_owned(),
            state: first,
            seen_tags: HashSet::new(),
            seen_pages: HashSet::new(),
            requests: 0,
            reason: None,
        }
    }

    /// The next page; `None` after the last. Tags may come twice where somebody pushes meanwhile.
    ///
    /// # Errors
    ///
    /// `not_found` for a repository that is not there, `invalid_reference` for a malformed name,
    /// and those of every request. The listing has ended then, and is incomplete.
    pub async fn next_page(&mut self) -> Result<Option<tags::Page>> {
        let page = self.read_next().await;
        if let Err(error) = &page {
            self.end(Some(format!("it broke off: {}", error.found())));
        }
        page.map_err(|error| {
            self.client
                .placed(error, || format!("listing tags of {}", self.repository))
        })
    }

    /// Whether all pages were read and nothing speaks against their being all there is.
    #[must_use]
    pub fn complete(&self) -> Completeness {
        let reason = match self.state {
            State::Ended => self.reason.clone(),
            _ => Some("it was not read to its end".to_owned()),
        };
        Completeness {
            complete: reason.is_none(),
            reason,
        }
    }

    /// How many requests for pages went out.
    #[must_use]
    pub fn requests_used(&self) -> u32 {
        self.requests
    }

    async fn read_next(&mut self) -> Result<Option<tags::Page>> {
        let scope = Scope::pull(&self.repository);
        let limits = self.client.limits().clone();
        loop {
            let at = match &self.state {
                State::Ended => return Ok(None),
                State::Next(url) => url.clone(),
                State::First(size) => {
                    tags::first(self.client.session.root(), &self.repository, *size)?
                }
            };
            if self.requests >= limits.pages {
                self.end(Some(format!("it has more than {} pages", limits.pages)));
                return Ok(None);
            }
            self.requests += 1;
            let response = self
                .client
                .session
                .send_whole(tags::request(&at)?, &scope, limits.page)
                .await?;
            let status = response.status();
            match self.state {
                State::First(Some(size)) if tags::refuses_page_size(status) => {
                    self.state = State::First(smaller(size));
                    continue;
                }
                // zot, where the last tag of a page was deleted before the next was asked for
                State::Next(_) if status == StatusCode::NOT_FOUND => {
                    self.end(Some("the registry lost its place in it".to_owned()));
                    return Ok(None);
                }
                _ if status != StatusCode::OK => {
                    return Err(self.client.session.refusal(&response));
                }
                _ => {}
            }
            let doubt = freshness::doubt(response.headers());
            self.client.note(doubt.clone());
            self.remember(doubt);
            let page = tags::read(&at, status, response.headers(), response.body())?;
            if page.unreadable > 0 {
                self.remember(Some(format!(
                    "{} of its manifests have digests that this release cannot read",
                    page.unreadable
                )));
            }
            self.seen_pages.insert(hash(at.as_str()));
            let new = self.take_note_of(&page.tags);
            self.advance(&at, &page, new).await?;
            return Ok(Some(page));
        }
    }

    /// Decides where the listing goes on after `page`, which brought `new` tags.
    async fn advance(&mut self, at: &Url, page: &tags::Page, new: usize) -> Result<()> {
        match &page.next {
            None => {
                let more = self.probe(at, page).await?;
                self.end(more);
            }
            Some(_) if page.tags.is_empty() => {
                self.end(Some("an empty page links on".to_owned()));
            }
            Some(next) if self.seen_pages.contains(&hash(next.as_str())) => {
                self.end(Some("its pages link in a circle".to_owned()));
            }
            Some(_) if new == 0 => {
                self.end(Some("a page brought nothing new and links on".to_owned()));
            }
            Some(next) => self.state = State::Next(next.clone()),
        }
        Ok(())
    }

    /// Looks behind a last page that is suspiciously round: a registry with a cap of its own may
    /// have cut it there without a link.
    async fn probe(&mut self, at: &Url, page: &tags::Page) -> Result<Option<String>> {
        let Some(last) = page.tags.last().filter(|_| is_round(at, page.tags.len())) else {
            return Ok(None);
        };
        self.requests += 1;
        let behind = tags::after(at, last);
        let scope = Scope::pull(&self.repository);
        let limit = self.client.limits().page;
        let response = self
            .client
            .session
            .send_whole(tags::request(&behind)?, &scope, limit)
            .await?;
        if response.status().is_client_error() {
            // Harbor and zot so answer a cursor that nothing follows
            return Ok(None);
        }
        let found = tags::read(
            &behind,
            response.status(),
            response.headers(),
            response.body(),
        )?;
        Ok((self.take_note_of(&found.tags) > 0)
            .then(|| format!("the registry cut it off after {} tags", page.tags.len())))
    }

    fn take_note_of(&mut self, tags: &[String]) -> usize {
        tags.iter()
            .filter(|tag| self.seen_tags.insert(hash(tag)))
            .count()
    }

    fn end(&mut self, reason: Option<String>) {
        self.state = State::Ended;
        self.remember(reason);
    }

    /// Keeps the first reason: it is the cause of those that follow.
    fn remember(&mut self, reason: Option<String>) {
        if self.reason.is_none() {
            self.reason = reason;
        }
    }
}

fn smaller(size: u32) -> Option<u32> {
    (size > 100).then_some(100)
}

fn is_round(at: &Url, length: usize) -> bool {
    let asked = at
        .query_pairs()
        .find(|(name, _)| name == "n")
        .and_then(|(_, size)| size.parse().ok());
    length > 0 && (asked == Some(length) || length.is_multiple_of(50))
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
