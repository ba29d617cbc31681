//! A run that breaks off at any point, and goes on by the same call: the end is the same, nothing
//! is deleted twice and nothing is lost.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use portreeve::{
    cleanup::{Budget, MemoryStore, State, Store},
    error::Result,
};

use super::{
    mission::{Held, Mission},
    small::{self, Scene},
};
use crate::registry::Profile;

fn profiles() -> [Profile; 4] {
    [
        Profile::demo(),
        Profile::distribution_3(),
        Profile::google(),
        Profile::zot(),
    ]
}

/// How many deletions the registry carried out, by what was deleted.
fn deletions(mission: &Mission) -> BTreeMap<String, usize> {
    let mut deletions = BTreeMap::new();
    for entry in mission.io.requests() {
        if entry.method == "DELETE" && entry.status == Some(202) {
            *deletions.entry(entry.target).or_default() += 1;
        }
    }
    deletions
}

/// Goes on after a crash, and compares the end with that of a run that nothing disturbed.
fn goes_on(place: &str, mut mission: Mission, scene: &Scene, undisturbed: &Held) {
    mission.wait();
    let run = mission.apply(&scene.plan).unwrap();
    assert_eq!(run.state, State::Done, "{place}: {run:#?}");
    assert_eq!(mission.held(), *undisturbed, "{place}: {run:#?}");
    let twice: Vec<_> = deletions(&mission)
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .collect();
    assert!(twice.is_empty(), "{place}: {twice:?}");
    let restored = mission.restore(&run.run, &[]).unwrap();
    assert!(restored.whole, "{place}: {restored:#?}");
    assert_eq!(mission.held(), scene.again().held(), "{place}");
}

#[test]
fn a_run_ends_after_any_request_and_goes_on() {
    for (first, profile) in profiles().into_iter().enumerate() {
        let scene = Scene::new(profile);
        let mut whole = scene.again();
        whole.apply(&scene.plan).unwrap();
        let undisturbed = whole.held();
        for at in (first % 2..whole.io.requests().len()).step_by(2) {
            let mut mission = scene.again();
            let ended = Rc::new(Cell::new(false));
            let crash = Rc::clone(&ended);
            // the request is carried out, and nobody hears of it
            mission.io.before_each(move |number, _, _| {
                if number == at {
                    crash.set(true);
                }
            });
            let store = mission.store.clone();
            let budget = Budget::unlimited();
            let run = mission.apply_until(&scene.plan, &budget, &store, &ended);
            assert!(run.is_none());
            mission.io.before_each(|_, _, _| {});
            let met = mission.io.requests().pop().unwrap();
            let place = format!(
                "{}, after request {at}, {} {}",
                scene.profile.name, met.method, met.target
            );
            goes_on(&place, mission, &scene, &undisturbed);
        }
    }
}

/// A store that ends the program at one of its writes.
struct Breaking {
    inner: MemoryStore,
    writes: Cell<usize>,
    at: usize,
    /// Whether the fatal write is kept, or broke off.
    is_kept: bool,
    ended: Rc<Cell<bool>>,
    fatal: RefCell<String>,
}

impl Breaking {
    /// Whether this write is the last thing that happens.
    fn is_fatal(&self, path: &str) -> bool {
        let number = self.writes.replace(self.writes.get() + 1);
        if number == self.at {
            path.clone_into(&mut self.fatal.borrow_mut());
            self.ended.set(true);
        }
        self.ended.get()
    }
}

impl Store for Breaking {
    async fn read(&self, path: &str) -> Result<Option<String>> {
        self.inner.read(path).await
    }

    async fn write(&self, path: &str, text: &str) -> Result<()> {
        if self.is_fatal(path) && !self.is_kept {
            return std::future::pending().await;
        }
        self.inner.write(path, text).await
    }

    async fn append(&self, path: &str, line: &str) -> Result<()> {
        if self.is_fatal(path) && !self.is_kept {
            // a line that broke off, and the line end that the next append begins with
            let half = line.get(..line.len() / 2).unwrap_or_default();
            self.inner.append(path, half).await?;
            return std::future::pending().await;
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
fn a_run_ends_in_any_write_and_goes_on() {
    for profile in [Profile::demo(), Profile::google()] {
        let scene = Scene::new(profile);
        let mut whole = scene.again();
        whole.apply(&scene.plan).unwrap();
        let undisturbed = whole.held();
        for is_kept in [false, true] {
            for at in (usize::from(is_kept)..).step_by(2) {
                let mut mission = scene.again();
                let ended = Rc::new(Cell::new(false));
                let store = Breaking {
                    inner: mission.store.clone(),
                    writes: Cell::new(0),
                    at,
                    is_kept,
                    ended: Rc::clone(&ended),
                    fatal: RefCell::default(),
                };
                let budget = Budget::unlimited();
                let run = mission.apply_until(&scene.plan, &budget, &store, &ended);
                if run.is_some() {
                    assert!(at > 40, "{at} writes");
                    break;
                }
                let place = format!(
                    "{}, in write {at} of {}, kept: {is_kept}",
                    scene.profile.name,
                    store.fatal.borrow()
                );
                goes_on(&place, mission, &scene, &undisturbed);
            }
        }
    }
}

#[test]
fn a_run_pauses_at_the_end_of_its_budget_and_goes_on() {
    for profile in small::profiles() {
        let scene = Scene::new(profile);
        let mut whole = scene.again();
        whole.apply(&scene.plan).unwrap();
        let mut mission = scene.again();
        let mut pauses = 0;
        let run = loop {
            let run = mission.apply_within(&scene.plan, &Budget::of(12)).unwrap();
            if run.state != State::Paused {
                break run;
            }
            pauses += 1;
            assert!(pauses < 100, "{}", scene.profile.name);
        };
        assert_eq!(run.state, State::Done, "{}: {run:#?}", scene.profile.name);
        assert!(pauses > 2, "{}", scene.profile.name);
        assert_eq!(mission.held(), whole.held(), "{}", scene.profile.name);
    }
}
