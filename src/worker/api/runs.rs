//! `/api/v1/runs`: what a run did, and undoing it.

use super::{Endpoint, passed};
use crate::{
    configuration::Action,
    error::Result,
    worker::{
        answer::Answer,
        repository::{self, Kind, Message},
    },
};

/// `GET /api/v1/runs/{id}`.
pub(super) async fn read(endpoint: &Endpoint<'_>, id: &str) -> Result<Answer> {
    let (object, id) = endpoint.task(Kind::Run, id, Action::Plan).await?;
    Ok(passed(
        repository::send(&object, &Message::ReadRun { id }).await?,
    ))
}

/// `POST /api/v1/runs/{id}/restore`.
pub(super) async fn restore(endpoint: &Endpoint<'_>, id: &str) -> Result<Answer> {
    let (object, id) = endpoint.task(Kind::Run, id, Action::Restore).await?;
    Ok(passed(
        repository::send(&object, &Message::Restore { id }).await?,
    ))
}
