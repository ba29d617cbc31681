//! One random repository: sketched with neighbours as positions, then drawn.

use std::collections::{BTreeMap, BTreeSet};

use portreeve::oci::{Digest, Kind};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::DAY;
use crate::planning::world::{Image, Repository, Tag};

/// 2026-11-24T08:00:00Z.
pub(crate) const NOW: i64 = 1_795_507_200;

/// A repository before its manifests know their neighbours.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    sketches: Vec<Sketch>,
    lists_untagged: bool,
    records_pushed: bool,
    records_tag_pushed: bool,
    carries_on: bool,
    /// Whether manifests may name each other in a circle, which no honest digest can.
    cyclic: bool,
    /// Seldom: cut short, a tag unreadable, keys that nobody asked for.
    mishap: u8,
}

#[derive(Debug, Clone)]
struct Sketch {
    kind: Kind,
    tags: Vec<usize>,
    children: Vec<Index>,
    subject: Option<Index>,
    fallback: Option<Index>,
    config: Option<u8>,
    times: [Option<i64>; 4],
    tag_times: (Option<i64>, Option<i64>),
    named: (u8, u8, u8),
    /// Seldom: locked, unreadable, a child or a subject that is missing, itself for a neighbour.
    mishap: u8,
}

/// Days ago, seldom nothing, seldom what a broken clock says.
fn time() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        40 => (0..60_i64).prop_map(|days| Some(NOW - days * DAY)),
        6 => Just(None),
        1 => select(vec![Some(0), Some(315_619_199), Some(4_102_444_800), Some(NOW + DAY)]),
    ]
}

fn sketch() -> impl Strategy<Value = Sketch> {
    use Kind::{Attestation, Chart, Image, Index as Many, Other, Sbom};
    let kind = select(vec![
        Image,
        Image,
        Image,
        Many,
        Many,
        Many,
        Attestation,
        Chart,
        Sbom,
        Other,
    ]);
    let tags = prop_oneof![2 => Just(Vec::new()), 3 => subsequence((0..TAGS.len()).collect::<Vec<_>>(), 0..=2)];
    let children =
        prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(any::<Index>(), 1..4)];
    let neighbours = (
        children,
        prop::option::weighted(0.15, any::<Index>()),
        prop::option::weighted(0.07, any::<Index>()),
    );
    let facts = (
        prop::option::weighted(0.9, 0..6_u8),
        [time(), time(), time(), time()],
        (time(), time()),
        (0..5_u8, 0..5_u8, 0..12_u8),
    );
    (kind, tags, neighbours, facts, 0..80_u8).prop_map(|(kind, tags, neighbours, facts, mishap)| {
        let (children, subject, fallback) = neighbours;
        let (config, times, tag_times, named) = facts;
        Sketch {
            kind,
            tags,
            children,
            subject,
            fallback,
            config,
            times,
            tag_times,
            named,
            mishap,
        }
    })
}

pub(crate) fn picture(cyclic: bool) -> impl Strategy<Value = Picture> {
    let sketches = prop::collection::vec(sketch(), 1..12);
    let weighted = prop::bool::weighted;
    (
        sketches,
        weighted(0.9),
        weighted(0.7),
        weighted(0.3),
        any::<bool>(),
        0..40_u8,
    )
        .prop_map(
            move |(
                sketches,
                lists_untagged,
                records_pushed,
                records_tag_pushed,
                carries_on,
                mishap,
            )| Picture {
                sketches,
                lists_untagged,
                records_pushed,
                records_tag_pushed,
                carries_on,
                cyclic,
                mishap,
            },
        )
}

/// The tags of the image at a position; some fall on several images, and the first has them.
const TAGS: [fn(usize) -> String; 9] = [
    |at| format!("v1.{}.0", at % 4),
    |at| format!("1.{}.0", at % 4),
    |at| format!("2.0.{at}-rc.{}", at % 3),
    |at| format!("v{at}"),
    |at| format!("pr-{at}"),
    |at| format!("pr-{at}-linux"),
    |at| format!("main-{at}"),
    |at| format!("next-{at}"),
    |_| "latest".to_owned(),
];

impl Picture {
    pub(crate) fn draw(&self, host: &str, name: &str) -> Repository {
        let mut taken = BTreeSet::new();
        let images = self.sketches.iter().enumerate();
        let images = images.map(|(at, _)| self.image(at, &mut taken)).collect();
        let keys = |asked: bool| {
            if asked {
                vec!["team".to_owned()]
            } else {
                Vec::new()
            }
        };
        Repository {
            host: host.to_owned(),
            name: name.to_owned(),
            complete: self.mishap != 0,
            lists_untagged: self.lists_untagged,
            records_pushed: self.records_pushed,
            records_tag_pushed: self.records_tag_pushed,
            taken_at: NOW,
            watched_since: if self.carries_on { NOW - 50 * DAY } else { NOW },
            unreadable_tags: if self.mishap == 1 {
                vec!["pr-lost".to_owned()]
            } else {
                Vec::new()
            },
            annotation_keys: keys(self.mishap != 2),
            label_keys: keys(self.mishap != 3),
            images,
            runs: Vec::new(),
        }
    }

    fn image(&self, at: usize, taken: &mut BTreeSet<String>) -> Image {
        let sketch = &self.sketches[at];
        let digest_at = |at: usize| Digest::of(&at.to_le_bytes());
        // what names another was made behind it
        let others = if self.cyclic { self.sketches.len() } else { at };
        let other = |index: &Index| (others > 0).then(|| digest_at(index.index(others)));
        let [created, first_seen, pulled, pushed] = sketch.times;
        let gone = Digest::of(b"gone");
        let team = |which, asked: bool| match which {
            0 => None,
            _ if !asked => Some(BTreeMap::new()),
            1 => Some(BTreeMap::new()),
            2 => Some(BTreeMap::from([("team".to_owned(), "db".to_owned())])),
            _ => Some(BTreeMap::from([(
                "team".to_owned(),
                format!("web-{which}"),
            )])),
        };
        let platforms = [
            None,
            Some("linux/amd64"),
            Some("linux/arm64"),
            Some("linux/arm/v7"),
            Some("linux/amd64/v3"),
            Some("windows/amd64"),
        ];
        let (annotation, label, platform) = sketch.named;
        let mut image = Image {
            digest: digest_at(at),
            kind: sketch.kind,
            children: sketch.children.iter().filter_map(other).collect(),
            subject: sketch.subject.as_ref().and_then(other),
            fallback_for: sketch
                .fallback
                .as_ref()
                .and_then(other)
                .filter(|subject| *subject != digest_at(at)),
            config: sketch.config.map(|config| Digest::of(&[config])),
            tags: Vec::new(),
            created,
            first_seen,
            pulled,
            pushed: pushed.filter(|_| self.records_pushed),
            no_delete: (4..9).contains(&sketch.mishap),
            unreadable: sketch.mishap == 0,
            platform: platforms[usize::from(platform) % platforms.len()].map(str::to_owned),
            annotations: team(annotation, self.mishap != 2),
            labels: team(label, self.mishap != 3),
        };
        match sketch.mishap {
            1 => image.children.push(gone),
            2 => image.subject = Some(gone),
            3 if self.cyclic => image.children.push(image.digest),
            _ => {}
        }
        // only indexes, of images or of something else, name others
        if !matches!(sketch.kind, Kind::Index | Kind::Other) {
            image.children.clear();
        }
        let mut names: Vec<String> = sketch.tags.iter().map(|tag| TAGS[*tag](at)).collect();
        names.extend(
            image
                .fallback_for
                .map(|subject| format!("sha256-{}.sig", subject.hex())),
        );
        names.retain(|name| taken.insert(name.clone()));
        let (first_seen, pushed) = sketch.tag_times;
        let pushed = pushed.filter(|_| self.records_tag_pushed);
        image.tags = names
            .into_iter()
            .map(|name| Tag {
                name,
                first_seen,
                pushed,
            })
            .collect();
        image
    }
}
