//! The inventory as JSON Lines: a head, one line for each manifest, and a last line that proves
//! that the document is whole.

use serde::{Deserialize, Serialize};

use super::{Image, Inventory};
use crate::configuration::canonical_json::LineHasher;
use crate::error::{Code, Error, Result};
use crate::sorted;
use crate::timestamp::Timestamp;

/// The name and version that the first line carries.
pub const FORMAT: &str = "portreeve.inventory/1";

/// In the order of the names in JSON, as `Image`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Head {
    complete: bool,
    format: String,
    host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incomplete_reason: Option<String>,
    lists_untagged: bool,
    records_pushed: bool,
    repository: String,
    /// Seconds since 1970.
    taken_at: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unreadable_tags: Vec<String>,
    /// Seconds since 1970.
    watched_since: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Closing {
    images: usize,
    /// Over every line before this one, with their line ends.
    sha256: String,
}

/// Writes the document, images and tags sorted.
#[must_use]
pub fn write(inventory: &Inventory) -> String {
    let mut text = String::new();
    let mut hasher = LineHasher::default();
    lines(inventory, |line| {
        hasher.line(line);
        text.push_str(line);
        text.push('\n');
    });
    let closing = Closing {
        images: inventory.images.len(),
        sha256: hasher.finish(),
    };
    text.push_str(&json(&closing));
    text.push('\n');
    text
}

/// Reads a document that [`write()`] wrote.
///
/// # Errors
///
/// `invalid_argument` for another format, an unknown field, a line too few or too many, or a
/// content that the closing line does not prove.
pub fn parse(text: &str) -> Result<Inventory> {
    let mut lines = text.lines().enumerate().peekable();
    let head: Head = match lines.next() {
        Some((_, line)) => read(line, 1)?,
        None => return Err(invalid("it is empty")),
    };
    if head.format != FORMAT {
        return Err(invalid(format!(
            "its format is `{}`, not {FORMAT}",
            head.format
        )));
    }
    let mut hasher = LineHasher::default();
    hasher.line(text.lines().next().unwrap_or_default());
    let mut inventory = Inventory {
        host: head.host,
        repository: head.repository,
        taken_at: Timestamp::from_seconds(head.taken_at),
        complete: head.complete,
        incomplete_reason: head.incomplete_reason,
        lists_untagged: head.lists_untagged,
        records_pushed: head.records_pushed,
        images: Vec::new(),
        unreadable_tags: head.unreadable_tags,
        watched_since: Timestamp::from_seconds(head.watched_since),
    };
    while let Some((number, line)) = lines.next() {
        if lines.peek().is_none() {
            let closing: Closing = read(line, number + 1)
                .map_err(|_| invalid("its last line does not close it: it was cut short"))?;
            let whole = closing.images == inventory.images.len();
            return if whole && closing.sha256 == hasher.finish() {
                Ok(inventory)
            } else {
                Err(invalid("its closing line does not match its content"))
            };
        }
        inventory.images.push(read::<Image>(line, number + 1)?);
        hasher.line(line);
    }
    Err(invalid("its last line does not close it: it was cut short"))
}

/// The hash in the closing line of [`write()`].
pub(super) fn hash(inventory: &Inventory) -> String {
    let mut hasher = LineHasher::default();
    lines(inventory, |line| hasher.line(line));
    hasher.finish()
}

fn lines(inventory: &Inventory, mut each: impl FnMut(&str)) {
    let mut unreadable_tags = inventory.unreadable_tags.clone();
    sorted::sort(&mut unreadable_tags);
    each(&json(&Head {
        complete: inventory.complete,
        format: FORMAT.to_owned(),
        host: inventory.host.clone(),
        incomplete_reason: inventory.incomplete_reason.clone(),
        lists_untagged: inventory.lists_untagged,
        records_pushed: inventory.records_pushed,
        repository: inventory.repository.clone(),
        taken_at: inventory.taken_at.seconds(),
        unreadable_tags,
        watched_since: inventory.watched_since.seconds(),
    }));
    let mut images: Vec<&Image> = inventory.images.iter().collect();
    sorted::sort_by(&mut images, |one, two| one.digest.cmp(&two.digest));
    for image in images {
        if image.tags.is_sorted() && image.children.is_sorted() {
            each(&json(image));
        } else {
            let mut image = image.clone();
            sorted::sort(&mut image.tags);
            sorted::sort(&mut image.children);
            each(&json(&image));
        }
    }
}

fn json<T: Serialize>(value: &T) -> String {
    // strings, integers and lists of them always serialise
    serde_json::to_string(value).unwrap_or_default()
}

fn read<'de, T: Deserialize<'de>>(line: &'de str, number: usize) -> Result<T> {
    serde_json::from_slice(line.as_bytes())
        .map_err(|error| invalid(format!("line {number}: {error}")))
}

fn invalid(found: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, found)
        .doing("reading an inventory")
        .next("take a new one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::canonical_json;
    use crate::oci::Digest;
    use crate::plan::inventory::{Kind, Locks, Tag};

    fn inventory() -> Inventory {
        let mut inventory = Inventory::new(
            "registry.example",
            "shop/web",
            Timestamp::from_seconds(1_795_507_200),
        );
        inventory.unreadable_tags.push("broken".to_owned());
        for name in ["a", "b", "c"] {
            let mut image = Image::new(Digest::of(name.as_bytes()), Kind::Index);
            image.artifact_type = Some("x/y".to_owned());
            image.children = vec![Digest::of(b"child"), Digest::of(b"other")];
            image.config = Some(Digest::of(b"config"));
            image.fallback_for = Some(Digest::of(b"subject"));
            image.locks = Locks {
                no_delete: true,
                no_overwrite: true,
            };
            image.media_type = "m".to_owned();
            image.size = Some(7);
            image.subject = Some(Digest::of(b"subject"));
            image.times.created = Some(Timestamp::from_seconds(1));
            image.times.first_seen = Some(Timestamp::from_seconds(2));
            image.times.pulled = Some(Timestamp::from_seconds(3));
            image.times.pushed = Some(Timestamp::from_seconds(4));
            image.unreadable = Some("404".to_owned());
            for tag in ["x", "y"] {
                let mut tag = Tag::new(tag);
                tag.first_seen = Some(Timestamp::from_seconds(5));
                image.tags.push(tag);
            }
            inventory.images.push(image);
        }
        inventory
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
        let (one, mut two) = (inventory(), inventory());
        two.images.reverse();
        for image in &mut two.images {
            image.tags.reverse();
            image.children.reverse();
        }
        assert_eq!(one.hash(), two.hash());
        assert_eq!(write(&one), write(&two));
        two.images[0].size = None;
        assert_ne!(one.hash(), two.hash());
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
        assert!(parse(&text.replace("{\"complete\"", "{\"more\":1,\"complete\"")).is_err());
    }
}
