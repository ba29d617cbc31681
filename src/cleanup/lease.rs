//! Who may delete at present: one run per store. It spares two runs from each other's conflicts;
//! no safety rule rests on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::store::{Store, paths};
use crate::{
    error::{Code, Error, Result},
    io::Io,
    timestamp::Timestamp,
};

/// How long a lease lasts by itself.
const LIFE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    /// The holder's own random name.
    holder: String,
    /// Grows with every holder, so that a late one can be told from the present one.
    fence: u64,
    /// When it ends by itself.
    expires: Timestamp,
}

/// A lease that is held. Dropping it leaves it to run out; [`Held::release`] ends it.
pub(super) struct Held {
    holder: String,
    fence: u64,
}

impl Held {
    /// Takes the lease for `run`.
    ///
    /// # Errors
    ///
    /// `locked` while another run holds it.
    pub(super) async fn take<I: Io>(io: &I, store: &impl Store, run: &str) -> Result<Self> {
        let now = io.now();
        let present = store.read(paths::LEASE).await?;
        let earlier = present.as_deref().map(parse).transpose()?;
        if let Some(earlier) = earlier.as_ref().filter(|lease| lease.expires > now) {
            return Err(locked(&format!(
                "the run {} holds the lease until {}",
                earlier.holder, earlier.expires
            )));
        }
        let held = Self {
            holder: format!("{run} {:016x}", io.random()),
            fence: earlier.map_or(0, |lease| lease.fence) + 1,
        };
        let new = held.text(now.plus(LIFE))?;
        if store.swap(paths::LEASE, present.as_deref(), &new).await? {
            Ok(held)
        } else {
            Err(locked("another run took the lease at the same moment"))
        }
    }

    /// Reads the lease again, and prolongs it when half of it is over.
    ///
    /// # Errors
    ///
    /// `locked` where it is lost.
    pub(super) async fn check<I: Io>(&self, io: &I, store: &impl Store) -> Result<()> {
        let present = store.read(paths::LEASE).await?.unwrap_or_default();
        let lease = parse(&present)?;
        if lease.fence != self.fence || lease.holder != self.holder {
            return Err(locked(&format!("the run {} took the lease", lease.holder)));
        }
        let now = io.now();
        if lease.expires.since(now) > LIFE / 2 {
            return Ok(());
        }
        // run out and not taken: nobody else deletes, so that it may be prolonged
        let new = self.text(now.plus(LIFE))?;
        if store.swap(paths::LEASE, Some(&present), &new).await? {
            Ok(())
        } else {
            Err(locked("another run took the lease"))
        }
    }

    /// Ends the lease, where it still is this one.
    pub(super) async fn release<I: Io>(self, io: &I, store: &impl Store) -> Result<()> {
        let Some(present) = store.read(paths::LEASE).await? else {
            return Ok(());
        };
        if parse(&present)?.fence == self.fence {
            let new = self.text(io.now())?;
            store.swap(paths::LEASE, Some(&present), &new).await?;
        }
        Ok(())
    }

    fn text(&self, expires: Timestamp) -> Result<String> {
        let text = Text {
            holder: self.holder.clone(),
            fence: self.fence,
            expires,
        };
        serde_json::to_string(&text).map_err(|error| Error::new(Code::Internal, error.to_string()))
    }
}

fn parse(text: &str) -> Result<Text> {
    serde_json::from_slice(text.as_bytes()).map_err(|error| {
        Error::new(
            Code::StorageFailed,
            format!("{} in the state cannot be read: {error}", paths::LEASE),
        )
        .next("delete it if no other run is going on")
    })
}

fn locked(found: &str) -> Error {
    Error::new(Code::Locked, found)
        .doing("taking the lease of the state")
        .next("wait for the other run, then apply again: the run goes on where it stopped")
}
