//! How many requests a registry still takes, as its headers say it. Pure.

use std::{fmt, time::Duration};

use http::HeaderMap;

use crate::timestamp::Timestamp;

/// A registry's account of our requests.
///
/// # Examples
///
/// ```
/// use http::HeaderMap;
/// use portreeve::rate_limit::RateLimit;
///
/// // Docker Hub: 100 pulls in six hours
/// let mut headers = HeaderMap::new();
/// headers.insert("ratelimit-limit", "100;w=21600".parse()?);
/// headers.insert("ratelimit-remaining", "98;w=21600".parse()?);
/// headers.insert("docker-ratelimit-source", "203.0.113.7".parse()?);
/// let limit = RateLimit::read(&headers, "2026-11-24T12:00:00Z".parse()?).unwrap();
/// assert_eq!((limit.limit, limit.remaining), (Some(100), 98));
/// assert_eq!(limit.to_string(), "98 of 100 requests in 6 h left for 203.0.113.7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// How many requests are taken in one window.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: u64,
    /// The length of the window.
    pub window: Option<Duration>,
    /// When the window begins anew, where the registry says it.
    pub reset: Option<Timestamp>,
    /// Whose account it is: at Docker Hub an IP address, or the user's id.
    pub source: Option<String>,
}

/// A longer wait than a week is a mistake of whoever names it.
const LONGEST: Duration = Duration::from_hours(7 * 24);

impl RateLimit {
    /// Reads what an answer at `now` says; `None` where it does not say what is left.
    ///
    /// The shapes: `RateLimit-Limit`, `-Remaining` and `-Reset` of the IETF's drafts up to 07, with
    /// Docker Hub's `;w=` (docs.docker.com/docker-hub/usage/pulls); `RateLimit: "name";r=9;t=60`
    /// of the later ones; `X-RateLimit-*` of Docker Hub's API, GitHub and others. A reset above
    /// 10^9 is a time in seconds since 1970, below it is a pause.
    #[must_use]
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let either = |name: &str| text(name).or_else(|| text(&format!("x-{name}")));
        let (remaining, reset, window) = if let Some(remaining) = either("ratelimit-remaining") {
            let reset = either("ratelimit-reset").and_then(leading);
            (leading(remaining)?, reset, parameter(remaining, "w"))
        } else {
            let item = text("ratelimit")?;
            (parameter(item, "r")?, parameter(item, "t"), None)
        };
        let policy = text("ratelimit-policy").unwrap_or_default();
        let limit = either("ratelimit-limit");
        let window = window
            .or_else(|| parameter(limit?, "w"))
            .or_else(|| parameter(policy, "w"));
        Some(Self {
            limit: limit.and_then(leading).or_else(|| parameter(policy, "q")),
            remaining,
            window: window
                .map(Duration::from_secs)
                .filter(|window| !window.is_zero()),
            reset: reset.map(|reset| moment(reset, now)),
            source: text("docker-ratelimit-source").map(str::to_owned),
        })
    }
}

impl RateLimit {
    /// When the next request is taken, after what was said at `seen`; `None` where something is
    /// left, and where nobody says when. Where no reset is named the window slides, and frees one
    /// place after another.
    #[must_use]
    pub fn goes_on(&self, seen: Timestamp) -> Option<Timestamp> {
        if self.remaining > 0 {
            return None;
        }
        let places = u32::try_from(self.limit.unwrap_or(1)).unwrap_or(u32::MAX);
        self.reset
            .or_else(|| Some(seen.plus(self.window? / places.max(1))))
    }
}

/// The time that a number of seconds means: since 1970, or from `now`.
pub(crate) fn moment(seconds: u64, now: Timestamp) -> Timestamp {
    let longest = now.plus(LONGEST);
    let named = if seconds > 1_000_000_000 {
        Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    } else {
        now.plus(Duration::from_secs(seconds))
    };
    named.min(longest)
}

fn leading(value: &str) -> Option<u64> {
    let digits = value.trim_start().split([';', ',', ' ']).next()?;
    digits.parse().ok()
}

/// `name=value` among the parameters of a structured field (RFC 9651).
fn parameter(value: &str, name: &str) -> Option<u64> {
    value.split([';', ',']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name)
            .then(|| value.trim().parse().ok())
            .flatten()
    })
}

impl fmt::Display for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.remaining)?;
        if let Some(limit) = self.limit {
            write!(formatter, " of {limit}")?;
        }
        formatter.write_str(" requests")?;
        if let Some(window) = self.window {
            write!(formatter, " in {}", span(window))?;
        }
        formatter.write_str(" left")?;
        match &self.source {
            Some(source) => write!(formatter, " for {source}"),
            None => Ok(()),
        }
    }
}

/// `6 h`, `90 min`, `45 s`: the largest unit that says it in a whole number.
pub(crate) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 3600 && seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_521_600);

    fn read(headers: &[(&'static str, &str)]) -> Option<RateLimit> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        RateLimit::read(&map, NOW)
    }

    #[test]
    fn every_shape_of_the_headers_is_understood() {
        let minute = NOW.plus(Duration::from_mins(1));
        for (row, headers, limit, remaining, window, reset) in [
            (
                "Docker Hub",
                &[
                    ("ratelimit-limit", "100;w=21600"),
                    ("ratelimit-remaining", "0;w=21600"),
                ][..],
                Some(100),
                0,
                Some(21_600),
                None,
            ),
            (
                "IETF draft 07",
                &[
                    ("ratelimit-limit", "10, 10;w=1"),
                    ("ratelimit-remaining", "9"),
                    ("ratelimit-reset", "60"),
                ],
                Some(10),
                9,
                Some(1),
                Some(minute),
            ),
            (
                "IETF draft 10",
                &[
                    ("ratelimit-policy", "\"default\";q=50;w=600"),
                    ("ratelimit", "\"default\";r=7;t=60"),
                ],
                Some(50),
                7,
                Some(600),
                Some(minute),
            ),
            (
                "a time since 1970",
                &[
                    ("x-ratelimit-limit", "5000"),
                    ("x-ratelimit-remaining", "4999"),
                    ("x-ratelimit-reset", "1795521660"),
                ],
                Some(5000),
                4999,
                None,
                Some(minute),
            ),
        ] {
            let found = read(headers).unwrap();
            assert_eq!(
                (found.limit, found.remaining, found.window, found.reset),
                (limit, remaining, window.map(Duration::from_secs), reset),
                "{row}"
            );
        }
    }

    #[test]
    fn what_says_nothing_of_what_is_left_is_no_account() {
        for headers in [
            &[][..],
            &[("ratelimit-limit", "100;w=21600")],
            &[("ratelimit-remaining", "many")],
            &[("ratelimit-remaining", "-1")],
            &[("ratelimit", "\"default\";t=60")],
        ] {
            assert_eq!(read(headers), None, "{headers:?}");
        }
    }

    #[test]
    fn a_reset_in_another_century_is_one_in_a_week() {
        let headers = [
            ("ratelimit-remaining", "0"),
            ("ratelimit-reset", "99999999999"),
        ];
        assert_eq!(read(&headers).unwrap().reset, Some(NOW.plus(LONGEST)));
    }

    #[test]
    fn it_reads_as_a_person_would_say_it() {
        let headers = [("ratelimit-remaining", "3")];
        assert_eq!(read(&headers).unwrap().to_string(), "3 requests left");
        assert_eq!(span(Duration::from_secs(90)), "90 s");
        assert_eq!(span(Duration::from_mins(90)), "90 min");
    }
}
