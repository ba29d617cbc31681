//! One request and all that belongs to it: proof of who asks, redirects, retries, time-outs.

use std::{cell::Cell, rc::Rc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use url::Url;

use super::{gate::Gate, identity::Identity, redirect, settings::Settings, wait};
use crate::{
    api::{address, error_body},
    auth::{Scope, TokenCache},
    error::{Code, Error, Result},
    io::{Io, Redirects},
    oci::is_local_host,
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
    pub(super) settings: Settings,
    pub(super) identity: Identity,
    in_flight: Gate,
    date: Cell<Option<Timestamp>>,
    requests: Cell<u64>,
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
    /// `invalid_reference` where the host is none.
    pub fn new(io: I, mut settings: Settings) -> Result<Self> {
        let plain = settings
            .plain_http
            .unwrap_or_else(|| is_local_host(&settings.host));
        let root = address::root(settings.profile.address.unwrap_or(&settings.host), plain)?;
        let inner = Rc::new(Inner {
            io,
            root,
            identity: Identity::new(std::mem::take(&mut settings.tokens)),
            in_flight: Gate::new(settings.limits.concurrency),
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

    /// The `Date` of the registry's last answer: its clock, to compare with ours.
    #[must_use]
    pub fn last_date(&self) -> Option<Timestamp> {
        self.0.date.get()
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
        self.persist(request.method(), async || {
            self.authorized(&request, scope).await
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
        self.persist(request.method(), async || {
            let response = self.authorized(&request, scope).await?;
            self.read(request.method(), response, limit).await
        })
        .await
    }

    /// The error that an answer other than success means, with the registry's words.
    #[must_use]
    pub fn refusal(&self, response: &Response<Bytes>) -> Error {
        let headers = response.headers();
        let host = &self.0.settings.host;
        let mut error = error_body::error(response.status(), headers, response.body()).at(host);
        if let Some(pause) = retry::retry_after(headers, self.0.io.now()) {
            error = error.with_retry_after(pause);
        }
        if error.code() == Code::Unauthorized {
            error = error.next(self.advice_on_credential());
        }
        error
    }

    pub(super) fn advice_on_credential(&self) -> String {
        let host = &self.0.settings.host;
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
        let bytes = if method == Method::HEAD || parts.status == StatusCode::NO_CONTENT {
            Bytes::new()
        } else if parts.status.is_success() {
            wait::whole(&self.0.io, body, limit, limits.idle).await?
        } else {
            wait::beginning(&self.0.io, body, limits.error_body, limits.idle).await
        };
        Ok(Response::from_parts(parts, bytes))
    }

    /// Repeats `attempt` while its outcome may pass, within the limits on number and time.
    pub(super) async fn persist<B>(
        &self,
        method: &Method,
        attempt: impl AsyncFn() -> Result<Response<B>>,
    ) -> Result<Response<B>> {
        let Inner { io, settings, .. } = &*self.0;
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let begun = io.now();
        for number in 1.. {
            let outcome = attempt().await;
            let asked = match &outcome {
                Ok(response) => {
                    let status = response.status();
                    let repeat = if reads {
                        retry::may_pass(status)
                    } else {
                        status == StatusCode::TOO_MANY_REQUESTS
                    };
                    repeat.then(|| retry::retry_after(response.headers(), io.now()))
                }
                Err(error) => (reads && error.is_retryable()).then(|| error.retry_after()),
            };
            let remaining = settings
                .limits
                .deadline
                .saturating_sub(io.now().since(begun));
            let pause = asked
                .filter(|_| number < settings.limits.attempts)
                .and_then(|asked| retry::pause(number, asked, io.random(), remaining));
            match pause {
                Some(pause) => {
                    // an unread body would hold the connection during the pause
                    drop(outcome);
                    io.sleep(pause).await;
                }
                None => return outcome,
            }
        }
        Err(Error::new(Code::Internal, "the attempts ran out"))
    }

    /// Sends to the registry itself and follows redirects, without a 401 round.
    pub(super) async fn to_registry(
        &self,
        request: &Request<Bytes>,
        proof: Option<&HeaderValue>,
    ) -> Result<Arrived<I::Body>> {
        let mut request = request.clone();
        let headers = request.headers_mut();
        for (name, value) in &self.0.settings.headers {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(proof) = proof {
            headers.insert(header::AUTHORIZATION, proof.clone());
        }
        let arrived = self.exchange(request).await?;
        if !arrived.elsewhere
            && let Some(date) = date(arrived.response.headers())
        {
            self.0.date.set(Some(date));
        }
        Ok(arrived)
    }

    /// Sends and follows redirects.
    pub(super) async fn exchange(&self, mut request: Request<Bytes>) -> Result<Arrived<I::Body>> {
        let settings = &self.0.settings;
        if let Ok(name) = HeaderValue::from_str(&settings.user_agent) {
            request.headers_mut().insert(header::USER_AGENT, name);
        }
        request
            .headers_mut()
            .entry(header::ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("identity"));
        let home = Url::parse(&request.uri().to_string())
            .map_err(|error| Error::new(Code::InvalidArgument, error.to_string()))?;
        let mut at = home.clone();
        for _ in 0..=settings.limits.redirects {
            let response = self.fetch(request.clone(), &at).await?;
            let to = match self.0.io.redirects() {
                Redirects::ByHand => redirect::target(
                    request.method(),
                    &home,
                    &at,
                    response.status(),
                    response.headers(),
                )?,
                Redirects::ByPlatform => None,
            };
            let Some(to) = to else {
                return Ok(Arrived {
                    response,
                    elsewhere: at.origin() != home.origin(),
                });
            };
            *request.headers_mut() = redirect::carried(request.headers(), &home, &to);
            *request.uri_mut() = to.as_str().parse().map_err(|_| {
                Error::new(
                    Code::UpstreamError,
                    "the registry redirects to an address that HTTP cannot carry",
                )
            })?;
            at = to;
        }
        Err(Error::new(
            Code::UpstreamError,
            format!(
                "the registry redirected more than {} times",
                settings.limits.redirects
            ),
        )
        .next("check the registry's address and what stands in front of it"))
    }

    async fn fetch(&self, request: Request<Bytes>, at: &Url) -> Result<Response<I::Body>> {
        let Inner { io, settings, .. } = &*self.0;
        let _place = self.0.in_flight.enter().await;
        for meter in [&self.0.requests, &*self.1] {
            meter.set(meter.get() + 1);
        }
        let longest = settings.limits.headers;
        let host = || at.host_str().unwrap_or_default().to_owned();
        match wait::within(io, longest, io.fetch(request)).await {
            Some(answer) => answer.map_err(|error| {
                // the platform does not say which of the hosts on the way it was
                if at.origin() == self.0.root.origin() {
                    error
                } else {
                    error.at(host())
                }
            }),
            None => Err(Error::new(
                Code::Timeout,
                format!("no answer from {} within {} s", host(), longest.as_secs()),
            )
            .next("try again later, or check the address")),
        }
    }
}

pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    Timestamp::from_http_date(headers.get(header::DATE)?.to_str().ok()?)
}
