//! `GET /api/v1/tags?repository=demo/shop/web`: all tags, whatever the upstream's page size.

use super::Endpoint;
use crate::{
    configuration::{Action, Purpose},
    error::{Code, Error, Result},
    worker::{
        answer::{self, Answer},
        upstream,
    },
};
use http::StatusCode;
use serde::Serialize;

/// `portreeve.tags/1`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    format: &'static str,
    repository: String,
    tags: Vec<String>,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) async fn list(endpoint: &Endpoint<'_>) -> Result<Answer> {
    let name = endpoint.call.parameter("repository")?;
    let (upstream, path) = endpoint.repository(&name, Action::Pull)?;
    upstream.ensure_supported()?;
    if !upstream.allows(&path) {
        let found = format!("`allow` of {} leaves {path} out", upstream.name);
        return Err(Error::new(Code::Denied, found));
    }
    let client = upstream::client(endpoint.env, upstream, Purpose::Read)?;
    let mut listing = client.tags(&path);
    let mut tags = Vec::new();
    while let Some(page) = listing.next_page().await? {
        tags.extend(page.tags);
    }
    upstream::keep(client.tokens());
    let completeness = listing.complete();
    Ok(answer::json(
        StatusCode::OK,
        &Listing {
            format: "portreeve.tags/1",
            repository: name,
            tags,
            complete: completeness.complete,
            reason: completeness.reason,
        },
    ))
}
