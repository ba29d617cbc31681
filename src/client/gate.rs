//! A door for so many at a time, on one thread.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::poll_fn,
    rc::{Rc, Weak},
    task::{Poll, Waker},
};

/// Lets a number of holders in; the others wait.
#[derive(Clone)]
pub(crate) struct Gate {
    room: Rc<Room>,
    places: usize,
}

#[derive(Default)]
struct Room {
    inside: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

/// A place behind the [`Gate`], given back when it is dropped.
pub(crate) struct Place(Rc<Room>);

thread_local! {
    static ROOMS: RefCell<BTreeMap<String, Weak<Room>>> = const { RefCell::new(BTreeMap::new()) };
}

impl Gate {
    pub(crate) fn new(places: usize) -> Self {
        Self::to(Rc::default(), places)
    }

    /// A gate to the room that everybody who names it the same shares: how many are inside counts
    /// for all of them, and each has its own idea of how many that may be.
    pub(super) fn shared(name: &str, places: usize) -> Self {
        let room = ROOMS.with_borrow_mut(|rooms| {
            if let Some(room) = rooms.get(name).and_then(Weak::upgrade) {
                return room;
            }
            rooms.retain(|_, room| room.strong_count() > 0);
            let room = Rc::default();
            rooms.insert(name.to_owned(), Rc::downgrade(&room));
            room
        });
        Self::to(room, places)
    }

    fn to(room: Rc<Room>, places: usize) -> Self {
        Self { room, places }
    }

    pub(crate) async fn enter(&self) -> Place {
        self.enter_among(|| self.places).await
    }

    /// Enters where fewer than `most` are inside, which may change while somebody waits. No place
    /// at all would be a wait for ever, so that there is always one.
    pub(super) async fn enter_among(&self, most: impl Fn() -> usize) -> Place {
        poll_fn(|context| {
            let inside = self.room.inside.get();
            if inside < most().max(1) {
                self.room.inside.set(inside + 1);
                return Poll::Ready(Place(Rc::clone(&self.room)));
            }
            self.room.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.inside.set(self.0.inside.get().saturating_sub(1));
        // all, because the one chosen may have been dropped while it waited
        for waker in self.0.waiting.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};

    use super::*;

    #[test]
    fn so_many_enter_and_the_next_waits_for_one_to_leave() {
        let gate = Gate::new(2);
        let first = gate.enter().now_or_never().unwrap();
        let _second = gate.enter().now_or_never().unwrap();
        assert!(gate.enter().now_or_never().is_none());
        drop(first);
        assert!(gate.enter().now_or_never().is_some());
    }

    #[test]
    fn one_that_gave_up_does_not_hold_the_others_back() {
        let gate = Gate::new(1);
        let held = gate.enter().now_or_never().unwrap();
        let mut waiting: FuturesUnordered<_> = (0..3).map(|_| gate.enter()).collect();
        assert!(waiting.next().now_or_never().is_none());
        let mut given_up = Box::pin(gate.enter());
        assert!((&mut given_up).now_or_never().is_none());
        drop(given_up);
        drop(held);
        for _ in 0..3 {
            assert!(waiting.next().now_or_never().flatten().is_some());
        }
    }

    #[test]
    fn gates_of_one_name_lead_to_one_room_and_others_to_another() {
        let (narrow, wide) = (Gate::shared("a", 1), Gate::shared("a", 2));
        let first = narrow.enter().now_or_never().unwrap();
        let _second = wide.enter().now_or_never().unwrap();
        assert!(wide.enter().now_or_never().is_none());
        assert!(Gate::shared("b", 1).enter().now_or_never().is_some());
        drop(first);
        assert!(narrow.enter().now_or_never().is_none());
        assert!(wide.enter().now_or_never().is_some());
    }

    #[test]
    fn a_room_that_nobody_holds_is_forgotten() {
        drop(Gate::shared("left", 1));
        let _other = Gate::shared("other", 1);
        ROOMS.with_borrow(|rooms| assert!(!rooms.contains_key("left")));
    }
}
