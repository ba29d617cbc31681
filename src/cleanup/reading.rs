//! How far the reading of a repository has come: plain data, so that it can go on in the next
//! invocation.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::known::{Facts, Known};
use crate::{
    api::tags,
    error::{Code, Error, Result},
    oci::{Digest, media_type},
    sorted,
    timestamp::Timestamp,
};

/// So many entries of a list are read anew for every group.
const SHORT: usize = 1000;

/// What one collect has read so far. [`Reading::default`] begins a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Reading {
    /// What digests say, from whenever: it never changes.
    pub(super) known: Known,
    pub(super) begun: Option<Timestamp>,
    pub(super) listing: Option<Listed>,
    /// Where each tag points; `None` where its manifest could not be had.
    pub(super) tags: BTreeMap<String, Option<Digest>>,
    /// Digests that were asked for by themselves.
    pub(super) asked: BTreeMap<Digest, Presence>,
    /// What refers to each digest.
    pub(super) referrers: BTreeMap<Digest, Vec<Digest>>,
    /// The registry has no referrers endpoint.
    pub(super) no_referrers: bool,
    /// Why the reading is not whole, beside the listing.
    pub(super) doubt: Option<String>,
}

/// The tag list, whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    pub(super) tags: BTreeSet<String>,
    /// Every manifest, where the registry lists them with their tags (Google).
    pub(super) manifests: Option<BTreeMap<Digest, ListedManifest>>,
    pub(super) incomplete: Option<String>,
    /// How many requests it took.
    pub(super) requests: u32,
}

/// What Google's list tells of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedManifest {
    pub(super) tags: BTreeSet<String>,
    pub(super) pushed: Option<Timestamp>,
    /// When its config says it was built.
    pub(super) created: Option<Timestamp>,
    pub(super) media_type: Option<String>,
}

/// What became of asking for a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Presence {
    /// It is there.
    Here,
    /// It is not.
    Missing,
    /// It may be there, and cannot be read.
    Unreadable(String),
}

impl Reading {
    /// A reading that need not fetch what is known already.
    pub(super) fn knowing(known: Known) -> Self {
        Self {
            known,
            ..Self::default()
        }
    }

    /// Reads what [`Reading::to_text`] wrote; `None` for anything else, since a reading can always
    /// begin anew.
    // one copy of its many types for all who keep a reading
    #[inline(never)]
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_slice(text.as_bytes()).ok()
    }

    /// How far it has come, as text to keep between two invocations.
    ///
    /// # Errors
    ///
    /// `internal` where it cannot be written.
    #[inline(never)]
    pub fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::new(Code::Internal, error.to_string()))
    }

    /// The facts of a digest, unless it turned out not to be there.
    pub(super) fn facts(&self, digest: &Digest) -> Option<&Facts> {
        match self.asked.get(digest) {
            Some(Presence::Missing) => None,
            _ => self.known.get(digest),
        }
    }

    /// The digests that answered, by a tag, by themselves or in the list of all manifests.
    pub(super) fn seen(&self) -> BTreeSet<Digest> {
        let tagged = self.tags.values().flatten();
        let listed = self.listed().into_iter().flatten();
        let asked = self
            .asked
            .iter()
            .filter(|(_, presence)| **presence == Presence::Here);
        let seen = tagged
            .chain(listed.map(|(digest, _)| digest))
            .chain(asked.map(|(digest, _)| digest));
        sorted::set(seen.copied())
    }

    /// Whether one request lists all tags, in an answer small enough to be had for every group.
    /// Google's one page holds 100,000 manifests; it refuses to delete one that has a tag.
    pub(super) fn lists_at_once(&self) -> bool {
        let manifests = self.listed().map_or(0, BTreeMap::len);
        let is_short = |list: &Listed| list.requests <= 1 && list.tags.len() <= SHORT;
        manifests <= SHORT && self.listing.as_ref().is_some_and(is_short)
    }

    pub(super) fn listed(&self) -> Option<&BTreeMap<Digest, ListedManifest>> {
        self.listing.as_ref()?.manifests.as_ref()
    }

    /// What the list of all manifests tells of one.
    pub(super) fn in_list(&self, digest: &Digest) -> Option<&ListedManifest> {
        self.listed()?.get(digest)
    }

    /// Whether a child is an index: by the registry's list, which describes what is stored, before
    /// the parent's word.
    pub(super) fn is_index(&self, digest: &Digest, said: &str) -> bool {
        let stored = self.in_list(digest);
        let stored = stored.and_then(|listed| listed.media_type.as_deref());
        media_type::is_index(stored.unwrap_or(said)) || media_type::is_index(said)
    }
}

impl Listed {
    pub(super) fn add(&mut self, page: tags::Page) {
        self.tags.extend(page.tags);
        if page.unreadable > 0 {
            self.incomplete = Some(format!(
                "{} of its manifests are called by another algorithm than sha256 and sha512",
                page.unreadable
            ));
        }
        let Some(manifests) = page.manifests else {
            return;
        };
        let all = self.manifests.get_or_insert_default();
        for (digest, found) in manifests {
            let manifest = all.entry(digest).or_default();
            self.tags.extend(found.tags.iter().cloned());
            manifest.tags.extend(found.tags);
            manifest.pushed = manifest.pushed.max(found.uploaded);
            manifest.created = manifest.created.max(found.created);
            manifest.media_type = found.media_type.or(manifest.media_type.take());
        }
    }

    /// The tags that the list itself resolves: those that it shows on one manifest.
    pub(super) fn resolved(&self) -> BTreeMap<String, Digest> {
        let mut resolved = BTreeMap::new();
        let mut moved = BTreeSet::new();
        for (digest, manifest) in self.manifests.iter().flatten() {
            for tag in &manifest.tags {
                if resolved.insert(tag.clone(), *digest).is_some() {
                    moved.insert(tag.clone());
                }
            }
        }
        resolved.retain(|tag, _| !moved.contains(tag));
        resolved
    }
}
