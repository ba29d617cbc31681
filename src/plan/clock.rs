//! The times of a repository's manifests, as rules may use them.

use super::column::Column;
use super::graph::{Graph, Node};
use super::inventory::{ImageTag, Inventory, Kind};
use super::order::Upwards;
use crate::configuration::policy::TimeFact;
use crate::oci::build_time;
use crate::timestamp::Timestamp;

/// Stands for no time: eight bytes less for each manifest.
const UNKNOWN: Timestamp = Timestamp::from_seconds(i64::MIN);

pub(super) struct Clock<'g> {
    graph: &'g Graph<'g>,
    pub(super) now: Timestamp,
    created: Column<Timestamp>,
    /// Whether the registry says that it records push times; where not, the first sight of ours
    /// stands in for the age.
    records_pushed: bool,
    /// Whether digests, and whether tags, have push times: then one without is *unknown*, because
    /// what is lost must not look older.
    digests_have_pushed: bool,
    tags_have_pushed: bool,
    /// Since when moves of tags have been seen, if this is not the first scan.
    watched_since: Option<Timestamp>,
}

impl<'g> Clock<'g> {
    pub(super) fn new(graph: &'g Graph<'g>, inventory: &Inventory, now: Timestamp) -> Self {
        let mut clock = Self {
            graph,
            now,
            created: Column::new(graph.len(), UNKNOWN),
            records_pushed: inventory.records_pushed,
            digests_have_pushed: inventory.records_pushed
                || (inventory.images()).any(|image| image.times().pushed.is_some()),
            tags_have_pushed: inventory.records_tag_pushed
                || (inventory.images()).any(|image| image.tags().any(|tag| tag.pushed.is_some())),
            watched_since: Some(inventory.watched_since)
                .filter(|since| *since < inventory.taken_at),
        };
        clock.reckon_created();
        clock
    }

    /// A time of a manifest, or of one tag on it, if it is known and plausible.
    pub(super) fn time(
        &self,
        node: Node,
        tag: Option<ImageTag<'_>>,
        fact: TimeFact,
    ) -> Option<Timestamp> {
        let times = self.graph.image(node)?.times();
        match (fact, tag) {
            (TimeFact::Created, _) => Some(self.created.get(node)).filter(|time| *time != UNKNOWN),
            (TimeFact::Pulled, _) => self.plausible(times.pulled),
            (TimeFact::Pushed, Some(tag)) if self.tags_have_pushed => {
                // the later of both: a tag that moved yesterday is one day old
                let moved = self.plausible(tag.pushed)?;
                if self.digests_have_pushed {
                    self.plausible(times.pushed).map(|pushed| pushed.max(moved))
                } else {
                    Some(moved)
                }
            }
            (TimeFact::Pushed, _) => self.plausible(times.pushed),
            (TimeFact::FirstSeen, Some(tag)) => self.plausible(tag.first_seen),
            (TimeFact::FirstSeen, None) => self.plausible(times.first_seen),
        }
    }

    /// When a manifest came to the registry: by its record, or else by our first sight.
    pub(super) fn arrived(&self, node: Node) -> Option<Timestamp> {
        let fact = if self.records_pushed {
            TimeFact::Pushed
        } else {
            TimeFact::FirstSeen
        };
        self.time(node, None, fact)
    }

    /// `known`, or the latest move of the manifest's own tags, as the registry records it and as
    /// scans have witnessed it, if that is later; `None` where one of these is not known.
    ///
    /// A tag moved yesterday onto a year-old digest is one day old. What a *first* scan sees is no
    /// move: where nothing else tells an age, [`Clock::arrived`] is that scan.
    pub(super) fn with_moves(&self, node: Node, known: Option<Timestamp>) -> Option<Timestamp> {
        let mut latest = known?;
        if !self.tags_have_pushed && self.watched_since.is_none() {
            return Some(latest);
        }
        for tag in self.graph.image(node)?.own_tags() {
            if self.tags_have_pushed {
                latest = latest.max(self.plausible(tag.pushed)?);
            }
            if let Some(watched_since) = self.watched_since {
                let seen = self.plausible(tag.first_seen)?;
                if seen > watched_since {
                    latest = latest.max(seen);
                }
            }
        }
        Some(latest)
    }

    fn plausible(&self, time: Option<Timestamp>) -> Option<Timestamp> {
        build_time::plausible(time?, self.now)
    }

    /// The creation time of every manifest: an image's own; of an index the latest among its image
    /// children, unknown if one is. What a cycle leads to stays unknown.
    fn reckon_created(&mut self) {
        let graph = self.graph;
        let mut created = std::mem::replace(&mut self.created, Column::new(0, UNKNOWN));
        let mut walk = Upwards::by_children(graph);
        for start in graph.nodes() {
            walk.walk(start, &mut |node| {
                let time = match graph.image(node) {
                    Some(image) if image.kind() != Kind::Index && image.child_ids().is_empty() => {
                        self.plausible(image.times().created)
                    }
                    _ => latest_child(graph, node, &created),
                };
                created.set(node, time.unwrap_or(UNKNOWN));
            });
        }
        self.created = created;
    }
}

fn latest_child(graph: &Graph<'_>, index: Node, created: &Column<Timestamp>) -> Option<Timestamp> {
    if graph.fault(index).is_some() {
        return None;
    }
    let is_image = |node: &Node| {
        let image = graph.image(*node);
        image.is_none_or(|image| image.kind().is_image())
    };
    let images = graph
        .children
        .of(index)
        .iter()
        .filter(|node| is_image(node));
    let mut times = images.map(|image| Some(created.get(*image)).filter(|time| *time != UNKNOWN));
    build_time::of_index(&mut times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;
    use crate::plan::inventory::Entry;

    const NOW: i64 = 1_795_507_200;
    const DAY: i64 = 86_400;

    fn image(name: &str, kind: Kind, created: Option<i64>) -> Entry {
        let mut image = Entry::new(Digest::of(name.as_bytes()), kind);
        image.times.created = created.map(Timestamp::from_seconds);
        image
    }

    fn created(images: Vec<Entry>, name: &str) -> Option<i64> {
        let mut inventory = Inventory::new("r.example", "a", Timestamp::from_seconds(NOW));
        inventory.fill(images).unwrap();
        let graph = Graph::new(&inventory);
        let clock = Clock::new(&graph, &inventory, Timestamp::from_seconds(NOW));
        let digest = Digest::of(name.as_bytes());
        let node = inventory.find(&digest).unwrap();
        clock
            .time(node, None, TimeFact::Created)
            .map(Timestamp::seconds)
    }

    fn index(name: &str, children: &[&str]) -> Entry {
        let mut index = image(name, Kind::Index, Some(NOW));
        index.children = children
            .iter()
            .map(|name| Digest::of(name.as_bytes()))
            .collect();
        index
    }

    #[test]
    fn an_index_is_as_young_as_its_youngest_image() {
        let images = |arm| {
            vec![
                index("outer", &["inner", "amd"]),
                index("inner", &["arm", "provenance"]),
                image("amd", Kind::Image, Some(NOW - 9 * DAY)),
                image("arm", Kind::Image, arm),
                image("provenance", Kind::Attestation, None),
            ]
        };
        assert_eq!(
            created(images(Some(NOW - 2 * DAY)), "outer"),
            Some(NOW - 2 * DAY)
        );
        assert_eq!(created(images(None), "outer"), None, "unknown if one is");
        assert_eq!(created(images(None), "amd"), Some(NOW - 9 * DAY));
        let broken = vec![
            index("outer", &["amd", "gone"]),
            image("amd", Kind::Image, Some(NOW - 9 * DAY)),
        ];
        assert_eq!(created(broken, "outer"), None, "unknown if one is missing");
    }

    #[test]
    fn implausible_times_are_unknown() {
        for (time, known) in [
            (0, false),
            (315_532_800, false),
            (315_619_199, false),
            (315_619_200, true),
            (NOW + DAY, true),
            (NOW + DAY + 1, false),
            (4_102_444_800, false),
        ] {
            let found = created(vec![image("a", Kind::Image, Some(time))], "a");
            assert_eq!(found.is_some(), known, "{time}");
        }
    }

    #[test]
    fn a_cycle_and_a_deep_nest_have_their_answer() {
        let mut images = vec![index("a", &["b"]), index("b", &["a"])];
        let names: Vec<String> = (0..10_000).map(|depth| format!("nest {depth}")).collect();
        for pair in names.windows(2) {
            images.push(index(&pair[0], &[&pair[1]]));
        }
        images.push(image("nest 9999", Kind::Image, Some(NOW - DAY)));
        assert_eq!(created(images.clone(), "a"), None);
        assert_eq!(created(images, "nest 0"), Some(NOW - DAY));
    }
}
