//! Reading a repository into an inventory: tags, then what they lead to, then what speaks of it.
//!
//! Each manifest is read once in its life, and images that an index lists are not read at all
//! unless the policy asks for build times: an index says enough of them. Whether such an image is
//! really there is asked only where the registry lists its manifests; elsewhere it counts as
//! there, which keeps what leads to it, and its group's back-up finds out before anything goes.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    assemble,
    budget::Budget,
    clock,
    event::{Event, Phase},
    known::{Created, Facts},
    reading::{Listed, Presence, Reading},
};
use crate::{
    client::{Client, Referrers, Source},
    error::{Code, Error, Result},
    io::Io,
    oci::{Digest, Target, is_tag},
    plan::{
        inventory::{Inventory, Kind},
        policy::Needs,
    },
};

/// What to read.
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
    /// The last inventory: it tells since when things are there, and which manifests to look for
    /// on a registry that lists tags only.
    pub earlier: Option<&'a Inventory>,
    /// The digests whose referrers are asked for, whether they are there or not; `None` for all
    /// that are there. Only for a registry that has the referrers endpoint and does not list its
    /// manifests.
    pub referrers_of: Option<&'a BTreeSet<Digest>>,
    /// How many requests this invocation may send.
    pub budget: &'a Budget,
}

/// Reads the repository; `None` when the budget is used up before the end: call again with the
/// same `reading`.
///
/// One manifest that cannot be read is marked and does not stop the others. What cannot be proven
/// whole comes out as an incomplete inventory, with the reason, and deletes nothing.
///
/// # Errors
///
/// `not_found` for a repository that is not there, and those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{cleanup::{self, Budget, Collect, Reading}, client::Client, error::Result, io::Io};
/// use portreeve::plan::{inventory::Inventory, policy::Needs};
///
/// async fn read<I: Io>(client: &Client<I>) -> Result<Option<Inventory>> {
///     let budget = Budget::unlimited();
///     let what = Collect {
///         client,
///         repository: "shop/web",
///         needs: Needs::everything(),
///         earlier: None,
///         referrers_of: None,
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
    let mut collector = Collector {
        what,
        reading,
        events,
    };
    Ok(if collector.read().await? {
        Some(assemble::inventory(what, reading)?)
    } else {
        None
    })
}

struct Collector<'a, 'b, I: Io> {
    what: &'a Collect<'b, I>,
    reading: &'a mut Reading,
    events: &'a mut dyn FnMut(Event),
}

/// Each step answers whether it came to its end within the budget.
impl<I: Io> Collector<'_, '_, I> {
    async fn read(&mut self) -> Result<bool> {
        let now = self.what.client.io().now();
        self.reading.begun.get_or_insert(now);
        let whole = self.listing().await?
            && self.tags().await?
            && self.manifests().await?
            && self.unlisted().await?
            && self.referrers().await?
            && self.configs().await?;
        self.reading.doubt = self.what.client.doubt().or(self.reading.doubt.take());
        // a wrong clock would date what is seen for the first time, and that is kept for ever
        let (io, registry) = (self.what.client.io(), self.what.client.last_date());
        if let Some(Err(error)) = registry.map(|date| clock::check(io.now(), Some(date))) {
            self.reading.doubt.get_or_insert(error.found().to_owned());
        }
        Ok(whole)
    }

    async fn listing(&mut self) -> Result<bool> {
        if self.reading.listing.is_some() {
            return Ok(true);
        }
        let mut pages = self.what.client.tags(self.what.repository);
        let mut listed = Listed::default();
        while let Some(page) = pages.next_page().await? {
            listed.add(page);
            let done = listed.tags.len();
            self.tell(Phase::Listing, done, done);
        }
        if let Some(error) = pages.broken_by() {
            return Err(error.clone());
        }
        listed.requests = pages.pages_asked();
        self.what.budget.spend(listed.requests.into());
        listed.incomplete = pages.complete().reason.or(listed.incomplete);
        let resolved = listed.resolved();
        self.reading.tags.extend(
            resolved
                .into_iter()
                .map(|(tag, digest)| (tag, Some(digest))),
        );
        self.reading.listing = Some(listed);
        Ok(true)
    }

    /// Resolves what the list itself did not.
    async fn tags(&mut self) -> Result<bool> {
        let listed = self.reading.listing.iter().flat_map(|list| &list.tags);
        let open: Vec<String> = listed
            .filter(|tag| !self.reading.tags.contains_key(*tag))
            .cloned()
            .collect();
        let (client, repository) = (self.what.client, self.what.repository);
        let ask = async |tag: String| {
            if !is_tag(&tag) {
                return Ok((tag, None));
            }
            let target = Target::Tag(tag.clone());
            // twice, because a list may be younger than what answers for a tag
            for _ in 0..2 {
                match client.head(repository, &target).await {
                    Ok(Some(head)) => return Ok((tag, Some(head.digest))),
                    Ok(None) => {}
                    Err(error) if is_of_one(&error) => return Ok((tag, None)),
                    Err(error) => return Err(error),
                }
            }
            Ok((tag, None))
        };
        self.each(Phase::Tags, open, ask, |reading, (tag, digest)| {
            reading.tags.insert(tag, digest);
        })
        .await
    }

    /// Reads manifests until nothing new is named.
    async fn manifests(&mut self) -> Result<bool> {
        loop {
            let open = self.to_read();
            if open.is_empty() {
                return self.missing().await;
            }
            let (client, repository) = (self.what.client, self.what.repository);
            let ask = async |digest: Digest| {
                let found = client.manifest(repository, &Target::Digest(digest)).await;
                Ok((digest, of_one(found)?))
            };
            let keep = |reading: &mut Reading, (digest, found): (Digest, Found<_>)| {
                let presence = match found {
                    Found::One(manifest) => {
                        reading.known.insert(digest, Facts::of_manifest(&manifest));
                        Presence::Here
                    }
                    Found::None => Presence::Missing,
                    Found::Unreadable(reason) => Presence::Unreadable(reason),
                };
                reading.asked.insert(digest, presence);
            };
            if !self.each(Phase::Manifests, open, ask, keep).await? {
                return Ok(false);
            }
        }
    }

    /// The digests whose content is wanted and not known.
    fn to_read(&self) -> Vec<Digest> {
        let reading = &*self.reading;
        let is_open = |digest: &Digest| {
            let may_be_read = matches!(reading.asked.get(digest), None | Some(Presence::Here));
            may_be_read && reading.known.get(digest).is_none()
        };
        let reached = assemble::reached(reading);
        let wanted = |(digest, child): (&Digest, &Option<assemble::Named>)| {
            let wanted = match child {
                None => true,
                Some(named) => {
                    named.by_fallback
                        || reading.is_index(digest, &named.child.media_type)
                        || (self.what.needs.created && named.child.kind == Kind::Image)
                }
            };
            (wanted && is_open(digest)).then_some(*digest)
        };
        let open: Vec<Digest> = reached.iter().filter_map(wanted).collect();
        if !open.is_empty() {
            return open;
        }
        // what no tag leads to comes last, and its indexes first: most of it is their children
        let unreached = |indexes: bool| {
            let listed = reading.listed().into_iter().flatten();
            listed
                .map(|(digest, _)| *digest)
                .filter(|digest| !reached.contains_key(digest) && is_open(digest))
                .filter(|digest| reading.is_index(digest, "") == indexes)
                .collect::<Vec<_>>()
        };
        let indexes = unreached(true);
        if indexes.is_empty() {
            unreached(false)
        } else {
            indexes
        }
    }

    /// Asks for children that a list of all manifests leaves out.
    async fn missing(&mut self) -> Result<bool> {
        let Some(listed) = self.reading.listed() else {
            return Ok(true);
        };
        let open = assemble::reached(self.reading)
            .into_keys()
            .filter(|digest| !listed.contains_key(digest));
        let open = open.collect();
        self.presence(Phase::Manifests, open).await
    }

    /// Asks for what an earlier inventory saw and no list names now.
    async fn unlisted(&mut self) -> Result<bool> {
        if self.reading.listed().is_some() {
            return Ok(true);
        }
        let reached = assemble::reached(self.reading);
        let earlier = self.what.earlier.into_iter().flat_map(Inventory::images);
        let open = earlier
            .map(|image| image.digest())
            .filter(|digest| !reached.contains_key(digest))
            .collect();
        Ok(self.presence(Phase::Unlisted, open).await? && self.manifests().await?)
    }

    async fn presence(&mut self, phase: Phase, digests: Vec<Digest>) -> Result<bool> {
        let open = digests
            .into_iter()
            .filter(|digest| !self.reading.asked.contains_key(digest))
            .collect();
        let (client, repository) = (self.what.client, self.what.repository);
        let ask = async |digest: Digest| {
            let found = client.head(repository, &Target::Digest(digest)).await;
            Ok((digest, of_one(found)?))
        };
        self.each(phase, open, ask, |reading, (digest, found)| {
            let presence = match found {
                Found::One(_) => Presence::Here,
                Found::None => Presence::Missing,
                Found::Unreadable(reason) => Presence::Unreadable(reason),
            };
            reading.asked.insert(digest, presence);
        })
        .await
    }

    /// Asks for referrers, which on a registry with that endpoint may be in no list. Where all
    /// manifests are listed, each names its subject itself; where there is no endpoint, the tag
    /// list has named every fallback tag.
    async fn referrers(&mut self) -> Result<bool> {
        loop {
            let skip = self.reading.listed().is_some() || self.reading.no_referrers;
            let mut open = if skip {
                Vec::new()
            } else {
                self.unasked_subjects()
            };
            if self.reading.referrers.is_empty() {
                // one answer tells whether there is such an endpoint
                open.truncate(1);
            }
            if open.is_empty() {
                return Ok(true);
            }
            let (client, repository) = (self.what.client, self.what.repository);
            let ask = async |digest: Digest| {
                let referrers = client.referrers(repository, &digest).all().await?;
                Ok((digest, referrers))
            };
            let keep = |reading: &mut Reading, (digest, found): (Digest, Referrers)| {
                reading.no_referrers |=
                    reading.referrers.is_empty() && found.source != Some(Source::Api);
                if let Some(reason) = found.completeness.reason {
                    let doubt = format!("the referrers of {digest}: {reason}");
                    reading.doubt.get_or_insert(doubt);
                }
                let named = found.found.iter();
                let named = named.map(|referrer| referrer.descriptor.digest).collect();
                reading.referrers.insert(digest, named);
            };
            if !self.each(Phase::Referrers, open, ask, keep).await? || !self.manifests().await? {
                return Ok(false);
            }
        }
    }

    fn unasked_subjects(&self) -> Vec<Digest> {
        let wanted = |digest: &Digest| {
            let asked_for = self.what.referrers_of;
            asked_for.is_none_or(|those| those.contains(digest))
                && !self.reading.referrers.contains_key(digest)
        };
        // what is not there comes last: whether the endpoint exists is asked of one that is
        let reached = assemble::reached(self.reading);
        let absent = self.what.referrers_of.into_iter().flatten();
        let absent = absent.filter(|digest| !reached.contains_key(digest));
        let all = reached.keys().chain(absent).copied();
        all.filter(wanted).collect()
    }

    /// Reads build times, where the policy asks for them.
    async fn configs(&mut self) -> Result<bool> {
        if !self.what.needs.created {
            return Ok(true);
        }
        let open: Vec<_> = assemble::reached(self.reading)
            .into_keys()
            .filter_map(|digest| Some((digest, self.reading.facts(&digest)?)))
            .filter(|(_, facts)| facts.created.is_none())
            .map(|(digest, facts)| (digest, facts.config.clone()))
            .collect();
        let (client, repository) = (self.what.client, self.what.repository);
        let ask = async |(digest, config)| {
            let Some(config) = config else {
                return Ok((digest, Some(None)));
            };
            match client.image_config(repository, &config).await {
                Ok(config) => Ok((digest, Some(config.created))),
                Err(error) if error.code() == Code::NotFound || is_of_one(&error) => {
                    Ok((digest, None))
                }
                Err(error) => Err(error),
            }
        };
        self.each(Phase::Configs, open, ask, |reading, (digest, config)| {
            if let Some(facts) = reading.known.get_mut(&digest) {
                // a config that cannot be read could tell a later time than the annotation
                let created = config.and_then(|built| built.max(facts.annotated));
                facts.created = Some(created.map_or(Created::Unknown, Created::At));
            }
        })
        .await
    }

    /// Sends one request for each item, a few at a time, as far as the budget goes.
    async fn each<T, R>(
        &mut self,
        phase: Phase,
        items: Vec<T>,
        ask: impl AsyncFn(T) -> Result<R>,
        mut keep: impl FnMut(&mut Reading, R),
    ) -> Result<bool> {
        let known = items.len();
        let budget = self.what.budget;
        let ask = &ask;
        let mut answers = std::pin::pin!(
            stream::iter(items)
                .take_while(|_| std::future::ready(budget.take()))
                .map(|item| ask(item))
                .buffer_unordered(self.what.client.limits().concurrency)
        );
        let mut done = 0;
        while let Some(answer) = answers.try_next().await? {
            keep(self.reading, answer);
            done += 1;
            self.tell(phase, done, known);
        }
        Ok(done == known)
    }

    fn tell(&mut self, phase: Phase, done: usize, known: usize) {
        let repository = format!("{}/{}", self.what.client.host(), self.what.repository);
        (self.events)(Event::Reading {
            repository,
            phase,
            done,
            known,
        });
    }
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
