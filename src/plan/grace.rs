//! Grace: a group goes only when complete scans, far enough apart, condemned it unchanged.

use super::column::Column;
use super::condemned::{Condemnation, Condemned};
use super::graph::Node;
use super::order::Upwards;
use super::scene::Scene;
use crate::configuration::Age;
use crate::oci::{Algorithm, Digest, Hasher};
use crate::timestamp::Timestamp;

/// What one scan condemns: a root that rules select and nothing forbids to delete.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence {
    root: Node,
    since: Timestamp,
    fingerprint: Fingerprint,
}

/// Own tags, parents and referrers of a root and of everything that it leads to: whatever changes
/// there shows that somebody still has to do with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Fingerprint(u128);

/// The grace of one repository's roots.
pub(super) struct Grace<'a> {
    scene: Scene<'a>,
    waiting: Option<Waiting<'a>>,
    sentences: Vec<Sentence>,
}

struct Waiting<'a> {
    age: Age,
    walk: Upwards<'a>,
    fingerprints: Column<Fingerprint>,
}

impl<'a> Grace<'a> {
    pub(super) fn new(scene: Scene<'a>) -> Self {
        let waiting = scene.policy.grace.map(|age| Waiting {
            age,
            walk: Upwards::by_members(scene.graph),
            fingerprints: Column::new(scene.graph.len(), Fingerprint::default()),
        });
        Self {
            scene,
            waiting,
            sentences: Vec::new(),
        }
    }

    /// Condemns a root, and says whether it has been condemned for long enough.
    pub(super) fn is_over(&mut self, root: Node) -> bool {
        let Some(Waiting {
            age,
            walk,
            fingerprints,
        }) = &mut self.waiting
        else {
            return true;
        };
        walk.walk(root, &mut |node| {
            let fingerprint = Fingerprint::of(&self.scene, node, fingerprints);
            fingerprints.set(node, fingerprint);
        });
        let (taken_at, now) = (self.scene.inventory.taken_at, self.scene.clock.now);
        let fingerprint = fingerprints.get(root);
        let since =
            earlier(&self.scene, root, fingerprint).map_or(taken_at, |since| since.min(taken_at));
        self.sentences.push(Sentence {
            root,
            since,
            fingerprint,
        });
        since <= taken_at.min(now).minus(age.duration())
    }

    pub(super) fn into_sentences(self) -> Vec<Sentence> {
        self.sentences
    }
}

/// The record that the next scan needs.
pub(super) fn record(scene: &Scene<'_>, policy_hash: &str, sentences: &[Sentence]) -> Condemned {
    let inventory = scene.inventory;
    let mut record = Condemned::new(&*inventory.host, &*inventory.repository, policy_hash);
    for sentence in sentences {
        if let Some(image) = scene.graph.image(sentence.root) {
            let condemnation = Condemnation::new(sentence.since, sentence.fingerprint.to_string());
            record.groups.insert(image.digest(), condemnation);
        }
    }
    record
}

/// Since when a root is condemned, if an earlier scan condemned it as it is now.
pub(super) fn since(sentences: &[Sentence], root: Node) -> Option<Timestamp> {
    let found = sentences.binary_search_by_key(&root, |sentence| sentence.root);
    sentences.get(found.ok()?).map(|sentence| sentence.since)
}

fn earlier(scene: &Scene<'_>, root: Node, fingerprint: Fingerprint) -> Option<Timestamp> {
    let digest = scene.graph.image(root)?.digest();
    let condemnation = scene.condemned?.groups.get(&digest)?;
    (condemnation.fingerprint == fingerprint.to_string()).then_some(condemnation.since)
}

impl Fingerprint {
    fn of(scene: &Scene<'_>, node: Node, below: &Column<Self>) -> Self {
        let graph = scene.graph;
        let mut hasher = Hasher::new(Algorithm::Sha256);
        if let Some(image) = graph.image(node) {
            hasher.update(image.digest().as_bytes());
            for tag in image.own_tags() {
                hasher.update(tag.name.as_bytes());
                hasher.update(b"\n");
            }
        }
        for neighbours in [graph.parents.of(node), graph.referrers.of(node)] {
            hasher.update(b"\0");
            for digest in neighbours.iter().filter_map(|node| digest(scene, *node)) {
                hasher.update(digest.as_bytes());
            }
        }
        hasher.update(b"\0");
        for member in graph.leads_to(node) {
            hasher.update(&below.get(member).0.to_be_bytes());
        }
        let hash = hasher.finish();
        let half = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        Self(u128::from_be_bytes(half))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

fn digest(scene: &Scene<'_>, node: Node) -> Option<Digest> {
    scene.graph.image(node).map(|image| image.digest())
}
