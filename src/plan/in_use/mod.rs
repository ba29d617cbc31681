//! What is in use: a digest protects what it leads to *and* what names it, in every repository,
//! whatever host it was pulled from.
//!
//! A pod reports the digest of its platform's child, and the deployment pins the index. A pod whose
//! image nobody can tell (only a tag that exists no more, only a text) may run anything in the
//! repositories that its name may mean: nothing goes there.

mod path;
mod repository;

use std::collections::BTreeMap;

pub(crate) use path::may_be;
pub(super) use repository::{Found, RepositoryInUse};

use super::graph::Graph;
use super::inventory::Inventory;
use super::reported::Reported;
use super::reports::Used;
use crate::oci::Reference;
use repository::{ByDigest, Wanted};

/// What is in use in each repository of a plan, and what could not be placed.
#[derive(Debug)]
pub(super) struct InUse<'a> {
    /// In the order of the inventories.
    pub(super) repositories: Vec<RepositoryInUse<'a>>,
    /// By report, how many of its entries are in none of the repositories.
    pub(super) foreign: BTreeMap<&'a str, u64>,
    /// Names of templates whose tag does not exist: they would not start.
    unexplained: Vec<Found<'a>>,
}

impl<'a> InUse<'a> {
    /// Looks up everything that reports list.
    pub(super) fn new(
        reported: &Reported<'a>,
        repositories: &[(&'a Inventory, &Graph<'a>)],
    ) -> Self {
        let mut in_use = Self {
            repositories: repositories
                .iter()
                .map(|_| RepositoryInUse::default())
                .collect(),
            foreign: BTreeMap::new(),
            unexplained: Vec::new(),
        };
        let uses: Vec<Found<'a>> = reported
            .uses()
            .map(|(report, used)| Found { report, used })
            .collect();
        if uses.is_empty() {
            return in_use;
        }
        let paths = Paths::new(repositories);
        let mut wanted: Vec<Wanted<'a>> = Vec::new();
        wanted.resize_with(repositories.len(), Wanted::default);
        let mut digests = ByDigest::new();
        let mut configs = ByDigest::new();
        for (number, found) in uses.iter().enumerate() {
            match &found.used.used {
                Used::Digest { digest, .. } => digests.entry(*digest).or_default().push(number),
                // with docker's containerd store an image id is the manifest's digest
                Used::Config(digest) => {
                    digests.entry(*digest).or_default().push(number);
                    configs.entry(*digest).or_default().push(number);
                }
                Used::Reference { reference, .. } => {
                    let tag = reference.tag().unwrap_or("latest");
                    for place in paths.meant_by(reference) {
                        if let Some(wanted) = wanted.get_mut(place) {
                            wanted.tags.entry(tag).or_default().push(number);
                        }
                    }
                }
                Used::Unresolved(_) => {}
            }
        }
        let mut explained = vec![false; uses.len()];
        let places = in_use
            .repositories
            .iter_mut()
            .zip(repositories)
            .zip(&wanted);
        for ((place, repository), wanted) in places {
            place.look_up(
                *repository,
                wanted,
                (&digests, &configs),
                &uses,
                &mut explained,
            );
        }
        for (found, explained) in uses.iter().zip(explained) {
            if !explained {
                in_use.place(*found, repositories, &paths);
            }
        }
        in_use
    }

    /// Settles what no repository explained.
    fn place(
        &mut self,
        found: Found<'a>,
        repositories: &[(&'a Inventory, &Graph<'a>)],
        paths: &Paths<'_>,
    ) {
        let everywhere = || (0..repositories.len()).collect();
        let meant: Vec<usize> = match &found.used.used {
            Used::Digest { .. } => Vec::new(),
            Used::Config(_) => {
                let unread = (0..).zip(repositories);
                let unread = unread.filter(|(_, (inventory, _))| repository::has_unread(inventory));
                unread.map(|(place, _)| place).collect()
            }
            Used::Reference { reference, running } => {
                let meant = paths.meant_by(reference);
                if !running && !meant.is_empty() {
                    self.unexplained.push(found);
                    return;
                }
                meant
            }
            Used::Unresolved(text) => match as_reference(text) {
                Some(reference) => paths.loosely_meant_by(&reference),
                None => everywhere(),
            },
        };
        if meant.is_empty() {
            *self.foreign.entry(found.report).or_default() += 1;
        }
        for place in meant {
            if let Some(repository) = self.repositories.get_mut(place) {
                repository.blockers.push(found);
            }
        }
    }

    /// What a reviewer should know, over all repositories.
    pub(super) fn warnings(&self) -> Vec<String> {
        let Some(first) = self.unexplained.first() else {
            return Vec::new();
        };
        let others = match self.unexplained.len() {
            1 => String::new(),
            many => format!(", and {} more", many - 1),
        };
        vec![format!(
            "a template names a tag that does not exist: {first}{others}"
        )]
    }
}

/// A text that names a repository; a shortened digest reads like a name and is none.
fn as_reference(text: &str) -> Option<Reference> {
    // a digest of whatever algorithm reads as a name and a tag, and is neither
    let is_digest = !text.contains('/')
        && text.split_once(':').is_some_and(|(algorithm, hex)| {
            let is_long = hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_long || matches!(algorithm, "sha256" | "sha512")
        });
    (!is_digest).then(|| text.parse().ok()).flatten()
}

/// The repositories of a plan by the last segment of their paths.
struct Paths<'a> {
    by_end: BTreeMap<&'a str, Vec<(usize, &'a str)>>,
}

impl<'a> Paths<'a> {
    fn new(repositories: &[(&'a Inventory, &Graph<'a>)]) -> Self {
        let mut by_end: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
        for (place, (inventory, _)) in repositories.iter().enumerate() {
            let path = inventory.repository.as_str();
            let end = by_end.entry(path::last_segment(path)).or_default();
            end.push((place, path));
        }
        Self { by_end }
    }

    /// The repositories that a reference may mean, its host ignored.
    fn meant_by(&self, reference: &Reference) -> Vec<usize> {
        self.ending_like(reference.repository())
    }

    /// The same for a text that somebody may have shortened: docker's `library/` is not put in.
    fn loosely_meant_by(&self, reference: &Reference) -> Vec<usize> {
        let path = reference.repository();
        self.ending_like(path.strip_prefix("library/").unwrap_or(path))
    }

    fn ending_like(&self, path: &str) -> Vec<usize> {
        let candidates = self.by_end.get(path::last_segment(path));
        let candidates = candidates.map(Vec::as_slice).unwrap_or_default();
        let meant = candidates
            .iter()
            .filter(|(_, name)| path::may_be(name, path));
        meant.map(|(place, _)| *place).collect()
    }
}
