//! When an image was built, wherever somebody asks: in an inventory, a plan, a list of tags.
//!
//! An image was built at the later of what its annotation and its config say; an index when the
//! latest of its images was, attestations left out. What cannot be true is unknown.

use std::{collections::BTreeMap, time::Duration};

use crate::timestamp::Timestamp;

/// The annotation that carries a build time (image-spec 1.1, annotations.md).
const ANNOTATION: &str = "org.opencontainers.image.created";

/// Builders that make every build alike write 0, 1970-01-01 or 1980-01-01, in whatever zone:
/// before 1980-01-02 a time says nothing.
const EARLIEST: Timestamp = Timestamp::from_seconds(315_619_200);

/// What is later than this after now is somebody's wrong clock.
const AHEAD: Duration = Duration::from_hours(24);

/// A time as an annotation or config writes it; `None` where it cannot be true at any time.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|time| *time >= EARLIEST)
}

/// The time in a manifest's annotations.
pub(crate) fn annotated(annotations: &BTreeMap<String, String>) -> Option<Timestamp> {
    parse(annotations.get(ANNOTATION)?)
}

/// The time itself, unless it cannot be true `now`.
pub(crate) fn plausible(time: Timestamp, now: Timestamp) -> Option<Timestamp> {
    (EARLIEST..=now.plus(AHEAD)).contains(&time).then_some(time)
}

/// The time of an index with these images: the latest, unknown if one is.
pub(crate) fn of_index<T: Ord>(images: &mut dyn Iterator<Item = Option<T>>) -> Option<T> {
    let mut latest = None;
    for image in images {
        latest = latest.max(Some(image?));
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reproducible_build_has_no_age() {
        for text in [
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "1980-01-01T00:00:01Z",
            "yesterday",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("1980-01-02T00:00:00Z"), Some(EARLIEST));
        let annotations = |key: &str| {
            annotated(&BTreeMap::from([(
                key.to_owned(),
                "2026-11-24T08:00:00Z".to_owned(),
            )]))
        };
        assert!(annotations(ANNOTATION).is_some());
        assert!(annotations("org.opencontainers.image.version").is_none());
    }

    #[test]
    fn a_time_may_be_a_day_ahead_and_not_more() {
        let now = Timestamp::from_seconds(1_795_507_200);
        let day = Duration::from_hours(24);
        for (time, known) in [
            (EARLIEST, true),
            (EARLIEST.minus(Duration::from_secs(1)), false),
            (now.plus(day), true),
            (now.plus(day).plus(Duration::from_secs(1)), false),
        ] {
            assert_eq!(plausible(time, now).is_some(), known, "{time}");
        }
    }

    #[test]
    fn an_index_is_as_young_as_its_youngest_image_and_unknown_if_one_is() {
        let of = |images: &[Option<u8>]| of_index(&mut images.iter().copied());
        assert_eq!(of(&[Some(1), Some(3), Some(2)]), Some(3));
        assert_eq!(of(&[Some(1), None, Some(2)]), None);
        assert_eq!(of(&[]), None);
    }
}
