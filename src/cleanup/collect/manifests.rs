//! What manifests and indexes say, each once.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};

use super::{Collector, Found, of_one};
use crate::{
    cleanup::{
        assemble,
        event::Phase,
        known::{Child, Facts},
        reading::{Presence, Reading},
    },
    error::Result,
    image::Contents,
    io::Io,
    oci::{Digest, Target},
    plan::inventory::Kind,
    sorted,
};

impl<I: Io> Collector<'_, '_, I> {
    /// Reads manifests until nothing new is named.
    pub(super) async fn manifests(&mut self) -> Result<bool> {
        loop {
            let open = self.to_read();
            if open.is_empty() {
                return self.missing().await;
            }
            if !self.read(open).await? {
                return Ok(false);
            }
        }
    }

    /// Reads these, and what they lead to.
    async fn read(&mut self, mut open: Vec<Digest>) -> Result<bool> {
        let fallbacks = assemble::fallbacks(self.reading);
        while !open.is_empty() {
            let asked = self.uncached(open.clone()).await;
            let ask = async |contents: &Contents<I>, digest: Digest| {
                let target = Target::Digest(digest);
                let found = contents
                    .client
                    .manifest(&contents.repository, &target)
                    .await;
                let found = of_one(found)?;
                if let Found::One(manifest) = &found {
                    contents.keep(&digest, manifest.bytes()).await;
                }
                Ok((digest, found))
            };
            let needs = &self.what.needs;
            let keep = |reading: &mut Reading, (digest, found): (Digest, Found<_>)| {
                let presence = match found {
                    Found::One(manifest) => {
                        let facts = Facts::of_manifest(&manifest, needs);
                        reading.known.insert(digest, facts);
                        Presence::Here
                    }
                    Found::None => Presence::Missing,
                    Found::Unreadable(reason) => Presence::Unreadable(reason),
                };
                reading.asked.insert(digest, presence);
            };
            if !self.each(Phase::Manifests, asked, ask, keep).await? {
                return Ok(false);
            }
            open = self.named_by(&open, &fallbacks);
        }
        Ok(true)
    }

    /// Takes what the caller's cache has; what it has not is left.
    async fn uncached(&mut self, open: Vec<Digest>) -> Vec<Digest> {
        if self.what.cache.is_none() {
            return open;
        }
        let (contents, reading) = (&self.contents, &*self.reading);
        let kept: Vec<_> = stream::iter(open)
            .map(async |digest| {
                let listed = reading.in_list(&digest);
                let said = listed.and_then(|listed| listed.media_type.as_deref());
                let kept = contents.kept_manifest(&digest, said.unwrap_or_default());
                (digest, kept.await)
            })
            .buffer_unordered(self.what.client.limits().concurrency)
            .collect()
            .await;
        let mut left = Vec::new();
        for (digest, kept) in kept {
            match kept {
                Some(manifest) => {
                    let facts = Facts::of_manifest(&manifest, &self.what.needs);
                    self.reading.known.insert(digest, facts);
                }
                None => left.push(digest),
            }
        }
        left
    }

    /// What those that were just read name and is to be read next.
    fn named_by(&self, read: &[Digest], fallbacks: &BTreeSet<Digest>) -> Vec<Digest> {
        let children = read.iter().flat_map(|digest| {
            let facts = self.reading.facts(digest).into_iter();
            let by_fallback = fallbacks.contains(digest);
            let children = facts.flat_map(|facts| &facts.children);
            children.filter(move |child| self.is_wanted(child, by_fallback))
        });
        let open = children.map(|child| child.digest);
        let open = sorted::set(open.filter(|digest| self.is_open(digest)));
        open.into_iter().collect()
    }

    /// The digests whose content is wanted and not known.
    fn to_read(&self) -> Vec<Digest> {
        let reading = &*self.reading;
        let reached = assemble::reached(reading);
        let wanted = reached.iter().filter(|(digest, reach)| {
            let wanted = match reach.child {
                Some(child) if !reach.by_itself => self.is_wanted(child, reach.by_fallback),
                _ => true,
            };
            wanted && self.is_open(digest)
        });
        let open: Vec<Digest> = wanted.map(|(digest, _)| *digest).collect();
        if !open.is_empty() {
            return open;
        }
        // what no tag leads to comes last, and its indexes first: most of it is their children
        let unreached = |indexes: bool| {
            let listed = reading.listed().into_iter().flatten();
            listed
                .map(|(digest, _)| *digest)
                .filter(|digest| !reached.contains_key(digest) && self.is_open(digest))
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

    fn is_open(&self, digest: &Digest) -> bool {
        let reading = &*self.reading;
        let may_be_read = matches!(reading.asked.get(digest), None | Some(Presence::Here));
        may_be_read && reading.known.get(digest).is_none()
    }

    /// Whether the word of the index above is not enough.
    fn is_wanted(&self, child: &Child, by_fallback: bool) -> bool {
        let needs = &self.what.needs;
        let lacks_platform = needs.platform && child.platform.is_none();
        by_fallback
            || self.reading.is_index(&child.digest, &child.media_type)
            || needs.layers
            || (child.kind == Kind::Image && (needs.reads_images() || lacks_platform))
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

    /// Asks by HEAD whether these are there.
    pub(super) async fn presence(&mut self, phase: Phase, digests: Vec<Digest>) -> Result<bool> {
        let open = digests
            .into_iter()
            .filter(|digest| !self.reading.asked.contains_key(digest))
            .collect();
        let ask = async |contents: &Contents<I>, digest: Digest| {
            let target = Target::Digest(digest);
            let found = contents.client.head(&contents.repository, &target).await;
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
}
