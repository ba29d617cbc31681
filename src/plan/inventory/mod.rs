//! `portreeve.inventory/1`: a snapshot of one repository, everything that planning knows of it.
//!
//! ```text
//! Reader ─┐                                        ┌─> write_to
//! Entry ──┴─> Builder ──> Columns ──> Image (view) ─┴─> planning
//! ```
//!
//! A repository may hold a million manifests, and the memory of a Worker is 128 MB: manifests lie
//! in columns, each digest once, each named digest as a number.

mod builder;
mod carry_on;
mod columns;
mod contents;
mod digests;
mod document;
mod entry;
mod image;
pub(in crate::plan) mod line;
mod reader;
mod texts;

pub use crate::oci::Kind;
pub use crate::registries::profile::DeleteBy;
pub use contents::{Blobs, Contents, Span};
pub use document::{FORMAT, head, write, write_to};
pub use entry::{Entry, Layer, Locks, Tag, Times};
pub use image::{Image, ImageTag, Note};
pub use reader::{Reader, parse};

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::oci::Digest;
use crate::timestamp::Timestamp;
use builder::Builder;
use columns::Columns;

/// A snapshot of one repository.
///
/// Every manifest that tags, indexes and referrers lead to is in it once; a child or subject that
/// is none of its [`images`](Self::images) is *missing* from the registry. Cloning it is cheap:
/// clones share the manifests.
///
/// # Examples
///
/// ```
/// use portreeve::plan::inventory::{self, Entry, Inventory, Kind, Tag};
/// use portreeve::{oci::Digest, timestamp::Timestamp};
///
/// let mut inventory = Inventory::new("registry.example", "shop/web", Timestamp::from_seconds(0));
/// let mut entry = Entry::new(Digest::of(b"manifest"), Kind::Image);
/// entry.tags.push(Tag::new("v1.0.0"));
/// inventory.fill([entry])?;
/// inventory.complete = true;
/// let text = inventory::write(&inventory);
/// assert_eq!(text.lines().count(), 3);
/// assert_eq!(inventory::parse(&text)?, inventory);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says by itself what the registry can do"
)]
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
    /// Whether the registry records when each tag was set. Where it does, a tag without
    /// [`pushed`](Tag::pushed) is of unknown age.
    pub records_tag_pushed: bool,
    /// How the registry deletes; `None` where that is not known.
    pub deletes_by: Option<DeleteBy>,
    /// The keys of annotations that were asked for, sorted: only of these it is known when an
    /// image has none.
    pub annotation_keys: Vec<String>,
    /// The keys of labels that were asked for, sorted.
    pub label_keys: Vec<String>,
    /// Listed tags whose manifest could not be had.
    pub unreadable_tags: Vec<String>,
    columns: Arc<Columns>,
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
            records_tag_pushed: false,
            deletes_by: None,
            annotation_keys: Vec::new(),
            label_keys: Vec::new(),
            unreadable_tags: Vec::new(),
            columns: Arc::default(),
        }
    }

    /// The hash over everything in it, whatever the order of its images and tags.
    #[must_use]
    pub fn hash(&self) -> String {
        document::hash(self)
    }

    /// Adds manifests, in any order.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a digest that comes twice, or is there already: two entries would
    /// say two things of it. `too_large` above two thousand million names. Nothing is added then.
    pub fn fill(&mut self, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
        let mut builder = Builder::default();
        for image in self.images() {
            builder.push(image.entry())?;
        }
        for entry in entries {
            builder.push(entry)?;
        }
        self.columns = Arc::new(builder.finish()?);
        Ok(())
    }

    /// Keeps only the manifests of which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(Image<'_>) -> bool) {
        let mut builder = Builder::default();
        for image in self.images().filter(|image| keep(*image)) {
            // it fits: it did before
            let _ = builder.push(image.entry());
        }
        if let Ok(columns) = builder.finish() {
            self.columns = Arc::new(columns);
        }
    }

    /// How many manifests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.rows.len()
    }

    /// Whether there is no manifest at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.rows.is_empty()
    }

    /// The manifests, sorted by digest.
    #[must_use]
    pub fn images(&self) -> impl ExactSizeIterator<Item = Image<'_>> + Clone {
        let numbers = 0..self.columns.len();
        let rows = self.columns.rows.iter().zip(numbers);
        rows.map(|(row, number)| Image::of(self, row, number))
    }

    /// The manifest of a row.
    #[must_use]
    pub fn image(&self, row: u32) -> Option<Image<'_>> {
        Image::new(self, row)
    }

    /// The row of a manifest.
    #[must_use]
    pub fn find(&self, digest: &Digest) -> Option<u32> {
        self.columns.digests.find(digest)
    }

    /// The id of a digest that is a manifest here or is named by one.
    #[must_use]
    pub fn id(&self, digest: &Digest) -> Option<u32> {
        self.columns.id(digest)
    }

    /// The digest of an id.
    #[must_use]
    pub fn digest(&self, id: u32) -> Option<Digest> {
        self.columns.digest(id)
    }

    /// How many digests have an id: those below it.
    #[must_use]
    pub fn named(&self) -> usize {
        self.columns.digests.len() + self.columns.others.len()
    }

    /// Its manifests as owned rows.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.images().map(|image| image.entry()).collect()
    }
}

impl PartialEq for Inventory {
    fn eq(&self, other: &Self) -> bool {
        self.hash() == other.hash()
    }
}

impl Eq for Inventory {}

impl fmt::Debug for Inventory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&write(self))
    }
}
