//! `portreeve.inventory/1`: a snapshot of one repository, everything that planning knows of it.

mod document;
mod image;

pub use crate::oci::Kind;
pub use document::{FORMAT, parse, write};
pub use image::{Image, Locks, Tag, Times};

use crate::timestamp::Timestamp;

/// A snapshot of one repository.
///
/// Every manifest that tags, indexes and referrers lead to is in `images` once; a child or subject
/// that is in no entry is *missing* from the registry.
///
/// # Examples
///
/// ```
/// use portreeve::plan::inventory::{self, Image, Inventory, Kind, Tag};
/// use portreeve::{oci::Digest, timestamp::Timestamp};
///
/// let mut inventory = Inventory::new("registry.example", "shop/web", Timestamp::from_seconds(0));
/// let mut image = Image::new(Digest::of(b"manifest"), Kind::Image);
/// image.tags.push(Tag::new("v1.0.0"));
/// inventory.images.push(image);
/// inventory.complete = true;
/// let text = inventory::write(&inventory);
/// assert_eq!(text.lines().count(), 3);
/// assert_eq!(inventory::parse(&text)?, inventory);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inventory {
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub repository: String,
    /// When reading it began.
    pub taken_at: Timestamp,
    /// When the first of the scans was taken whose sightings this one carries on; `taken_at` for a
    /// first scan. A tag first seen later than this was seen to move.
    pub watched_since: Timestamp,
    /// Whether every listing was proven to have been read to its end. Nothing is deleted without.
    pub complete: bool,
    /// Why it is not complete.
    pub incomplete_reason: Option<String>,
    /// Whether the registry lists manifests that have no tag.
    pub lists_untagged: bool,
    /// Whether the registry records push times. Where it does, an image without one is *unknown*;
    /// where it does not, the first sight of ours stands in for it.
    pub records_pushed: bool,
    /// The manifests, in any order, each digest once.
    pub images: Vec<Image>,
    /// Listed tags whose manifest could not be had.
    pub unreadable_tags: Vec<String>,
}

impl Inventory {
    /// An empty, incomplete snapshot.
    #[must_use]
    pub fn new(
        host: impl Into<String>,
        repository: impl Into<String>,
        taken_at: Timestamp,
    ) -> Self {
        Self {
            host: host.into(),
            repository: repository.into(),
            taken_at,
            watched_since: taken_at,
            complete: false,
            incomplete_reason: None,
            lists_untagged: false,
            records_pushed: false,
            images: Vec::new(),
            unreadable_tags: Vec::new(),
        }
    }

    /// The hash over everything in it, whatever the order of its images and tags.
    #[must_use]
    pub fn hash(&self) -> String {
        document::hash(self)
    }
}
