//! The inventory as JSON Lines: a head, one line for each manifest, and a last line that proves
//! that the document is whole.

use serde::{Deserialize, Serialize};

use super::{DeleteBy, Inventory, line};
use crate::configuration::canonical_json::LineHasher;
use crate::sorted;

/// The name and version that the first line carries.
pub const FORMAT: &str = "portreeve.inventory/1";

/// In the order of the names in JSON, as `Entry`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a field of the document"
)]
pub(super) struct Head {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) annotation_keys: Vec<String>,
    pub(super) complete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deletes_by: Option<DeleteBy>,
    pub(super) format: String,
    pub(super) host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) incomplete_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) label_keys: Vec<String>,
    pub(super) lists_untagged: bool,
    pub(super) records_pushed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) records_tag_pushed: bool,
    pub(super) repository: String,
    /// Seconds since 1970.
    pub(super) taken_at: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unreadable_tags: Vec<String>,
    /// Seconds since 1970.
    pub(super) watched_since: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    pub(super) images: usize,
    /// Over every line before this one, with their line ends.
    pub(super) sha256: String,
}

/// Writes the document in pieces, images and tags sorted.
///
/// # Examples
///
/// ```
/// use portreeve::plan::inventory::{self, Inventory};
/// use portreeve::timestamp::Timestamp;
/// let inventory = Inventory::new("registry.example", "shop/web", Timestamp::from_seconds(0));
/// let mut text = String::new();
/// inventory::write_to(&inventory, &mut |piece| text.push_str(piece));
/// assert_eq!(text, inventory::write(&inventory));
/// ```
pub fn write_to(inventory: &Inventory, each: &mut dyn FnMut(&str)) {
    let mut hasher = LineHasher::default();
    lines(inventory, &mut |line| {
        hasher.line(line);
        each(line);
        each("\n");
    });
    let closing = Closing {
        images: inventory.len(),
        sha256: hasher.finish(),
    };
    each(&json(&closing));
    each("\n");
}

/// Writes the document whole.
#[must_use]
pub fn write(inventory: &Inventory) -> String {
    let mut text = String::new();
    write_to(inventory, &mut |piece| text.push_str(piece));
    text
}

/// The hash in the closing line of [`write()`].
pub(super) fn hash(inventory: &Inventory) -> String {
    let mut hasher = LineHasher::default();
    lines(inventory, &mut |line| hasher.line(line));
    hasher.finish()
}

/// The first line: what the document says of the repository as a whole.
#[must_use]
pub fn head(inventory: &Inventory) -> String {
    let in_order = |list: &[String]| {
        let mut list = list.to_vec();
        sorted::sort(&mut list);
        list
    };
    json(&Head {
        annotation_keys: in_order(&inventory.annotation_keys),
        complete: inventory.complete,
        deletes_by: inventory.deletes_by,
        format: FORMAT.to_owned(),
        host: inventory.host.clone(),
        incomplete_reason: inventory.incomplete_reason.clone(),
        label_keys: in_order(&inventory.label_keys),
        lists_untagged: inventory.lists_untagged,
        records_pushed: inventory.records_pushed,
        records_tag_pushed: inventory.records_tag_pushed,
        repository: inventory.repository.clone(),
        taken_at: inventory.taken_at.seconds(),
        unreadable_tags: in_order(&inventory.unreadable_tags),
        watched_since: inventory.watched_since.seconds(),
    })
}

fn lines(inventory: &Inventory, each: &mut dyn FnMut(&str)) {
    each(&head(inventory));
    let mut text = String::new();
    for image in inventory.images() {
        text.clear();
        line::write(image, &mut text);
        each(&text);
    }
}

fn json<T: Serialize>(value: &T) -> String {
    // strings, integers and lists of them always serialise
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::canonical_json;
    use crate::oci::Digest;
    use crate::plan::inventory::{Entry, Kind, Layer, Locks, Tag, parse};
    use crate::timestamp::Timestamp;

    fn entry(name: &str) -> Entry {
        let mut entry = Entry::new(Digest::of(name.as_bytes()), Kind::Index);
        let notes = [("b", "2"), ("a", "1")];
        let notes = notes.map(|(key, value)| (key.to_owned(), value.to_owned()));
        entry.annotations = Some(notes.clone().into());
        entry.artifact_type = Some("x/y".to_owned());
        entry.children = vec![Digest::of(b"child"), Digest::of(b"other"), Digest::of(b"a")];
        entry.children.sort_unstable();
        entry.config = Some(Digest::of(b"config"));
        entry.fallback_for = Some(Digest::of(b"subject"));
        entry.labels = Some(notes.into());
        entry.layers = Some(vec![
            Layer::new(Digest::of(b"second"), 8),
            Layer::new(Digest::of(b"first"), 7),
        ]);
        entry.locks = Locks {
            no_delete: true,
            no_overwrite: true,
        };
        entry.media_type = "m".to_owned();
        entry.platform = Some("linux/amd64".to_owned());
        entry.size = Some(7);
        entry.subject = Some(Digest::of(b"subject"));
        entry.times.created = Some(Timestamp::from_seconds(1));
        entry.times.first_seen = Some(Timestamp::from_seconds(2));
        entry.times.pulled = Some(Timestamp::from_seconds(3));
        entry.times.pushed = Some(Timestamp::from_seconds(4));
        entry.unreadable = Some("404".to_owned());
        for tag in ["x", "y"] {
            let mut tag = Tag::new(tag);
            tag.first_seen = Some(Timestamp::from_seconds(5));
            tag.pushed = Some(Timestamp::from_seconds(6));
            entry.tags.push(tag);
        }
        entry
    }

    fn entries() -> Vec<Entry> {
        let mut entries: Vec<Entry> = ["a", "b", "c"].map(entry).into();
        entries.push(Entry::new(Digest::of(b"bare"), Kind::Other));
        entries
    }

    fn of(entries: Vec<Entry>) -> Inventory {
        let mut inventory = Inventory::new(
            "registry.example",
            "shop/web",
            Timestamp::from_seconds(1_795_507_200),
        );
        inventory.annotation_keys = vec!["a".to_owned(), "b".to_owned()];
        inventory.deletes_by = Some(DeleteBy::UntagThenDigest);
        inventory.incomplete_reason = Some("it is small".to_owned());
        inventory.label_keys.push("b".to_owned());
        inventory.records_tag_pushed = true;
        inventory.unreadable_tags.push("broken".to_owned());
        inventory.fill(entries).unwrap();
        inventory
    }

    fn inventory() -> Inventory {
        of(entries())
    }

    #[test]
    fn everything_comes_back() {
        let text = write(&inventory());
        let read = parse(&text).unwrap();
        assert_eq!(write(&read), text);
        for entry in entries() {
            let row = read.find(&entry.digest).unwrap();
            assert_eq!(read.image(row).unwrap().entry(), entry);
        }
    }

    #[test]
    fn a_line_is_what_its_entry_serialises_to() {
        let mut strange = Entry::new(Digest::of(b"strange"), Kind::Cache);
        strange.media_type = "a\"b\\c\n\u{1}\u{7f}é".to_owned();
        strange.annotations = Some([("k\"".to_owned(), "\t".to_owned())].into());
        strange.labels = Some(std::collections::BTreeMap::new());
        strange.layers = Some(Vec::new());
        strange.locks.no_overwrite = true;
        strange.size = Some(u64::MAX - 1);
        strange.times.created = Some(Timestamp::from_seconds(-62_135_596_800));
        strange.times.pushed = Some(Timestamp::from_seconds(0));
        let mut all = entries();
        all.push(strange);
        let inventory = of(all.clone());
        for entry in all {
            let row = inventory.find(&entry.digest).unwrap();
            let mut text = String::new();
            line::write(inventory.image(row).unwrap(), &mut text);
            assert_eq!(text, serde_json::to_string(&entry).unwrap());
        }
    }

    #[test]
    fn a_document_of_an_earlier_release_is_read() {
        let text = concat!(
            r#"{"complete":true,"format":"portreeve.inventory/1","host":"r.example","#,
            r#""listsUntagged":false,"recordsPushed":false,"repository":"a","#,
            r#""takenAt":9,"watchedSince":8}"#,
            "\n",
        );
        let closing = Closing {
            images: 0,
            sha256: Digest::of(text.as_bytes()).hex(),
        };
        let inventory = parse(&format!("{text}{}", json(&closing))).unwrap();
        assert_eq!(inventory.watched_since, Timestamp::from_seconds(8));
        assert_eq!(inventory.deletes_by, None);
    }

    #[test]
    fn every_line_is_written_in_its_canonical_text() {
        for line in write(&inventory()).lines() {
            let value = serde_json::from_str(line).unwrap();
            assert_eq!(canonical_json::text(&value), line);
        }
    }

    #[test]
    fn the_order_of_images_tags_and_children_changes_nothing() {
        let (one, mut two) = (inventory(), entries());
        two.reverse();
        for entry in &mut two {
            entry.tags.reverse();
            entry.children.reverse();
        }
        assert_eq!(one.hash(), of(two.clone()).hash());
        assert_eq!(one, of(two.clone()));
        two[0].size = Some(9);
        assert_ne!(one.hash(), of(two).hash());
    }

    #[test]
    fn a_document_that_is_not_whole_is_refused() {
        let text = write(&inventory());
        let lines: Vec<&str> = text.lines().collect();
        assert!(text.ends_with(&format!("{}\"}}\n", inventory().hash())));
        for end in 0..lines.len() {
            assert!(parse(&lines[..end].join("\n")).is_err(), "{end} lines");
        }
        for left_out in 1..lines.len() {
            let mut some = lines.clone();
            some.remove(left_out);
            assert!(parse(&some.join("\n")).is_err(), "without line {left_out}");
        }
        assert!(parse(&text.replace("\"size\":7", "\"size\":8")).is_err());
        assert!(parse(&text.replace("\"size\":7", "\"sizes\":7")).is_err());
        assert!(parse(&text.replace("inventory/1", "inventory/2")).is_err());
        assert!(parse(&text.replace("\"complete\"", "\"more\":1,\"complete\"")).is_err());
    }
}
