//! Reading a repository into an inventory: tags, then what they lead to, then what speaks of it.
//!
//! ```text
//! listing ─> tags ─> manifests ─> referrers ─> unlisted ─> configs ─> inventory
//! ```
//!
//! Each manifest is read once in its life, and images that an index lists are not read at all
//! unless the policy asks for what only they say: an index says enough of them. Whether such an
//! image is really there is asked only where the registry lists its manifests; elsewhere it counts
//! as there, which keeps what leads to it, and its group's back-up finds out before anything goes.
//!
//! Whatever HEAD or a list tells is asked for so: a GET of a manifest is a pull to many registries,
//! and young pulls keep images.

mod configs;
mod listing;
mod manifests;
mod referrers;
mod unlisted;

use std::{collections::BTreeSet, rc::Rc};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    assemble,
    budget::Budget,
    clock,
    event::{Event, Phase},
    known::Known,
    reading::Reading,
};
use crate::{
    client::Client,
    error::{Code, Error, Result},
    image::{ContentCache, Contents},
    io::Io,
    oci::Digest,
    plan::{inventory::Inventory, policy::Needs},
};

/// What to read.
///
/// The client has no method that writes, so neither has what reads through it:
///
/// ```compile_fail,E0599
/// use portreeve::{cleanup::Collect, error::Result, io::Io, oci::Digest};
///
/// async fn no_dry_run<I: Io>(what: &Collect<'_, I>, digest: &Digest) -> Result<()> {
///     what.client.delete(what.repository, digest, &[]).await.map(drop)
/// }
/// ```
#[allow(
    clippy::exhaustive_structs,
    reason = "an argument list with names: a field more is a question to every caller"
)]
pub struct Collect<'a, I: Io> {
    /// The registry.
    pub client: &'a Client<I>,
    /// The repository's path there.
    pub repository: &'a str,
    /// The facts that the policy asks for.
    pub needs: Needs,
    /// The last inventory of the same repository: it tells since when things are there, spares
    /// reading what it knows, and says which manifests to look for on a registry that lists tags
    /// only.
    pub earlier: Option<&'a Inventory>,
    /// Manifests and configs that the caller keeps: what is there is not fetched.
    pub cache: Option<Rc<dyn ContentCache>>,
    /// Digests that reports call in use: on a registry that lists tags only they are looked for,
    /// since nothing else tells of them.
    pub reported: &'a [Digest],
    /// Whose referrers are asked for.
    pub referrers: ReferrersOf<'a>,
    /// How many requests this invocation may send.
    pub budget: &'a Budget,
}

/// The digests whose referrers are asked for, on a registry that has the referrers endpoint and
/// does not list its manifests. Elsewhere nothing is asked: each manifest names its subject there.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ReferrersOf<'a> {
    /// All that are there.
    Every,
    /// These, whether they are there or not.
    These(&'a BTreeSet<Digest>),
    /// None: for an inventory to look at. It is incomplete where there may be such referrers.
    Nothing,
}

/// Reads the repository; `None` when the budget is used up before the end: call again with the
/// same `reading`. One that was begun for other facts begins anew.
///
/// One manifest that cannot be read is marked and does not stop the others. What cannot be proven
/// whole comes out as an incomplete inventory, with the reason, and deletes nothing.
///
/// # Errors
///
/// `not_found` for a repository that is not there, `invalid_argument` for an earlier inventory of
/// another one, and those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{cleanup::{self, Budget, Collect, Reading, ReferrersOf}, client::Client};
/// use portreeve::plan::{inventory::Inventory, policy::Needs};
/// use portreeve::{error::Result, io::Io};
///
/// async fn read<I: Io>(client: &Client<I>) -> Result<Option<Inventory>> {
///     let budget = Budget::unlimited();
///     let what = Collect {
///         client,
///         repository: "shop/web",
///         needs: Needs::everything(),
///         earlier: None,
///         cache: None,
///         reported: &[],
///         referrers: ReferrersOf::Every,
///         budget: &budget,
///     };
///     cleanup::collect(&what, &mut Reading::default(), &mut |_| {}).await
/// }
/// ```
pub async fn collect<I: Io>(
    what: &Collect<'_, I>,
    reading: &mut Reading,
    events: &mut dyn FnMut(Event),
) -> Result<Option<Inventory>> {
    if *reading.known.needs() != what.needs {
        *reading = Reading::knowing(Known::new(what.needs.clone()));
    }
    if let Some(earlier) = what.earlier {
        reading.known.learn(earlier);
    }
    let mut collector = Collector {
        what,
        contents: Contents {
            client: what.client.clone(),
            repository: what.repository.to_owned(),
            cache: what.cache.clone(),
        },
        reading,
        events,
    };
    if !collector.read_all().await? {
        return Ok(None);
    }
    assemble::inventory(what, reading).map(Some)
}

struct Collector<'a, 'b, I: Io> {
    what: &'a Collect<'b, I>,
    contents: Contents<I>,
    reading: &'a mut Reading,
    events: &'a mut dyn FnMut(Event),
}

/// Each step answers whether it came to its end within the budget.
impl<I: Io> Collector<'_, '_, I> {
    async fn read_all(&mut self) -> Result<bool> {
        let now = self.what.client.io().now();
        self.reading.begun.get_or_insert(now);
        let whole = self.listing().await?
            && self.tags().await?
            && self.manifests().await?
            && self.referrers().await?
            && self.unlisted().await?
            && self.configs().await?;
        self.reading.doubt = self.what.client.doubt().or(self.reading.doubt.take());
        // a wrong clock would date what is seen for the first time, and that is kept for ever
        let (io, registry) = (self.what.client.io(), self.what.client.last_date());
        if let Some(Err(error)) = registry.map(|date| clock::check(io.now(), Some(date))) {
            self.reading.doubt.get_or_insert(error.found().to_owned());
        }
        Ok(whole)
    }

    /// Sends one request for each item, a few at a time, as far as the budget goes.
    async fn each<T, R>(
        &mut self,
        phase: Phase,
        items: Vec<T>,
        ask: impl AsyncFn(&Contents<I>, T) -> Result<R>,
        mut keep: impl FnMut(&mut Reading, R),
    ) -> Result<bool> {
        let known = items.len();
        let budget = self.what.budget;
        let (ask, contents) = (&ask, &self.contents);
        let mut answers = std::pin::pin!(
            stream::iter(items)
                .take_while(|_| std::future::ready(budget.take()))
                .map(|item| ask(contents, item))
                .buffer_unordered(self.what.client.limits().concurrency)
        );
        let mut done = 0;
        while let Some(answer) = answers.try_next().await? {
            keep(self.reading, answer);
            done += 1;
            tell(self.what, self.events, phase, done, known);
        }
        Ok(done == known)
    }
}

fn tell<I: Io>(
    what: &Collect<'_, I>,
    events: &mut dyn FnMut(Event),
    phase: Phase,
    done: usize,
    known: usize,
) {
    let repository = format!("{}/{}", what.client.host(), what.repository);
    events(Event::Reading {
        repository,
        phase,
        done,
        known,
    });
}

enum Found<T> {
    One(T),
    None,
    Unreadable(String),
}

/// One broken manifest among thousands is marked; whatever else fails ends the reading.
fn of_one<T>(found: Result<Option<T>>) -> Result<Found<T>> {
    match found {
        Ok(Some(found)) => Ok(Found::One(found)),
        Ok(None) => Ok(Found::None),
        Err(error) if is_of_one(&error) => Ok(Found::Unreadable(error.found().to_owned())),
        Err(error) => Err(error),
    }
}

/// Whether a failure speaks of the manifest that was asked for, and not of the registry.
pub(super) fn is_of_one(error: &Error) -> bool {
    match error.code() {
        Code::DigestMismatch | Code::TooLarge | Code::Unsupported | Code::InvalidReference => true,
        Code::UpstreamError => error.status().is_none_or(|status| status < 500),
        _ => false,
    }
}
