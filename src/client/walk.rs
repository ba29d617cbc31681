//! The walk through the pages of any listing: what to ask next, and what speaks against its being
//! whole. Pure: [`Listing`](super::Listing) sends and reads.
//!
//! ```text
//! First ──answer──▶ Next ──▶ Next ──▶ ... ──no link──▶ Ended
//!   │  ▲                                   │             ▲
//!   └──┘ page size refused: 100, then none └─▶ Behind ───┘  a round last page is looked behind
//! ```
//!
//! Registries lie by omission: a cursor that turns in a circle, an empty page that links on, a
//! last page cut off at a round number. A walk that meets such a thing ends, and keeps the reason.

use std::collections::BTreeSet;

use http::StatusCode;
use url::Url;

use super::{Cause, Completeness};

/// Where a listing stands.
pub(super) struct Walk {
    state: State,
    /// The names that came so far; each is shown once.
    names: BTreeSet<String>,
    shown: usize,
    pages: BTreeSet<String>,
    asked: u32,
    most_pages: u32,
    limit: Option<usize>,
    doubt: Option<(Cause, String)>,
}

enum State {
    /// Nothing was read; so many names a page are asked for.
    First(Option<u32>),
    Next(Url),
    /// All pages were read; whether something stands behind the last one, which had so many names.
    Behind(Url, usize),
    Ended,
}

/// What to ask.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// The first page, with so many names or as many as the registry likes.
    First(Option<u32>),
    /// This page.
    At(Url),
    /// Nothing more.
    Nothing,
}

/// What to do with an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Read it.
    Page,
    /// Ask again.
    Again,
    /// It is an error.
    Refused,
}

/// What a page says of the walk.
pub(super) struct Landmarks<'a> {
    /// How many names it has.
    pub(super) count: usize,
    /// Its last name.
    pub(super) last: Option<&'a str>,
    /// Where it says that the next page is.
    pub(super) next: Option<Url>,
}

impl Walk {
    /// A walk that begins with this page size.
    pub(super) fn new(page_size: Option<u32>, most_pages: u32) -> Self {
        Self {
            state: State::First(page_size),
            names: BTreeSet::new(),
            shown: 0,
            pages: BTreeSet::new(),
            asked: 0,
            most_pages,
            limit: None,
            doubt: None,
        }
    }

    /// Ends after so many names.
    pub(super) fn limit(&mut self, limit: usize) {
        self.limit = Some(limit);
        if let State::First(Some(size)) = &mut self.state {
            *size = u32::try_from(limit.max(1)).unwrap_or(*size).min(*size);
        }
        if limit == 0 {
            self.end_at_limit();
        }
    }

    /// What to ask now.
    pub(super) fn ask(&mut self) -> Ask {
        let ask = match &self.state {
            State::Next(_) if self.pages.len() >= self.most_pages as usize => {
                let reason = format!("it has more than {} pages", self.most_pages);
                self.end(Some((Cause::Unproven, reason)));
                Ask::Nothing
            }
            State::First(size) => Ask::First(*size),
            State::Next(at) | State::Behind(at, _) => Ask::At(at.clone()),
            State::Ended => Ask::Nothing,
        };
        self.asked += u32::from(ask != Ask::Nothing);
        ask
    }

    /// How often a page was asked for.
    pub(super) fn asked(&self) -> u32 {
        self.asked
    }

    /// Judges an answer by its status.
    pub(super) fn answered(&mut self, status: StatusCode) -> Answer {
        match self.state {
            // Gitea 400, ECR 405, old Quay 413
            State::First(Some(size)) if matches!(status.as_u16(), 400 | 405 | 413) => {
                self.state = State::First((size > 100).then_some(100));
                Answer::Again
            }
            // zot, where the last name of a page was deleted before the next was asked for
            State::Next(_) if status == StatusCode::NOT_FOUND => {
                let reason = "the registry lost its place in it".to_owned();
                self.end(Some((Cause::Unproven, reason)));
                Answer::Again
            }
            // Harbor and zot so answer a cursor that nothing follows
            State::Behind(..) if matches!(status.as_u16(), 400 | 404) => {
                self.end(None);
                Answer::Again
            }
            // all pages are here, and nobody knows whether they are all there are
            State::Behind(..) if status.is_client_error() && status.as_u16() != 429 => {
                let reason = format!("the registry answered {status} to what comes after its end");
                self.end(Some((Cause::Unproven, reason)));
                Answer::Again
            }
            _ if status == StatusCode::OK => Answer::Page,
            _ => Answer::Refused,
        }
    }

    /// Takes note of a name of the page at hand, and says whether to show it: each once, within
    /// the limit.
    pub(super) fn shows(&mut self, name: &str, is_wanted: bool) -> bool {
        let is_looking_behind = matches!(self.state, State::Behind(..));
        if self.is_full() || !self.names.insert(name.to_owned()) {
            return false;
        }
        let shows = is_wanted && !is_looking_behind;
        self.shown += usize::from(shows);
        shows
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.shown >= limit)
    }

    /// How many names were seen.
    pub(super) fn seen(&self) -> usize {
        self.names.len()
    }

    /// Goes on from the page at `at`, before which `seen` names had been seen; `false` where the
    /// page only was a look behind the last one.
    pub(super) fn read(&mut self, at: &Url, seen: usize, page: Landmarks<'_>) -> bool {
        let new = self.names.len() - seen;
        if let State::Behind(_, count) = self.state {
            let reason = format!("the registry cut it off after {count} names");
            self.end((new > 0).then_some((Cause::Unproven, reason)));
            return false;
        }
        self.pages.insert(at.as_str().to_owned());
        let is_full = self.is_full();
        let unproven = |reason: &str| Some((Cause::Unproven, reason.to_owned()));
        match page.next {
            Some(_) if is_full => self.end_at_limit(),
            None if is_full && (new < page.count || is_round(at, page.count)) => {
                self.end_at_limit();
            }
            None => match page.last.filter(|_| is_round(at, page.count)) {
                Some(last) => self.state = State::Behind(after(at, last), page.count),
                None => self.end(None),
            },
            Some(_) if page.count == 0 => self.end(unproven("an empty page links on")),
            Some(next) if self.pages.contains(next.as_str()) => {
                self.end(unproven("its pages link in a circle"));
            }
            Some(_) if new == 0 => self.end(unproven("a page brought nothing new and links on")),
            Some(next) => self.state = State::Next(next),
        }
        true
    }

    /// Ends it for this reason, if there is one.
    pub(super) fn end(&mut self, doubt: Option<(Cause, String)>) {
        self.state = State::Ended;
        self.doubt(doubt);
    }

    /// Keeps the first reason: it is the cause of those that follow.
    pub(super) fn doubt(&mut self, doubt: Option<(Cause, String)>) {
        if self.doubt.is_none() {
            self.doubt = doubt;
        }
    }

    /// Whether nothing was read yet.
    pub(super) fn is_at_start(&self) -> bool {
        matches!(self.state, State::First(_))
    }

    /// Whether all was read and nothing speaks against its being all there is.
    pub(super) fn completeness(&self) -> Completeness {
        let unread = || (Cause::Unread, "it was not read to its end".to_owned());
        Completeness::new(match self.state {
            State::Ended => self.doubt.clone(),
            _ => Some(unread()),
        })
    }

    fn end_at_limit(&mut self) {
        let limit = self.limit.unwrap_or_default();
        self.end(Some((Cause::Limited, format!("it was limited to {limit}"))));
    }
}

/// The address of what comes after `last`, to prove that nothing does.
fn after(asked: &Url, last: &str) -> Url {
    let mut url = asked.clone();
    let others: Vec<(String, String)> = asked
        .query_pairs()
        .filter(|(name, _)| name != "last")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair("last", last);
    url
}

/// Whether a registry with a cap of its own may have cut a page here without a link.
fn is_round(at: &Url, length: usize) -> bool {
    let asked = at
        .query_pairs()
        .find(|(name, _)| name == "n")
        .and_then(|(_, size)| size.parse().ok());
    length > 0 && (asked == Some(length) || length.is_multiple_of(50))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(query: &str) -> Url {
        format!("https://registry.example/v2/a/tags/list?{query}")
            .parse()
            .unwrap()
    }

    fn page(walk: &mut Walk, at: &str, names: &[&str], next: Option<&str>) -> Vec<bool> {
        let seen = walk.seen();
        let shown = names.iter().map(|name| walk.shows(name, true)).collect();
        let landmarks = Landmarks {
            count: names.len(),
            last: names.last().copied(),
            next: next.map(address),
        };
        walk.read(&address(at), seen, landmarks);
        shown
    }

    #[test]
    fn a_page_size_that_is_refused_shrinks_and_is_then_left_out() {
        let mut walk = Walk::new(Some(1000), 9);
        for (asked, status) in [(Some(1000), 413), (Some(100), 405), (None, 400)] {
            assert_eq!(walk.ask(), Ask::First(asked));
            let status = StatusCode::from_u16(status).unwrap();
            let judged = walk.answered(status);
            let gives_up = asked.is_none();
            assert_eq!(judged == Answer::Refused, gives_up, "{asked:?}");
        }
    }

    #[test]
    fn a_limit_is_asked_for_and_shown_no_further() {
        let mut walk = Walk::new(Some(1000), 9);
        walk.limit(2);
        assert_eq!(walk.ask(), Ask::First(Some(2)));
        let shown = page(&mut walk, "n=2", &["a", "b", "c"], Some("last=c"));
        assert_eq!(shown, [true, true, false]);
        assert_eq!(walk.ask(), Ask::Nothing);
        assert_eq!(walk.completeness().cause, Some(Cause::Limited));
    }

    #[test]
    fn what_comes_twice_is_shown_once_and_what_is_no_name_never() {
        let mut walk = Walk::new(None, 9);
        page(&mut walk, "", &["a", "b"], Some("last=b"));
        let shown = page(&mut walk, "last=b", &["b", "c"], None);
        assert_eq!(shown, [false, true]);
        assert!(walk.completeness().complete);
        let mut walk = Walk::new(None, 9);
        assert!(!walk.shows("sha256:0", false));
        assert_eq!(walk.seen(), 1, "it is new all the same");
    }

    #[test]
    fn a_round_last_page_is_looked_behind_and_what_is_found_not_shown() {
        for (behind, complete) in [(&["b"][..], true), (&["c"], false), (&[], true)] {
            let mut walk = Walk::new(Some(2), 9);
            page(&mut walk, "n=2", &["a", "b"], None);
            assert_eq!(walk.completeness().cause, Some(Cause::Unread));
            assert_eq!(walk.ask(), Ask::At(address("n=2&last=b")));
            assert!(!page(&mut walk, "n=2&last=b", behind, None).contains(&true));
            assert_eq!(walk.ask(), Ask::Nothing);
            assert_eq!(walk.completeness().complete, complete, "{behind:?}");
        }
    }

    #[test]
    fn a_refusal_behind_the_last_page_is_its_end_and_a_failure_is_not() {
        for (status, answer, complete) in [
            (404, Answer::Again, true),
            (400, Answer::Again, true),
            (401, Answer::Again, false),
            (403, Answer::Again, false),
            (408, Answer::Again, false),
            (429, Answer::Refused, false),
            (503, Answer::Refused, false),
        ] {
            let mut walk = Walk::new(Some(2), 9);
            page(&mut walk, "n=2", &["a", "b"], None);
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(walk.answered(status), answer, "{status}");
            assert_eq!(walk.completeness().complete, complete, "{status}");
        }
    }

    #[test]
    fn a_cursor_is_escaped_and_replaces_the_one_before() {
        assert_eq!(
            after(&address("n=2&last=v1"), "v&2").query(),
            Some("n=2&last=v%262")
        );
    }

    #[test]
    fn the_first_reason_stays() {
        let mut walk = Walk::new(None, 9);
        walk.doubt(Some((Cause::Unproven, "first".to_owned())));
        page(&mut walk, "", &[], Some("last=x"));
        assert_eq!(walk.completeness().reason.unwrap(), "first");
    }
}
