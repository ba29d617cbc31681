//! One request and all that belongs to it: proof of who asks, redirects, retries, time-outs.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use url::Url;

use super::{
    budget::Budget,
    exchange::Asked,
    gate::Gate,
    identity::Identity,
    persist::Tried,
    settings::Settings,
    via,
    wait::{self, Patience},
};
use crate::{
    api::{address, error_body},
    auth::{Scope, TokenCache},
    error::{Code, Error, Result},
    io::{Body, Io},
    oci::is_local_host,
    rate_limit::RateLimit,
    retry,
    timestamp::Timestamp,
};

/// A conversation with one registry. Cheap to clone; lives for one invocation of a Worker.
///
/// ```text
/// send: attempt ─▶ token or password, if known ─▶ fetch ─▶ redirects ─▶ answer
///          ▲                   ▲                              │
///          │                   └── one round ◀── 401 ◀────────┤
///          └── pause ◀── 408 425 429 5xx, no answer ◀─────────┘
/// ```
///
/// Beside the conversation each clone has a meter for the requests that go out through it.
pub struct Session<I: Io>(pub(super) Rc<Inner<I>>, Rc<Cell<u64>>);

pub(super) struct Inner<I> {
    pub(super) io: I,
    pub(super) root: Url,
    /// Whose credentials and tokens are meant.
    pub(super) authority: String,
    /// What errors call the registry, and the way to it.
    pub(super) label: String,
    pub(super) settings: Settings,
    pub(super) identity: Identity,
    pub(super) in_flight: Gate,
    pub(super) sending: Gate,
    /// Those that the registry counts, of which no more go out than are left.
    pub(super) counted: Gate,
    pub(super) budget: RefCell<Budget>,
    pub(super) date: Cell<Option<Timestamp>>,
    pub(super) requests: Cell<u64>,
}

impl<I: Io> Clone for Session<I> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0), Rc::clone(&self.1))
    }
}

/// An answer, and whether it came from another host than the one first asked.
pub(super) struct Arrived<B> {
    pub(super) response: Response<B>,
    pub(super) elsewhere: bool,
}

impl<I: Io> Session<I> {
    /// A conversation that has not begun: nothing is sent.
    ///
    /// # Errors
    ///
    /// `invalid_reference` where the host is none, `invalid_argument` for a credential that HTTP
    /// cannot carry.
    pub fn new(io: I, mut settings: Settings) -> Result<Self> {
        if let Some(credential) = &settings.credential {
            credential.ensure_sendable()?;
        }
        let plain = settings
            .plain_http
            .unwrap_or_else(|| is_local_host(&settings.host));
        let mut root = address::root(settings.profile.address.unwrap_or(&settings.host), plain)?;
        let mut authority = settings.host.clone();
        let mut label = settings.host.clone();
        if let Some(worker) = &settings.via {
            root = via::root(worker, settings.plain_http)?;
            authority = via::authority(worker);
            label = format!("{label} via {authority}");
            // the Worker answers for itself, and its token server is its own
            settings.profile.realms = &[];
        }
        let inner = Rc::new(Inner {
            io,
            root,
            authority,
            label,
            identity: Identity::new(std::mem::take(&mut settings.tokens)),
            in_flight: Gate::new(settings.limits.concurrency),
            sending: Gate::new(settings.limits.concurrency),
            counted: Gate::new(usize::MAX),
            budget: RefCell::default(),
            date: Cell::new(None),
            requests: Cell::new(0),
            settings,
        });
        Ok(Self(inner, Rc::default()))
    }

    /// The registry's root, such as `https://registry-1.docker.io/`.
    #[must_use]
    pub fn root(&self) -> &Url {
        &self.0.root
    }

    /// What it was made from, without the tokens.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The platform below.
    #[must_use]
    pub fn io(&self) -> &I {
        &self.0.io
    }

    /// The tokens it holds now, for the next session's [`Settings::tokens`].
    #[must_use]
    pub fn tokens(&self) -> TokenCache {
        self.0.identity.tokens.borrow().clone()
    }

    /// How many requests went out, with those to token servers, redirects and retries.
    #[must_use]
    pub fn requests_used(&self) -> u64 {
        self.0.requests.get()
    }

    /// The same conversation with a meter of its own, for what is asked through it and its clones.
    pub(super) fn metered(&self) -> Self {
        Self(Rc::clone(&self.0), Rc::default())
    }

    /// What the meter says: as [`Session::requests_used`], of this clone alone.
    pub(super) fn metered_requests(&self) -> u64 {
        self.1.get()
    }

    /// Counts a request that goes out now, and gives its number.
    pub(super) fn count(&self) -> u64 {
        for meter in [&self.0.requests, &*self.1] {
            meter.set(meter.get() + 1);
        }
        self.0.requests.get()
    }

    /// The `Date` of the registry's last answer: its clock, to compare with ours.
    #[must_use]
    pub fn last_date(&self) -> Option<Timestamp> {
        self.0.date.get()
    }

    /// What the registry's last answer that told it says is left; `None` where none has.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.0.budget.borrow().rate_limit().cloned()
    }

    /// Sends a request to the registry and gives the answer's headers and unread body, whatever
    /// its status.
    ///
    /// Reads are repeated where the answer may pass; a write only after 429, because any other
    /// failure leaves open whether it had its effect.
    ///
    /// # Errors
    ///
    /// `timeout`, `unreachable`, `cancelled`; `unauthorized` where a token server refuses the
    /// credential or must not see it; `upstream_error` for redirects that are not followed.
    pub async fn send(&self, request: Request<Bytes>, scope: &Scope) -> Result<Response<I::Body>> {
        self.persist(request, async |request| {
            let response = self.authorized(request, scope).await?;
            Ok(response.map(|body| body.watched(self.0.settings.limits.idle)))
        })
        .await
    }

    /// As [`Session::send`], with the body read: whole up to `limit` bytes where the status is a
    /// success, and its beginning where it is not.
    ///
    /// # Errors
    ///
    /// Those of [`Session::send`], and `too_large` and `truncated`.
    pub async fn send_whole(
        &self,
        request: Request<Bytes>,
        scope: &Scope,
        limit: u64,
    ) -> Result<Response<Bytes>> {
        self.persist(request, async |request| {
            let response = self.authorized(request, scope).await?;
            self.read(request.method(), response, limit).await
        })
        .await
    }

    /// The error that an answer other than success means, with the registry's words.
    #[must_use]
    pub fn refusal(&self, response: &Response<Bytes>) -> Error {
        let headers = response.headers();
        let label = &self.0.label;
        let mut error = error_body::error(response.status(), headers, response.body()).at(label);
        if let Some(pause) = retry::retry_after(headers, self.0.io.now()) {
            error = error.with_retry_after(pause);
        }
        if let Some(asked) = response.extensions().get::<Asked>() {
            error = asked.named_in(error);
        }
        if let Some(tried) = response.extensions().get::<Tried>() {
            error = error.with_attempts(tried.attempts, tried.took);
        }
        if error.code() == Code::Unauthorized {
            error = error.next(self.advice_on_credential());
        }
        error
    }

    pub(super) fn advice_on_credential(&self) -> String {
        let host = self.authority();
        if self.has_credential() {
            format!(
                "check the user name and the password or token for {host}, and that the repository exists"
            )
        } else {
            format!(
                "give credentials for {host}, or check the name: private and missing repositories are answered alike"
            )
        }
    }

    /// Reads a body as [`Session::send_whole`] does.
    pub(super) async fn read(
        &self,
        method: &Method,
        response: Response<I::Body>,
        limit: u64,
    ) -> Result<Response<Bytes>> {
        let limits = &self.0.settings.limits;
        let (parts, body) = response.into_parts();
        let asked = parts.extensions.get::<Asked>();
        let patience = Patience {
            idle: limits.idle,
            whole: asked.map_or(limits.deadline, |asked| asked.course.left(&self.0.io)),
        };
        let bytes = if method == Method::HEAD || parts.status == StatusCode::NO_CONTENT {
            Bytes::new()
        } else if parts.status.is_success() {
            let whole = wait::whole(&self.0.io, body, limit, patience).await;
            whole.map_err(|error| match asked {
                Some(asked) => asked.named_in(error),
                None => error,
            })?
        } else {
            wait::beginning(&self.0.io, body, limits.error_body, patience).await
        };
        Ok(Response::from_parts(parts, bytes))
    }
}
