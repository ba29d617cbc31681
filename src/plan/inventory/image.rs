//! One manifest of an inventory, read from its columns.

use std::fmt;

use super::columns::{Columns, Row, Span};
use super::entry::{Entry, Layer, Locks, Tag, Times};
use super::{Inventory, Kind};
use crate::oci::{Algorithm, Digest};
use crate::sorted;
use crate::timestamp::Timestamp;

/// One manifest of an inventory. It is a view: copying it costs nothing.
///
/// What it names comes as digests or as *ids*: numbers of the inventory's digests, of which those
/// below [`Inventory::len`] are the rows of its manifests and the others are
/// [missing](Inventory::digest) from the repository or blobs.
///
/// # Examples
///
/// ```
/// use portreeve::plan::inventory::{Entry, Inventory, Kind};
/// use portreeve::{oci::Digest, timestamp::Timestamp};
///
/// let (amd64, index) = (Digest::of(b"amd64"), Digest::of(b"index"));
/// let mut entry = Entry::new(index, Kind::Index);
/// entry.children = vec![amd64, Digest::of(b"gone")];
/// let mut inventory = Inventory::new("registry.example", "shop/web", Timestamp::from_seconds(0));
/// inventory.fill([entry, Entry::new(amd64, Kind::Image)])?;
/// let row = inventory.find(&index).unwrap();
/// let index = inventory.image(row).unwrap();
/// let is_there = |id: &&u32| inventory.image(**id).is_some();
/// assert_eq!(index.child_ids().iter().filter(is_there).count(), 1);
/// assert!(index.children().any(|child| child == Digest::of(b"gone")));
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Image<'a> {
    inventory: &'a Inventory,
    row: &'a Row,
    number: u32,
}

/// A tag of a manifest, as its inventory tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageTag<'a> {
    /// Its name.
    pub name: &'a str,
    /// When a scan of ours first saw this tag on this digest.
    pub first_seen: Option<Timestamp>,
    /// When the registry says the tag was last set here, where it records that of tags.
    pub pushed: Option<Timestamp>,
}

/// What is known of an annotation or a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a fourth answer must be a question to every policy"
)]
pub enum Note<'a> {
    /// Nobody looked.
    Unread,
    /// The manifest does not have it.
    Absent,
    /// What it says.
    Text(&'a str),
}

impl<'a> Image<'a> {
    pub(super) fn new(inventory: &'a Inventory, number: u32) -> Option<Self> {
        let row = inventory.columns.rows.get(number as usize)?;
        Some(Self::of(inventory, row, number))
    }

    pub(super) const fn of(inventory: &'a Inventory, row: &'a Row, number: u32) -> Self {
        Self {
            inventory,
            row,
            number,
        }
    }

    fn columns(&self) -> &'a Columns {
        &self.inventory.columns
    }

    fn named(&self, id: u32) -> Option<Digest> {
        self.columns().digest(id)
    }

    /// The inventory that it is in.
    #[must_use]
    pub const fn inventory(&self) -> &'a Inventory {
        self.inventory
    }

    /// Its number: that of its digest among the sorted digests of all manifests, and its id.
    #[must_use]
    pub const fn row(&self) -> u32 {
        self.number
    }

    /// The manifest's own digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // every row has one
        let digest = self.columns().digests.get(self.number);
        digest.unwrap_or(Digest::sha256([0; 32]))
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.row.kind
    }

    /// The manifest's media type; empty where nobody said it.
    #[must_use]
    pub fn media_type(&self) -> &'a str {
        let text = self.columns().text(self.row.media_type);
        text.unwrap_or_default()
    }

    /// The artifact type, if it is no plain image.
    #[must_use]
    pub fn artifact_type(&self) -> Option<&'a str> {
        self.columns().text(self.row.artifact_type)
    }

    /// The manifest's own size in bytes.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        Some(self.row.size).filter(|size| *size != u64::MAX)
    }

    /// The config's digest.
    #[must_use]
    pub fn config(&self) -> Option<Digest> {
        self.named(self.row.config)
    }

    /// The id of [`config`](Self::config).
    #[must_use]
    pub fn config_id(&self) -> Option<u32> {
        id(self.row.config)
    }

    /// The manifest it refers to.
    #[must_use]
    pub fn subject(&self) -> Option<Digest> {
        self.named(self.row.subject)
    }

    /// The id of [`subject`](Self::subject).
    #[must_use]
    pub fn subject_id(&self) -> Option<u32> {
        id(self.row.subject)
    }

    /// The image whose signature or referrers this holds under a *verified* fallback tag.
    #[must_use]
    pub fn fallback_for(&self) -> Option<Digest> {
        self.named(self.row.fallback_for)
    }

    /// The id of [`fallback_for`](Self::fallback_for).
    #[must_use]
    pub fn fallback_for_id(&self) -> Option<u32> {
        id(self.row.fallback_for)
    }

    /// The manifests that an index names, each once; layers and configs are none.
    #[must_use]
    pub fn children(&self) -> impl ExactSizeIterator<Item = Digest> + Clone + use<'a> {
        digests(self.columns(), self.child_ids())
    }

    /// The ids of [`children`](Self::children), ascending.
    #[must_use]
    pub fn child_ids(&self) -> &'a [u32] {
        self.row.children.of(&self.columns().children)
    }

    /// The tags that point here, sorted by name.
    #[must_use]
    pub fn tags(&self) -> impl ExactSizeIterator<Item = ImageTag<'a>> + Clone + use<'a> {
        let (columns, Span { start, end }) = (self.columns(), self.row.tags);
        let range = start as usize..end as usize;
        range.map(move |number| tag(columns, number))
    }

    /// The tag at a position of [`tags`](Self::tags).
    #[must_use]
    pub fn tag(&self, position: u32) -> Option<ImageTag<'a>> {
        let number = self.row.tags.start.checked_add(position)?;
        (number < self.row.tags.end).then(|| tag(self.columns(), number as usize))
    }

    /// The tags of its own: all but those that make it the fallback of another.
    pub fn own_tags(&self) -> impl Iterator<Item = ImageTag<'a>> + Clone + use<'a> {
        let fallback = self
            .fallback_for()
            .map(|subject| (subject.algorithm(), subject.fallback_tag()));
        self.tags().filter(move |tag| {
            let Some((algorithm, fallback)) = &fallback else {
                return true;
            };
            // whatever else somebody wrote behind it is a name that somebody gave
            match tag.name.strip_prefix(fallback.as_str()) {
                Some("") => false,
                Some(".sig" | ".att" | ".sbom") => *algorithm != Algorithm::Sha256,
                _ => true,
            }
        })
    }

    /// What is known of its times.
    #[must_use]
    pub fn times(&self) -> Times {
        Times {
            created: self.row.created.into(),
            first_seen: self.row.first_seen.into(),
            pulled: self.row.pulled.into(),
            pushed: self.row.pushed.into(),
        }
    }

    /// What the registry locked.
    #[must_use]
    pub const fn locks(&self) -> Locks {
        Locks {
            no_delete: self.row.no_delete,
            no_overwrite: self.row.no_overwrite,
        }
    }

    /// Why its content could not be read; what it names is unknown then.
    #[must_use]
    pub fn unreadable(&self) -> Option<&'a str> {
        self.columns().text(self.row.unreadable)
    }

    /// What it runs on, such as `linux/arm64/v8`; `None` where nobody said it.
    #[must_use]
    pub fn platform(&self) -> Option<&'a str> {
        self.columns().text(self.row.platform)
    }

    /// What is known of one of its annotations.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Note<'a> {
        note(self.annotations(), key, &self.inventory.annotation_keys)
    }

    /// What is known of one of its config's labels.
    #[must_use]
    pub fn label(&self, key: &str) -> Note<'a> {
        note(self.labels(), key, &self.inventory.label_keys)
    }

    /// The annotations of the keys that were asked for; `None` where they were not read.
    #[must_use]
    pub fn annotations(&self) -> Option<impl Iterator<Item = (&'a str, &'a str)> + use<'a>> {
        notes(self.columns(), self.row.annotations)
    }

    /// The labels of the keys that were asked for; `None` where they were not read.
    #[must_use]
    pub fn labels(&self) -> Option<impl Iterator<Item = (&'a str, &'a str)> + use<'a>> {
        notes(self.columns(), self.row.labels)
    }

    /// Its layers in their order; `None` where they were not read.
    #[must_use]
    pub fn layers(&self) -> Option<impl Iterator<Item = Layer> + use<'a>> {
        let columns = self.columns();
        let ids = self.layer_ids()?;
        let sizes = self.layer_sizes().iter();
        Some(
            digests(columns, ids)
                .zip(sizes)
                .map(|(digest, size)| Layer::new(digest, *size)),
        )
    }

    /// The ids of [`layers`](Self::layers).
    #[must_use]
    pub fn layer_ids(&self) -> Option<&'a [u32]> {
        let layers = self.row.layers;
        layers.is_read().then(|| layers.of(&self.columns().layers))
    }

    /// The sizes of [`layers`](Self::layers) in bytes; none where they were not read.
    #[must_use]
    pub fn layer_sizes(&self) -> &'a [u64] {
        self.row.layers.of(&self.columns().layer_sizes)
    }

    /// The same as an owned row.
    #[must_use]
    pub fn entry(&self) -> Entry {
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let mut entry = Entry::new(self.digest(), self.kind());
        entry.annotations = self
            .annotations()
            .map(|notes| sorted::map(notes.map(owned)));
        entry.artifact_type = self.artifact_type().map(str::to_owned);
        entry.children = self.children().collect();
        // as documents have them: missing ones have higher ids than those that are there
        sorted::sort(&mut entry.children);
        entry.config = self.config();
        entry.fallback_for = self.fallback_for();
        entry.labels = self.labels().map(|notes| sorted::map(notes.map(owned)));
        entry.layers = self.layers().map(Iterator::collect);
        entry.locks = self.locks();
        self.media_type().clone_into(&mut entry.media_type);
        entry.platform = self.platform().map(str::to_owned);
        entry.size = self.size();
        entry.subject = self.subject();
        entry.tags = self.tags().map(Tag::from).collect();
        entry.times = self.times();
        entry.unreadable = self.unreadable().map(str::to_owned);
        entry
    }
}

impl fmt::Debug for Image<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry().fmt(formatter)
    }
}

impl From<ImageTag<'_>> for Tag {
    fn from(tag: ImageTag<'_>) -> Self {
        let mut owned = Self::new(tag.name);
        owned.first_seen = tag.first_seen;
        owned.pushed = tag.pushed;
        owned
    }
}

fn id(number: u32) -> Option<u32> {
    Some(number).filter(|id| *id != super::columns::NONE)
}

fn digests<'a>(
    columns: &'a Columns,
    ids: &'a [u32],
) -> impl ExactSizeIterator<Item = Digest> + Clone + use<'a> {
    // every id has one
    ids.iter()
        .map(|id| columns.digest(*id).unwrap_or(Digest::sha256([0; 32])))
}

fn tag(columns: &Columns, number: usize) -> ImageTag<'_> {
    let times = columns.tag_times.get(number);
    ImageTag {
        // as many as there are ids
        name: u32::try_from(number).map_or("", |number| columns.tags.get(number)),
        first_seen: times.and_then(|times| times.first_seen.into()),
        pushed: times.and_then(|times| times.pushed.into()),
    }
}

fn notes(columns: &Columns, span: Span) -> Option<impl Iterator<Item = (&str, &str)>> {
    let text = |number| columns.texts.get(number);
    let pairs = span.is_read().then(|| span.of(&columns.notes));
    Some(
        pairs?
            .iter()
            .map(move |[key, value]| (text(*key), text(*value))),
    )
}

fn note<'a>(
    notes: Option<impl Iterator<Item = (&'a str, &'a str)>>,
    key: &str,
    asked: &[String],
) -> Note<'a> {
    let Some(mut notes) = notes else {
        return Note::Unread;
    };
    match notes.find(|(other, _)| *other == key) {
        Some((_, value)) => Note::Text(value),
        None if asked.iter().any(|other| other == key) => Note::Absent,
        None => Note::Unread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(entry: Entry) -> Inventory {
        let mut inventory = Inventory::new("r.example", "a", Timestamp::from_seconds(0));
        inventory.fill([entry]).unwrap();
        inventory
    }

    fn own_tags(entry: &Entry) -> Vec<String> {
        let inventory = inventory(entry.clone());
        let tags = inventory.image(0).unwrap().own_tags();
        tags.map(|tag| tag.name.to_owned()).collect()
    }

    #[test]
    fn a_name_that_only_begins_like_a_fallback_tag_is_the_manifests_own() {
        let subject = Digest::of(b"subject");
        let mut entry = Entry::new(Digest::of(b"signature"), Kind::Signature);
        entry.fallback_for = Some(subject);
        let kept = format!("sha256-{}.sig-to-keep", subject.hex());
        entry.tags = vec![Tag::new(&kept)];
        assert_eq!(own_tags(&entry), [kept]);
    }

    #[test]
    fn the_tags_that_make_it_a_fallback_are_not_its_own() {
        let subject = Digest::of(b"subject");
        let mut entry = Entry::new(Digest::of(b"signature"), Kind::Signature);
        entry.fallback_for = Some(subject);
        for name in ["signed".to_owned(), format!("sha256-{}.sig", subject.hex())] {
            entry.tags.push(Tag::new(name));
        }
        assert_eq!(own_tags(&entry), ["signed"]);
        entry.fallback_for = None;
        let all = own_tags(&entry);
        assert_eq!(
            all.len(),
            2,
            "an unverified fallback tag is a tag like others"
        );
    }

    #[test]
    fn tags_come_by_name_and_by_their_position() {
        let mut entry = Entry::new(Digest::of(b"image"), Kind::Image);
        entry.tags = ["c", "a", "b"].map(Tag::new).into();
        entry.tags[1].pushed = Some(Timestamp::from_seconds(7));
        let inventory = inventory(entry);
        let image = inventory.image(0).unwrap();
        let names: Vec<&str> = image.tags().map(|tag| tag.name).collect();
        assert_eq!(names, ["a", "b", "c"]);
        for (position, tag) in (0..).zip(image.tags()) {
            assert_eq!(image.tag(position), Some(tag));
        }
        assert_eq!(image.tag(3), None);
        assert_eq!(
            image.tag(0).unwrap().pushed,
            Some(Timestamp::from_seconds(7))
        );
    }

    #[test]
    fn a_note_is_absent_only_where_somebody_looked_for_it() {
        let mut entry = Entry::new(Digest::of(b"image"), Kind::Image);
        entry.annotations = Some([("team".to_owned(), "web".to_owned())].into());
        let mut inventory = inventory(entry);
        inventory.annotation_keys = vec!["owner".to_owned(), "team".to_owned()];
        inventory.label_keys = vec!["team".to_owned()];
        let image = inventory.image(0).unwrap();
        assert_eq!(image.annotation("team"), Note::Text("web"));
        assert_eq!(image.annotation("owner"), Note::Absent);
        assert_eq!(
            image.annotation("other"),
            Note::Unread,
            "nobody asked for it"
        );
        assert_eq!(image.label("team"), Note::Unread, "its config was not read");
    }
}
