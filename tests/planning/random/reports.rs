//! Random reports: of strings that tags capture, and of what runs.

use portreeve::oci::Digest;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{DAY, NOW};
use crate::planning::world::{Content, Given, Report, Repository, Use};

/// A report before it knows what there is to use.
#[derive(Debug, Clone)]
pub(super) struct Sketch {
    name: &'static str,
    required: bool,
    given: Option<i64>,
    strings: Vec<u8>,
    uses: Vec<(Index, u8)>,
    previous_size: Option<u64>,
    min: u64,
    max_shrink: Option<u32>,
}

fn sketch(name: &'static str) -> impl Strategy<Value = Sketch> {
    // hours ago
    let taken = prop_oneof![9 => 0..48_i64, 1 => Just(-2_i64), 1 => Just(80_i64)];
    (
        prop::bool::weighted(0.3),
        prop::option::weighted(0.9, taken),
        prop::collection::vec(0..12_u8, 0..4),
        prop::collection::vec((any::<Index>(), 0..40_u8), 0..2),
        prop::option::weighted(0.2, 0..6_u64),
        prop_oneof![5 => Just(0_u64), 1 => 1..3_u64],
        prop::option::weighted(0.3, 0..100_u32),
    )
        .prop_map(
            move |(required, given, strings, uses, previous_size, min, max_shrink)| Sketch {
                name,
                required,
                given,
                strings,
                uses,
                previous_size,
                min,
                max_shrink,
            },
        )
}

pub(super) fn reports() -> impl Strategy<Value = Vec<Sketch>> {
    let maybe = |name| prop::option::weighted(0.4, sketch(name));
    (
        prop::option::weighted(0.8, sketch("open-prs")),
        maybe("cluster"),
        maybe("gitops"),
    )
        .prop_map(|(prs, cluster, gitops)| [prs, cluster, gitops].into_iter().flatten().collect())
}

pub(super) fn draw(sketches: &[Sketch], repositories: &[Repository]) -> Vec<Report> {
    let drawn = sketches.iter().map(|sketch| Report {
        name: sketch.name.to_owned(),
        required: sketch.required,
        max_age: 3 * DAY,
        min: sketch.min,
        max_shrink: sketch.max_shrink,
        previous_size: sketch.previous_size,
        given: sketch.given.map(|hours| Given {
            taken_at: NOW - hours * 3600,
            content: sketch.content(repositories),
        }),
    });
    drawn.collect()
}

impl Sketch {
    fn content(&self, repositories: &[Repository]) -> Content {
        if self.name == "open-prs" {
            let mut strings: Vec<String> = self.strings.iter().map(u8::to_string).collect();
            strings.sort();
            strings.dedup();
            return Content::Strings(strings);
        }
        let mut uses: Vec<Use> = Vec::new();
        for found in self
            .uses
            .iter()
            .filter_map(|(at, what)| find(*at, *what, repositories))
        {
            if !uses.contains(&found) {
                uses.push(found);
            }
        }
        Content::Uses(uses)
    }
}

fn find(at: Index, what: u8, repositories: &[Repository]) -> Option<Use> {
    let repository = &repositories[usize::from(what) % repositories.len()];
    let image = &repository.images[at.index(repository.images.len())];
    let paths = [
        "shop/web",
        "web",
        "acme/mirror/shop/web",
        "shop/other",
        "library/web",
    ];
    let path = paths[usize::from(what) % paths.len()];
    let tag = image.tags.first().map_or("nowhere", |tag| &tag.name);
    Some(match what {
        0..12 => Use::Digest(image.digest),
        12..17 => Use::Image(image.config?),
        17 => Use::Image(Digest::of(b"an image of elsewhere")),
        18..30 => Use::Reference {
            text: format!("eu.example/{path}:{tag}"),
            running: what.is_multiple_of(2),
        },
        30..34 => Use::Reference {
            text: format!("eu.example/{path}:gone"),
            running: what.is_multiple_of(2),
        },
        34 => Use::Unresolved("whatever this is".to_owned()),
        35 => Use::Unresolved(format!("eu.example/{path}")),
        _ => Use::Digest(Digest::of(b"foreign")),
    })
}
