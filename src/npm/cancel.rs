//! `AbortSignal`, which the core knows nothing of: it only knows that a dropped future ends.

use std::{
    cell::RefCell,
    future::Future,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

use futures_util::future::{Either, select};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::AbortSignal;

use super::exception::thrown;
use crate::error::Result;

/// Runs `work` unless the signal fires first: then `work` is dropped with its requests, and the
/// signal's reason is thrown.
pub(super) async fn unless_aborted<T>(
    signal: Option<&AbortSignal>,
    work: impl Future<Output = Result<T>>,
) -> Result<T, JsValue> {
    let Some(signal) = signal else {
        return work.await.map_err(|error| thrown(&error));
    };
    match select(Aborted::by(signal), pin!(work)).await {
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
