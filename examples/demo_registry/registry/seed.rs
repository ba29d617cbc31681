//! What the demo registry holds at first: the same bytes for everybody on the same day.
//!
//! All times are relative to the start of the current day (UTC) and keep a day's distance from 48
//! hours, 14 days and 30 days, so that a plan does not change its mind in the course of a day.

mod api;
mod image;
mod layer;
mod web;

use time::{Duration, OffsetDateTime, Time};

use super::profile::Profile;
use super::state::State;

/// `shop/web` and `shop/api`, as a registry of `profile` would hold them at `now`.
pub(crate) fn shop(profile: &Profile, now: OffsetDateTime) -> State {
    let mut state = State::default();
    let day = Day(now.replace_time(Time::MIDNIGHT));
    web::fill(state.repository("shop/web"), profile, day);
    if profile.docker_types {
        api::fill(state.repository("shop/api"), day);
    }
    state
}

/// The start of the current day.
#[derive(Clone, Copy)]
struct Day(OffsetDateTime);

impl Day {
    /// The time so many days and hours before the day began.
    fn before(self, days: i64, hours: i64) -> OffsetDateTime {
        self.0 - Duration::days(days) - Duration::hours(hours)
    }
}
