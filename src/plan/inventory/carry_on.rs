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
