//! Whether our clock can be trusted with ages: it is compared with the registry's.

use std::time::Duration;

use crate::{
    error::{Code, Error, Result},
    timestamp::Timestamp,
};

/// How far the two may be apart.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// Compares `now` with the `Date` of the registry's last answer.
///
/// # Errors
///
/// `clock_skew` where they are more than [`TOLERANCE`] apart, or where the registry says no date:
/// an age that nobody can check deletes nothing.
///
/// # Examples
///
/// ```
/// use portreeve::{cleanup::clock, timestamp::Timestamp};
/// let now: Timestamp = "2026-11-24T08:00:00Z".parse()?;
/// let registry: Timestamp = "2026-11-24T08:05:01Z".parse()?;
/// assert!(clock::check(now, Some(now)).is_ok());
/// assert!(clock::check(now, Some(registry)).is_err());
/// # Ok::<(), portreeve::timestamp::InvalidTimestamp>(())
/// ```
pub fn check(now: Timestamp, registry: Option<Timestamp>) -> Result<()> {
    let Some(registry) = registry else {
        return Err(Error::new(
            Code::ClockSkew,
            "the registry's answers carry no Date, so that our clock cannot be checked",
        )
        .next("let the registry, or the proxy before it, send the Date header"));
    };
    let apart = now.since(registry).max(registry.since(now));
    if apart > TOLERANCE {
        return Err(Error::new(
            Code::ClockSkew,
            format!(
                "it is {now} here and {registry} at the registry: {} s apart",
                apart.as_secs()
            ),
        )
        .next("set the clock that is wrong, then plan again"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_apart_is_fine_and_a_second_more_is_not_either_way() {
        let now = Timestamp::from_seconds(1_800_000_000);
        for apart in [Duration::ZERO, TOLERANCE] {
            assert!(check(now, Some(now.plus(apart))).is_ok());
            assert!(check(now, Some(now.minus(apart))).is_ok());
        }
        let more = TOLERANCE + Duration::from_secs(1);
        for registry in [now.plus(more), now.minus(more)] {
            let error = check(now, Some(registry)).unwrap_err();
            assert_eq!(error.code(), Code::ClockSkew);
        }
    }

    #[test]
    fn a_registry_without_a_date_deletes_nothing() {
        let error = check(Timestamp::from_seconds(0), None).unwrap_err();
        assert_eq!(error.code(), Code::ClockSkew);
    }
}
