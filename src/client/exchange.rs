//! One request on its way: headers of ours, redirects, the time-out for the answer, and what is
//! told of it.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use url::Url;

use super::{
    budget::{Budget, Closed},
    gate::{Gate, Place},
    persist::Course,
    redirect, secrets,
    session::{Arrived, Inner, Session},
    wait,
};
use crate::{
    error::{Code, Error, Result},
    event::{Event, Stage, redacted},
    io::{Io, Redirects},
    rate_limit::RateLimit,
    timestamp::Timestamp,
};

/// Requests in flight to one host, for all clients that may wait for one another.
const PER_HOST: usize = 6;

/// Headers in which registries and what stands in front of them name a request.
const REQUEST_IDS: &[&str] = &[
    "x-request-id",
    "x-github-request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-ms-correlation-request-id",
    "x-ms-request-id",
    "x-correlation-id",
    "x-trace-id",
    "cf-ray",
];

/// Marks a request with a long body. Those have places of their own: what they send may be read from
/// the same registry meanwhile, and would wait for them for ever.
#[derive(Clone, Copy)]
pub(super) struct Sends;

/// Which request an answer is to; for whoever has to say so in an error.
#[derive(Clone)]
pub(super) struct Asked {
    method: Method,
    /// Without secrets.
    url: String,
    secrets: Vec<String>,
    pub(super) course: Course,
}

impl Asked {
    /// The error, which says what was asked, and nothing of what that showed of its sender.
    pub(super) fn named_in(&self, error: Error) -> Error {
        error
            .map_found(|found| secrets::hidden(found, &self.secrets))
            .with_request(self.method.as_str(), &self.url)
    }
}

impl<I: Io> Session<I> {
    /// Sends to the registry itself and follows redirects, without a 401 round.
    pub(super) async fn to_registry(
        &self,
        request: &Request<Bytes>,
        proof: Option<&HeaderValue>,
    ) -> Result<Arrived<I::Body>> {
        let mut request = request.clone();
        self.dress(request.headers_mut(), proof, true);
        let arrived = self.exchange(request).await?;
        if !arrived.elsewhere
            && let Some(date) = date(arrived.response.headers())
        {
            self.0.date.set(Some(date));
        }
        Ok(arrived)
    }

    /// Puts on what every request wears, and what is for the registry alone where it goes there.
    pub(super) fn dress(
        &self,
        headers: &mut HeaderMap,
        proof: Option<&HeaderValue>,
        is_home: bool,
    ) {
        let settings = &self.0.settings;
        if let Ok(name) = HeaderValue::from_str(&settings.user_agent) {
            headers.insert(header::USER_AGENT, name);
        }
        headers
            .entry(header::ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("identity"));
        if !is_home {
            return;
        }
        for (name, value) in &settings.headers {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(proof) = proof {
            headers.insert(header::AUTHORIZATION, proof.clone());
        }
    }

    /// Sends to whoever it is for, and follows redirects. What the registry alone may see is in the
    /// request already, see [`Session::dress`].
    pub(super) async fn exchange(&self, mut request: Request<Bytes>) -> Result<Arrived<I::Body>> {
        let settings = &self.0.settings;
        self.dress(request.headers_mut(), None, false);
        let home = self.routed_uri(request.uri())?;
        let mut at = home.clone();
        let mut seen = Vec::new();
        for _ in 0..=settings.limits.redirects {
            *request.uri_mut() = at.as_str().parse().map_err(|_| {
                let found = "the registry redirects to an address that HTTP cannot carry";
                Error::new(Code::UpstreamError, found)
            })?;
            let response = self.fetch(&request, &at).await?;
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
            seen.push(std::mem::replace(&mut at, self.routed(to)));
            if seen.contains(&at) {
                return Err(redirect::endless("in a circle"));
            }
        }
        let most = settings.limits.redirects;
        Err(redirect::endless(&format!("more than {most} times")))
    }

    async fn fetch(&self, request: &Request<Bytes>, at: &Url) -> Result<Response<I::Body>> {
        let Inner { io, settings, .. } = &*self.0;
        let send = async || {
            let left = Course::of(request, io, &settings.limits).left(io);
            let longest = settings.limits.headers.min(left);
            let answer = wait::within(io, longest, io.fetch(request.clone())).await;
            answer.unwrap_or_else(|| {
                let host = at.host_str().unwrap_or_default();
                let seconds = longest.as_secs_f64();
                let found = format!("no answer from {host} within {seconds:.0} s");
                Err(Error::new(Code::Timeout, found).next("try again later, or check the address"))
            })
        };
        self.in_turn(request, at, send).await
    }

    /// Sends when it is the request's turn, counts it, and tells of it.
    pub(super) async fn in_turn<F: Future<Output = Result<Response<I::Body>>>>(
        &self,
        request: &Request<Bytes>,
        at: &Url,
        send: impl FnOnce() -> F,
    ) -> Result<Response<I::Body>> {
        let io = &self.0.io;
        let _turn = self.turn(request, at).await?;
        let number = self.count();
        let mut event = event(request, number, Stage::Sent);
        io.observe(&event);
        let begun = io.clock();
        let answer = send().await.map_err(|error| {
            // the platform does not say which of the hosts on the way it was
            error.at(if self.is_home(at) {
                &self.0.label
            } else {
                at.host_str().unwrap_or_default()
            })
        });
        let took = io.clock().saturating_sub(begun);
        if let Ok(answer) = &answer
            && self.is_home(at)
        {
            let mut budget = self.0.budget.borrow_mut();
            budget.note(answer.status(), answer.headers(), io.now());
        }
        event.stage = outcome(&answer, took, io.now());
        io.observe(&event);
        let asked = Asked {
            method: event.method,
            url: event.url,
            secrets: secrets::of(request, &self.settings().headers),
            course: Course::of(request, io, &self.settings().limits),
        };
        match answer {
            Ok(mut answer) => {
                answer.extensions_mut().insert(asked);
                Ok(answer)
            }
            Err(error) => Err(asked.named_in(error)),
        }
    }

    /// Waits for what has to be waited for before a request goes out.
    async fn turn(&self, request: &Request<Bytes>, at: &Url) -> Result<[Option<Place>; 3]> {
        let Inner {
            io,
            settings,
            budget,
            ..
        } = &*self.0;
        let course = Course::of(request, io, &settings.limits);
        let (gate, lane) = match request.extensions().get::<Sends>() {
            Some(Sends) => (&self.0.sending, " sending"),
            None => (&self.0.in_flight, ""),
        };
        let counts = self.is_home(at) && Budget::counts(&settings.profile, request.method(), at);
        loop {
            let queued = io.clock();
            let counted = if counts {
                let most = || budget.borrow().most_at_once();
                Some(self.0.counted.enter_among(most).await)
            } else {
                None
            };
            let own = gate.enter().await;
            let shared = if io.shares_waiting() {
                let most = settings.limits.concurrency.max(PER_HOST);
                let name = format!("{}{lane}", at.origin().ascii_serialization());
                Some(Gate::shared(&name, most).enter().await)
            } else {
                None
            };
            course.excuse(io, queued);
            let closed = budget.borrow().closed(io.now()).filter(|_| counts);
            let Some(Closed { pause, reason }) = closed else {
                return Ok([counted, Some(own), shared]);
            };
            if pause > course.left(io) {
                return Err(Closed { pause, reason }.error());
            }
            drop((counted, own, shared));
            self.pausing(request, pause, reason);
            io.sleep(pause).await;
        }
    }

    /// Tells whoever listens that the next request waits.
    pub(super) fn pausing<B>(&self, request: &Request<B>, pause: Duration, reason: String) {
        let stage = Stage::Pausing { pause, reason };
        let event = event(request, self.0.requests.get() + 1, stage);
        self.0.io.observe(&event);
    }

    /// Whether an address is the registry's own.
    pub(super) fn is_home(&self, at: &Url) -> bool {
        at.origin() == self.0.root.origin()
    }
}

fn event<B>(request: &Request<B>, number: u64, stage: Stage) -> Event {
    let url = Url::parse(&request.uri().to_string());
    let course = request.extensions().get::<Course>();
    Event {
        number,
        method: request.method().clone(),
        url: url.as_ref().map(redacted).unwrap_or_default(),
        attempt: course.map_or(1, |course| course.attempt),
        stage,
    }
}

fn outcome<B>(answer: &Result<Response<B>>, took: Duration, now: Timestamp) -> Stage {
    match answer {
        Ok(answer) => Stage::Answered {
            status: answer.status(),
            took,
            request_id: request_id(answer.headers()),
            rate_limit: RateLimit::read(answer.headers(), now),
        },
        Err(error) => Stage::Failed {
            code: error.code(),
            reason: error.found().to_owned(),
            took,
        },
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = REQUEST_IDS.iter().find_map(|name| headers.get(*name))?;
    // whoever reads logs is spared a header of kilobytes
    Some(id.to_str().ok()?.chars().take(128).collect())
}

/// The registry's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    Timestamp::from_http_date(headers.get(header::DATE)?.to_str().ok()?)
}
