//! As whom a session asks: as nobody first, and as somebody where that does not do.
//!
//! A credential that was given with the settings is used at the first challenge: whoever gives one
//! wants the limits of an account. One that has to be looked up ([`Io::credentials`]) is looked up
//! where a registry or its token server wants more than nobody, and for what nobody may do
//! anywhere: to push and to delete. What was found out holds for the session.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use super::{gate::Gate, session::Session};
use crate::{
    auth::{Credential, Credentials, Scope, TokenCache, challenge::Bearer},
    error::{Error, Result},
    io::Io,
};

/// What a session knows about itself.
pub(super) struct Identity {
    pub(super) tokens: RefCell<TokenCache>,
    /// Whether the registry has asked for a password instead of a token.
    pub(super) wants_basic: Cell<bool>,
    /// Whether its token server takes no POST.
    pub(super) gets_only: Cell<bool>,
    /// One asks for a token at a time; the others take what it got.
    pub(super) renewing: Gate,
    /// By scope, how the last token was got: so the next one is there before that expires.
    pub(super) ways: RefCell<BTreeMap<String, Way>>,
    /// Scopes for which nobody was not enough.
    closed: RefCell<BTreeSet<String>>,
    known: RefCell<Option<Credentials>>,
    /// One looks credentials up; the others take what it found.
    looking: Gate,
    failures: RefCell<Failures>,
}

/// How a token was got.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) bearer: Bearer,
    pub(super) wanted: Scope,
    pub(super) as_nobody: bool,
}

#[derive(Default)]
struct Failures {
    count: u64,
    last: Option<Error>,
}

impl Identity {
    pub(super) fn new(tokens: TokenCache) -> Self {
        Self {
            tokens: RefCell::new(tokens),
            wants_basic: Cell::new(false),
            gets_only: Cell::new(false),
            renewing: Gate::new(1),
            ways: RefCell::default(),
            closed: RefCell::default(),
            known: RefCell::default(),
            looking: Gate::new(1),
            failures: RefCell::default(),
        }
    }
}

impl<I: Io> Session<I> {
    fn given(&self) -> Option<&Credential> {
        self.0.settings.credential.as_ref()
    }

    /// Whether there is a credential, as far as is known.
    pub(super) fn has_credential(&self) -> bool {
        let known = self.0.identity.known.borrow();
        self.given().is_some() || known.as_ref().is_some_and(|known| !known.is_empty())
    }

    /// The credential for a request of this scope, looked up if it must be.
    pub(super) async fn somebody(&self, scope: &Scope) -> Result<Option<Credential>> {
        if let Some(given) = self.given() {
            return Ok(Some(given.clone()));
        }
        let known = self.looked_up().await?;
        Ok(known.for_repository(scope.first_repository()).cloned())
    }

    /// The same, without looking it up.
    pub(super) fn known_somebody(&self, scope: &Scope) -> Option<Credential> {
        if let Some(given) = self.given() {
            return Some(given.clone());
        }
        let known = self.0.identity.known.borrow();
        let known = known.as_ref()?.for_repository(scope.first_repository());
        known.cloned()
    }

    /// Whether this scope is tried as nobody first.
    pub(super) fn is_open(&self, scope: &Scope) -> bool {
        let closed = self.0.identity.closed.borrow();
        self.given().is_none() && scope.only_reads() && !closed.contains(scope.as_str())
    }

    /// Remembers that nobody is not enough for this scope.
    pub(super) fn close(&self, scope: &Scope) {
        let mut closed = self.0.identity.closed.borrow_mut();
        closed.insert(scope.as_str().to_owned());
    }

    /// What the platform knows for this registry. It is asked once; where it fails, all that wait
    /// for this answer fail with it, and the next request asks again.
    async fn looked_up(&self) -> Result<Credentials> {
        let identity = &self.0.identity;
        let failed_before = identity.failures.borrow().count;
        let _turn = identity.looking.enter().await;
        if let Some(known) = &*identity.known.borrow() {
            return Ok(known.clone());
        }
        {
            let failures = identity.failures.borrow();
            if let Some(error) = failures.last.as_ref()
                && failures.count > failed_before
            {
                return Err(error.clone());
            }
        }
        let host = self.authority();
        match self.0.io.credentials(host).await {
            Ok(found) => {
                identity.known.replace(Some(found.clone()));
                Ok(found)
            }
            Err(error) => {
                let error = error.doing(format!("looking up the credential for {host}"));
                let mut failures = identity.failures.borrow_mut();
                failures.count += 1;
                failures.last = Some(error.clone());
                Err(error)
            }
        }
    }
}
