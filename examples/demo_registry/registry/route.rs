//! Which endpoint a path names.

use regex_lite::Regex;
use std::sync::LazyLock;

/// An endpoint with its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/v2/`
    Ping,
    /// `/v2/_catalog`
    Catalog,
    /// `/_storage/<digest>`: where blob redirects lead.
    Storage(&'a str),
    /// `/v2/<repository>/...`
    In(&'a str, Within<'a>),
    /// A path below `/v2/` with a name that is none.
    InvalidName,
    /// Anything else.
    Unknown,
}

/// An endpoint within a repository.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Within<'a> {
    /// `tags/list`
    Tags,
    /// `manifests/<tag or digest>`
    Manifest(&'a str),
    /// `blobs/<digest>`
    Blob(&'a str),
    /// `blobs/uploads/`
    Uploads,
    /// `blobs/uploads/<id>`
    Upload(&'a str),
    /// `referrers/<digest>`
    Referrers(&'a str),
}

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$").ok()
});

/// Reads a path.
pub(super) fn route(path: &str) -> Route<'_> {
    match path {
        "/v2" | "/v2/" => return Route::Ping,
        "/v2/_catalog" => return Route::Catalog,
        _ => {}
    }
    if let Some(digest) = path.strip_prefix("/_storage/") {
        return Route::Storage(digest);
    }
    let Some((name, within)) = path.strip_prefix("/v2/").and_then(split) else {
        return Route::Unknown;
    };
    let valid = NAME.as_ref().is_some_and(|regex| regex.is_match(name));
    if valid && name.len() <= 255 {
        Route::In(name, within)
    } else {
        Route::InvalidName
    }
}

fn split(path: &str) -> Option<(&str, Within<'_>)> {
    if let Some(name) = path.strip_suffix("/tags/list") {
        return Some((name, Within::Tags));
    }
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    if let Some(name) = trimmed.strip_suffix("/blobs/uploads") {
        return Some((name, Within::Uploads));
    }
    let (head, last) = path.rsplit_once('/')?;
    if last.is_empty() {
        return None;
    }
    let (name, kind) = head.rsplit_once('/')?;
    match kind {
        "manifests" => Some((name, Within::Manifest(last))),
        "referrers" => Some((name, Within::Referrers(last))),
        "blobs" => Some((name, Within::Blob(last))),
        "uploads" => Some((name.strip_suffix("/blobs")?, Within::Upload(last))),
        _ => None,
    }
}
