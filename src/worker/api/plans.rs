//! `/api/v1/plans`: have a plan made, read it, have it carried out.

use serde::Deserialize;
use worker::Request;

use super::{Endpoint, body, passed};
use crate::{
    configuration::Action,
    error::Result,
    io::Io as _,
    worker::{
        answer::{self, Answer},
        place,
        repository::{self, Kind, Message, Trigger},
    },
};

/// `POST /api/v1/plans`. The policy is the configured job's; none is taken from a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    job: String,
    repository: String,
}

/// `POST /api/v1/plans/{id}/runs`: the hash of the plan that was reviewed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approved {
    hash: String,
}

pub(super) async fn make(endpoint: &Endpoint<'_>, request: &mut Request) -> Result<Answer> {
    let asked: Asked = body::json(request).await?;
    let (upstream, path) = endpoint.repository(&asked.repository, Action::Plan)?;
    let (_, place) = place::of_job(endpoint.configuration, &asked.job, &upstream.name, &path)?;
    let message = Message::Plan {
        job: asked.job,
        upstream: upstream.name.clone(),
        path,
        trigger: Trigger::Api,
        now: crate::web::FetchIo::new().now(),
    };
    let object = repository::of_repository(endpoint.env, &place)?;
    Ok(passed(repository::send(&object, &message).await?))
}

/// `GET /api/v1/plans?repository=`: the plans that are kept, without their documents.
pub(super) async fn list(endpoint: &Endpoint<'_>) -> Result<Answer> {
    let name = endpoint.call.parameter("repository")?;
    let (upstream, path) = endpoint.repository(&name, Action::Plan)?;
    let job = endpoint.configuration.job_of(&upstream.name, &path)?;
    let (_, place) = place::of_job(endpoint.configuration, &job.name, &upstream.name, &path)?;
    let object = repository::of_repository(endpoint.env, &place)?;
    Ok(passed(repository::send(&object, &Message::Plans).await?))
}

/// `GET /api/v1/plans/{id}`.
pub(super) async fn read(endpoint: &Endpoint<'_>, id: &str) -> Result<Answer> {
    let (object, id) = endpoint.task(Kind::Plan, id, Action::Plan).await?;
    let (status, body) = repository::stream(&object, &Message::ReadPlan { id }).await?;
    Ok(answer::streamed(status, body))
}

/// `POST /api/v1/plans/{id}/runs`.
pub(super) async fn run(
    endpoint: &Endpoint<'_>,
    id: &str,
    request: &mut Request,
) -> Result<Answer> {
    let Approved { hash } = body::json(request).await?;
    let (object, plan) = endpoint.task(Kind::Plan, id, Action::Apply).await?;
    Ok(passed(
        repository::send(&object, &Message::Run { plan, hash }).await?,
    ))
}
