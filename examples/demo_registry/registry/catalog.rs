//! `GET /v2/_catalog`: the names of the repositories.

use http::Response;
use serde_json::json;

use super::answer::Call;
use super::content::Content;
use super::profile::Paging;
use super::state::State;
use super::{page, reply};

/// The largest `n` that distribution takes here, where it refuses instead of cutting.
const MOST: usize = 1000;

/// Answers one page.
pub(super) fn answer(call: &Call<'_>, state: &State) -> Response<Content> {
    let names = state.repositories.keys().cloned().collect();
    let bounded = !call.profile.unknown_last_is_missing;
    let paging = match call.query("n") {
        Some(_) if bounded => Paging::Always(MOST, 400),
        _ => Paging::UpTo(usize::MAX),
    };
    match page::cut(call, paging, names) {
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
