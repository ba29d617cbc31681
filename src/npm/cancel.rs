//! `AbortSignal`, which the core knows nothing of: it only knows that a dropped future ends.

use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use futures_util::future::{Either, LocalBoxFuture, select};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::exception::thrown;
use crate::error::Result;

/// What an exported function hands to JavaScript. One type for all of them: each further one would
/// be compiled into a promise of its own.
pub(super) type Work<'a> = LocalBoxFuture<'a, Result<JsValue>>;

/// A promise of `work`, which ends with the signal's reason once that fires.
pub(super) fn promise(signal: Option<AbortSignal>, work: Work<'static>) -> Promise {
    future_to_promise(async move { unless_aborted(signal.as_ref(), work).await })
}

/// Runs `work` unless the signal fires first: then `work` is dropped with its requests, and the
/// signal's reason is thrown.
pub(super) async fn unless_aborted(
    signal: Option<&AbortSignal>,
    work: Work<'_>,
) -> Result<JsValue, JsValue> {
    let Some(signal) = signal else {
        return work.await.map_err(|error| thrown(&error));
    };
    match select(Aborted::by(signal), work).await {
        Either::Left((reason, _)) => Err(reason),
        Either::Right((done, _)) => done.map_err(|error| thrown(&error)),
    }
}

/// Ends with the signal's reason; takes its listener away when dropped.
struct Aborted {
    signal: AbortSignal,
    waker: Rc<RefCell<Option<Waker>>>,
    listener: Closure<dyn FnMut()>,
}

impl Aborted {
    fn by(signal: &AbortSignal) -> Self {
        let waker = Rc::new(RefCell::new(None::<Waker>));
        let waiting = Rc::clone(&waker);
        let listener = Closure::new(move || {
            if let Some(waker) = waiting.borrow_mut().take() {
                waker.wake();
            }
        });
        // a signal of this type has the method; without it nothing would be cancelled
        let _ = signal.add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        Self {
            signal: signal.clone(),
            waker,
            listener,
        }
    }
}

impl Future for Aborted {
    type Output = JsValue;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<JsValue> {
        if self.signal.aborted() {
            return Poll::Ready(self.signal.reason());
        }
        self.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        let _ = self
            .signal
            .remove_event_listener_with_callback("abort", self.listener.as_ref().unchecked_ref());
    }
}
