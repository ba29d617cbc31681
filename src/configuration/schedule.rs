//! When a job runs: five cron fields, UTC.
//!
//! Written here and not taken from a library: croner and cron bring chrono, 33 KB of gzipped
//! WebAssembly measured, beside the calendar of `time` that is here already.

use std::{fmt, str::FromStr, time::Duration};

use time::{Date, Month, OffsetDateTime};

use crate::timestamp::Timestamp;

/// How far the first tick of a new or changed schedule looks back: one tick.
const FIRST_LOOK_BACK: Duration = Duration::from_mins(5);
/// Every combination of day and month, leap days included, recurs within eight years.
const HORIZON_DAYS: u32 = 8 * 366;

/// A schedule such as `15 3 * * *`: minute, hour, day of month, month, day of week.
///
/// Each field takes `*`, numbers, `a-b`, lists and steps; months and week days also their English
/// names of three letters. As in every cron, a day matches by *either* of its two fields where
/// both are restricted.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Schedule;
/// let schedule: Schedule = "15 3 * * *".parse()?;
/// let at = |text: &str| text.parse().unwrap();
/// assert!(schedule.due(Some(at("2026-11-23T03:15:00Z")), at("2026-11-24T03:17:00Z")));
/// assert!(!schedule.due(Some(at("2026-11-24T03:17:00Z")), at("2026-11-24T03:22:00Z")));
/// # Ok::<(), portreeve::configuration::InvalidSchedule>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    either_day: bool,
}

/// A text that is no [`Schedule`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no schedule: {problem}")]
pub struct InvalidSchedule {
    text: String,
    problem: String,
}

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        least: 0,
        most: 59,
        names: &[],
    },
    Field {
        name: "hour",
        least: 0,
        most: 23,
        names: &[],
    },
    Field {
        name: "day of month",
        least: 1,
        most: 31,
        names: &[],
    },
    Field {
        name: "month",
        least: 1,
        most: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Field {
        name: "day of week",
        // 7 is Sunday too
        least: 0,
        most: 7,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

impl Schedule {
    /// Whether a run is due at `now`.
    ///
    /// `last_run` is when this schedule last led to a run, `None` for a new or changed one. However
    /// many times have passed since then, they are caught up by one run.
    #[must_use]
    pub fn due(&self, last_run: Option<Timestamp>, now: Timestamp) -> bool {
        let since = last_run.unwrap_or_else(|| now.minus(FIRST_LOOK_BACK));
        self.next_after(since).is_some_and(|next| next <= now)
    }

    /// The first time after `after`, by whole minutes.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let from = after
            .seconds()
            .div_euclid(60)
            .checked_add(1)?
            .checked_mul(60)?;
        let start = OffsetDateTime::from_unix_timestamp(from).ok()?;
        let mut earliest = u32::from(start.hour()) * 60 + u32::from(start.minute());
        let mut date = start.date();
        for _ in 0..HORIZON_DAYS {
            if self.falls_on(date)
                && let Some(minute) = self.minute_of_day(earliest)
            {
                let midnight = date.midnight().assume_utc().unix_timestamp();
                return Some(Timestamp::from_seconds(midnight + i64::from(minute) * 60));
            }
            date = date.next_day()?;
            earliest = 0;
        }
        None
    }

    /// The schedule as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn falls_on(&self, date: Date) -> bool {
        let has = |set: u64, value: u8| set >> value & 1 == 1;
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().number_days_from_sunday());
        has(self.months, u8::from(date.month()))
            && if self.either_day {
                day || weekday
            } else {
                day && weekday
            }
    }

    fn minute_of_day(&self, earliest: u32) -> Option<u32> {
        (earliest..24 * 60).find(|minute| {
            self.hours >> (minute / 60) & 1 == 1 && self.minutes >> (minute % 60) & 1 == 1
        })
    }

    /// Whether any month named has any of the days named.
    fn exists(&self) -> bool {
        let longest = |month: Month| {
            if month == Month::February {
                29
            } else {
                month.length(2000)
            }
        };
        self.either_day
            || (1..=12_u8)
                .filter_map(|month| Month::try_from(month).ok())
                .any(|month| {
                    self.months >> u8::from(month) & 1 == 1
                        && (1..=longest(month)).any(|day| self.days >> day & 1 == 1)
                })
    }
}

impl FromStr for Schedule {
    type Err = InvalidSchedule;

    fn from_str(text: &str) -> Result<Self, InvalidSchedule> {
        let invalid = |problem: String| InvalidSchedule {
            text: text.to_owned(),
            problem,
        };
        let parts: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts.as_slice() else {
            return Err(invalid(format!(
                "expected five fields (minute, hour, day of month, month, day of week), got {}",
                parts.len()
            )));
        };
        let mut sets = [0_u64; 5];
        for ((set, field), part) in sets
            .iter_mut()
            .zip(&FIELDS)
            .zip([minute, hour, day, month, weekday])
        {
            *set = field.read(part).map_err(invalid)?;
        }
        let [minutes, hours, days, months, weekdays] = sets;
        let schedule = Self {
            text: text.to_owned(),
            minutes,
            hours,
            days,
            months,
            weekdays: (weekdays | weekdays >> 7) & 0x7f,
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        };
        if schedule.exists() {
            Ok(schedule)
        } else {
            Err(invalid("no month named has such a day".to_owned()))
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Field {
    /// The values of a field, as bits.
    fn read(&self, text: &str) -> Result<u64, String> {
        let mut set = 0;
        for item in text.split(',') {
            let (range, step) = match item.split_once('/') {
                Some((range, step)) => (range, Some(self.step(step, item)?)),
                None => (item, None),
            };
            let (from, to) = if range == "*" {
                (self.least, self.most)
            } else if let Some((from, to)) = range.split_once('-') {
                (self.value(from)?, self.value(to)?)
            } else {
                let value = self.value(range)?;
                // `5/15` means "from 5 on", as in cron's own extension
                (value, if step.is_some() { self.most } else { value })
            };
            if from > to {
                return Err(format!("the {} `{item}` runs backwards", self.name));
            }
            for value in (from..=to).step_by(step.unwrap_or(1)) {
                set |= 1 << value;
            }
        }
        Ok(set)
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        let lower = text.to_ascii_lowercase();
        if let Some(position) = self.names.iter().position(|name| *name == lower) {
            return Ok(self.least + u32::try_from(position).unwrap_or_default());
        }
        number(text)
            .filter(|value| (self.least..=self.most).contains(value))
            .ok_or_else(|| {
                format!(
                    "the {} `{text}` is not from {} to {}",
                    self.name, self.least, self.most
                )
            })
    }

    fn step(&self, text: &str, item: &str) -> Result<usize, String> {
        number(text)
            .filter(|step| (1..=self.most).contains(step))
            .and_then(|step| usize::try_from(step).ok())
            .ok_or_else(|| {
                format!(
                    "the {} `{item}` has no step from 1 to {}",
                    self.name, self.most
                )
            })
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let schedule: Schedule = schedule.parse().unwrap();
        schedule
            .next_after(after.parse().unwrap())
            .map_or_else(|| "never".to_owned(), |time| time.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        for (schedule, after, expected) in [
            ("15 3 * * *", "2026-11-24T03:14:59Z", "2026-11-24T03:15:00Z"),
            ("15 3 * * *", "2026-11-24T03:15:00Z", "2026-11-25T03:15:00Z"),
            ("* * * * *", "2026-12-31T23:59:30Z", "2027-01-01T00:00:00Z"),
            (
                "*/20 8-9 * * *",
                "2026-11-24T08:40:00Z",
                "2026-11-24T09:00:00Z",
            ),
            (
                "5/25 0 * * *",
                "2026-11-24T00:05:00Z",
                "2026-11-24T00:30:00Z",
            ),
            ("0 0 29 2 *", "2026-11-24T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
            (
                "0 4 * * sun",
                "2026-11-24T00:00:00Z",
                "2026-11-29T04:00:00Z",
            ),
            ("0 4 * * 7", "2026-11-24T00:00:00Z", "2026-11-29T04:00:00Z"),
            (
                "0 0 1,15 * mon",
                "2026-11-24T00:00:00Z",
                "2026-11-30T00:00:00Z",
            ),
            (
                "0 0 */2 * mon",
                "2026-11-24T00:00:00Z",
                "2026-12-07T00:00:00Z",
            ),
            (
                "0 0 1 JAN-mar *",
                "2026-11-24T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(next(schedule, after), expected, "{schedule} after {after}");
        }
    }

    #[test]
    fn a_missed_run_is_caught_up_once() {
        let schedule: Schedule = "15 3 * * *".parse().unwrap();
        let at = |text: &str| text.parse().unwrap();
        let now = at("2026-11-24T12:00:00Z");
        assert!(schedule.due(Some(at("2026-11-20T03:15:00Z")), now));
        assert!(!schedule.due(Some(now), at("2026-11-24T12:05:00Z")));
    }

    #[test]
    fn the_first_tick_looks_back_five_minutes_only() {
        let schedule: Schedule = "15 3 * * *".parse().unwrap();
        for (now, due) in [
            ("2026-11-24T03:14:59Z", false),
            ("2026-11-24T03:15:00Z", true),
            ("2026-11-24T03:19:59Z", true),
            ("2026-11-24T03:21:00Z", false),
        ] {
            assert_eq!(schedule.due(None, now.parse().unwrap()), due, "{now}");
        }
    }

    #[test]
    fn what_is_no_schedule_says_why() {
        for (text, why) in [
            ("", "got 0"),
            ("* * * *", "got 4"),
            ("0 * * * * *", "got 6"),
            ("@daily", "got 1"),
            ("60 * * * *", "the minute `60` is not from 0 to 59"),
            ("* 24 * * *", "the hour `24`"),
            ("* * 0 * *", "the day of month `0`"),
            ("* * * 13 *", "the month `13`"),
            ("* * * * 8", "the day of week `8`"),
            ("*/0 * * * *", "has no step"),
            ("10-5 * * * *", "runs backwards"),
            ("-1 * * * *", "the minute ``"),
            ("1, * * * *", "the minute ``"),
            ("+1 * * * *", "the minute `+1`"),
            ("0 0 30 2 *", "no month named has such a day"),
            ("0 0 31 4,6 *", "no month named has such a day"),
            ("0 0 L * *", "the day of month `L`"),
        ] {
            let problem = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(problem.contains(why), "{text}: {problem}");
        }
    }
}
