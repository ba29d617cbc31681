//! `/v2/{repository}/manifests/{reference}`: HEAD, GET, PUT and DELETE.

use http::{Method, Response, header};
use serde_json::Value;

use super::answer::Call;
use super::content::{self, Content};
use super::profile::{Accept, DeleteChild, DeleteTag};
use super::pulls::{self, Pull};
use super::reply::{self, CONTENT_DIGEST};
use super::state::{Manifest, Repository, State, Tag};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// What distribution takes at most, and the specification recommends.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Answers any method.
pub(super) fn answer(
    call: &Call<'_>,
    state: &mut State,
    name: &str,
    reference: &str,
) -> Response<Content> {
    match *call.request.method() {
        Method::GET | Method::HEAD => read(call, state, name, reference),
        Method::PUT => put(call, state.repository(name), name, reference),
        Method::DELETE => delete(call, state, name, reference),
        _ => reply::error(405, "UNSUPPORTED", "the operation is unsupported"),
    }
}

fn unknown(call: &Call<'_>) -> Response<Content> {
    let status = match call.profile.missing_head {
        Some(status) if call.request.method() == Method::HEAD => status,
        _ => 404,
    };
    reply::error(status, call.profile.manifest_unknown, "manifest unknown")
}

fn read(call: &Call<'_>, state: &mut State, name: &str, reference: &str) -> Response<Content> {
    match pulls::count(call, state) {
        Pull::TooMany(refusal) => refusal,
        Pull::Free => found(call, state, name, reference),
        Pull::Left(left) => left.told(found(call, state, name, reference)),
    }
}

fn found(call: &Call<'_>, state: &State, name: &str, reference: &str) -> Response<Content> {
    let found = state.repositories.get(name).and_then(|repository| {
        let digest = repository.resolve(reference)?;
        let manifest = repository.manifests.get(&digest)?;
        Some((repository, digest, manifest))
    });
    let Some((repository, digest, manifest)) = found else {
        return dangling(call, state, name, reference).unwrap_or_else(|| unknown(call));
    };
    let (digest, manifest) = match accepted(call, repository, digest, manifest) {
        Ok(accepted) => accepted,
        Err(refusal) => return *refusal,
    };
    let tag = format!("\"{digest}\"");
    let known = call.header("if-none-match").is_some_and(|value| {
        value
            .split(',')
            .any(|one| one.trim().trim_start_matches("W/") == tag)
    });
    let response = if known {
        reply::empty(304)
    } else {
        let bytes = Content::Held(manifest.bytes.clone());
        reply::bytes(200, &manifest.media_type, bytes)
    };
    let response = reply::with(response, "etag", &tag);
    reply::with(response, CONTENT_DIGEST, &digest)
}

/// The answer to HEAD of a tag whose manifest is gone, where tags stay: what it was stays known.
fn dangling(
    call: &Call<'_>,
    state: &State,
    name: &str,
    reference: &str,
) -> Option<Response<Content>> {
    if call.request.method() != Method::HEAD || !call.profile.tags_dangle {
        return None;
    }
    let tag = state.repositories.get(name)?.tags.get(reference)?;
    let response = reply::with(reply::empty(200), "content-type", OCI_INDEX);
    Some(reply::with(response, CONTENT_DIGEST, &tag.digest))
}

/// The manifest that `Accept` leads to: the one asked for, its linux/amd64 child, or none.
fn accepted<'a>(
    call: &Call<'_>,
    repository: &'a Repository,
    digest: String,
    manifest: &'a Manifest,
) -> Result<(String, &'a Manifest), Box<Response<Content>>> {
    let offered: Vec<&str> = call
        .request
        .headers()
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|value| value.split(';').next())
        .map(str::trim)
        .collect();
    let anything = offered.is_empty() || offered.contains(&"*/*");
    let stored = &manifest.media_type;
    if offered.contains(&stored.as_str()) {
        return Ok((digest, manifest));
    }
    let to_child = match call.profile.accept {
        Accept::Ignored => false,
        Accept::Child => !anything && (stored == OCI_INDEX || stored == DOCKER_LIST),
        Accept::Strict if stored.starts_with("application/vnd.oci.") => {
            let message = "OCI manifest found, but accept header does not support OCI manifests";
            return Err(Box::new(reply::error(404, "MANIFEST_UNKNOWN", message)));
        }
        Accept::Strict => stored == DOCKER_LIST,
    };
    if !to_child {
        return Ok((digest, manifest));
    }
    let json = manifest.json();
    let child = json["manifests"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|child| {
            child["platform"]["os"] == "linux" && child["platform"]["architecture"] == "amd64"
        });
    child
        .and_then(|child| child["digest"].as_str())
        .and_then(|child| repository.manifests.get_key_value(child))
        .map(|(digest, manifest)| (digest.clone(), manifest))
        .ok_or_else(|| Box::new(unknown(call)))
}

fn put(
    call: &Call<'_>,
    repository: &mut Repository,
    name: &str,
    reference: &str,
) -> Response<Content> {
    let bytes = call.request.body();
    let declared = call
        .header(header::CONTENT_TYPE.as_str())
        .unwrap_or_default();
    if let Some(refusal) = invalid(call, repository, reference, declared) {
        return refusal;
    }
    let digest = if reference.contains(':') {
        repository.put_manifest_at(reference, declared, bytes.clone(), call.now);
        reference.to_owned()
    } else {
        let shown = repository.resolve(reference);
        let is_other = |wanted: &str| shown.as_deref() != Some(wanted.trim_matches('"'));
        let moved = call.header("if-match").is_some_and(is_other)
            || (call.header("if-none-match") == Some("*") && shown.is_some());
        if moved && call.profile.conditional_puts {
            return reply::error(412, "PRECONDITION", "the tag shows another manifest");
        }
        let digest = repository.put_manifest(declared, bytes.clone(), call.now);
        repository.tag(reference, &digest);
        digest
    };
    let location = format!("/v2/{name}/manifests/{digest}");
    let mut response = reply::with(reply::empty(201), "location", &location);
    reply::set(&mut response, CONTENT_DIGEST, &digest);
    let subject = repository
        .manifests
        .get(&digest)
        .and_then(Manifest::subject);
    if let Some(subject) = subject.filter(|_| call.profile.referrers) {
        reply::set(&mut response, "oci-subject", &subject);
    }
    response
}

/// Why a pushed manifest is refused.
fn invalid(
    call: &Call<'_>,
    repository: &Repository,
    reference: &str,
    declared: &str,
) -> Option<Response<Content>> {
    let bytes = call.request.body();
    if bytes.len() > MOST_BYTES {
        return Some(reply::error(413, "MANIFEST_INVALID", "manifest too large"));
    }
    if !call.profile.docker_types && declared.starts_with("application/vnd.docker.") {
        return Some(reply::error(
            415,
            "MANIFEST_INVALID",
            "media type not supported",
        ));
    }
    if reference.contains(':') {
        if !call.takes(reference) || !content::is_digest_of(reference, bytes) {
            let message = "provided digest did not match uploaded content";
            return Some(reply::error(400, "DIGEST_INVALID", message));
        }
    } else if !is_tag(reference) {
        return Some(reply::error(
            400,
            "TAG_INVALID",
            "manifest tag did not match",
        ));
    } else if let Some(tag) = repository.tags.get(reference)
        && tag.digest != content::digest(bytes)
        && let Some(refusal) = locked(call, tag)
    {
        return Some(refusal);
    }
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else {
        return Some(reply::error(
            400,
            "MANIFEST_INVALID",
            "manifest is not JSON",
        ));
    };
    if json["schemaVersion"] != 2
        || !declared.contains('/')
        || json["mediaType"]
            .as_str()
            .is_some_and(|own| own != declared)
    {
        return Some(reply::error(400, "MANIFEST_INVALID", "manifest invalid"));
    }
    let manifest = Manifest {
        media_type: declared.to_owned(),
        bytes: bytes.clone(),
        uploaded: call.now,
    };
    let blob_missing = manifest
        .blobs()
        .iter()
        .any(|blob| !repository.blobs.contains_key(blob));
    let child_missing = manifest
        .children()
        .iter()
        .any(|child| !repository.manifests.contains_key(child));
    if blob_missing || child_missing {
        let message = "blob or manifest unknown to registry";
        return Some(reply::error(400, "MANIFEST_BLOB_UNKNOWN", message));
    }
    None
}

/// The refusal to touch a locked tag.
fn locked(call: &Call<'_>, tag: &Tag) -> Option<Response<Content>> {
    let (status, code) = call.profile.locked.filter(|_| tag.locked)?;
    Some(reply::error(status, code, "the tag is locked"))
}

fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && !text.starts_with(['.', '-'])
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn delete(call: &Call<'_>, state: &mut State, name: &str, reference: &str) -> Response<Content> {
    let profile = call.profile;
    if !profile.deletes {
        return reply::error(405, "UNSUPPORTED", "the operation is unsupported");
    }
    let by_tag = !reference.contains(':');
    if by_tag && profile.delete_tag == DeleteTag::NeedsDigest {
        return reply::error(400, "DIGEST_INVALID", "invalid digest");
    }
    if let DeleteTag::Unsupported(status) = profile.delete_tag
        && by_tag
    {
        return reply::error(status, "UNSUPPORTED", "the operation is unsupported");
    }
    let Some(repository) = state.repositories.get_mut(name) else {
        if by_tag && profile.delete_tag == DeleteTag::UntagsKnownRepositories {
            return reply::error(400, "NAME_UNKNOWN", "repository name not known to registry");
        }
        return unknown(call);
    };
    let lock = repository
        .tags
        .iter()
        .filter(|(name, tag)| *name == reference || tag.digest == reference)
        .find_map(|(_, tag)| locked(call, tag));
    if let Some(refusal) = lock {
        return refusal;
    }
    if by_tag {
        return match repository.tags.remove(reference) {
            Some(_) => reply::empty(202),
            None => unknown(call),
        };
    }
    let untagged = repository.tags_of(reference).is_empty();
    if !repository.manifests.contains_key(reference) || (untagged && !profile.delete_untagged) {
        return unknown(call);
    }
    if !profile.delete_tagged && !repository.tags_of(reference).is_empty() {
        let message = "manifest is still referenced by tag";
        return reply::error(400, "GOOGLE_MANIFEST_DANGLING_TAG", message);
    }
    if profile.delete_child != DeleteChild::Deletes && repository.has_parent(reference) {
        return if profile.delete_child == DeleteChild::Denied {
            reply::error(405, "DENIED", "manifest is part of an image index")
        } else {
            let message = "manifest is still referenced by parent image";
            reply::error(400, "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE", message)
        };
    }
    repository.manifests.remove(reference);
    if !profile.tags_dangle {
        repository.tags.retain(|_, tag| tag.digest != reference);
    }
    reply::empty(202)
}
