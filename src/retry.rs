//! Whether to try again, and after which pause. Pure: the clock and chance come in as values.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::{
    rate_limit::{self, RateLimit},
    timestamp::Timestamp,
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A registry that asks for more has mistaken its clock.
const LONGEST_ASKED: Duration = Duration::from_hours(24);

/// Whether a status may change when the same request is sent again.
///
/// # Examples
///
/// ```
/// use http::StatusCode;
/// use portreeve::retry::may_pass;
/// assert!(may_pass(StatusCode::SERVICE_UNAVAILABLE));
/// assert!(!may_pass(StatusCode::NOT_FOUND));
/// ```
#[must_use]
pub fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// The pause before the attempt after `attempt` (counted from 1): what the registry asked for,
/// else exponential back-off with full jitter from `random`.
///
/// `None` means: do not wait that long, give up. That is the answer where the pause would end
/// after `remaining`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use portreeve::retry::pause;
/// let asked = Some(Duration::from_secs(7));
/// assert_eq!(pause(1, asked, 0, Duration::from_secs(60)), asked);
/// assert_eq!(pause(1, asked, 0, Duration::from_secs(5)), None);
/// ```
#[must_use]
pub fn pause(
    attempt: u8,
    asked: Option<Duration>,
    random: u64,
    remaining: Duration,
) -> Option<Duration> {
    let pause = asked.unwrap_or_else(|| {
        let doubled = FIRST_PAUSE.saturating_mul(1 << attempt.saturating_sub(1).min(10));
        let ceiling = u64::try_from(doubled.min(LONGEST_PAUSE).as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random % ceiling.max(1))
    });
    (pause <= remaining).then_some(pause)
}

/// The pause that an answer asks for, at most a day: `Retry-After` in seconds or as a date (RFC
/// 9110, 10.2.3), Docker Hub's `X-Retry-After` as a time in seconds since 1970, or the time at which
/// a limit that is used up begins anew. `None` for a pause that is over.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use http::HeaderMap;
/// use portreeve::retry::retry_after;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-retry-after", "1795521607".parse()?);
/// let now = "2026-11-24T12:00:00Z".parse()?;
/// assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(7)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let named = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        match value.parse() {
            Ok(seconds) => Some(rate_limit::moment(seconds, now)),
            Err(_) => Timestamp::from_http_date(value),
        }
    };
    let until = named("retry-after")
        .or_else(|| named("x-retry-after"))
        .or_else(|| RateLimit::read(headers, now)?.goes_on(now))?;
    let pause = until.since(now).min(LONGEST_ASKED);
    (!pause.is_zero()).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_under_a_ceiling_and_jitters_down_to_nothing() {
        let long = Duration::from_hours(1);
        let most = |attempt: u8| {
            let doubled = 500_u64 << (attempt - 1).min(10);
            pause(attempt, None, doubled.min(30_000) - 1, long).unwrap()
        };
        assert_eq!(most(1), Duration::from_millis(499));
        assert_eq!(most(2), Duration::from_millis(999));
        assert_eq!(most(200), Duration::from_millis(29_999));
        assert_eq!(pause(3, None, 0, long), Some(Duration::ZERO));
    }

    #[test]
    fn the_pause_that_is_asked_for_is_read_in_every_shape() {
        let now = Timestamp::from_seconds(1_795_521_600);
        for (row, headers, seconds) in [
            ("seconds", &[("retry-after", "120")][..], Some(120)),
            (
                "a date",
                &[("retry-after", "Tue, 24 Nov 2026 12:00:30 GMT")],
                Some(30),
            ),
            (
                "a date that is over",
                &[("retry-after", "Tue, 24 Nov 2026 11:00:00 GMT")],
                None,
            ),
            ("no pause", &[("retry-after", "0")], None),
            ("no number", &[("retry-after", "soon")], None),
            ("a negative one", &[("retry-after", "-1")], None),
            (
                "a time since 1970",
                &[("x-retry-after", "1795521645")],
                Some(45),
            ),
            (
                "a time since 1970 in the other header",
                &[("retry-after", "1795521645")],
                Some(45),
            ),
            ("a century", &[("retry-after", "3155760000")], Some(86_400)),
            (
                "more than a number holds",
                &[("retry-after", "99999999999999999999999")],
                None,
            ),
            (
                "a used-up limit with a reset",
                &[("ratelimit-remaining", "0"), ("ratelimit-reset", "9")],
                Some(9),
            ),
            (
                "Docker Hub's window, which frees a place every 216 s",
                &[
                    ("ratelimit-limit", "100;w=21600"),
                    ("ratelimit-remaining", "0;w=21600"),
                ],
                Some(216),
            ),
            (
                "a limit with something left",
                &[("ratelimit-remaining", "1"), ("ratelimit-reset", "9")],
                None,
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().unwrap());
            }
            assert_eq!(
                retry_after(&map, now),
                seconds.map(Duration::from_secs),
                "{row}"
            );
        }
    }
}
