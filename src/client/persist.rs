//! The same request again, while its outcome may pass.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::session::Session;
use crate::{error::Result, io::Io, limits::Limits, retry};

/// How far a request has come. It travels with the request, so that whoever sends it can tell and
/// keep to the deadline.
#[derive(Clone)]
pub(super) struct Course {
    /// Which attempt it is, counted from 1.
    pub(super) attempt: u8,
    deadline: Duration,
    begun: Duration,
    /// Milliseconds in which it only waited for its turn behind others of ours.
    excused: Arc<AtomicU64>,
}

impl Course {
    pub(super) fn begin(io: &impl Io, limits: &Limits) -> Self {
        Self {
            attempt: 1,
            deadline: limits.deadline,
            begun: io.clock(),
            excused: Arc::default(),
        }
    }

    /// The course of a request; one that nobody repeats begins now.
    pub(super) fn of<B>(request: &Request<B>, io: &impl Io, limits: &Limits) -> Self {
        let known = request.extensions().get::<Self>();
        known.map_or_else(|| Self::begin(io, limits), Self::clone)
    }

    /// How long it has taken, waits behind others of ours not counted.
    pub(super) fn taken(&self, io: &impl Io) -> Duration {
        let excused = Duration::from_millis(self.excused.load(Ordering::Relaxed));
        io.clock()
            .saturating_sub(self.begun)
            .saturating_sub(excused)
    }

    /// How long it may still take.
    pub(super) fn left(&self, io: &impl Io) -> Duration {
        self.deadline.saturating_sub(self.taken(io))
    }

    /// Does not count the time since `from` of the platform's clock.
    pub(super) fn excuse(&self, io: &impl Io, from: Duration) {
        let waited = io.clock().saturating_sub(from).as_millis();
        let waited = u64::try_from(waited).unwrap_or(u64::MAX);
        self.excused.fetch_add(waited, Ordering::Relaxed);
    }
}

/// How often a request was tried, on an answer that is no success.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried {
    pub(super) attempts: u8,
    pub(super) took: Duration,
}

impl<I: Io> Session<I> {
    /// Repeats `attempt` while its outcome may pass, within the limits on number and time.
    pub(super) async fn persist<B>(
        &self,
        mut request: Request<Bytes>,
        attempt: impl AsyncFn(&Request<Bytes>) -> Result<Response<B>>,
    ) -> Result<Response<B>> {
        let io = self.io();
        let limits = &self.settings().limits;
        let mut course = Course::begin(io, limits);
        loop {
            request.extensions_mut().insert(course.clone());
            let outcome = attempt(&request).await;
            let pause = may_repeat(request.method(), &outcome)
                .filter(|()| course.attempt < limits.attempts)
                .and_then(|()| {
                    let asked = match &outcome {
                        Ok(response) => retry::retry_after(response.headers(), io.now()),
                        Err(error) => error.retry_after(),
                    };
                    retry::pause(course.attempt, asked, io.random(), course.left(io))
                });
            let Some(pause) = pause else {
                let tried = Tried {
                    attempts: course.attempt,
                    took: course.taken(io),
                };
                return told(outcome, tried);
            };
            let reason = match &outcome {
                Ok(response) => format!("the registry answered {}", response.status()),
                Err(error) => error.found().to_owned(),
            };
            // an unread body would hold the connection during the pause
            drop(outcome);
            self.pausing(&request, pause, reason);
            io.sleep(pause).await;
            course.attempt += 1;
        }
    }
}

/// Reads are repeated where their outcome may pass; a write only after 429, because any other
/// failure leaves open whether it had its effect.
fn may_repeat<B>(method: &Method, outcome: &Result<Response<B>>) -> Option<()> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let repeat = match outcome {
        Ok(response) if reads => retry::may_pass(response.status()),
        Ok(response) => response.status() == StatusCode::TOO_MANY_REQUESTS,
        Err(error) => reads && error.is_retryable(),
    };
    repeat.then_some(())
}

/// The outcome, which says how often it was tried if that was more than once.
fn told<B>(outcome: Result<Response<B>>, tried: Tried) -> Result<Response<B>> {
    if tried.attempts == 1 {
        return outcome;
    }
    match outcome {
        Ok(mut response) => {
            response.extensions_mut().insert(tried);
            Ok(response)
        }
        Err(error) => Err(error.with_attempts(tried.attempts, tried.took)),
    }
}
