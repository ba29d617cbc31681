//! What an inventory holds, counted: for a person to see whether it is what was meant.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Image, Inventory};
use crate::timestamp::Timestamp;

/// What an inventory holds, counted. Times are RFC 3339 in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Contents {
    /// Manifests in all.
    pub manifests: usize,
    /// How many there are of each kind that there is.
    pub kinds: BTreeMap<&'static str, usize>,
    /// Tags in all.
    pub tags: usize,
    /// Manifests that a tag shows.
    pub tagged: usize,
    /// Manifests whose content could not be read.
    pub unreadable: usize,
    /// Layers, each once; left out where they were not read of everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Blobs>,
    /// The oldest and the newest push, where the registry records them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed: Option<Span>,
    /// The oldest and the newest build, as far as build times were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Span>,
}

/// Blobs, each counted once however many manifests have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Blobs {
    /// How many.
    pub count: usize,
    /// Their bytes together.
    pub bytes: u64,
}

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Span {
    /// The first.
    pub oldest: Timestamp,
    /// The last.
    pub newest: Timestamp,
}

impl Inventory {
    /// What it holds, counted.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::plan::inventory::{Entry, Inventory, Kind, Tag};
    /// use portreeve::{oci::Digest, timestamp::Timestamp};
    ///
    /// let mut inventory = Inventory::new("registry.example", "shop/web", Timestamp::from_seconds(0));
    /// let mut entry = Entry::new(Digest::of(b"manifest"), Kind::Image);
    /// entry.tags.push(Tag::new("v1.0.0"));
    /// inventory.fill([entry])?;
    /// let contents = inventory.contents();
    /// assert_eq!((contents.manifests, contents.tags, contents.kinds["image"]), (1, 1, 1));
    /// # Ok::<(), portreeve::error::Error>(())
    /// ```
    #[must_use]
    pub fn contents(&self) -> Contents {
        let mut contents = Contents {
            manifests: self.len(),
            ..Contents::default()
        };
        for image in self.images() {
            *contents.kinds.entry(image.kind().as_str()).or_default() += 1;
            let tags = image.tags().len();
            contents.tags += tags;
            contents.tagged += usize::from(tags > 0);
            contents.unreadable += usize::from(image.unreadable().is_some());
            let times = image.times();
            widen(&mut contents.pushed, times.pushed);
            widen(&mut contents.created, times.created);
        }
        contents.layers = self.layers();
        contents
    }

    fn layers(&self) -> Option<Blobs> {
        let mut counted = vec![false; self.named()];
        let mut blobs = Blobs::default();
        for image in self.images().filter(|image| image.unreadable().is_none()) {
            for (id, size) in layers_of(image)? {
                let Some(counted) = counted.get_mut(id as usize) else {
                    continue;
                };
                if !std::mem::replace(counted, true) {
                    blobs.count += 1;
                    blobs.bytes = blobs.bytes.saturating_add(size);
                }
            }
        }
        (!self.is_empty()).then_some(blobs)
    }
}

fn layers_of(image: Image<'_>) -> Option<impl Iterator<Item = (u32, u64)>> {
    let sizes = image.layer_sizes().iter().copied();
    Some(image.layer_ids()?.iter().copied().zip(sizes))
}

fn widen(span: &mut Option<Span>, time: Option<Timestamp>) {
    let Some(time) = time else {
        return;
    };
    let span = span.get_or_insert(Span {
        oldest: time,
        newest: time,
    });
    span.oldest = span.oldest.min(time);
    span.newest = span.newest.max(time);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;
    use crate::plan::inventory::{Entry, Kind, Layer, Tag};

    #[test]
    fn layers_count_once_and_only_where_all_were_read() {
        let layer = |name: &str, size| Layer::new(Digest::of(name.as_bytes()), size);
        let image = |name: &str, layers: Option<Vec<Layer>>, pushed| {
            let mut entry = Entry::new(Digest::of(name.as_bytes()), Kind::Image);
            entry.layers = layers;
            entry.tags.push(Tag::new(name));
            entry.times.pushed = Some(Timestamp::from_seconds(pushed));
            entry
        };
        let of = |entries: &[Entry]| {
            let now = Timestamp::from_seconds(0);
            let mut inventory = Inventory::new("registry.example", "shop/web", now);
            inventory.fill(entries.to_vec()).unwrap();
            inventory.contents()
        };
        let one = image("one", Some(vec![layer("base", 5), layer("top", 1)]), 7);
        let two = image("two", Some(vec![layer("base", 5)]), 3);
        let contents = of(&[one.clone(), two.clone()]);
        assert_eq!(contents.layers, Some(Blobs { count: 2, bytes: 6 }));
        let span = contents.pushed.unwrap();
        assert_eq!((span.oldest.seconds(), span.newest.seconds()), (3, 7));
        assert_eq!((contents.tags, contents.created), (2, None));
        let mut unreadable = Entry::new(Digest::of(b"broken"), Kind::Other);
        unreadable.unreadable = Some("404".to_owned());
        let contents = of(&[one.clone(), unreadable]);
        assert_eq!(
            (contents.layers.unwrap().bytes, contents.unreadable),
            (6, 1)
        );
        assert_eq!(of(&[one, image("three", None, 1)]).layers, None);
        assert_eq!(of(&[]).layers, None);
    }
}
