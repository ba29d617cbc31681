//! From entries in any order to columns in the order of digests.

use std::collections::BTreeMap;

use super::columns::{Columns, NONE, Row, Span, TagTimes};
use super::digests::{Digests, Numbers};
use super::entry::{Entry, Layer, Tag};
use super::texts::Interned;
use crate::error::{Code, Error, Result};
use crate::oci::Digest;
use crate::sorted;

/// So many layers are taken before it is worth looking for those that are named twice.
const FEW: usize = 1 << 16;

/// Columns while they come together. Ids are places in `named` until the end.
#[derive(Debug, Default)]
pub(super) struct Builder {
    columns: Columns,
    /// Where the manifests' own digests are, in the order in which they came.
    places: Vec<u32>,
    /// What manifests name, as often as they do.
    named: Digests,
    texts: Interned,
    /// How many layers there were when those that are named twice were last looked for.
    united: usize,
}

impl Builder {
    /// Takes a manifest.
    pub(super) fn push(&mut self, entry: Entry) -> Result<()> {
        self.add(entry).ok_or_else(|| {
            Error::new(
                Code::TooLarge,
                "the inventory holds more than this release can number",
            )
        })
    }

    pub(super) fn len(&self) -> usize {
        self.columns.rows.len()
    }

    fn add(&mut self, mut entry: Entry) -> Option<()> {
        sorted::sort(&mut entry.children);
        entry.children.dedup();
        let row = Row {
            created: entry.times.created.into(),
            first_seen: entry.times.first_seen.into(),
            pulled: entry.times.pulled.into(),
            pushed: entry.times.pushed.into(),
            size: entry.size.unwrap_or(u64::MAX),
            artifact_type: self.text(entry.artifact_type.as_deref())?,
            config: self.name(entry.config.as_ref())?,
            fallback_for: self.name(entry.fallback_for.as_ref())?,
            media_type: self.text(Some(&*entry.media_type).filter(|text| !text.is_empty()))?,
            platform: self.text(entry.platform.as_deref())?,
            subject: self.name(entry.subject.as_ref())?,
            unreadable: self.text(entry.unreadable.as_deref())?,
            children: self.children(&entry.children)?,
            tags: self.tags(entry.tags)?,
            layers: self.layers(entry.layers.as_deref())?,
            annotations: self.notes(entry.annotations)?,
            labels: self.notes(entry.labels)?,
            kind: entry.kind,
            no_delete: entry.locks.no_delete,
            no_overwrite: entry.locks.no_overwrite,
        };
        let place = self.columns.digests.push(&entry.digest)?;
        self.places.push(place);
        self.columns.rows.push(row);
        let layers = self.columns.layers.len();
        if layers > FEW && layers - self.united > layers / 4 {
            self.unite()?;
        }
        Some(())
    }

    fn text(&mut self, text: Option<&str>) -> Option<u32> {
        match text {
            Some(text) => self.texts.number(text),
            None => Some(NONE),
        }
    }

    fn name(&mut self, digest: Option<&Digest>) -> Option<u32> {
        match digest {
            Some(digest) => self.named.push(digest),
            None => Some(NONE),
        }
    }

    fn children(&mut self, children: &[Digest]) -> Option<Span> {
        let start = self.columns.children.len();
        for child in children {
            let place = self.named.push(child)?;
            self.columns.children.push(place);
        }
        span(start, self.columns.children.len())
    }

    fn layers(&mut self, layers: Option<&[Layer]>) -> Option<Span> {
        let Some(layers) = layers else {
            return Some(Span::UNREAD);
        };
        let start = self.columns.layers.len();
        for layer in layers {
            let place = self.named.push(&layer.digest)?;
            self.columns.layers.push(place);
            self.columns.layer_sizes.push(layer.size);
        }
        span(start, self.columns.layers.len())
    }

    fn tags(&mut self, mut tags: Vec<Tag>) -> Option<Span> {
        sorted::sort_by(&mut tags, |one, two| {
            let key = |tag: &Tag| (tag.first_seen, tag.pushed);
            one.name.cmp(&two.name).then(key(one).cmp(&key(two)))
        });
        let start = self.columns.tags.len();
        for tag in tags {
            self.columns.tags.push(&tag.name)?;
            self.columns.tag_times.push(TagTimes {
                first_seen: tag.first_seen.into(),
                pushed: tag.pushed.into(),
            });
        }
        span(start, self.columns.tags.len())
    }

    fn notes(&mut self, notes: Option<BTreeMap<String, String>>) -> Option<Span> {
        let Some(notes) = notes else {
            return Some(Span::UNREAD);
        };
        let start = self.columns.notes.len();
        for (key, value) in &notes {
            let pair = [self.texts.number(key)?, self.texts.number(value)?];
            self.columns.notes.push(pair);
        }
        span(start, self.columns.notes.len())
    }

    /// Keeps each named digest once. Images share most of their layers: as often as they are
    /// named they would take more memory than everything else.
    fn unite(&mut self) -> Option<()> {
        let named = std::mem::take(&mut self.named);
        let mut places = Numbers::of(&named);
        let mut last = None;
        for place in named.order() {
            let digest = named.at(place)?;
            let known = match last {
                Some((known, last)) if last == digest => known,
                _ => self.named.push(&digest)?,
            };
            last = Some((known, digest));
            places.set(place, known);
        }
        self.columns.renumber(&places);
        self.united = self.columns.layers.len();
        Some(())
    }

    /// Sorts the manifests, and gives every digest its id.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a digest that comes twice: two entries would say two things of it.
    pub(super) fn finish(self) -> Result<Columns> {
        let Self {
            mut columns,
            places,
            named,
            texts,
            ..
        } = self;
        columns.texts = texts.texts;
        let arrived = std::mem::take(&mut columns.digests);
        let order = arrived.order();
        let mut last = None;
        for digest in order.iter().filter_map(|place| arrived.at(*place)) {
            if last == Some(digest) {
                let found = format!("the inventory holds {digest} twice");
                return Err(Error::new(Code::InvalidArgument, found).next("take a new inventory"));
            }
            last = Some(digest);
            columns.digests.push(&digest);
        }
        if order != places {
            let mut numbers = Numbers::of(&arrived);
            for (number, place) in (0..).zip(&places) {
                numbers.set(*place, number);
            }
            let row = |place: &u32| columns.rows.get(numbers.get(*place) as usize).copied();
            columns.rows = order.iter().filter_map(row).collect();
        }
        drop((arrived, order, places));
        columns.number(&named);
        columns.shrink();
        Ok(columns)
    }
}

impl Columns {
    /// Puts ids in the place of places in `named`.
    fn number(&mut self, named: &Digests) {
        let mut numbers = Numbers::of(named);
        // both are sorted: one walk along them finds which of the named are rows
        let (mut row, count) = (0, self.len());
        let mut last = None;
        for place in named.order() {
            let Some(digest) = named.at(place) else {
                continue;
            };
            while row < count && self.digests.get(row).is_some_and(|other| other < digest) {
                row += 1;
            }
            if self.digests.get(row) == Some(digest) {
                numbers.set(place, row);
                continue;
            }
            if last != Some(digest) {
                last = Some(digest);
                self.others.push(&digest);
            }
            let other = u32::try_from(self.others.len() - 1).unwrap_or(NONE);
            numbers.set(place, count.saturating_add(other));
        }
        self.renumber(&numbers);
        // by digest they are sorted already; rows come before what is no row
        for row in &self.rows {
            if let Some(children) = self.children.get_mut(row.children.range()) {
                sorted::positions(children, &|one, two| one.cmp(&two));
            }
        }
    }

    fn renumber(&mut self, numbers: &Numbers) {
        let renumber = |id: &mut u32| {
            if *id != NONE {
                *id = numbers.get(*id);
            }
        };
        for row in &mut self.rows {
            renumber(&mut row.config);
            renumber(&mut row.fallback_for);
            renumber(&mut row.subject);
        }
        self.children.iter_mut().for_each(renumber);
        self.layers.iter_mut().for_each(renumber);
    }

    fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.digests.shrink();
        self.others.shrink();
        self.children.shrink_to_fit();
        self.layers.shrink_to_fit();
        self.layer_sizes.shrink_to_fit();
        self.tags.shrink();
        self.tag_times.shrink_to_fit();
        self.notes.shrink_to_fit();
        self.texts.shrink();
    }
}

fn span(start: usize, end: usize) -> Option<Span> {
    // the last number means none
    let end = u32::try_from(end).ok().filter(|end| *end != NONE)?;
    let start = u32::try_from(start).ok()?;
    Some(Span { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Algorithm;
    use crate::plan::inventory::{Inventory, Kind};
    use crate::timestamp::Timestamp;

    fn inventory() -> Inventory {
        Inventory::new("r.example", "a", Timestamp::from_seconds(0))
    }

    fn digest(number: usize) -> Digest {
        // every third is a long one
        let algorithm = match number % 3 {
            0 => Algorithm::Sha512,
            _ => Algorithm::Sha256,
        };
        algorithm.digest_of(&number.to_be_bytes())
    }

    #[test]
    fn manifests_have_the_first_ids_in_the_order_of_their_digests() {
        let entries = (0..300).map(|number| {
            let mut entry = Entry::new(digest(number), Kind::Index);
            entry.children = vec![digest(number + 1), digest(number + 1), digest(number + 200)];
            entry.subject = Some(digest(number / 2));
            entry.config = Some(digest(1000 + number % 7));
            entry
        });
        let mut filled = inventory();
        filled.fill(entries).unwrap();
        assert_eq!((filled.len(), filled.named()), (300, 300 + 200 + 7));
        assert!(filled.images().map(|image| image.digest()).is_sorted());
        for number in 0..300 {
            let row = filled.find(&digest(number)).unwrap();
            let image = filled.image(row).unwrap();
            assert_eq!(image.digest(), digest(number));
            assert_eq!(image.subject_id(), filled.find(&digest(number / 2)));
            assert_eq!(image.config(), Some(digest(1000 + number % 7)));
            let mut children = [digest(number + 1), digest(number + 200)];
            children.sort_unstable();
            assert_eq!(image.entry().children, children);
            assert!(image.child_ids().is_sorted());
            for id in image.child_ids() {
                assert_eq!(filled.id(&filled.digest(*id).unwrap()), Some(*id));
            }
        }
        assert_eq!(filled.digest(507), None);
        assert_eq!(filled.id(&Digest::of(b"other")), None);
    }

    #[test]
    fn layers_that_many_share_are_kept_once() {
        let layers = |number: usize| {
            let ids = (0..50).map(move |layer| number % 40 + layer);
            let layers = ids.map(|id| Layer::new(digest(10_000 + id), id as u64));
            layers.collect::<Vec<_>>()
        };
        let mut builder = Builder::default();
        for number in 0..3000 {
            let mut entry = Entry::new(digest(number), Kind::Image);
            entry.layers = Some(layers(number));
            builder.push(entry).unwrap();
        }
        assert!(builder.named.len() < FEW, "{}", builder.named.len());
        let mut filled = inventory();
        filled.columns = builder.finish().unwrap().into();
        assert_eq!(filled.named(), 3000 + 89);
        for number in [0, 1234, 2999] {
            let row = filled.find(&digest(number)).unwrap();
            assert_eq!(
                filled.image(row).unwrap().entry().layers,
                Some(layers(number))
            );
        }
    }

    #[test]
    fn one_digest_with_two_facts_is_refused_and_changes_nothing() {
        let mut one = Entry::new(digest(1), Kind::Image);
        one.size = Some(1);
        let mut other = one.clone();
        other.size = Some(2);
        let mut filled = inventory();
        filled.fill([Entry::new(digest(2), Kind::Image)]).unwrap();
        let error = filled.fill([one.clone(), other]).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(
            error.to_string().contains(&digest(1).to_string()),
            "{error}"
        );
        assert_eq!(filled.len(), 1);
        filled.fill([one]).unwrap();
        filled.retain(|image| image.size().is_some());
        assert_eq!((filled.len(), filled.find(&digest(1))), (1, Some(0)));
    }
}
