//! What goes over the wire, told to functions of the caller's.

use std::time::Duration;

use js_sys::{Function, Promise};
use serde::Serialize;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::value;
use crate::{
    event::{Event, Stage},
    rate_limit::RateLimit,
};

#[wasm_bindgen]
extern "C" {
    /// The listeners among `ConnectOptions`.
    #[derive(Clone)]
    pub type Listeners;

    #[wasm_bindgen(method, getter, js_name = onRequest)]
    fn on_request(this: &Listeners) -> Option<Function>;

    #[wasm_bindgen(method, getter, js_name = onResponse)]
    fn on_response(this: &Listeners) -> Option<Function>;

    #[wasm_bindgen(method, getter, js_name = onPause)]
    fn on_pause(this: &Listeners) -> Option<Function>;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    number: u64,
    method: &'a str,
    url: &'a str,
    attempt: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Account<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    remaining: u64,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

impl<'a> Account<'a> {
    fn of(limit: &'a RateLimit) -> Self {
        Self {
            limit: limit.limit,
            remaining: limit.remaining,
            window: limit.window.map(|window| window.as_secs()),
            reset: limit.reset.map(|reset| reset.to_string()),
            source: limit.source.as_deref(),
        }
    }
}

/// Tells the listener whom it concerns, if there is one. What that throws is none of the call's
/// business: it becomes an unhandled rejection.
pub(super) fn tell(listeners: &Listeners, event: &Event) {
    let listener = match event.stage {
        Stage::Sent => listeners.on_request(),
        Stage::Answered { .. } | Stage::Failed { .. } => listeners.on_response(),
        Stage::Pausing { .. } => listeners.on_pause(),
    };
    if let Some(listener) = listener
        && let Err(exception) = listener.call1(&JsValue::UNDEFINED, &value::to_js(&told(event)))
    {
        let _ = Promise::reject(&exception);
    }
}

fn told(event: &Event) -> Told<'_> {
    let mut told = Told {
        number: event.number,
        method: event.method.as_str(),
        url: &event.url,
        attempt: event.attempt,
        milliseconds: None,
        status: None,
        request_id: None,
        rate_limit: None,
        error: None,
        reason: None,
    };
    match &event.stage {
        Stage::Sent => {}
        Stage::Answered {
            status,
            took,
            request_id,
            rate_limit,
        } => {
            told.milliseconds = Some(milliseconds(*took));
            told.status = Some(status.as_u16());
            told.request_id = request_id.as_deref();
            told.rate_limit = rate_limit.as_ref().map(Account::of);
        }
        Stage::Failed { code, reason, took } => {
            told.milliseconds = Some(milliseconds(*took));
            told.error = Some(Failure {
                code: code.as_str(),
                message: reason,
            });
        }
        Stage::Pausing { pause, reason } => {
            told.milliseconds = Some(milliseconds(*pause));
            told.reason = Some(reason);
        }
    }
    told
}

/// In tenths, as precise as platforms measure.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10_000.0).round() / 10.0
}
