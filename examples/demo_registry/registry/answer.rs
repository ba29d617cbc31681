//! The pure function: request, profile and state in, response out.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use serde_json::json;
use time::OffsetDateTime;

use super::content::Content;
use super::profile::Profile;
use super::route::{Route, Within, route};
use super::state::State;
use super::{authorization, blobs, catalog, manifests, referrers, reply, tags, uploads};

/// One request with what every endpoint wants to know about it.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request<Bytes>,
    pub(super) profile: &'a Profile,
    pub(super) now: OffsetDateTime,
}

impl Call<'_> {
    /// The value of a query parameter, decoded.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        self.queries(name).into_iter().next()
    }

    /// Every value of a query parameter, decoded.
    pub(super) fn queries(&self, name: &str) -> Vec<String> {
        let query = self.request.uri().query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect()
    }

    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }

    /// Whether the request only reads.
    pub(super) fn reads(&self) -> bool {
        matches!(*self.request.method(), Method::GET | Method::HEAD)
    }

    /// Whether the registry knows the algorithm of a digest.
    pub(super) fn takes(&self, digest: &str) -> bool {
        self.profile.sha512 || !digest.starts_with("sha512:")
    }

    /// The address at which the client found this registry.
    pub(super) fn origin(&self) -> String {
        let uri = self.request.uri();
        let scheme = uri.scheme_str().unwrap_or("http");
        let host = uri
            .authority()
            .map(http::uri::Authority::as_str)
            .or_else(|| self.header(header::HOST.as_str()))
            .unwrap_or("localhost");
        format!("{scheme}://{host}")
    }
}

/// Answers `request` as the registry of `profile` would at `now`.
pub(crate) fn answer(
    request: &Request<Bytes>,
    profile: &Profile,
    state: &mut State,
    now: OffsetDateTime,
) -> Response<Content> {
    let call = Call {
        request,
        profile,
        now,
    };
    let mut response = respond(&call, state);
    if request.method() == Method::HEAD {
        *response.body_mut() = Content::EMPTY;
    }
    reply::set(&mut response, "date", &httpdate::fmt_http_date(now.into()));
    reply::set(
        &mut response,
        "docker-distribution-api-version",
        "registry/2.0",
    );
    for (name, value) in profile.marks {
        reply::set(&mut response, name, value);
    }
    if !profile.names_digest {
        response.headers_mut().remove(reply::CONTENT_DIGEST);
    }
    if profile.cross_origin {
        for (name, value) in CROSS_ORIGIN {
            reply::set(&mut response, name, value);
        }
    }
    response
}

/// What lets a page of another origin read the answers; plain registries send none of it.
const CROSS_ORIGIN: [(&str, &str); 4] = [
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "*"),
    (
        "access-control-allow-headers",
        "authorization, accept, cache-control, content-range, content-type, if-match, if-none-match, \
         if-range, range",
    ),
    (
        "access-control-expose-headers",
        "age, content-length, content-range, date, docker-content-digest, etag, link, location, \
         oci-chunk-min-length, oci-filters-applied, oci-subject, range, retry-after, warning, \
         www-authenticate",
    ),
];

fn respond(call: &Call<'_>, state: &mut State) -> Response<Content> {
    let path = call.request.uri().path();
    if path == call.profile.token_path {
        return authorization::token(call, state);
    }
    let route = route(path);
    if call.profile.cross_origin && call.request.method() == Method::OPTIONS {
        return reply::empty(204);
    }
    if let Some(refusal) = authorization::refusal(call, &route, state) {
        return refusal;
    }
    match route {
        Route::Ping if call.reads() => reply::json(200, &json!({})),
        Route::Catalog if call.reads() => catalog::answer(call, state),
        Route::Storage(path) if path.starts_with("uploads/") => {
            uploads::storage(call, state, path.trim_start_matches("uploads/"))
        }
        Route::Storage(digest) if call.reads() => blobs::storage(call, state, digest),
        Route::In(name, Within::Tags) if call.reads() => tags::answer(call, state, name),
        Route::In(name, Within::Manifest(reference)) => {
            manifests::answer(call, state, name, reference)
        }
        Route::In(name, Within::Blob(digest)) => blobs::answer(call, state, name, digest),
        Route::In(name, Within::Uploads) => uploads::open(call, state, name),
        Route::In(name, Within::Upload(id)) => uploads::answer(call, state, name, id),
        Route::In(name, Within::Referrers(digest)) if call.reads() => {
            referrers::answer(call, state, name, digest)
        }
        Route::InvalidName => reply::error(400, "NAME_INVALID", "invalid repository name"),
        Route::Unknown => missing_page(),
        _ => reply::error(405, "UNSUPPORTED", "the operation is unsupported"),
    }
}

/// The 404 of a registry that has no such endpoint: text, as distribution answers.
pub(super) fn missing_page() -> Response<Content> {
    let text = Bytes::from_static(b"404 page not found\n");
    reply::bytes(404, "text/plain; charset=utf-8", Content::Held(text))
}
