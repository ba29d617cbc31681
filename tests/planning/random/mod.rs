//! Random worlds: indexes, nested and shared children, cycles, referrers, fallback tags, several
//! tags a digest, missing facts, policies over all of it, and reports.

mod images;
mod policies;
mod reports;

pub(super) use images::NOW;
pub(super) use policies::{policy, rule};

use images::picture;
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::{Caps, Repository, Run, World};

pub(super) const DAY: i64 = 86_400;

/// Caps that block nothing as long as something stays.
pub(super) const LENIENT: Caps = Caps {
    share: 100,
    survivors: 0,
    deletions: 1_000_000,
};

/// A job over one or two repositories, of which no cap blocks anything.
pub(super) fn world(cyclic: bool) -> impl Strategy<Value = World> {
    let repositories = prop::collection::vec(picture(cyclic), 1..=2);
    (policy(), repositories, reports::reports()).prop_map(|(policy, pictures, sketches)| {
        let names = [
            ("registry.example", "shop/web"),
            ("other.example:5000", "mirror/shop/web"),
        ];
        let pictures = pictures.iter().zip(names);
        let repositories: Vec<Repository> = pictures
            .map(|(picture, (host, name))| picture.draw(host, name))
            .collect();
        let reports = reports::draw(&sketches, &repositories);
        World {
            policy,
            repositories,
            reports,
            caps: LENIENT,
            now: NOW,
            before: None,
        }
    })
}

/// The same, with caps, earlier runs, and what a scan some days ago condemned.
pub(super) fn job() -> impl Strategy<Value = World> {
    let caps = prop::option::weighted(0.2, (10..100_u32, 0..4_u32, 1..8_u32));
    let run = (1..200_i64, 1..40_u64, 0..6_u64);
    let runs = prop::option::weighted(0.2, prop::collection::vec(run, 1..3));
    let changes = prop::collection::vec((any::<Index>(), 0..5_u8), 0..3);
    let before = prop::option::weighted(0.5, (0..4_i64, changes));
    (world(false), caps, runs, before).prop_map(|(mut world, caps, runs, before)| {
        if let Some((share, survivors, deletions)) = caps {
            world.caps = Caps {
                share,
                survivors,
                deletions,
            };
        }
        // no two at one time: which was first would be anybody's guess
        for (at, (hours, groups_before, groups_deleted)) in runs.into_iter().flatten().enumerate() {
            let at = world.now - hours * 3600 - i64::try_from(at).unwrap();
            world.repositories[0].runs.push(Run {
                at,
                groups_before,
                groups_deleted,
            });
        }
        if let Some((days, changes)) = before.filter(|_| world.policy.get("grace").is_some()) {
            world.before = Some(Box::new(earlier(&world, days, &changes)));
        }
        world
    })
}

/// The job some days before, with a few images that were different.
fn earlier(world: &World, days: i64, changes: &[(Index, u8)]) -> World {
    let mut earlier = world.clone();
    earlier.now -= days * DAY;
    earlier.reports.clear();
    for repository in &mut earlier.repositories {
        repository.taken_at = earlier.now;
        repository.complete = true;
        repository.runs.clear();
        for (at, change) in changes {
            let count = repository.images.len();
            let image = &mut repository.images[at.index(count)];
            match change {
                0 => drop(image.tags.pop()),
                1 => image.children.clear(),
                2 => image.subject = None,
                3 => image
                    .tags
                    .iter_mut()
                    .for_each(|tag| tag.name.push_str("-before")),
                _ => drop(repository.images.pop().filter(|_| count > 1)),
            }
            if repository.images.is_empty() {
                return world.clone();
            }
        }
    }
    earlier
}
