//! What goes wrong, as plain data.
//!
//! ```json
//! { "method": "GET", "path": "/v2/*/*/manifests/**", "skip": 2, "times": 3,
//!   "status": 429, "headers": { "retry-after": "2" } }
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::content::Content;
use super::{Delivery, Outcome, damage, reply};

/// The faults that are set. The first that matches a request is the one it meets.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

/// One fault: which requests meet it, and what they meet. Fields combine.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fault of its own, and they combine"
)]
pub(crate) struct Fault {
    /// Only this method.
    pub(crate) method: Option<String>,
    /// Only paths like this: `*` within a segment, `**` across. With a `?` in it, the query counts.
    pub(crate) path: Option<String>,
    /// How many matching requests pass first.
    pub(crate) skip: u32,
    /// How many meet it then: 1 when left out, 0 for every one.
    pub(crate) times: Option<u32>,
    /// Answer with this status instead.
    pub(crate) status: Option<u16>,
    /// With this body; JSON, text or nothing.
    pub(crate) body: Option<String>,
    /// Do what was asked all the same, and answer as this fault says: the lost answer of a DELETE.
    pub(crate) carried_out: bool,
    /// Headers to set (`retry-after`, `age`, `warning`, a wrong `docker-content-digest`); an empty
    /// value takes the header away.
    pub(crate) headers: BTreeMap<String, String>,
    /// Wait this long first.
    pub(crate) delay_milliseconds: u64,
    /// Only so many bytes of the body arrive before the connection breaks; of a PUT that ends an
    /// upload they are kept, as a PATCH's.
    pub(crate) takes: Option<usize>,
    /// Never answer.
    pub(crate) hang: bool,
    /// Close the connection without an answer.
    pub(crate) drop: bool,
    /// Promise the whole body and close the connection after this many bytes.
    pub(crate) truncate: Option<u64>,
    /// Promise the whole body and fall silent after this many bytes.
    pub(crate) stall: Option<u64>,
    /// Send the body in eight pieces with this pause before each.
    pub(crate) trickle_milliseconds: u64,
    /// Change one byte in the middle of the body.
    pub(crate) corrupt: bool,
    /// Send this many made-up bytes for a body.
    pub(crate) huge: Option<u64>,
    /// Promise this length in `Content-Length`: of a longer body the beginning arrives, after a
    /// shorter one the connection closes.
    pub(crate) length: Option<u64>,
    /// Compress the body with gzip, whatever `Accept-Encoding` says.
    pub(crate) gzip: bool,
}

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Takes all faults away.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The faults that still wait for their requests.
    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.0
    }

    /// The fault this request meets; counts it.
    pub(super) fn take(&mut self, request: &Request<Bytes>) -> Option<Fault> {
        let at = self.0.iter_mut().position(|fault| {
            let matches = fault.matches(request);
            let passes = matches && fault.skip > 0;
            fault.skip -= u32::from(passes);
            matches && !passes
        })?;
        let fault = self.0.get_mut(at)?;
        let met = fault.clone();
        match fault.times.unwrap_or(1) {
            0 => {}
            1 => {
                self.0.remove(at);
            }
            times => fault.times = Some(times - 1),
        }
        Some(met)
    }
}

impl Fault {
    /// A fault for one kind of request.
    pub(crate) fn on(method: &str, path: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            path: Some(path.to_owned()),
            ..Self::default()
        }
    }

    /// The same fault, answering with `status`.
    pub(crate) fn status(self, status: u16) -> Self {
        let status = Some(status);
        Self { status, ..self }
    }

    /// The same fault, for so many requests; 0 is every one.
    pub(crate) fn times(self, times: u32) -> Self {
        let times = Some(times);
        Self { times, ..self }
    }

    /// The same fault with a header set.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    fn matches(&self, request: &Request<Bytes>) -> bool {
        let uri = request.uri();
        let method = self.method.as_ref();
        let fits = |pattern: &String| {
            let target = if pattern.contains('?') {
                uri.path_and_query().map_or("", |target| target.as_str())
            } else {
                uri.path()
            };
            // `?` is a wildcard of the glob too, and stands for itself there
            fast_glob::glob_match(pattern, target)
        };
        method.is_none_or(|method| method.eq_ignore_ascii_case(request.method().as_str()))
            && self.path.as_ref().is_none_or(fits)
    }

    /// Whether the registry acts on a request that meets this fault.
    pub(super) fn is_carried_out(&self) -> bool {
        self.carried_out
            || self.takes.is_some()
            || (self.status.is_none() && !self.drop && !self.hang)
    }

    /// What arrives of a request that meets this fault.
    pub(super) fn arriving(&self, request: &Request<Bytes>) -> Request<Bytes> {
        let mut request = request.clone();
        if let Some(takes) = self.takes {
            let body = request.body_mut();
            body.truncate(takes);
            if request.method() == Method::PUT {
                *request.method_mut() = Method::PATCH;
            }
        }
        request
    }

    /// What becomes of the registry's `answer`.
    pub(super) fn deliver(
        self,
        answer: Option<Response<Content>>,
        now: OffsetDateTime,
    ) -> Delivery {
        let delay = Duration::from_millis(self.delay_milliseconds);
        let pace = Duration::from_millis(self.trickle_milliseconds);
        if self.drop || self.hang || self.takes.is_some() {
            let outcome = if self.hang {
                Outcome::Hung
            } else {
                Outcome::Dropped
            };
            return Delivery {
                delay,
                pace,
                outcome,
            };
        }
        let mut response = match (self.status, answer) {
            (None, Some(answer)) => answer,
            (status, _) => self.in_place_of_an_answer(status.unwrap_or(500), now),
        };
        let breaks_off = self.damage(&mut response);
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) else {
                continue;
            };
            if value.is_empty() {
                response.headers_mut().remove(name);
            } else {
                response.headers_mut().insert(name, value);
            }
        }
        let silent = self.stall.is_some();
        let outcome = match self.stall.or(self.truncate).or(breaks_off) {
            Some(after) => Outcome::CutOff {
                response,
                after,
                silent,
            },
            None => Outcome::Answered(response),
        };
        Delivery {
            delay,
            pace,
            outcome,
        }
    }

    /// Changes the body, and tells after how many bytes it breaks off, where it does.
    fn damage(&self, response: &mut Response<Content>) -> Option<u64> {
        if self.corrupt {
            damage::corrupt(response);
        }
        if let Some(length) = self.huge {
            damage::replace(response, Content::pattern(length));
        }
        if self.gzip {
            damage::compress(response);
        }
        let promised = self.length?;
        damage::promise(response, promised)
    }

    fn in_place_of_an_answer(&self, status: u16, now: OffsetDateTime) -> Response<Content> {
        let code = match status {
            401 => "UNAUTHORIZED",
            403 => "DENIED",
            429 => "TOOMANYREQUESTS",
            _ => "UNKNOWN",
        };
        let mut response = match &self.body {
            None => reply::error(status, code, "injected fault"),
            Some(body) => {
                let kind = if body.starts_with('{') {
                    "application/json"
                } else {
                    "text/html"
                };
                reply::bytes(status, kind, Content::Held(body.clone().into()))
            }
        };
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        reply::set(&mut response, "date", &httpdate::fmt_http_date(now.into()));
        response
    }
}
