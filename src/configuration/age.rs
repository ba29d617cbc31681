//! Lengths of time as a policy writes them: `48h`, `30d`.
//!
//! A duration that reads as nothing, or wraps around, once deleted everything (acr-cli#560); so
//! zero, overflow and everything unusual are errors.

use std::{fmt, str::FromStr, time::Duration};

/// A hundred years of seconds: more is a slip of the keyboard.
const MOST: u64 = 36_525 * DAY;
const DAY: u64 = 24 * 60 * 60;
const UNITS: [(char, u64); 5] = [
    ('w', 7 * DAY),
    ('d', DAY),
    ('h', 60 * 60),
    ('m', 60),
    ('s', 1),
];

/// A length of time: whole seconds, at least one, at most a hundred years.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Age;
/// let age: Age = "48h".parse()?;
/// assert_eq!(age.seconds(), 172_800);
/// assert_eq!(age.to_string(), "2d");
/// assert!("0d".parse::<Age>().is_err());
/// # Ok::<(), portreeve::configuration::InvalidAge>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age(u64);

/// A text that is no [`Age`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAge {
    /// Not digits and one unit.
    #[error("`{0}` is no duration: expected a number and one of s m h d w, such as 30d")]
    Malformed(String),
    /// Nothing at all.
    #[error("`{0}` is no time at all: a duration is at least one second")]
    Zero(String),
    /// More than a hundred years, or more than fits.
    #[error("`{0}` is more than a hundred years")]
    TooLong(String),
}

impl Age {
    pub(crate) const fn from_hours(hours: u64) -> Self {
        Self(hours * 60 * 60)
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The length as a sentence says it: `7 days`, `1 hour`.
    #[must_use]
    pub fn in_words(self) -> String {
        let names = [
            (DAY, "day"),
            (60 * 60, "hour"),
            (60, "minute"),
            (1, "second"),
        ];
        let exact = names
            .into_iter()
            .find(|(factor, _)| self.0.is_multiple_of(*factor));
        let (factor, name) = exact.unwrap_or((1, "second"));
        match self.0 / factor {
            1 => format!("1 {name}"),
            many => format!("{many} {name}s"),
        }
    }

    /// The same as the standard library's type.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

impl FromStr for Age {
    type Err = InvalidAge;

    fn from_str(text: &str) -> Result<Self, InvalidAge> {
        let malformed = || InvalidAge::Malformed(text.to_owned());
        let too_long = || InvalidAge::TooLong(text.to_owned());
        let (factor, digits) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((factor, text.strip_suffix(*unit)?)))
            .ok_or_else(malformed)?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let number: u64 = digits.parse().map_err(|_| too_long())?;
        match number.checked_mul(*factor).ok_or_else(too_long)? {
            0 => Err(InvalidAge::Zero(text.to_owned())),
            seconds if seconds > MOST => Err(too_long()),
            seconds => Ok(Self(seconds)),
        }
    }
}

impl fmt::Display for Age {
    /// The largest unit that is exact, weeks left out: nobody thinks of `30d` as weeks.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = UNITS
            .iter()
            .find(|(unit, factor)| *unit != 'w' && self.0.is_multiple_of(*factor));
        match exact {
            Some((unit, factor)) => write!(formatter, "{}{unit}", self.0 / factor),
            None => write!(formatter, "{}s", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_units_are_understood() {
        for (text, seconds, shown) in [
            ("90s", 90, "90s"),
            ("5m", 300, "5m"),
            ("48h", 172_800, "2d"),
            ("30d", 2_592_000, "30d"),
            ("2w", 1_209_600, "14d"),
        ] {
            let age: Age = text.parse().unwrap();
            assert_eq!(
                (age.seconds(), age.to_string().as_str()),
                (seconds, shown),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_overflow_and_unknown_units_are_errors() {
        for text in [
            "", "d", "7", "d7", "-7d", "+7d", "7 d", "7D", "7y", "1.5d", "7d12h", "７d", "0x7d",
        ] {
            assert_eq!(
                text.parse::<Age>(),
                Err(InvalidAge::Malformed(text.to_owned())),
                "{text}"
            );
        }
        for text in ["0d", "0s", "000w"] {
            assert_eq!(
                text.parse::<Age>(),
                Err(InvalidAge::Zero(text.to_owned())),
                "{text}"
            );
        }
        for text in [
            "36526d",
            "18446744073709551615s",
            "99999999999999999999d",
            "9223372036854775807w",
        ] {
            assert_eq!(
                text.parse::<Age>(),
                Err(InvalidAge::TooLong(text.to_owned())),
                "{text}"
            );
        }
    }
}
