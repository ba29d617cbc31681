//! What an earlier scan knows about since when things are there.

use std::sync::Arc;

use super::Inventory;
use super::columns::Time;
use crate::error::{Code, Error, Result};
use crate::timestamp::Timestamp;

impl Inventory {
    /// Carries on the sightings of an earlier inventory of the same repository: since when scans
    /// watch it, and when they first saw each digest and each tag on its digest.
    ///
    /// A tag that moved is new where it is now, and a digest that was gone in between too, as far
    /// as `earlier` shows.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::plan::inventory::{Entry, Inventory, Kind};
    /// use portreeve::{oci::Digest, timestamp::Timestamp};
    ///
    /// let scan = |taken_at| {
    ///     let taken_at = Timestamp::from_seconds(taken_at);
    ///     let mut inventory = Inventory::new("registry.example", "shop/web", taken_at);
    ///     let mut entry = Entry::new(Digest::of(b"manifest"), Kind::Image);
    ///     entry.times.first_seen = Some(taken_at);
    ///     inventory.fill([entry]).map(|()| inventory)
    /// };
    /// let (first, mut second) = (scan(100)?, scan(200)?);
    /// second.carry_on(&first)?;
    /// assert_eq!(second.image(0).unwrap().times().first_seen, Some(first.taken_at));
    /// # Ok::<(), portreeve::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `invalid_argument` for an inventory of another repository.
    pub fn carry_on(&mut self, earlier: &Self) -> Result<()> {
        if (&self.host, &self.repository) != (&earlier.host, &earlier.repository) {
            let found = format!(
                "the earlier inventory is of {}/{}",
                earlier.host, earlier.repository
            );
            return Err(Error::new(Code::InvalidArgument, found)
                .doing(format!("reading {}", self.repository))
                .at(&*self.host));
        }
        self.watched_since = self.watched_since.min(earlier.watched_since);
        let columns = Arc::make_mut(&mut self.columns);
        let mut before = earlier.images().peekable();
        for (row, number) in columns.rows.iter_mut().zip(0..) {
            let Some(digest) = columns.digests.get(number) else {
                continue;
            };
            while before.next_if(|image| image.digest() < digest).is_some() {}
            let Some(image) = before.next_if(|image| image.digest() == digest) else {
                continue;
            };
            since(&mut row.first_seen, image.times().first_seen, earlier);
            let mut tags = image.tags().peekable();
            for number in row.tags.start..row.tags.end {
                let name = columns.tags.get(number);
                while tags.next_if(|tag| tag.name < name).is_some() {}
                let times = columns.tag_times.get_mut(number as usize);
                if let (Some(times), Some(tag)) = (times, tags.next_if(|tag| tag.name == name)) {
                    since(&mut times.first_seen, tag.first_seen, earlier);
                }
            }
        }
        Ok(())
    }
}

/// What the earlier scan saw without knowing since when, it saw when it was taken.
fn since(seen: &mut Time, before: Option<Timestamp>, earlier: &Inventory) {
    let before = before.unwrap_or(earlier.taken_at);
    let now: Option<Timestamp> = (*seen).into();
    *seen = Some(now.map_or(before, |now| now.min(before))).into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;
    use crate::plan::inventory::{Entry, Kind, Tag};

    fn scan(taken_at: i64, images: &[(&str, &[&str])]) -> Inventory {
        let taken_at = Timestamp::from_seconds(taken_at);
        let mut inventory = Inventory::new("r.example", "a", taken_at);
        let entries = images.iter().map(|(name, tags)| {
            let mut entry = Entry::new(Digest::of(name.as_bytes()), Kind::Image);
            entry.times.first_seen = Some(taken_at);
            for tag in *tags {
                let mut tag = Tag::new(*tag);
                tag.first_seen = Some(taken_at);
                entry.tags.push(tag);
            }
            entry
        });
        inventory.fill(entries).unwrap();
        inventory
    }

    /// When a scan first saw a manifest, or a tag there.
    fn seen(inventory: &Inventory, name: &str, tag: Option<&str>) -> Option<i64> {
        let row = inventory.find(&Digest::of(name.as_bytes())).unwrap();
        let image = inventory.image(row).unwrap();
        let seen = match tag {
            Some(name) => {
                image
                    .tags()
                    .find(|tag| tag.name == name)
                    .unwrap()
                    .first_seen
            }
            None => image.times().first_seen,
        };
        seen.map(Timestamp::seconds)
    }

    #[test]
    fn what_is_still_there_is_as_old_as_its_first_sight() {
        let first = scan(
            100,
            &[("a", &["v1", "main"]), ("b", &["old"]), ("gone", &[])],
        );
        let mut second = scan(
            200,
            &[("a", &["v1"]), ("b", &["main", "old", "new"]), ("c", &[])],
        );
        second.carry_on(&first).unwrap();
        assert_eq!(second.watched_since, first.taken_at);
        for (name, tag, since) in [
            ("a", None, 100),
            ("a", Some("v1"), 100),
            ("b", None, 100),
            ("b", Some("old"), 100),
            ("b", Some("new"), 200),
            // it moved
            ("b", Some("main"), 200),
            ("c", None, 200),
        ] {
            assert_eq!(seen(&second, name, tag), Some(since), "{name} {tag:?}");
        }
        let mut third = scan(300, &[("b", &["main"]), ("c", &[])]);
        third.carry_on(&second).unwrap();
        assert_eq!(third.watched_since, first.taken_at);
        assert_eq!(seen(&third, "b", Some("main")), Some(200));
        assert_eq!(seen(&third, "c", None), Some(200));
    }

    #[test]
    fn a_clone_that_goes_on_leaves_the_other_as_it_was() {
        let first = scan(100, &[("a", &["v1"])]);
        let second = scan(200, &[("a", &["v1"])]);
        let mut carried = second.clone();
        carried.carry_on(&first).unwrap();
        assert_eq!(seen(&carried, "a", None), Some(100));
        assert_eq!(seen(&second, "a", None), Some(200));
    }

    #[test]
    fn another_repositorys_sightings_are_refused() {
        let mut other = scan(100, &[]);
        other.repository = "b".to_owned();
        let mut inventory = scan(200, &[]);
        let error = inventory.carry_on(&other).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert_eq!(inventory.watched_since, inventory.taken_at);
    }
}
