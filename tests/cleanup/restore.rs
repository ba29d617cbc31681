//! Taking a run back (rule 32).

use portreeve::{
    cleanup::{Ending, Group, State, Store, paths},
    error::Code,
};

use super::{
    WEB,
    small::{self, Scene},
};
use crate::registry::Profile;

#[test]
fn a_tag_that_points_elsewhere_by_now_stays_there() {
    let scene = Scene::new(Profile::distribution_3());
    let mut mission = scene.again();
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(run.state, State::Done);
    let pushed = {
        let mut registry = mission.io.registry();
        let repository = registry.state.repository(WEB);
        let pushed = small::image(repository, "pushed since");
        repository.tag("old-b", &pushed);
        pushed
    };
    let restored = mission.restore(&run.run, &[]).unwrap();
    assert!(!restored.whole);
    let group = restored
        .groups
        .iter()
        .find(|group| group.digest.to_string() == scene.names["b"])
        .unwrap();
    assert_eq!(group.moved.len(), 1);
    assert_eq!(group.tags, ["old-b2"]);
    let held = mission.held();
    assert_eq!(held.tags["old-b"], pushed);
    assert_eq!(held.tags["old-b2"], scene.names["b"]);
    assert!(held.missing().is_empty());
}

#[test]
fn a_run_that_was_taken_back_no_longer_says_that_it_deleted() {
    let scene = Scene::new(Profile::demo());
    let mut mission = scene.again();
    let run = mission.apply(&scene.plan).unwrap();
    assert!(run.repositories[0].deleted.groups > 0);
    assert!(mission.restore(&run.run, &[]).unwrap().whole);
    let told = mission.apply(&scene.plan).unwrap();
    let repository = &told.repositories[0];
    assert_eq!(
        (repository.deleted.groups, repository.deleted.manifests),
        (0, 0)
    );
    let is_back = |group: &Group| matches!(group.ending, Ending::PutBack { .. });
    assert!(repository.groups.iter().all(is_back));
}

#[test]
fn a_single_image_comes_back_alone() {
    let scene = Scene::new(Profile::demo());
    let mut mission = scene.again();
    let run = mission.apply(&scene.plan).unwrap();
    let root = scene.names["n"].parse().unwrap();
    let restored = mission.restore(&run.run, &[root]).unwrap();
    assert!(restored.whole);
    assert_eq!(restored.groups.len(), 1);
    let held = mission.held();
    for name in ["n", "inner", "n1"] {
        assert!(held.manifests.contains_key(&scene.names[name]), "{name}");
    }
    assert!(!held.manifests.contains_key(&scene.names["a"]));
    let tags: Vec<&String> = held.tags.keys().collect();
    assert_eq!(tags, ["latest", "old-n", "v1", "v2"]);
    let error = mission.restore(
        &run.run,
        &["v1"].map(|name| scene.names[name].parse().unwrap()),
    );
    assert_eq!(error.unwrap_err().code(), Code::NotFound);
    let error = mission.restore("20260101-000000000000", &[]);
    assert_eq!(error.unwrap_err().code(), Code::NotFound);
}

#[test]
fn what_the_registry_collected_is_told_and_stops_no_other_group() {
    let scene = Scene::new(Profile::distribution_3());
    let mut mission = scene.again();
    let run = mission.apply(&scene.plan).unwrap();
    // the garbage collection takes the config of one image
    let bytes = scene.again().held().manifests[&scene.names["b"]].clone();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let config = json["config"]["digest"].as_str().unwrap();
    mission
        .io
        .registry()
        .state
        .repository(WEB)
        .blobs
        .remove(config);
    let restored = mission.restore(&run.run, &[]).unwrap();
    assert!(!restored.whole);
    for group in &restored.groups {
        let is_lost = group.digest.to_string() == scene.names["b"];
        assert_eq!(group.problem.is_some(), is_lost, "{group:?}");
    }
    assert!(!mission.held().tags.contains_key("old-b"));
    assert!(mission.held().tags.contains_key("old-a"));
}

#[test]
fn a_back_up_that_was_changed_is_not_used() {
    let scene = Scene::new(Profile::distribution_3());
    let mut mission = scene.again();
    let run = mission.apply(&scene.plan).unwrap();
    let folder = paths::backups(&run.run);
    let names = mission.io.run(mission.store.list(&folder)).unwrap();
    assert_eq!(names.len(), 5);
    let path = format!("{folder}/{}", names[0]);
    let text = mission.io.run(mission.store.read(&path)).unwrap().unwrap();
    let other = text.replace("\"bytes\":\"", "\"bytes\":\"IAAA");
    mission.io.run(mission.store.write(&path, &other)).unwrap();
    let writes = mission.io.targets("PUT").len();
    let error = mission.restore(&run.run, &[]).unwrap_err();
    assert_eq!(error.code(), Code::StorageFailed);
    assert_eq!(mission.io.targets("PUT").len(), writes);
}
