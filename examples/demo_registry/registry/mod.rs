//! A container registry in memory: one pure function, three uses.
//!
//! [`answer::answer`] maps a request to a response, given a [`Profile`] (which registry it imitates)
//! and a [`State`] (what it holds). The tests put it behind `portreeve::io::Io` with a virtual clock,
//! the example behind a small HTTP server, and `npm start` shows that server as the demo registry.
//!
//! [`Registry::exchange`] wraps the function in what a network adds: a log, and [`faults`] that are
//! plain data. A quirk met in the wild becomes a field of [`Profile`] and a test.

pub(crate) mod answer;
mod authorization;
mod blobs;
mod catalog;
pub(crate) mod content;
mod damage;
pub(crate) mod faults;
pub(crate) mod journal;
mod manifests;
mod page;
pub(crate) mod profile;
mod pulls;
mod referrers;
mod reply;
mod route;
pub(crate) mod seed;
pub(crate) mod state;
mod tags;
mod uploads;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use time::OffsetDateTime;

pub(crate) use content::Content;
pub(crate) use faults::{Fault, Faults};
pub(crate) use journal::Entry;
pub(crate) use profile::Profile;
pub(crate) use state::State;

/// A registry with everything a network adds to it.
pub(crate) struct Registry {
    /// Which registry it imitates.
    pub(crate) profile: Profile,
    /// What it holds.
    pub(crate) state: State,
    /// What goes wrong, and when.
    pub(crate) faults: Faults,
    /// Every request so far, oldest first.
    pub(crate) entries: Vec<Entry>,
}

/// How an answer reaches the client: whole, late, in part or not at all.
pub(crate) struct Delivery {
    /// How long the client waits first.
    pub(crate) delay: Duration,
    /// How long it waits before each piece of the body; no time at all sends it whole.
    pub(crate) pace: Duration,
    /// What it gets then.
    pub(crate) outcome: Outcome,
}

/// What the client gets.
pub(crate) enum Outcome {
    /// The whole answer.
    Answered(Response<Content>),
    /// Headers that promise the whole body, and only its first bytes.
    CutOff {
        /// The whole answer.
        response: Response<Content>,
        /// How many bytes of the body arrive.
        after: u64,
        /// Whether the connection stays open and silent then, instead of closing.
        silent: bool,
    },
    /// A closed connection.
    Dropped,
    /// Nothing, for ever.
    Hung,
}

impl Registry {
    /// A registry that imitates `profile` and holds `state`.
    pub(crate) fn new(profile: Profile, state: State) -> Self {
        Self {
            profile,
            state,
            faults: Faults::default(),
            entries: Vec::new(),
        }
    }

    /// Answers one request as it would arrive over a network at `now`.
    pub(crate) fn exchange(&mut self, request: &Request<Bytes>, now: OffsetDateTime) -> Delivery {
        let fault = self.faults.take(request);
        let happens = fault.as_ref().is_none_or(Fault::is_carried_out);
        let arrived = fault.as_ref().map(|fault| fault.arriving(request));
        let arrived = arrived.as_ref().unwrap_or(request);
        let answer = happens.then(|| answer::answer(arrived, &self.profile, &mut self.state, now));
        let delivery = match fault {
            None => Delivery {
                delay: Duration::ZERO,
                pace: Duration::ZERO,
                outcome: answer.map_or(Outcome::Dropped, Outcome::Answered),
            },
            Some(fault) => fault.deliver(answer, now),
        };
        self.entries.push(Entry::new(request, &delivery.outcome));
        delivery
    }
}
