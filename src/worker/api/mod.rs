//! `/api/v1`: tags, jobs, plans and runs as JSON.
//!
//! Credentials come in the `Authorization` header and nowhere else, so that a foreign page cannot
//! make a visitor's browser use them. What changes something must carry one, and JSON.

mod body;
mod jobs;
mod plans;
mod reports;
mod runs;
mod tags;

use http::{Method, StatusCode, header};
use serde_json::value::RawValue;
use worker::{Env, Request, Stub};

use super::{
    answer::{self, Answer},
    call::Call,
    repository::{self, Kind, Message, Owner},
};
use crate::{
    configuration::{Action, Configuration, Upstream},
    error::{Code, Error, Result},
    oci::is_repository,
    proxy::access::{self, Caller},
};

/// Answers a request below `/api/`.
pub(super) async fn answer(
    call: &Call,
    request: Request,
    env: &Env,
    configuration: &Configuration,
) -> Answer {
    match respond(call, request, env, configuration).await {
        Ok(answer) => answer,
        Err(error) => {
            if matches!(error.code(), Code::Internal | Code::StorageFailed) {
                worker::console_error!("{error}");
            }
            answer::failure(&error)
        }
    }
}

/// What every endpoint needs.
struct Endpoint<'a> {
    call: &'a Call,
    env: &'a Env,
    configuration: &'a Configuration,
    caller: Caller<'a>,
}

async fn respond(
    call: &Call,
    mut request: Request,
    env: &Env,
    configuration: &Configuration,
) -> Result<Answer> {
    let authorization = call.headers.get(header::AUTHORIZATION);
    let caller = access::identify(configuration.clients(), authorization, call.address)?;
    body::ensure_deliberate(call, &caller)?;
    let endpoint = Endpoint {
        call,
        env,
        configuration,
        caller,
    };
    let path = call.url.path().strip_prefix("/api/v1/").unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    match (&call.method, segments.as_slice()) {
        (&Method::GET, ["tags"]) => tags::list(&endpoint).await,
        (&Method::GET, ["jobs"]) => Ok(jobs::list(configuration, &endpoint.caller)),
        (&Method::GET, ["reports"]) => reports::list(&endpoint).await,
        (&Method::PUT, ["reports", _]) => reports::keep(&endpoint, &mut request).await,
        (&Method::GET, ["plans"]) => plans::list(&endpoint).await,
        (&Method::POST, ["plans"]) => plans::make(&endpoint, &mut request).await,
        (&Method::GET, ["plans", id]) => plans::read(&endpoint, id).await,
        (&Method::POST, ["plans", id, "runs"]) => plans::run(&endpoint, id, &mut request).await,
        (&Method::GET, ["runs", id]) => runs::read(&endpoint, id).await,
        (&Method::POST, ["runs", id, "restore"]) => runs::restore(&endpoint, id).await,
        (method, _) => {
            let found = format!("{method} {} is no endpoint", call.url.path());
            Err(Error::new(Code::NotFound, found)
                .next("see the README for the endpoints of /api/v1"))
        }
    }
}

impl<'a> Endpoint<'a> {
    /// A repository as clients write it, `<upstream>/<path>`, which the caller may do `action`
    /// with.
    fn repository(&self, text: &str, action: Action) -> Result<(&'a Upstream, String)> {
        let (upstream, path) = text
            .split_once('/')
            .filter(|(_, path)| is_repository(path))
            .ok_or_else(|| {
                let found = format!("`{text}` is no repository");
                Error::new(Code::InvalidReference, found)
                    .next("write <upstream>/<repository>, such as demo/shop/web")
            })?;
        let upstream = self.configuration.upstream(upstream)?;
        self.caller.ensure(action, &upstream.name, path)?;
        Ok((upstream, path.to_owned()))
    }

    /// The object that a plan or run lies in, with whose repository the caller may do `action`.
    async fn task(&self, kind: Kind, id: &str, action: Action) -> Result<(Stub, String)> {
        let (object, id) = repository::of_id(self.env, id)?;
        let owner = Message::Owner {
            kind,
            id: id.clone(),
        };
        let owner: Owner = repository::read(&object, &owner).await?;
        self.caller.ensure(action, &owner.upstream, &owner.path)?;
        Ok((object, id))
    }
}

/// The object's answer as ours.
fn passed((status, body): (StatusCode, Box<RawValue>)) -> Answer {
    answer::json(status, &body)
}
