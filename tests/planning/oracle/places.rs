//! `newest` and `beyondNewest`: the place of a group among those that a rule counts.

use std::cmp::Ordering;

use serde_json::Value;

use super::look::Look;
use super::selector::{captured, names_kind, texts};
use super::times::reason_of;
use super::truth::Truth;
use super::version::Version;
use crate::planning::world::Image;

/// What orders groups.
enum Order {
    Time(i64),
    Version(Version),
}

impl Order {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Time(one), Self::Time(two)) => one.cmp(two),
            (Self::Version(one), Self::Version(two)) => one.precedence(two),
            _ => unreachable!("one rule orders by one fact"),
        }
    }
}

/// The part of a group in one count.
enum Part {
    None,
    Undecided(Truth),
    By(Order),
}

impl Look<'_> {
    /// Whether the group is among the newest (of a keep rule) or beyond them (of a delete rule).
    pub(super) fn count(
        &self,
        rule: &Value,
        keeps: bool,
        image: &Image,
        tag: Option<&str>,
    ) -> Truth {
        let Some(counting) = rule.get(if keeps { "newest" } else { "beyondNewest" }) else {
            return Truth::Yes;
        };
        let value = value_of(rule, counting, tag);
        if let Part::Undecided(facts) = self.part(rule, keeps, counting, image, value) {
            return facts;
        }
        let mut counted: Vec<(Order, &Image)> = Vec::new();
        for other in &self.repository.images {
            if self.is_judged(other)
                && let Part::By(order) = self.part(rule, keeps, counting, other, value)
            {
                counted.push((order, other));
            }
        }
        counted.sort_by(|(one, image), (two, other)| {
            two.compare(one).then(image.digest.cmp(&other.digest))
        });
        let place = counted
            .iter()
            .position(|(_, other)| other.digest == image.digest);
        let among =
            |place: usize| place < usize::try_from(counting["count"].as_u64().unwrap()).unwrap();
        // a tag that the rule does not select has no place, and needs none
        place.map_or(Truth::No, |place| Truth::of(among(place) == keeps))
    }

    /// A root that could be read, of a kind that the policy names: only such are counted.
    pub(super) fn is_judged(&self, image: &Image) -> bool {
        let kinds = self.world.policy.get("kinds").map_or(vec!["image"], texts);
        self.is_root(image) && !image.unreadable && names_kind(&kinds, image.kind)
    }

    fn part(
        &self,
        rule: &Value,
        keeps: bool,
        counting: &Value,
        image: &Image,
        value: &str,
    ) -> Part {
        let mut newest: Option<Order> = None;
        let mut undecided = Truth::No;
        for tag in Self::names(image) {
            if value_of(rule, counting, tag) != value {
                continue;
            }
            match self.selector(rule, keeps, image, tag) {
                Truth::No => continue,
                Truth::Yes => {}
                facts @ Truth::Unknown(_) => undecided = undecided.or(facts),
            }
            match self.order(counting, image, tag) {
                Ok(order) => {
                    let is_newer = |newest: &Order| order.compare(newest) == Ordering::Greater;
                    if newest.as_ref().is_none_or(is_newer) {
                        newest = Some(order);
                    }
                }
                Err(fact) => undecided = undecided.or(Truth::unknown(fact)),
            }
        }
        match (undecided, newest) {
            (Truth::No, None) => Part::None,
            (Truth::No, Some(order)) => Part::By(order),
            (facts, _) => Part::Undecided(facts),
        }
    }

    fn order(
        &self,
        counting: &Value,
        image: &Image,
        tag: Option<&str>,
    ) -> Result<Order, &'static str> {
        let by = counting["by"].as_str().unwrap();
        if by == "semver" {
            return tag
                .and_then(Version::of_tag)
                .map(Order::Version)
                .ok_or("version");
        }
        self.time(by, image, tag)
            .map(Order::Time)
            .ok_or(reason_of(by))
    }

    /// The tags that rules look at; `None` stands for having none.
    pub(super) fn names(image: &Image) -> Vec<Option<&str>> {
        let tags = Self::own_tags(image);
        if tags.is_empty() {
            vec![None]
        } else {
            tags.iter().map(|tag| Some(&*tag.name)).collect()
        }
    }
}

fn value_of<'t>(rule: &Value, counting: &Value, tag: Option<&'t str>) -> &'t str {
    match (counting.get("per").and_then(Value::as_str), tag) {
        (Some(group), Some(tag)) => captured(&rule["tags"], group, tag),
        _ => "",
    }
}
