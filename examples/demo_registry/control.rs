//! What tests tell the running registry, under `/_demo/`:
//!
//! - `GET /_demo/requests`: `{"requests": [...]}`, every request so far, with the scheme of its
//!   `Authorization` and the headers that matter; `DELETE` forgets them.
//! - `POST /_demo/faults`: adds one fault or an array (the fields of `Fault` in JSON); `GET` shows
//!   those still waiting; `DELETE` takes them away.
//! - `POST /_demo/reset`: the content, faults and log of the start.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::options;
use crate::registry::{Content, Registry};

/// The answer to an order; `None` where the request is none.
pub(crate) fn answer(
    request: &Request<Bytes>,
    registry: &mut Registry,
    fresh: impl FnOnce() -> Registry,
) -> Option<Response<Content>> {
    let order = request.uri().path().strip_prefix("/_demo/")?;
    let (status, body) = match (request.method(), order) {
        (&Method::GET, "requests") => (200, json!({ "requests": registry.entries })),
        (&Method::DELETE, "requests") => {
            registry.entries.clear();
            (200, json!({ "requests": [] }))
        }
        (&Method::GET, "faults") => (200, waiting(registry)),
        (&Method::DELETE, "faults") => {
            registry.faults.clear();
            (200, waiting(registry))
        }
        (&Method::POST, "faults") => match options::faults(request.body()) {
            Ok(faults) => {
                for fault in faults {
                    registry.faults.add(fault);
                }
                (200, waiting(registry))
            }
            Err(problem) => (400, json!({ "error": problem })),
        },
        (&Method::POST, "reset") => {
            *registry = fresh();
            (200, json!({}))
        }
        (&Method::OPTIONS, _) => (200, json!({})),
        _ => (
            404,
            json!({ "error": "GET|DELETE requests, GET|POST|DELETE faults, POST reset" }),
        ),
    };
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("access-control-allow-origin", "*")
        .header("access-control-allow-methods", "*")
        .header("access-control-allow-headers", "content-type")
        .body(Content::Held(body.to_string().into()))
        .expect("a response of constant parts");
    Some(response)
}

fn waiting(registry: &Registry) -> Value {
    json!({ "faults": registry.faults.waiting() })
}
