//! `GET /v2/{repository}/tags/list`, with gcr.io's `manifest` map where the profile has it.

use http::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::Call;
use super::content::{self, Content};
use super::page::{self, Page};
use super::profile::TagOrder;
use super::reply;
use super::state::{Manifest, Repository, State};

/// Answers one page.
pub(super) fn answer(call: &Call<'_>, state: &State, name: &str) -> Response<Content> {
    let Some(repository) = state.repositories.get(name) else {
        return reply::error(404, "NAME_UNKNOWN", "repository name not known to registry");
    };
    let mut names: Vec<String> = repository.tags.keys().cloned().collect();
    if call.profile.digests_among_tags {
        names.extend(repository.manifests.keys().cloned());
        names.sort();
    }
    match call.profile.order {
        TagOrder::Sorted => {}
        TagOrder::Shuffled => names.sort_by_key(|name| content::digest(name.as_bytes())),
        TagOrder::OldestFirst => {
            names.sort_by_key(|name| repository.tags.get(name).map(|tag| tag.number));
        }
    }
    let page = match page::cut(call, call.profile.paging, call.profile.link, names) {
        Ok(page) => page,
        Err(refusal) => return *refusal,
    };
    let mut body = json!({ "name": name, "tags": page.names });
    if page.names.is_empty() && call.profile.no_tags_is_null {
        body["tags"] = Value::Null;
    }
    if call.profile.manifest_map {
        body["manifest"] = manifest_map(repository, &page).into();
        body["child"] = children(state, name).into();
    }
    let response = reply::json(200, &body);
    match page.link {
        Some(link) => reply::with(response, "link", &link),
        None => response,
    }
}

/// A tagged manifest is told of on the page of its first tag, the untagged ones on the last page:
/// a reader must add the pages up.
fn manifest_map(repository: &Repository, page: &Page) -> Map<String, Value> {
    repository
        .manifests
        .iter()
        .filter(|(digest, _)| match repository.tags_of(digest).first() {
            Some(first) => page.names.iter().any(|name| name == first),
            None => page.last,
        })
        .map(|(digest, manifest)| {
            let tags = repository.tags_of(digest);
            (digest.clone(), facts(repository, manifest, &tags))
        })
        .collect()
}

/// gcr.io writes every number as a string.
fn facts(repository: &Repository, manifest: &Manifest, tags: &[&str]) -> Value {
    let blobs: u64 = manifest
        .blobs()
        .iter()
        .filter_map(|digest| repository.blobs.get(digest))
        .map(Content::length)
        .sum();
    let size = manifest.bytes.len() as u64 + blobs;
    let created = created(repository, manifest).map_or(0, milliseconds);
    json!({
        "imageSizeBytes": size.to_string(),
        "layerId": "",
        "mediaType": manifest.media_type,
        "tag": tags,
        "timeCreatedMs": created.to_string(),
        "timeUploadedMs": milliseconds(manifest.uploaded).to_string(),
    })
}

/// The time the image's config tells; an index has none, and says "0" as Google does.
fn created(repository: &Repository, manifest: &Manifest) -> Option<OffsetDateTime> {
    let json = manifest.json();
    let config = repository.blobs.get(json["config"]["digest"].as_str()?)?;
    let config: Value = serde_json::from_slice(&config.bytes()).ok()?;
    OffsetDateTime::parse(config["created"].as_str()?, &Rfc3339).ok()
}

fn milliseconds(time: OffsetDateTime) -> i64 {
    time.unix_timestamp() * 1000 + i64::from(time.millisecond())
}

/// The names of the repositories right below this one.
fn children(state: &State, name: &str) -> Vec<String> {
    let mut children: Vec<String> = state
        .repositories
        .keys()
        .filter_map(|other| other.strip_prefix(name)?.strip_prefix('/'))
        .filter_map(|rest| rest.split('/').next())
        .map(str::to_owned)
        .collect();
    children.dedup();
    children
}
