//! `setTimeout` as a future that clears its timer when it is dropped.

use std::time::Duration;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Waits; a longer time than `setTimeout` can count (24 days) is cut to that.
pub(super) async fn sleep(duration: Duration) {
    let timer = Timer::start(duration);
    // a timer has no way to fail
    let _ = JsFuture::from(timer.promise.clone()).await;
}

struct Timer {
    id: JsValue,
    resolve: Option<Function>,
    promise: Promise,
}

impl Timer {
    fn start(duration: Duration) -> Self {
        let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
        let mut started = None;
        let promise = Promise::new(&mut |resolve, _| {
            started = Some((set_timeout(&resolve, milliseconds), resolve));
        });
        let (id, resolve) = started.map_or((JsValue::UNDEFINED, None), |(id, resolve)| {
            (id, Some(resolve))
        });
        Self {
            id,
            resolve,
            promise,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
        // the promise's callbacks are freed when it settles, and not before
        if let Some(resolve) = &self.resolve {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }
}
