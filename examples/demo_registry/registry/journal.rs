//! What was asked, for tests to look at.

use bytes::Bytes;
use http::Request;
use serde::Serialize;

use super::Outcome;

/// One request. Secrets stay out: of a credential only the scheme is told.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// The method.
    pub(crate) method: String,
    /// The host that was asked.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) target: String,
    /// `Basic`, `Bearer` or nothing.
    pub(crate) authorization: Option<String>,
    /// Every `Accept`, joined.
    pub(crate) accept: Option<String>,
    /// `Range`.
    pub(crate) range: Option<String>,
    /// `If-None-Match`.
    pub(crate) if_none_match: Option<String>,
    /// `Cache-Control`.
    pub(crate) cache_control: Option<String>,
    /// `User-Agent`.
    pub(crate) user_agent: Option<String>,
    /// The status answered; `None` when nothing was.
    pub(crate) status: Option<u16>,
}

impl Entry {
    pub(super) fn new(request: &Request<Bytes>, outcome: &Outcome) -> Self {
        let header = |name: &str| {
            let values = request.headers().get_all(name).iter();
            let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
            (!values.is_empty()).then(|| values.join(", "))
        };
        let uri = request.uri();
        Self {
            method: request.method().to_string(),
            host: uri
                .authority()
                .map(ToString::to_string)
                .or_else(|| header("host"))
                .unwrap_or_default(),
            target: uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            authorization: header("authorization")
                .and_then(|value| Some(value.split(' ').next()?.to_owned())),
            accept: header("accept"),
            range: header("range"),
            if_none_match: header("if-none-match"),
            cache_control: header("cache-control"),
            user_agent: header("user-agent"),
            status: match outcome {
                Outcome::Answered(response) | Outcome::CutOff { response, .. } => {
                    Some(response.status().as_u16())
                }
                Outcome::Dropped | Outcome::Hung => None,
            },
        }
    }
}
