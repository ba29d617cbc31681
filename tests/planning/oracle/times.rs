//! The times of an image and its tags, and whether it is old enough to go.

use portreeve::oci::Kind;
use serde_json::Value;

use super::look::Look;
use super::truth::Truth;
use crate::planning::world::{Image, Repository, Tag};

/// 1980-01-02T00:00:00Z: an earlier time is what a clock without battery says.
const EARLIEST: i64 = 315_619_200;
const DAY: i64 = 86_400;

/// `30d` in seconds.
pub(super) fn seconds(age: &Value) -> i64 {
    let text = age.as_str().unwrap();
    let (number, unit) = text.split_at(text.len() - 1);
    let length = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => DAY,
        _ => 7 * DAY,
    };
    number.parse::<i64>().unwrap() * length
}

impl Look<'_> {
    fn plausible(&self, time: Option<i64>) -> Option<i64> {
        time.filter(|time| *time >= EARLIEST && *time <= self.world.now + DAY)
    }

    /// A time by the name a policy gives it, of one tag of an image or of an untagged one.
    pub(super) fn time(&self, fact: &str, image: &Image, tag: Option<&str>) -> Option<i64> {
        let tag = tag.and_then(|name| image.tags.iter().find(|tag| tag.name == name));
        match fact {
            "created" => self.created(image),
            "pulled" => self.plausible(image.pulled),
            "firstSeen" => self.plausible(tag.map_or(image.first_seen, |tag| tag.first_seen)),
            _ => self.pushed(image, tag),
        }
    }

    /// The later of the digest's and the tag's push; unknown if one is that the registry records.
    fn pushed(&self, image: &Image, tag: Option<&Tag>) -> Option<i64> {
        let of_tag = tag.and_then(|tag| tag.pushed);
        let lacks_own = image.pushed.is_none() && self.records_pushed();
        let lacks_tags = tag.is_some() && of_tag.is_none() && self.records_tags_pushed();
        if lacks_own || lacks_tags {
            return None;
        }
        match (image.pushed, of_tag) {
            (Some(own), Some(of_tag)) => Some(
                self.plausible(Some(own))?
                    .max(self.plausible(Some(of_tag))?),
            ),
            (own, of_tag) => self.plausible(own.or(of_tag)),
        }
    }

    fn records_pushed(&self) -> bool {
        let mut images = self.repository.images.iter();
        self.repository.records_pushed || images.any(|image| image.pushed.is_some())
    }

    fn records_tags_pushed(&self) -> bool {
        let mut tags = self.repository.images.iter().flat_map(|image| &image.tags);
        self.repository.records_tag_pushed || tags.any(|tag| tag.pushed.is_some())
    }

    /// Of an index the latest among its image children, unknown if one is.
    pub(super) fn created(&self, image: &Image) -> Option<i64> {
        if !Self::is_index(image) {
            return self.plausible(image.created);
        }
        let children = self.image_children(image).into_iter();
        let times: Option<Vec<i64>> = children.map(|child| self.created(child?)).collect();
        times?.into_iter().max()
    }

    /// `olderThan` and `youngerThan` of a rule.
    pub(super) fn bounds(&self, rule: &Value, image: &Image, tag: Option<&str>) -> Truth {
        Truth::all(["olderThan", "youngerThan"].map(|field| {
            let Some((fact, age)) = rule
                .get(field)
                .and_then(|bound| bound.as_object()?.iter().next())
            else {
                return Truth::Yes;
            };
            match self.time(fact, image, tag) {
                Some(time) => {
                    let is_older = self.world.now - time >= seconds(age);
                    Truth::of(is_older == (field == "olderThan"))
                }
                None => Truth::unknown(reason_of(fact)),
            }
        }))
    }

    /// Whether nobody can say that it, and the last move of each of its tags, is as old as the
    /// policy's minimum age.
    pub(super) fn is_too_young(&self, image: &Image) -> bool {
        let minimum = self.world.policy.get("minimumAge");
        let by_creation = minimum.and_then(|minimum| minimum.get("created"));
        let age = by_creation.or(minimum).map_or(2 * DAY, seconds);
        let arrival = if by_creation.is_some() {
            self.created(image)
        } else if self.records_pushed() {
            self.plausible(image.pushed)
        } else {
            self.plausible(image.first_seen)
        };
        let is_old = |time: Option<i64>| time.is_some_and(|time| self.world.now - time >= age);
        // signatures and the like say nowhere when they were made: what they belong to is asked
        if by_creation.is_some() && !self.is_root(image) && !is_image(image) {
            return false;
        }
        let tags_rest = Self::own_tags(image).into_iter().all(|tag| {
            // a first scan has seen no move; a later one cannot say that a tag rested if it does
            // not know since when it is there
            let Repository {
                watched_since,
                taken_at,
                ..
            } = self.repository;
            let may_have_moved = |seen: Option<i64>| seen.is_none_or(|seen| seen > *watched_since);
            let seen = self.plausible(tag.first_seen);
            let was_seen_to_move = watched_since < taken_at && may_have_moved(seen);
            let recorded = tag.pushed.is_some() || self.records_tags_pushed();
            (!was_seen_to_move || is_old(seen)) && (!recorded || is_old(self.plausible(tag.pushed)))
        });
        !(is_old(arrival) && tags_rest)
    }
}

fn is_image(image: &Image) -> bool {
    matches!(image.kind, Kind::Image | Kind::Index)
}

/// The code of a missing time.
pub(super) fn reason_of(fact: &str) -> &'static str {
    match fact {
        "created" => "created",
        "pulled" => "pulled",
        "firstSeen" => "first_seen",
        _ => "pushed",
    }
}
