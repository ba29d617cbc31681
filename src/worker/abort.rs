//! What happens when the instance dies: a panic, a lack of memory, a full stack.
//!
//! The promises of all calls in flight would never settle. The instance's last act is to tell
//! `entry.js`, which rejects them and starts a new instance at the next call.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::{JsValue, handler, prelude::wasm_bindgen};

thread_local! {
    static ABANDON: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has `abandon` called when this instance dies. Called before every event, because a new instance
/// knows nothing of the one before.
#[wasm_bindgen]
#[must_use]
pub fn on_abort(abandon: Function) -> bool {
    handler::set_on_abort(abort);
    ABANDON
        .try_with(|place| place.try_borrow_mut().map(|mut held| *held = Some(abandon)))
        .is_ok_and(|kept| kept.is_ok())
}

/// The instance counts as dead already, so the first call out of it is the last: control does not
/// come back.
fn abort() {
    let _ = ABANDON.try_with(|place| {
        if let Ok(held) = place.try_borrow()
            && let Some(abandon) = &*held
        {
            let _ = abandon.call0(&JsValue::UNDEFINED);
        }
    });
}
