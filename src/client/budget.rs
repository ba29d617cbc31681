//! What a registry still takes, and who has to wait for it. Pure: the clock comes in as a value.

use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::{
    error::{Code, Error},
    rate_limit::{RateLimit, span},
    registries::profile::{Counted, Profile},
    retry,
    timestamp::Timestamp,
};

/// A registry may close its door for so long at most before it is asked again.
const LONGEST_CLOSURE: Duration = Duration::from_hours(1);

/// What one registry has said of its limits.
#[derive(Debug, Default)]
pub(super) struct Budget {
    known: Option<(RateLimit, Timestamp)>,
    closed_until: Option<Timestamp>,
}

/// Why a request must not go out yet, and when it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) pause: Duration,
    pub(super) reason: String,
}

impl Budget {
    /// Whether a registry counts this request.
    pub(super) fn counts(profile: &Profile, method: &Method, url: &Url) -> bool {
        match profile.counted {
            Counted::ManifestReads => *method == Method::GET && url.path().contains("/manifests/"),
            _ => true,
        }
    }

    /// Takes in what an answer says.
    pub(super) fn note(&mut self, status: StatusCode, headers: &HeaderMap, now: Timestamp) {
        if let Some(limit) = RateLimit::read(headers, now) {
            self.known = Some((limit, now));
        }
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) && let Some(pause) = retry::retry_after(headers, now)
        {
            self.closed_until = Some(now.plus(pause.min(LONGEST_CLOSURE)));
        }
    }

    pub(super) fn rate_limit(&self) -> Option<&RateLimit> {
        self.known.as_ref().map(|(limit, _)| limit)
    }

    /// How many requests that count may be on their way at once: no more than are left.
    pub(super) fn most_at_once(&self) -> usize {
        self.rate_limit().map_or(usize::MAX, |limit| {
            usize::try_from(limit.remaining).unwrap_or(usize::MAX)
        })
    }

    /// Why a request that counts has to wait; `None` where it may go.
    pub(super) fn closed(&self, now: Timestamp) -> Option<Closed> {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Some(Closed {
                pause: until.since(now),
                reason: format!("the registry asked for a pause; it goes on at {until}"),
            });
        }
        let (limit, seen) = self.known.as_ref()?;
        let next = limit.goes_on(*seen).filter(|next| *next > now)?;
        Some(Closed {
            pause: next.since(now),
            reason: used_up(limit, *seen, next),
        })
    }
}

impl Closed {
    /// The error for a request that cannot wait that long.
    pub(super) fn error(self) -> Error {
        Error::new(Code::Throttled, self.reason)
            .with_retry_after(self.pause)
            .next("wait, or sign in where that gives a higher limit")
    }
}

fn used_up(limit: &RateLimit, seen: Timestamp, next: Timestamp) -> String {
    let most = limit.limit.map(|most| format!("{most} "));
    let window = limit.window.map(|window| format!(" in {}", span(window)));
    let source = limit.source.as_ref().map(|source| format!(" for {source}"));
    let [most, window, source] = [most, window, source].map(Option::unwrap_or_default);
    let when = match (limit.reset, limit.window) {
        (None, Some(window)) => format!("between {next} and {}", seen.plus(window)),
        _ => format!("at {next}"),
    };
    format!("all {most}requests{window} are used up{source}; it goes on {when}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_795_521_600);

    fn told(status: u16, headers: &[(&'static str, &str)]) -> Budget {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let mut budget = Budget::default();
        budget.note(StatusCode::from_u16(status).unwrap(), &map, NOON);
        budget
    }

    fn later(seconds: u64) -> Timestamp {
        NOON.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_used_up_limit_closes_until_the_next_place_is_free() {
        let budget = told(
            200,
            &[
                ("ratelimit-limit", "100;w=21600"),
                ("ratelimit-remaining", "0;w=21600"),
                ("docker-ratelimit-source", "203.0.113.7"),
            ],
        );
        let closed = budget.closed(later(16)).unwrap();
        assert_eq!(closed.pause, Duration::from_secs(200));
        assert_eq!(
            closed.error().to_string(),
            "all 100 requests in 6 h are used up for 203.0.113.7; it goes on between \
             2026-11-24T12:03:36Z and 2026-11-24T18:00:00Z; wait, or sign in where that gives a \
             higher limit"
        );
        assert_eq!(budget.closed(later(216)), None);
    }

    #[test]
    fn a_pause_that_was_asked_for_holds_for_everybody_and_an_hour_at_most() {
        let budget = told(429, &[("retry-after", "20")]);
        assert_eq!(
            budget.closed(later(5)).unwrap().pause,
            Duration::from_secs(15)
        );
        assert_eq!(budget.closed(later(20)), None);
        let day = told(503, &[("retry-after", "86400")]);
        assert_eq!(day.closed(NOON).unwrap().pause, LONGEST_CLOSURE);
    }

    #[test]
    fn what_names_no_limit_and_no_time_closes_nothing() {
        for (status, headers) in [
            (429, &[][..]),
            (200, &[("retry-after", "20")]),
            (200, &[("ratelimit-remaining", "0")]),
            (
                200,
                &[("ratelimit-remaining", "1"), ("ratelimit-reset", "60")],
            ),
        ] {
            assert_eq!(told(status, headers).closed(NOON), None, "{headers:?}");
        }
    }

    #[test]
    fn as_many_go_at_once_as_are_left() {
        assert_eq!(Budget::default().most_at_once(), usize::MAX);
        assert_eq!(told(200, &[("ratelimit-remaining", "3")]).most_at_once(), 3);
    }

    #[test]
    fn docker_hub_counts_only_what_is_a_pull() {
        let counts = |host: &str, method, path: &str| {
            let url = format!("https://{host}{path}").parse().unwrap();
            Budget::counts(&Profile::of(host), &method, &url)
        };
        assert!(counts(
            "docker.io",
            Method::GET,
            "/v2/library/a/manifests/b"
        ));
        assert!(!counts(
            "docker.io",
            Method::HEAD,
            "/v2/library/a/manifests/b"
        ));
        assert!(!counts("docker.io", Method::GET, "/v2/library/a/tags/list"));
        assert!(counts("ghcr.io", Method::HEAD, "/v2/a/b/manifests/c"));
    }
}
