//! A door for so many at a time, on one thread.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
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
    tickets: Cell<u64>,
    /// Those to be woken, in the order in which they came.
    waiting: RefCell<VecDeque<(u64, Waker)>>,
}

/// Who is told that somebody left: more than one, because a gate to the same room may let in fewer
/// than the next; and never all, because of ten thousand each would be told ten thousand times.
const TOLD: usize = 2;

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
        let mut turn = Turn {
            room: &self.room,
            ticket: None,
            waits: false,
        };
        poll_fn(|context| {
            let inside = self.room.inside.get();
            if inside < most().max(1) {
                self.room.inside.set(inside + 1);
                turn.waits = false;
                return Poll::Ready(Place(Rc::clone(&self.room)));
            }
            turn.wait(context.waker());
            Poll::Pending
        })
        .await
    }
}

/// Somebody who waits, until that ends or is given up.
struct Turn<'a> {
    room: &'a Room,
    ticket: Option<u64>,
    waits: bool,
}

impl Turn<'_> {
    /// Waits at the place that it had before it was told in vain.
    fn wait(&mut self, waker: &Waker) {
        let ticket = *self.ticket.get_or_insert_with(|| {
            let next = self.room.tickets.get();
            self.room.tickets.set(next + 1);
            next
        });
        self.waits = true;
        self.room.leave(ticket);
        let mut waiting = self.room.waiting.borrow_mut();
        let place = waiting.partition_point(|(other, _)| *other < ticket);
        waiting.insert(place, (ticket, waker.clone()));
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let was_told = !self.room.leave(ticket);
        if self.waits && was_told {
            self.room.tell(1);
        }
    }
}

impl Room {
    /// Takes a ticket out of the line; `false` where it was not in it.
    fn leave(&self, ticket: u64) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let place = waiting.binary_search_by_key(&ticket, |(other, _)| *other);
        place.is_ok_and(|place| waiting.remove(place).is_some())
    }

    fn tell(&self, most: usize) {
        for _ in 0..most {
            let next = self.waiting.borrow_mut().pop_front();
            let Some((_, waker)) = next else { return };
            waker.wake();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let inside = self.0.inside.get().saturating_sub(1);
        self.0.inside.set(inside);
        // nobody else is there to tell those whom one told does not: it may never be polled again
        self.0.tell(if inside == 0 { usize::MAX } else { TOLD });
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
    fn those_who_wait_enter_in_the_order_in_which_they_came_and_few_are_told_at_once() {
        let gate = Gate::new(2);
        let mut inside: Vec<Place> = (0..2).filter_map(|_| gate.enter().now_or_never()).collect();
        let asked = Cell::new(0);
        let order = RefCell::new(Vec::new());
        let mut waiting: FuturesUnordered<_> = (0..1000)
            .map(|number| {
                let (gate, asked, order) = (&gate, &asked, &order);
                async move {
                    let most = || {
                        asked.set(asked.get() + 1);
                        2
                    };
                    let place = gate.enter_among(most).await;
                    order.borrow_mut().push(number);
                    place
                }
            })
            .collect();
        assert!(waiting.next().now_or_never().is_none());
        for _ in 0..1000 {
            inside.remove(0);
            inside.push(waiting.next().now_or_never().flatten().unwrap());
        }
        assert!(order.take().is_sorted());
        assert!(
            asked.get() <= 3 * 1000,
            "each is asked a few times: {asked:?}"
        );
    }

    #[test]
    fn one_that_is_told_and_never_asked_again_does_not_hold_the_others_back() {
        let gate = Gate::new(2);
        let inside: Vec<Place> = (0..2).filter_map(|_| gate.enter().now_or_never()).collect();
        let mut forgotten: FuturesUnordered<_> = (0..4).map(|_| gate.enter()).collect();
        assert!(forgotten.next().now_or_never().is_none());
        let mut waiting: FuturesUnordered<_> = (0..2).map(|_| gate.enter()).collect();
        assert!(waiting.next().now_or_never().is_none());
        drop(inside);
        for _ in 0..2 {
            assert!(waiting.next().now_or_never().flatten().is_some());
        }
    }

    #[test]
    fn a_room_that_nobody_holds_is_forgotten() {
        drop(Gate::shared("left", 1));
        let _other = Gate::shared("other", 1);
        ROOMS.with_borrow(|rooms| assert!(!rooms.contains_key("left")));
    }
}
