//! First pass over the groups: who is the how-manieth newest, by every rule that counts.
//!
//! A total order with the digest as tiebreak: an unstable order once kept survivors by chance
//! (registry-cli#9, gitlab#377417). Groups are counted, not manifests or tags, and a group whose
//! order or selection is undecided takes no place.

use std::cmp::Ordering;

use semver::Version;

use super::judge::Selection;
use super::{Fact, PlacedTag, Truth, subjects};
use crate::configuration::policy::{Counting, Order, version_of};
use crate::plan::decision::Piece;
use crate::plan::graph::Node;
use crate::plan::scene::Scene;
use crate::sorted;
use crate::timestamp::Timestamp;

/// Where the tags of each manifest begin among those of the repository. An untagged manifest has
/// one slot.
#[derive(Debug)]
pub(super) struct Slots {
    starts: Vec<u32>,
}

/// The places of one rule's groups, by slot.
#[derive(Debug)]
pub(super) struct Places {
    standings: Vec<Standing>,
}

/// How a tag stands in the order of the groups that a rule counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Standing {
    /// The rule's selectors do not speak about it.
    Out,
    Undecided(Fact),
    /// Its group's place, from 1, under a value that the pattern captured.
    At(u32, Piece),
}

/// A group under one value, on its way to its place.
struct Contender<'i> {
    value: &'i str,
    node: Node,
    standing: Result<Key, Fact>,
}

/// A time in seconds, or a position among the versions.
type Key = i64;

impl Slots {
    pub(super) fn new(scene: &Scene<'_>) -> Self {
        let mut end = 0_u32;
        let mut starts = Vec::with_capacity(scene.graph.len());
        for (_, image) in scene.graph.images() {
            starts.push(end);
            let tags = u32::try_from(image.tags().len()).unwrap_or(u32::MAX);
            end = end.saturating_add(tags.max(1));
        }
        starts.push(end);
        Self { starts }
    }

    fn len(&self) -> usize {
        self.starts.last().map_or(0, |end| *end as usize)
    }

    fn of(&self, node: Node, tag: Option<PlacedTag<'_>>) -> usize {
        let start = self.starts.get(node as usize).copied().unwrap_or(u32::MAX);
        let position = tag.map_or(0, |(position, _)| position);
        start as usize + position as usize
    }
}

impl Places {
    /// Asks `select` about every tag of the candidates, once.
    pub(super) fn new<'a>(
        scene: &Scene<'a>,
        counting: &Counting,
        slots: &Slots,
        candidates: &mut dyn Iterator<Item = Node>,
        select: &dyn Fn(Node, Option<PlacedTag<'a>>) -> Selection<'a>,
    ) -> Self {
        // while groups come together, a place is the number of the contender
        let mut standings = vec![Standing::Out; slots.len()];
        let mut contenders: Vec<Contender<'a>> = Vec::new();
        let mut keys = Keys::new(*scene, counting.by);
        let mut same: Vec<(&'a str, Result<Key, Fact>, Option<PlacedTag<'a>>)> = Vec::new();
        for node in candidates {
            let Some(image) = scene.graph.image(node) else {
                continue;
            };
            for tag in subjects(image) {
                let selection = select(node, tag);
                let standing = match selection.truth {
                    Truth::No => continue,
                    Truth::Unknown(fact) => Err(fact),
                    Truth::Yes => keys.of(node, tag),
                };
                same.push((selection.value, standing, tag));
            }
            if same.len() > 1 {
                sorted::sort_by(&mut same, |one, two| one.0.cmp(two.0));
            }
            for (value, standing, tag) in same.drain(..) {
                match contenders.last_mut() {
                    Some(last) if last.node == node && last.value == value => {
                        last.standing = keys.newer(last.standing, standing);
                    }
                    _ => contenders.push(Contender {
                        value,
                        node,
                        standing,
                    }),
                }
                let number = u32::try_from(contenders.len()).unwrap_or(u32::MAX);
                if let Some(place) = standings.get_mut(slots.of(node, tag)) {
                    let piece = tag.map(|(_, tag)| Piece::new(tag.name, value));
                    *place = Standing::At(number, piece.unwrap_or_default());
                }
            }
        }
        let places = order(&contenders, &keys);
        for standing in &mut standings {
            if let Standing::At(number, piece) = *standing {
                let place = places.get((number as usize).saturating_sub(1));
                *standing = match place {
                    Some(Ok(place)) => Standing::At(*place, piece),
                    Some(Err(fact)) => Standing::Undecided(*fact),
                    None => Standing::Out,
                };
            }
        }
        Self { standings }
    }

    pub(super) fn of(&self, slots: &Slots, node: Node, tag: Option<PlacedTag<'_>>) -> Standing {
        let standing = self.standings.get(slots.of(node, tag));
        standing.copied().unwrap_or(Standing::Out)
    }
}

/// The place of every contender, newest first, each value for itself. They come by their digests,
/// and those of one age stay so.
fn order(contenders: &[Contender<'_>], keys: &Keys<'_>) -> Vec<Result<u32, Fact>> {
    let at = |number: u32| contenders.get(number as usize);
    let value = |number| at(number).map_or("", |contender| contender.value);
    let mut ordered: Vec<u32> = (0..)
        .zip(contenders)
        .filter(|(_, contender)| contender.standing.is_ok())
        .map(|(number, _)| number)
        .collect();
    let key = |number| at(number).and_then(|contender| contender.standing.ok());
    match keys.by {
        Order::Time(_) => sorted::by_number(&mut ordered, &|number| {
            // the newest first: the bits of a smaller key, its sign turned, make the greater number
            !(key(number).unwrap_or_default() ^ Key::MIN).cast_unsigned()
        }),
        Order::Version => sorted::positions(&mut ordered, &|one, two| match (key(one), key(two)) {
            (Some(one), Some(two)) => keys.compare(two, one),
            _ => Ordering::Equal,
        }),
    }
    if contenders
        .iter()
        .any(|contender| !contender.value.is_empty())
    {
        sorted::positions(&mut ordered, &|one, two| value(one).cmp(value(two)));
    }
    let undecided = contenders
        .iter()
        .map(|contender| contender.standing.map(|_| 0));
    let mut places: Vec<Result<u32, Fact>> = undecided.collect();
    let mut last: Option<(&str, u32)> = None;
    for number in ordered {
        let place = match last {
            Some((before, place)) if before == value(number) => place.saturating_add(1),
            _ => 1,
        };
        last = Some((value(number), place));
        if let Some(found) = places.get_mut(number as usize) {
            *found = Ok(place);
        }
    }
    places
}

/// What orders groups: times as they are, versions by their numbers in a list.
struct Keys<'a> {
    scene: Scene<'a>,
    by: Order,
    versions: Vec<Version>,
}

impl<'a> Keys<'a> {
    const fn new(scene: Scene<'a>, by: Order) -> Self {
        Self {
            scene,
            by,
            versions: Vec::new(),
        }
    }

    fn of(&mut self, node: Node, tag: Option<PlacedTag<'_>>) -> Result<Key, Fact> {
        match self.by {
            Order::Version => {
                let version = tag.and_then(|(_, tag)| version_of(tag.name));
                self.versions.push(version.ok_or(Fact::Version)?);
                Ok(Key::try_from(self.versions.len()).unwrap_or(Key::MAX) - 1)
            }
            Order::Time(fact) => {
                let tag = tag.map(|(_, tag)| tag);
                let time = self.scene.clock.time(node, tag, fact);
                time.map(Timestamp::seconds).ok_or(Fact::Time(fact))
            }
        }
    }

    fn compare(&self, one: Key, two: Key) -> Ordering {
        let version = |key: Key| self.versions.get(usize::try_from(key).ok()?);
        match self.by {
            Order::Version => match (version(one), version(two)) {
                (Some(one), Some(two)) => one.cmp_precedence(two),
                _ => Ordering::Equal,
            },
            Order::Time(_) => one.cmp(&two),
        }
    }

    /// Several tags on one digest: it is as new as the newest, undecided if one is.
    fn newer(&self, one: Result<Key, Fact>, two: Result<Key, Fact>) -> Result<Key, Fact> {
        match (one, two) {
            (Ok(one), Ok(two)) if self.compare(two, one).is_gt() => Ok(two),
            (Ok(one), Ok(_)) => Ok(one),
            (Err(one), Err(two)) => Err(one.min(two)),
            (Err(fact), Ok(_)) | (Ok(_), Err(fact)) => Err(fact),
        }
    }
}
