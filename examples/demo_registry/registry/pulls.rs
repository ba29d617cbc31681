//! Docker Hub's count of pulls: GET of a manifest counts, HEAD is free and tells.
//!
//! Source: <https://docs.docker.com/docker-hub/usage/pulls/>.

use http::{Method, Response};
use time::Duration;

use super::answer::Call;
use super::content::Content;
use super::reply;
use super::state::State;

const WINDOW: Duration = Duration::hours(6);

/// What the count says of one read of a manifest.
pub(super) enum Pull {
    /// Nothing: this registry does not count.
    Free,
    /// So many are left.
    Left(Left),
    /// The refusal of one too many.
    TooMany(Response<Content>),
}

/// How many pulls are left of how many.
#[derive(Clone, Copy)]
pub(super) struct Left {
    most: usize,
    left: usize,
}

/// Counts the request where it is one that counts.
pub(super) fn count(call: &Call<'_>, state: &mut State) -> Pull {
    let Some(most) = call.profile.pull_limit else {
        return Pull::Free;
    };
    state.pulls.retain(|pull| *pull + WINDOW > call.now);
    let counts = call.request.method() == Method::GET;
    if counts && state.pulls.len() >= most {
        let message = "You have reached your unauthenticated pull rate limit.";
        let refusal = reply::error(429, "TOOMANYREQUESTS", message);
        return Pull::TooMany(Left { most, left: 0 }.told(refusal));
    }
    if counts {
        state.pulls.push(call.now);
    }
    let left = most - state.pulls.len();
    Pull::Left(Left { most, left })
}

impl Left {
    /// The same answer with the headers that tell.
    pub(super) fn told(self, mut response: Response<Content>) -> Response<Content> {
        let seconds = WINDOW.whole_seconds();
        let Self { most, left } = self;
        reply::set(
            &mut response,
            "ratelimit-limit",
            &format!("{most};w={seconds}"),
        );
        reply::set(
            &mut response,
            "ratelimit-remaining",
            &format!("{left};w={seconds}"),
        );
        reply::set(&mut response, "docker-ratelimit-source", "192.0.2.1");
        response
    }
}
