//! What is in use in one repository.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use crate::oci::Digest;
use crate::plan::graph::{Graph, Node};
use crate::plan::inventory::{Inventory, Kind};
use crate::plan::reports::Use;
use crate::sorted;

/// An entry of a report.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Found<'a> {
    pub(in crate::plan) report: &'a str,
    pub(in crate::plan) used: &'a Use,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { report, used } = self;
        write!(formatter, "{} ", used.used)?;
        if let Some(source) = used.sources.first() {
            let more = used.more.saturating_add(used.sources.len() as u64 - 1);
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            write!(formatter, "by {source}{more} ")?;
        }
        write!(formatter, "(report `{report}`)")
    }
}

/// What is in use in one repository.
#[derive(Debug, Default)]
pub(in crate::plan) struct RepositoryInUse<'a> {
    /// What reports name, ascending.
    named: Vec<(Node, Found<'a>)>,
    /// The same and everything above it, with what it is held by.
    origins: BTreeMap<Node, Node>,
    /// What may mean anything here.
    pub(super) blockers: Vec<Found<'a>>,
}

/// What may be here, by numbers of the uses.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) tags: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> RepositoryInUse<'a> {
    /// Whether a manifest is in use, or may be.
    pub(in crate::plan) fn holds(&self, node: Node) -> bool {
        !self.blockers.is_empty() || self.origins.contains_key(&node)
    }

    /// What is in use and makes `node` be in use: itself, or something that it leads to.
    pub(in crate::plan) fn origin(&self, node: Node) -> Option<Node> {
        self.origins.get(&node).copied()
    }

    /// The entries that name a manifest.
    pub(in crate::plan) fn of(&self, node: Node) -> impl Iterator<Item = Found<'a>> {
        let start = self.named.partition_point(|(named, _)| *named < node);
        let here = self.named.iter().skip(start);
        here.take_while(move |(named, _)| *named == node)
            .map(|(_, found)| *found)
    }

    /// The entries that may mean anything in this repository.
    pub(in crate::plan) fn blockers(&self) -> &[Found<'a>] {
        &self.blockers
    }

    pub(super) fn look_up(
        &mut self,
        (inventory, graph): (&Inventory, &Graph<'_>),
        wanted: &Wanted<'_>,
        (digests, configs): (&ByDigest, &ByDigest),
        uses: &[Found<'a>],
        explained: &mut [bool],
    ) {
        let mut explain = |number: usize, node: Option<Node>| {
            if let (Some(found), Some(place)) = (uses.get(number), explained.get_mut(number)) {
                *place = true;
                match node {
                    Some(node) => self.named.push((node, *found)),
                    // its tag is here, and nobody knows what it points to
                    None => self.blockers.push(*found),
                }
            }
        };
        for (digest, numbers) in digests {
            if let Some(node) = inventory.find(digest) {
                for number in numbers {
                    explain(*number, Some(node));
                }
            }
        }
        for tag in &inventory.unreadable_tags {
            for number in wanted.of(tag) {
                explain(*number, None);
            }
        }
        let mut ids: BTreeMap<u32, &[usize]> = BTreeMap::new();
        for (config, numbers) in configs {
            if let Some(id) = inventory.id(config) {
                ids.insert(id, numbers);
            }
        }
        if !ids.is_empty() || !wanted.tags.is_empty() {
            for (node, image) in graph.images() {
                let by_config = image.config_id().and_then(|config| ids.get(&config));
                for number in by_config.copied().unwrap_or_default() {
                    explain(*number, Some(node));
                }
                for tag in image.tags() {
                    for number in wanted.of(tag.name) {
                        explain(*number, Some(node));
                    }
                }
            }
        }
        sorted::sort_by(&mut self.named, |one, two| one.0.cmp(&two.0));
        self.rise(graph);
    }

    /// What names something in use is in use as well, tagged or not.
    fn rise(&mut self, graph: &Graph<'_>) {
        for (node, _) in &self.named {
            self.origins.insert(*node, *node);
        }
        let mut waiting = Vec::new();
        for (origin, _) in &self.named {
            waiting.extend(graph.parents.of(*origin));
            while let Some(node) = waiting.pop() {
                if let Entry::Vacant(place) = self.origins.entry(node) {
                    place.insert(*origin);
                    waiting.extend(graph.parents.of(node));
                }
            }
        }
    }
}

/// Numbers of uses by the digest that they name.
pub(super) type ByDigest = BTreeMap<Digest, Vec<usize>>;

impl Wanted<'_> {
    fn of(&self, tag: &str) -> &[usize] {
        self.tags.get(tag).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether some manifest's config is not known, so that any image id may be it.
pub(super) fn has_unread(inventory: &Inventory) -> bool {
    !inventory.unreadable_tags.is_empty()
        || inventory.images().any(|image| {
            image.unreadable().is_some()
                || (image.config_id().is_none() && image.kind() != Kind::Index)
        })
}
