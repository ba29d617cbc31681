//! `GET /v2/_catalog`: the names of the repositories.

use http::Response;
use serde_json::json;

use super::answer::{Call, missing_page};
use super::content::Content;
use super::profile::{Catalog, Link, Paging};
use super::state::State;
use super::{page, reply};

/// The largest `n` that distribution takes here, where it refuses instead of cutting.
const MOST: usize = 1000;

/// Answers one page.
pub(super) fn answer(call: &Call<'_>, state: &State) -> Response<Content> {
    let names = state.repositories.keys().cloned().collect();
    let own = call.profile.link;
    let (paging, link) = match (call.profile.catalog, call.query("n")) {
        // whom the scope opens the catalog to is nobody's business here
        (Catalog::Missing | Catalog::Ungranted, _) => return missing_page(),
        (Catalog::Bounded, Some(_)) => (Paging::Always(MOST, 400), own),
        (Catalog::Bounded | Catalog::Unbounded, _) => (Paging::UpTo(usize::MAX), own),
        (Catalog::Cursor, _) => (Paging::Capped(100), Link::NextPage),
    };
    match page::cut(call, paging, link, names) {
        Err(refusal) => *refusal,
        Ok(page) => {
            let response = reply::json(200, &json!({ "repositories": page.names }));
            match page.link {
                Some(link) => reply::with(response, "link", &link),
                None => response,
            }
        }
    }
}
