//! What is refused before anything is deleted, and what stops a run.

use std::{cell::Cell, time::Duration};

use portreeve::{
    cleanup::{Budget, Ending, Event, MemoryStore, Run, Skipped, State, Store},
    error::{Code, Error, Result},
    plan::Plan,
};

use super::{WEB, mission::Mission, small::Scene};
use crate::{
    registry::{Fault, Profile, profile::Link},
    support::memory_io::NOON,
};

fn scene() -> Scene {
    Scene::new(Profile::distribution_3())
}

fn deletes(mission: &Mission) -> usize {
    mission.io.targets("DELETE").len()
}

fn problem(run: &Run) -> Code {
    assert_eq!(run.state, State::Stopped, "{run:#?}");
    run.repositories[0].problem.as_ref().unwrap().code()
}

/// Applies a changed plan and expects to be refused before the first request.
fn refused(change: impl FnOnce(&mut Plan, &mut Mission)) -> Code {
    let scene = scene();
    let (mut mission, mut plan) = (scene.again(), scene.plan.clone());
    change(&mut plan, &mut mission);
    let error = mission.apply(&plan).unwrap_err();
    assert!(error.advice().is_some(), "{error}");
    assert!(mission.io.requests().is_empty(), "{error}");
    error.code()
}

#[test]
fn only_the_plan_of_this_job_policy_and_day_is_carried_out() {
    for (what, code, change) in [
        (
            "another configuration",
            Code::Conflict,
            (|_, mission| mission.configuration_hash = "other".to_owned())
                as fn(&mut Plan, &mut Mission),
        ),
        ("another policy", Code::Conflict, |_, mission| {
            let policy = r#"{ "delete": [{ "name": "all", "tags": "*", "olderThan": { "created": "1d" } }] }"#;
            mission.policy = portreeve::plan::policy::Policy::parse(policy).unwrap();
        }),
        ("an expired plan", Code::Expired, |_, mission| {
            mission.io.advance(Duration::from_hours(25));
        }),
        ("an edited plan", Code::InvalidArgument, |plan, _| {
            let image = plan.repositories[0]
                .images
                .iter_mut()
                .find(|image| image.tags == ["v1"])
                .unwrap();
            image.verdict = portreeve::plan::Verdict::Delete;
        }),
        ("another host", Code::InvalidArgument, |plan, _| {
            plan.repositories[0].host = "registry.example".to_owned();
        }),
    ] {
        assert_eq!(refused(change), code, "{what}");
    }
}

#[test]
fn a_plan_is_carried_out_in_its_jobs_repositories_only() {
    let scene = scene();
    let mut mission = scene.again();
    // whoever edits a plan can compute its hashes
    let mut inventory = mission.read();
    inventory.repository = "shop/api".to_owned();
    let plan = mission.plan_of(&inventory);
    let asked = mission.io.requests().len();
    let error = mission.apply(&plan).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.to_string().contains("shop/api"), "{error}");
    assert_eq!(mission.io.requests().len(), asked);
}

#[test]
fn the_limit_of_a_run_holds_for_the_plan_as_it_is_given() {
    // with several repositories, each fresh look sees one of them, and none sees the sum
    let code = refused(|_, mission| mission.caps.deletions = 1);
    assert_eq!(code, Code::Refused);
}

#[test]
fn a_simulated_plan_is_not_carried_out() {
    let scene = scene();
    let mut mission = scene.again();
    let inventory = mission.read();
    let (inventories, now) = ([inventory], NOON.plus(Duration::from_hours(72)));
    let made = portreeve::plan::make(&portreeve::plan::Input {
        configuration_hash: &mission.configuration_hash,
        caps: mission.caps,
        simulated: true,
        ..portreeve::plan::Input::new("shop", &mission.policy, &inventories, now)
    });
    let plan = made.unwrap().document();
    let error = mission.apply(&plan).unwrap_err();
    assert_eq!(error.code(), Code::Refused);
    assert_eq!(deletes(&mission), 0);
}

#[test]
fn only_loopback_registries_are_applied() {
    for (host, allowed) in [
        ("127.0.0.1:5555", true),
        ("127.8.9.10", true),
        ("localhost:5000", true),
        ("registry.localhost", true),
        ("[::1]:5000", true),
        ("10.0.0.1:5000", false),
        ("192.168.1.1", false),
        ("127.0.0.1.evil.example", false),
        ("localhost.evil.example", false),
        ("[::2]", false),
        ("ghcr.io", false),
    ] {
        let result = portreeve::cleanup::ensure_may_apply(host);
        assert_eq!(result.is_ok(), allowed, "{host}");
    }
}

#[test]
fn clocks_that_differ_delete_nothing() {
    let scene = scene();
    let mut mission = scene.again();
    let other = "Mon, 23 Nov 2026 12:00:00 GMT";
    let fault = Fault::on("GET", "/v2/*/*/**").header("date", other);
    mission.io.fault(fault.times(0));
    let fault = Fault::on("HEAD", "/v2/*/*/**").header("date", other);
    mission.io.fault(fault.times(0));
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(problem(&run), Code::ClockSkew);
    assert_eq!(deletes(&mission), 0);
}

#[test]
fn an_incomplete_listing_deletes_nothing() {
    let mut profile = Profile::distribution_3();
    profile.paging = crate::registry::profile::Paging::UpTo(5);
    let scene = Scene::new(profile);
    let mut mission = scene.again();
    mission.io.registry().profile.link = Link::UntilEmpty;
    let fault = Fault::on("GET", "/v2/*/*/tags/list").header("age", "60");
    mission.io.fault(fault);
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(problem(&run), Code::IncompleteListing);
    assert_eq!(deletes(&mission), 0);
}

#[test]
fn what_an_earlier_run_had_begun_to_read_is_read_anew() {
    let mut profile = Profile::distribution_3();
    profile.paging = crate::registry::profile::Paging::UpTo(5);
    let scene = Scene::new(profile);
    for requests in (10..40).step_by(5) {
        let mut mission = scene.again();
        let run = mission.apply_within(&scene.plan, &Budget::of(requests));
        assert_eq!(run.unwrap().state, State::Paused, "{requests}");
        mission.io.advance(Duration::from_hours(48));
        let plan = mission.plan();
        let condemned = &scene.names["b"];
        let mut registry = mission.io.registry();
        registry.state.repository(WEB).tag("prod", condemned);
        drop(registry);
        mission.apply(&plan).unwrap();
        assert_eq!(
            mission.held().tags.get("prod"),
            Some(condemned),
            "{requests}"
        );
    }
}

/// A store that fails, or forgets, what is written below a folder.
struct Bad {
    inner: MemoryStore,
    fails: fn(&str) -> bool,
    forgets: bool,
}

impl Store for Bad {
    async fn read(&self, path: &str) -> Result<Option<String>> {
        self.inner.read(path).await
    }

    async fn write(&self, path: &str, text: &str) -> Result<()> {
        match ((self.fails)(path), self.forgets) {
            (false, _) => self.inner.write(path, text).await,
            (true, true) => Ok(()),
            (true, false) => Err(Error::new(
                Code::StorageFailed,
                "no space left on the device",
            )),
        }
    }

    async fn append(&self, path: &str, line: &str) -> Result<()> {
        if (self.fails)(path) {
            return Err(Error::new(Code::StorageFailed, "permission denied"));
        }
        self.inner.append(path, line).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>> {
        self.inner.list(folder).await
    }

    async fn swap(&self, path: &str, expected: Option<&str>, new: &str) -> Result<bool> {
        self.inner.swap(path, expected, new).await
    }
}

#[test]
fn no_back_up_no_deletion() {
    let scene = scene();
    for forgets in [false, true] {
        let mut mission = scene.again();
        let store = Bad {
            inner: mission.store.clone(),
            fails: |path| path.contains("/backup/"),
            forgets,
        };
        let budget = Budget::unlimited();
        let run = mission
            .apply_until(&scene.plan, &budget, &store, &Cell::new(false))
            .unwrap()
            .unwrap();
        assert_eq!(problem(&run), Code::StorageFailed, "{forgets}");
        assert_eq!(deletes(&mission), 0, "{forgets}");
    }
}

#[test]
fn no_journal_no_deletion() {
    let scene = scene();
    let mut mission = scene.again();
    let store = Bad {
        inner: mission.store.clone(),
        fails: |path| path.ends_with("journal.jsonl"),
        forgets: false,
    };
    let budget = Budget::unlimited();
    let error = mission
        .apply_until(&scene.plan, &budget, &store, &Cell::new(false))
        .unwrap()
        .unwrap_err();
    assert_eq!(error.code(), Code::StorageFailed);
    assert!(mission.io.requests().is_empty());
}

#[test]
fn a_group_with_a_missing_manifest_is_left_alone() {
    let scene = scene();
    let mut mission = scene.again();
    let child = scene.names["c1"].clone();
    mission
        .io
        .registry()
        .state
        .repository(WEB)
        .manifests
        .remove(&child);
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(run.state, State::Partial, "{run:#?}");
    let group = run.repositories[0]
        .groups
        .iter()
        .find(|group| group.digest.to_string() == scene.names["c"])
        .unwrap();
    let Ending::Skipped { reason, .. } = &group.ending else {
        panic!("{group:?}")
    };
    assert_eq!(*reason, Skipped::NoBackup);
    assert!(mission.held().tags.contains_key("old-c"));
    // the child that it shares with a deleted group stays with it, and so does its signature
    for name in ["both", "seal"] {
        assert!(
            mission.held().manifests.contains_key(&scene.names[name]),
            "{name}"
        );
    }
}

#[test]
fn a_missing_permission_stops_at_once_and_leaves_nothing_half_done() {
    for (status, code) in [(401, Code::Unauthorized), (403, Code::Denied)] {
        let scene = scene();
        for skip in [0, 1, 2, 5] {
            let mut mission = scene.again();
            let mut fault = Fault::on("DELETE", "/v2/*/*/**").status(status).times(0);
            fault.skip = skip;
            mission.io.fault(fault);
            let run = mission.apply(&scene.plan).unwrap();
            assert_eq!(problem(&run), code, "{status} after {skip}");
            let held = mission.held();
            assert!(held.missing().is_empty(), "{status} after {skip}");
            for (tag, digest) in &held.tags {
                assert!(held.manifests.contains_key(digest), "{tag}");
            }
            assert_eq!(mission.io.targets("DELETE").len(), skip as usize + 1);
            let again = run.repositories[0].groups.iter();
            for group in again {
                if let Ending::Failed { undone, .. } = group.ending {
                    assert!(undone, "{status} after {skip}: {run:#?}");
                }
            }
        }
    }
}

#[test]
fn three_failures_in_a_row_stop_and_two_do_not() {
    let scene = scene();
    for (times, stops) in [(2, false), (3, true)] {
        let mut mission = scene.again();
        let mut fault = Fault::on("DELETE", "/v2/*/*/**").status(405).times(times);
        fault.body = Some(r#"{"errors":[{"code":"DENIED","message":"protected"}]}"#.to_owned());
        mission.io.fault(fault);
        let run = mission.apply(&scene.plan).unwrap();
        let failed = run.repositories[0]
            .groups
            .iter()
            .filter(|group| matches!(group.ending, Ending::Failed { undone: true, .. }));
        assert_eq!(failed.count(), times as usize, "{run:#?}");
        if stops {
            assert_eq!(problem(&run), Code::Refused);
            assert_eq!(deletes(&mission), 3);
        } else {
            assert_eq!(run.state, State::Partial, "{run:#?}");
        }
        // the same call tries them again
        let run = mission.apply(&scene.plan).unwrap();
        assert_eq!(run.state, State::Done, "{run:#?}");
    }
}

#[test]
fn a_group_that_fails_half_way_gets_everything_back() {
    for profile in [
        Profile::distribution_3(),
        Profile::google(),
        Profile::demo(),
    ] {
        let scene = Scene::new(profile);
        for skip in 1..12 {
            let mut mission = scene.again();
            let mut fault = Fault::on("DELETE", "/v2/*/*/**").status(409);
            fault.skip = skip;
            mission.io.fault(fault);
            let run = mission.apply(&scene.plan).unwrap();
            let failed = run.repositories[0]
                .groups
                .iter()
                .find(|group| matches!(group.ending, Ending::Failed { undone: true, .. }));
            let failed = failed.unwrap_or_else(|| panic!("{skip}: {run:#?}"));
            let held = mission.held();
            assert!(held.missing().is_empty(), "{skip}");
            for tag in &failed.tags {
                assert_eq!(held.tags[tag], failed.digest.to_string(), "{skip}: {tag}");
            }
        }
    }
}

#[test]
fn an_answer_that_got_lost_is_asked_of_the_registry() {
    let scene = scene();
    let mut undisturbed = scene.again();
    undisturbed.apply(&scene.plan).unwrap();
    for (what, carried_out, status, drop) in [
        ("5xx after the effect", true, Some(502), false),
        ("5xx before the effect", false, Some(503), false),
        ("a lost connection after the effect", true, None, true),
        ("a lost connection before the effect", false, None, true),
    ] {
        let mut mission = scene.again();
        let mut fault = Fault::on("DELETE", "/v2/*/*/**").times(3);
        (fault.carried_out, fault.status, fault.drop) = (carried_out, status, drop);
        mission.io.fault(fault);
        let run = mission.apply(&scene.plan).unwrap();
        assert_eq!(run.state, State::Done, "{what}: {run:#?}");
        assert_eq!(mission.held(), undisturbed.held(), "{what}");
    }
}

#[test]
fn the_canary_stops_a_registry_that_takes_more_than_it_was_asked_to() {
    let scene = scene();
    // the registry takes the children of a deleted index along, whoever else lists them
    let mut mission = scene.again();
    let victim = scene.names["shared"].clone();
    let root = scene.names["a"].clone();
    mission.io.before_each(move |_, _, state| {
        let repository = state.repository(WEB);
        if !repository.manifests.contains_key(&root) {
            repository.manifests.remove(&victim);
        }
    });
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(problem(&run), Code::Conflict);
    let groups = |event: &&Event| matches!(event, Event::GroupBegun { .. });
    assert_eq!(mission.events.iter().filter(groups).count(), 1);
}

#[test]
fn what_the_canary_finds_gone_comes_back() {
    let scene = scene();
    let mut mission = scene.again();
    let victims = [scene.names["k1"].clone(), scene.names["solo"].clone()];
    let roots = ["a", "b", "c", "d", "n"].map(|name| scene.names[name].clone());
    let struck = Cell::new(false);
    mission.io.before_each(move |_, _, state| {
        let repository = state.repository(WEB);
        let is_gone = |root: &String| !repository.manifests.contains_key(root);
        if roots.iter().any(is_gone) && !struck.replace(true) {
            for victim in &victims {
                repository.manifests.remove(victim);
            }
        }
    });
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(problem(&run), Code::Conflict);
    let message = &run.repositories[0].problem.as_ref().unwrap().message;
    for name in ["k1", "solo"] {
        assert!(message.contains(&scene.names[name]), "{message}");
    }
    assert_eq!(run.repositories[0].deleted.groups, 1, "{run:#?}");
}

#[test]
fn one_run_at_a_time_deletes() {
    let scene = scene();
    let mut mission = scene.again();
    // another run takes the lease while this one goes on
    let store = mission.store.clone();
    let other = r#"{"holder":"other","fence":99,"expires":"2027-01-01T00:00:00Z"}"#;
    let taken = Cell::new(false);
    let io = mission.io.clone();
    mission.io.before_each(move |_, request, _| {
        if request.method() == "DELETE" && !taken.replace(true) {
            let write = store.write(portreeve::cleanup::paths::LEASE, other);
            futures_executor::block_on(write).unwrap();
        }
    });
    drop(io);
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(problem(&run), Code::Locked);
    assert_eq!(deletes(&mission), 1);
    // and while it holds the lease, none begins
    let error = mission.apply(&scene.plan).unwrap_err();
    assert_eq!(error.code(), Code::Locked);
    assert_eq!(deletes(&mission), 1);
}

#[test]
fn planning_is_never_given_a_writer_and_collecting_only_reads() {
    let mission = Mission::new(Profile::demo());
    mission.plan();
    let requests = mission.io.requests();
    assert!(
        requests
            .iter()
            .all(|entry| ["GET", "HEAD"].contains(&&*entry.method))
    );
}
