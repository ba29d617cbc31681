//! The engine beside the oracle, on random jobs: the first half of them the same at every run, the
//! second by a seed that is printed where they differ. `ORACLE_SEED` repeats it, `ORACLE_CASES` asks
//! for more.
#![allow(
    clippy::disallowed_methods,
    reason = "as proptest, it takes seed and number of cases from the environment"
)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};

use portreeve::error::Code;
use portreeve::oci::Digest;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::world::World;
use super::{engine, oracle, random};

const FIXED: u64 = 20_261_124;

/// Where the engine says something else than the oracle, in words.
fn differences(world: &World, deletions: &Cell<u64>) -> Vec<String> {
    let (engine, expected) = match (engine::make(world), oracle::decide(world)) {
        (Ok(engine), Some(expected)) => (engine, expected),
        (Err(error), None) if error.code() == Code::Refused => return Vec::new(),
        (Err(error), _) => return vec![format!("the engine refuses: {error}")],
        (Ok(_), None) => {
            return vec!["a keep rule matches no tag, and the engine plans".to_owned()];
        }
    };
    let mut found = Vec::new();
    for (repository, outcome) in world.repositories.iter().zip(expected) {
        let is_it = |planned: &&portreeve::plan::document::Repository| {
            (&planned.host, &planned.name) == (&repository.host, &repository.name)
        };
        let planned = engine.plan.repositories.iter().find(is_it).unwrap();
        assert_eq!(planned.images.len(), repository.images.len());
        for image in &planned.images {
            let answer = &outcome.answers[&image.digest];
            let deletes = image.verdict == portreeve::plan::Verdict::Delete;
            deletions.set(deletions.get() + u64::from(deletes));
            let reason = image.reason.as_str();
            let is_true = answer.reasons.contains(reason) || answer.reasons.contains(oracle::ANY);
            if deletes != answer.deletes || !is_true {
                found.push(format!(
                    "{} {:?} of {}: the engine says {reason}, the oracle {:?}",
                    image.digest, image.tags, repository.name, answer.reasons
                ));
            }
        }
        let remembered = engine
            .condemned
            .iter()
            .find(|record| record.repository == repository.name);
        let since: BTreeMap<Digest, i64> = remembered.map_or_else(BTreeMap::new, |record| {
            let groups = record.groups.iter();
            groups
                .map(|(root, condemned)| (*root, condemned.since.seconds()))
                .collect()
        });
        let expected = outcome
            .condemned
            .iter()
            .map(|(root, sentence)| (*root, sentence.since));
        let has_grace = world.policy.get("grace").is_some();
        if has_grace && repository.complete && since != expected.collect() {
            found.push(format!(
                "of {} the engine remembers {since:?}",
                repository.name
            ));
        }
    }
    found
}

fn agree(cases: u32, seed: u64) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let bytes: Vec<u8> = seed.to_le_bytes().into_iter().cycle().take(32).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let deletions = Cell::new(0);
    let result = TestRunner::new_with_rng(config, rng).run(&random::job(), |world| {
        match differences(&world, &deletions).as_slice() {
            [] => Ok(()),
            found => Err(TestCaseError::fail(found.join("\n"))),
        }
    });
    match result {
        Ok(()) => assert!(
            deletions.get() > u64::from(cases) / 20,
            "too few deletions to tell"
        ),
        Err(TestError::Fail(why, world)) => panic!("ORACLE_SEED={seed}\n{why}\n{world:?}"),
        Err(other) => panic!("ORACLE_SEED={seed}: {other}"),
    }
}

/// Half of the pairs of this file.
fn cases() -> u32 {
    env::var("ORACLE_CASES").map_or(10_000, |cases| cases.parse().unwrap()) / 2
}

#[test]
fn engine_and_oracle_agree_on_the_same_jobs_at_every_run() {
    agree(cases(), FIXED);
}

#[test]
fn engine_and_oracle_agree_on_jobs_that_nobody_has_seen() {
    // the standard library seeds every hasher anew
    let random = || RandomState::new().build_hasher().finish();
    let seed = env::var("ORACLE_SEED").map_or_else(|_| random(), |seed| seed.parse().unwrap());
    agree(cases(), seed);
}
