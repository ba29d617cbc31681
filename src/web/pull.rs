//! Streams for JavaScript whose pieces are asked for one by one.

use std::{cell::RefCell, rc::Rc};

use futures_util::future::LocalBoxFuture;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::future_to_promise;
use web_sys::ReadableStream;

use super::pump::{self, Controller};
use crate::error::{Error, Result};

/// What gives a stream its pieces, one for each call.
pub(super) trait Pull {
    /// Enqueues the next piece, or closes the stream behind the last.
    fn pull<'a>(&'a mut self, controller: &'a Controller) -> LocalBoxFuture<'a, Result<()>>;
}

enum State {
    Idle(Box<dyn Pull>),
    Pulling,
    Ended,
}

/// A stream of what `puller` gives, which is dropped when the stream is cancelled; `exception` makes
/// what JavaScript sees of an error.
pub(super) fn pulled(
    puller: impl Pull + 'static,
    exception: impl Fn(&Error) -> JsValue + 'static,
) -> Result<ReadableStream, JsValue> {
    let exception = Rc::new(exception);
    let puller = Rc::new(RefCell::new(State::Idle(Box::new(puller))));
    let held = Rc::clone(&puller);
    let pull = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |controller: JsValue| {
        let (held, exception) = (Rc::clone(&held), Rc::clone(&exception));
        future_to_promise(async move {
            let controller: Controller = controller.unchecked_into();
            // taken out while it is read, because a cancel may come meanwhile
            let State::Idle(mut puller) = held.replace(State::Pulling) else {
                return Ok(JsValue::UNDEFINED);
            };
            let outcome = puller.pull(&controller).await;
            if outcome.is_ok() && matches!(*held.borrow(), State::Pulling) {
                held.replace(State::Idle(puller));
            }
            match outcome {
                Ok(()) => Ok(JsValue::UNDEFINED),
                Err(error) => Err(exception(&error)),
            }
        })
    });
    let cancel = Closure::<dyn FnMut()>::new(move || {
        puller.replace(State::Ended);
    });
    pump::readable(
        pull.into_js_value().unchecked_ref(),
        cancel.into_js_value().unchecked_ref(),
    )
}
