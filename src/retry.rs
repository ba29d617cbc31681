//! Whether to try again, and after which pause. Pure: the clock and chance come in as values.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

use crate::timestamp::Timestamp;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

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

/// The pause in `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Timestamp::from_http_date(value).map(|date| date.since(now)),
    }
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
    fn retry_after_reads_seconds_and_dates() {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        for (value, seconds) in [
            ("120", Some(120)),
            ("Tue, 24 Nov 2026 08:00:30 GMT", Some(30)),
            ("Tue, 24 Nov 2026 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, value.parse().unwrap());
            assert_eq!(
                retry_after(&headers, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
