//! `GET /v2/{repository}/referrers/{digest}`: what speaks about a manifest.

use http::Response;
use serde_json::{Value, json};

use super::answer::{Call, missing_page};
use super::content::Content;
use super::reply;
use super::state::{Manifest, State};

/// Answers one page.
pub(super) fn answer(
    call: &Call<'_>,
    state: &State,
    name: &str,
    subject: &str,
) -> Response<Content> {
    if !call.profile.referrers {
        return missing_page();
    }
    let wanted = call.query("artifactType");
    let after = call.query("last").unwrap_or_default();
    let manifests = state.repositories.get(name).map(|found| &found.manifests);
    let mut found: Vec<Value> = manifests
        .into_iter()
        .flatten()
        .filter(|(digest, _)| **digest > after)
        .filter(|(_, manifest)| manifest.subject().as_deref() == Some(subject))
        .map(|(digest, manifest)| descriptor(digest, manifest))
        .filter(|found| {
            wanted
                .as_ref()
                .is_none_or(|wanted| found["artifactType"] == **wanted)
        })
        .collect();
    let page = call.profile.referrers_page.unwrap_or(usize::MAX);
    let more = found.len() > page;
    found.truncate(page);
    let last = found
        .last()
        .and_then(|last| last["digest"].as_str())
        .unwrap_or_default();
    let path = call.request.uri().path();
    let link = more.then(|| format!("<{path}?last={last}>; rel=\"next\""));
    let media_type = "application/vnd.oci.image.index.v1+json";
    let mut index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": found });
    if found.is_empty() && call.profile.no_referrers_is_null {
        index["manifests"] = Value::Null;
    }
    let body = Content::Held(index.to_string().into());
    let mut response = reply::bytes(200, media_type, body);
    if wanted.is_some() {
        reply::set(&mut response, "oci-filters-applied", "artifactType");
    }
    if let Some(link) = link {
        reply::set(&mut response, "link", &link);
    }
    response
}

/// A referrer's descriptor; its artifact type is its own, or else its config's media type.
pub(super) fn descriptor(digest: &str, manifest: &Manifest) -> Value {
    let json = manifest.json();
    let own = &json["artifactType"];
    let artifact_type = if own.is_string() {
        own
    } else {
        &json["config"]["mediaType"]
    };
    let mut descriptor = json!({
        "mediaType": manifest.media_type,
        "digest": digest,
        "size": manifest.bytes.len(),
        "artifactType": artifact_type,
    });
    if json["annotations"].is_object() {
        descriptor["annotations"] = json["annotations"].clone();
    }
    descriptor
}
