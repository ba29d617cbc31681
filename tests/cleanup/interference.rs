//! What somebody else does between any two requests of ours (rules 8, 18 and 25): afterwards
//! nothing that a tag leads to is missing, or the run says `conflict`.

use std::{cell::RefCell, rc::Rc};

use portreeve::cleanup::State;

use super::{
    WEB,
    mission::Held,
    small::{self, Names, Scene},
};
use crate::registry::{Profile, State as Registry, state::Repository};

/// What one run did when somebody interfered before its request number `at`.
struct Outcome {
    /// The request that came right after the interference; `None` when there were fewer.
    met: Option<String>,
    /// Whether the last sweep had its list of tags already.
    after_the_last_listing: bool,
    run: portreeve::error::Result<portreeve::cleanup::Run>,
    held: Held,
    names: Names,
}

type Act = fn(&mut Repository, &Names);

/// Applies the plan and acts before request number `at`, if there are so many.
fn disturb(scene: &Scene, at: usize, act: Act) -> Outcome {
    let mut mission = scene.again();
    let met = Rc::new(RefCell::new(None));
    let (seen, known) = (Rc::clone(&met), scene.names.clone());
    mission
        .io
        .before_each(move |number, request, state: &mut Registry| {
            if number == at {
                act(state.repository(WEB), &known);
                let request = format!("{} {}", request.method(), request.uri().path());
                *seen.borrow_mut() = Some(request);
            }
        });
    let run = mission.apply(&scene.plan);
    let met = met.take();
    let is_listing = |entry: &crate::registry::Entry| entry.target.contains("/tags/list");
    let last_listing = mission.io.requests().iter().rposition(is_listing);
    Outcome {
        met,
        after_the_last_listing: last_listing.is_some_and(|last| at > last),
        run,
        held: mission.held(),
        names: scene.names.clone(),
    }
}

fn is_conflict(outcome: &Outcome) -> bool {
    match &outcome.run {
        Ok(run) => run
            .repositories
            .iter()
            .filter_map(|one| one.problem.as_ref())
            .any(|problem| problem.code == "conflict"),
        Err(error) => error.code() == portreeve::error::Code::Conflict,
    }
}

/// Disturbs at every third request of each registry, each beginning with another, so that every
/// part of a run is met twice.
fn between_any_two_requests(act: impl Fn(&Profile) -> Act, check: impl Fn(&str, &Outcome)) {
    for (first, profile) in small::profiles().into_iter().enumerate() {
        let scene = Scene::new(profile);
        let name = scene.profile.name;
        for at in (first % 3..).step_by(3) {
            let outcome = disturb(&scene, at, act(&scene.profile));
            let Some(met) = &outcome.met else {
                assert!(at > 40, "{name}: only {at} requests");
                break;
            };
            let place = format!("{name}, before request {at}, {met}");
            let missing = outcome.held.missing();
            assert!(
                missing.is_empty() || is_conflict(&outcome),
                "{place}: {missing:?} are missing: {:#?}",
                outcome.run
            );
            check(&place, &outcome);
        }
    }
}

#[test]
fn nobody_interferes() {
    for profile in small::profiles() {
        let outcome = disturb(&Scene::new(profile.clone()), usize::MAX, |_, _| {});
        let run = outcome.run.unwrap();
        assert_eq!(run.state, State::Done, "{}: {run:#?}", profile.name);
        let left: Vec<&str> = outcome
            .names
            .iter()
            .filter(|(_, digest)| outcome.held.manifests.contains_key(*digest))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(
            left,
            ["k1", "platform", "shared", "solo", "v1"],
            "{}",
            profile.name
        );
        let tags: Vec<&String> = outcome.held.tags.keys().collect();
        assert_eq!(tags, ["latest", "v1", "v2"], "{}", profile.name);
    }
}

#[test]
fn an_index_is_pushed_over_old_children() {
    fn act(repository: &mut Repository, names: &Names) {
        let children = [&names["a1"], &names["c1"], &names["both"]];
        let is_there = |child: &&String| repository.manifests.contains_key(*child);
        // a registry takes an index only while its children are there
        if children.iter().all(is_there) {
            let digest = small::index(repository, &children);
            repository.tag("new", &digest);
        }
    }
    between_any_two_requests(|_| act, |_, _| {});
}

#[test]
fn a_release_is_promoted_onto_a_condemned_digest() {
    fn act(repository: &mut Repository, names: &Names) {
        if repository.manifests.contains_key(&names["c"]) {
            repository.tag("latest", &names["c"]);
        }
    }
    between_any_two_requests(
        |_| act,
        |place, outcome| {
            let is_there = outcome.held.tags.contains_key("latest");
            assert!(
                is_there || is_conflict(outcome),
                "{place}: {:#?}",
                outcome.run
            );
        },
    );
}

#[test]
fn a_new_tag_is_set_on_a_condemned_digest() {
    fn act(repository: &mut Repository, names: &Names) {
        if repository.manifests.contains_key(&names["c"]) {
            repository.tag("new", &names["c"]);
            repository.tag("proof", &names["solo"]);
        }
    }
    // a tag that no sweep saw and that goes with its digest leaves no trace: the window between
    // the last look and the DELETE is what remains, one request wide
    between_any_two_requests(
        |_| act,
        |place, outcome| {
            let was_set = outcome.held.tags.contains_key("proof");
            let is_there = outcome.held.tags.contains_key("new");
            let in_window = place.ends_with(&format!(
                "DELETE /v2/{WEB}/manifests/{}",
                outcome.names["c"]
            ));
            assert!(
                !was_set || is_there || in_window || is_conflict(outcome),
                "{place}: {:#?}",
                outcome.run
            );
        },
    );
}

#[test]
fn a_condemned_tag_is_pushed_again() {
    fn act(repository: &mut Repository, _: &Names) {
        let digest = small::image(repository, "pushed again");
        repository.tag("old-c", &digest);
    }
    // where a tag is taken by its name, nothing can be had between its HEAD and the DELETE
    let window = format!("DELETE /v2/{WEB}/manifests/old-c");
    between_any_two_requests(
        |_| act,
        |place, outcome| {
            let Some(shown) = outcome.held.tags.get("old-c") else {
                assert!(place.ends_with(&window), "{place}: {:#?}", outcome.run);
                return;
            };
            assert!(outcome.held.manifests.contains_key(shown), "{place}");
            assert_ne!(*shown, outcome.names["c"], "{place}");
        },
    );
}

#[test]
fn a_signature_is_attached_to_a_condemned_image() {
    fn act(repository: &mut Repository, names: &Names) {
        if repository.manifests.contains_key(&names["c"]) {
            small::sign(repository, &names["c"]);
            repository.tag("proof", &names["solo"]);
        }
    }
    between_any_two_requests(
        |_| act,
        |place, outcome| {
            let was_signed = outcome.held.tags.contains_key("proof");
            let has_subject = outcome.held.manifests.contains_key(&outcome.names["c"]);
            let tag = format!("{}.sig", outcome.names["c"].replace(':', "-"));
            // signed before the last sweep made its plan, the signature goes with the image
            let went_together = !outcome.held.tags.contains_key(&tag);
            assert!(
                !was_signed || has_subject || went_together || is_conflict(outcome),
                "{place}: {:#?}",
                outcome.run
            );
        },
    );
}

#[test]
fn an_sbom_is_attached_to_a_condemned_image() {
    fn with(repository: &mut Repository, names: &Names, has_endpoint: bool) {
        if repository.manifests.contains_key(&names["d"]) {
            small::attach(repository, &names["d"], has_endpoint);
        }
    }
    fn check(place: &str, outcome: &Outcome) {
        let subject = &outcome.names["d"];
        let speaks = |bytes: &Vec<u8>| {
            let json: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            json["subject"]["digest"] == **subject
        };
        let has_sbom = outcome.held.manifests.values().any(speaks);
        let has_subject = outcome.held.manifests.contains_key(subject);
        assert!(
            !has_sbom || has_subject || is_conflict(outcome),
            "{place}: {:#?}",
            outcome.run
        );
    }
    let act = |profile: &Profile| -> Act {
        if profile.referrers {
            |repository, names| with(repository, names, true)
        } else {
            |repository, names| with(repository, names, false)
        }
    };
    between_any_two_requests(act, check);
}

#[test]
fn somebody_else_deletes() {
    fn act(repository: &mut Repository, names: &Names) {
        repository.manifests.remove(&names["c"]);
        repository.tags.remove("old-c");
    }
    between_any_two_requests(|_| act, |_, _| {});
}

#[test]
fn somebody_else_takes_a_tag_that_stays() {
    fn act(repository: &mut Repository, _: &Names) {
        repository.tags.remove("v2");
    }
    between_any_two_requests(
        |_| act,
        |place, outcome| {
            // what no sweep saw before cannot vanish from it, and what the last one saw may go after it
            let was_seen = !place.contains("request 0,") && !outcome.after_the_last_listing;
            assert!(
                !was_seen || is_conflict(outcome),
                "{place}: {:#?}",
                outcome.run
            );
        },
    );
}
