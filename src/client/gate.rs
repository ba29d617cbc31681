//! A door for so many at a time, on one thread.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

/// Lets a fixed number of holders in; the others wait.
#[derive(Clone)]
pub(super) struct Gate(Rc<State>);

struct State {
    free: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

/// A place behind the [`Gate`], given back when it is dropped.
pub(super) struct Place(Rc<State>);

impl Gate {
    pub(super) fn new(places: usize) -> Self {
        Self(Rc::new(State {
            // no place at all would wait for ever
            free: Cell::new(places.max(1)),
            waiting: RefCell::default(),
        }))
    }

    pub(super) async fn enter(&self) -> Place {
        poll_fn(|context| {
            let free = self.0.free.get();
            if free > 0 {
                self.0.free.set(free - 1);
                return Poll::Ready(Place(Rc::clone(&self.0)));
            }
            self.0.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.free.set(self.0.free.get() + 1);
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
}
