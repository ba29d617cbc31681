//! What must hold of every plan of a job: several repositories, everything that a policy can say,
//! reports and grace, before caps and without `ifUnknown: ignore`.

use std::collections::BTreeSet;

use portreeve::oci::Digest;
use portreeve::plan::Verdict;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::engine;
use super::random::{self, rule};
use super::world::{Image, World};

/// What goes, by the repository's name.
fn deletions(world: &World) -> BTreeSet<(String, Digest)> {
    let plan = engine::make(world).unwrap().plan;
    let goes = plan.repositories.iter().flat_map(|repository| {
        let images = repository.images.iter();
        let deleted = images.filter(|image| image.verdict == Verdict::Delete);
        deleted.map(|image| (repository.name.clone(), image.digest))
    });
    goes.collect()
}

/// Takes one fact away.
fn without_fact(world: &World, at: Index, which: u8) -> World {
    let mut world = world.clone();
    let count = world.repositories.len();
    let repository = &mut world.repositories[at.index(count)];
    let images = repository.images.len();
    let image = &mut repository.images[at.index(images)];
    match which {
        0 => image.created = None,
        1 => image.first_seen = None,
        2 => image.pulled = None,
        3 => image.pushed = None,
        4 => image.tags.iter_mut().for_each(|tag| tag.first_seen = None),
        5 => image.tags.iter_mut().for_each(|tag| tag.pushed = None),
        6 => image.unreadable = true,
        7 => image.platform = None,
        8 => image.annotations = None,
        9 => image.labels = None,
        10 => repository.complete = false,
        11 => repository.unreadable_tags.push("lost".to_owned()),
        // one that `requires` leaves out is given up by name: its absence proves and blocks nothing
        12 => world
            .reports
            .iter_mut()
            .filter(|report| report.required)
            .for_each(|report| report.given = None),
        _ => image.config = None,
    }
    world
}

/// Everything that an image names or that refers to it.
fn reaches(image: &Image, other: &Image) -> bool {
    let subjects = |image: &Image| [image.subject, image.fallback_for];
    image.children.contains(&other.digest)
        || subjects(image).contains(&Some(other.digest))
        || subjects(other).contains(&Some(image.digest))
}

proptest! {
    // `PROPTEST_CASES` in the environment asks for more of them
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_kept_reaches_a_deleted_digest_and_every_verdict_has_its_reason(world in random::world(true)) {
        let plan = engine::make(&world).unwrap().plan;
        let gone = deletions(&world);
        for repository in &world.repositories {
            let goes = |image: &Image| gone.contains(&(repository.name.clone(), image.digest));
            for image in repository.images.iter().filter(|image| !goes(image)) {
                for other in repository.images.iter().filter(|other| reaches(image, other)) {
                    prop_assert!(!goes(other), "{} keeps {}", image.digest, other.digest);
                }
            }
        }
        for image in plan.repositories.iter().flat_map(|repository| &repository.images) {
            prop_assert_eq!(image.reason.verdict(), image.verdict);
            prop_assert!(!image.explanation.is_empty());
        }
    }

    #[test]
    fn planning_the_result_deletes_nothing_more(world in random::world(true)) {
        let gone = deletions(&world);
        let mut rest = world;
        for repository in &mut rest.repositories {
            let name = repository.name.clone();
            repository.images.retain(|image| !gone.contains(&(name.clone(), image.digest)));
        }
        prop_assert_eq!(deletions(&rest), BTreeSet::new());
    }

    #[test]
    fn the_order_of_the_input_never_changes_the_plan(world in random::world(true), seed in any::<u64>()) {
        let plan = engine::make(&world).unwrap().plan;
        let mut other = world;
        other.repositories.reverse();
        for repository in &mut other.repositories {
            repository.images.sort_by_key(|image| Digest::of(format!("{seed}{}", image.digest).as_bytes()));
            for image in &mut repository.images {
                image.tags.reverse();
                image.children.reverse();
            }
        }
        prop_assert_eq!(engine::make(&other).unwrap().plan, plan);
    }

    #[test]
    fn a_further_keep_rule_never_adds_a_deletion(world in random::world(true), mut further in rule(true)) {
        let before = deletions(&world);
        further["name"] = json!("further");
        let mut world = world;
        world.policy["keep"].as_array_mut().unwrap().push(further);
        prop_assert!(deletions(&world).is_subset(&before));
    }

    #[test]
    fn a_missing_fact_never_adds_a_deletion(world in random::world(true), at in any::<Index>(), which in 0..14_u8) {
        let before = deletions(&world);
        let less = without_fact(&world, at, which);
        prop_assert!(deletions(&less).is_subset(&before), "without fact {which}: {less:?}");
    }
}
