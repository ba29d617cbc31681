//! The manifests of an inventory as they lie in memory: no allocation for each, every digest once.

use std::ops::Range;

use super::digests::Digests;
use super::texts::Texts;
use crate::oci::{Digest, Kind};
use crate::timestamp::Timestamp;

/// The number that means none.
pub(super) const NONE: u32 = u32::MAX;

/// See [`Inventory`](super::Inventory) for what is in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// One for each manifest, sorted by digest.
    pub(super) rows: Vec<Row>,
    /// The manifests' digests, whose numbers are those of the rows.
    pub(super) digests: Digests,
    /// Digests that are only named, sorted; their ids follow those of the rows.
    pub(super) others: Digests,
    /// Ids of children, sorted within each manifest.
    pub(super) children: Vec<u32>,
    /// Ids of layers with their sizes, in the manifests' order.
    pub(super) layers: Vec<u32>,
    pub(super) layer_sizes: Vec<u64>,
    /// Names of tags, sorted within each manifest, and their times.
    pub(super) tags: Texts,
    pub(super) tag_times: Vec<TagTimes>,
    /// Keys and values of annotations and labels, as numbers of `texts`.
    pub(super) notes: Vec<[u32; 2]>,
    /// What many manifests say alike.
    pub(super) texts: Texts,
}

/// What is known of one manifest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) created: Time,
    pub(super) first_seen: Time,
    pub(super) pulled: Time,
    pub(super) pushed: Time,
    /// `u64::MAX` for none.
    pub(super) size: u64,
    pub(super) artifact_type: u32,
    pub(super) config: u32,
    pub(super) fallback_for: u32,
    pub(super) media_type: u32,
    pub(super) platform: u32,
    pub(super) subject: u32,
    pub(super) unreadable: u32,
    pub(super) children: Span,
    pub(super) tags: Span,
    /// Starts at [`NONE`] where they were not read.
    pub(super) layers: Span,
    pub(super) annotations: Span,
    pub(super) labels: Span,
    pub(super) kind: Kind,
    pub(super) no_delete: bool,
    pub(super) no_overwrite: bool,
}

/// When a tag was first seen and set.
#[derive(Debug, Clone, Copy)]
pub(super) struct TagTimes {
    pub(super) first_seen: Time,
    pub(super) pushed: Time,
}

/// A part of one of the lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    /// A part that was not read.
    pub(super) const UNREAD: Self = Self {
        start: NONE,
        end: NONE,
    };

    pub(super) const fn is_read(self) -> bool {
        self.start != NONE
    }

    pub(super) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(super) fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.range()).unwrap_or_default()
    }
}

/// A time, or none, in eight bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time(i64);

impl From<Option<Timestamp>> for Time {
    fn from(time: Option<Timestamp>) -> Self {
        Self(time.map_or(i64::MIN, Timestamp::seconds))
    }
}

impl From<Time> for Option<Timestamp> {
    fn from(time: Time) -> Self {
        (time.0 != i64::MIN).then_some(Timestamp::from_seconds(time.0))
    }
}

impl Columns {
    /// The digest of an id.
    pub(super) fn digest(&self, id: u32) -> Option<Digest> {
        match id.checked_sub(self.len()) {
            None => self.digests.get(id),
            Some(number) => self.others.get(number),
        }
    }

    /// The id of a digest.
    pub(super) fn id(&self, digest: &Digest) -> Option<u32> {
        let row = self.digests.find(digest);
        row.or_else(|| self.len().checked_add(self.others.find(digest)?))
    }

    pub(super) fn text(&self, number: u32) -> Option<&str> {
        (number != NONE).then(|| self.texts.get(number))
    }

    /// How many manifests there are.
    pub(super) fn len(&self) -> u32 {
        // building stops long before
        u32::try_from(self.rows.len()).unwrap_or(NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_manifests_take_less_than_45_megabytes() {
        // its own digest, that of its config and a tag of twelve letters
        let named = 2 * size_of::<[u8; 32]>();
        let tag = size_of::<TagTimes>() + size_of::<u32>() + 12;
        assert!(size_of::<Row>() <= 112, "{}", size_of::<Row>());
        assert!((size_of::<Row>() + named + tag) * 100_000 < 45_000_000 / 2);
    }
}
