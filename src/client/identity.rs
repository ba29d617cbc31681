//! As whom a session asks: as nobody first, and as somebody where that does not do.
//!
//! A credential that was given with the settings is used at the first challenge: whoever gives one
//! wants the limits of an account. One that has to be looked up ([`Io::credentials`]) is looked up
//! where a registry or its token server wants more than nobody, and for what nobody may do
//! anywhere: to push and to delete. What was found holds for the session, unless it ends before:
//! cloud providers hand out passwords for an hour.

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
    /// The credential that has opened something last.
    worked: RefCell<Option<Credential>>,
    /// One asks for a token at a time; the others take what it got.
    pub(super) renewing: Gate,
    pub(super) refusals: Failures,
    /// By scope, how the last token was got: so the next one is there before that expires.
    pub(super) ways: RefCell<BTreeMap<String, Way>>,
    /// Scopes for which nobody was not enough.
    closed: RefCell<BTreeSet<String>>,
    known: RefCell<Option<Credentials>>,
    /// One looks credentials up; the others take what it found.
    looking: Gate,
    failures: Failures,
}

/// How a token was got.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) bearer: Bearer,
    pub(super) wanted: Scope,
    pub(super) as_nobody: bool,
}

/// What failed last, for those who waited while it was tried: they need not try it again.
#[derive(Default)]
pub(super) struct Failures {
    count: Cell<u64>,
    last: RefCell<Option<(String, Error)>>,
}

impl Failures {
    /// How many there were, to be asked before one waits.
    pub(super) fn count(&self) -> u64 {
        self.count.get()
    }

    /// The failure of the same thing since then.
    pub(super) fn since(&self, count: u64, what: &str) -> Option<Error> {
        let last = self.last.borrow();
        let last = last.as_ref().filter(|_| self.count.get() > count);
        last.filter(|(failed, _)| failed == what)
            .map(|(_, error)| error.clone())
    }

    pub(super) fn note(&self, what: &str, error: &Error) {
        self.count.set(self.count.get() + 1);
        self.last.replace(Some((what.to_owned(), error.clone())));
    }
}

impl Identity {
    pub(super) fn new(tokens: TokenCache) -> Self {
        Self {
            tokens: RefCell::new(tokens),
            wants_basic: Cell::new(false),
            gets_only: Cell::new(false),
            worked: RefCell::default(),
            renewing: Gate::new(1),
            refusals: Failures::default(),
            ways: RefCell::default(),
            closed: RefCell::default(),
            known: RefCell::default(),
            looking: Gate::new(1),
            failures: Failures::default(),
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

    /// Remembers that a credential opens something.
    pub(super) fn works(&self, somebody: &Credential) {
        let mut worked = self.0.identity.worked.borrow_mut();
        if worked.as_ref() != Some(somebody) {
            *worked = Some(somebody.clone());
        }
    }

    /// Another credential than the one that was refused. One that was looked up and has opened
    /// something before may have been for a time, and is looked up once more.
    pub(super) async fn looked_up_again(
        &self,
        scope: &Scope,
        refused: &Credential,
    ) -> Result<Option<Credential>> {
        if self.given().is_some() {
            return Ok(None);
        }
        let identity = &self.0.identity;
        if self.known_somebody(scope).as_ref() == Some(refused) {
            if identity.worked.borrow().as_ref() != Some(refused) {
                return Ok(None);
            }
            identity.worked.replace(None);
            identity.known.replace(None);
        }
        let found = self.somebody(scope).await?;
        Ok(found.filter(|found| found != refused))
    }

    /// What the platform knows for this registry. It is asked once; where it fails, all that wait
    /// for this answer fail with it, and the next request asks again.
    async fn looked_up(&self) -> Result<Credentials> {
        let identity = &self.0.identity;
        let failures = identity.failures.count();
        let _turn = identity.looking.enter().await;
        if let Some(known) = &*identity.known.borrow() {
            return Ok(known.clone());
        }
        if let Some(error) = identity.failures.since(failures, "") {
            return Err(error);
        }
        let host = self.authority();
        let found = self.0.io.credentials(host).await.and_then(|found| {
            let parts = found.parts().map(|(_, credential)| credential);
            for credential in found.whole().into_iter().chain(parts) {
                credential.ensure_sendable()?;
            }
            Ok(found)
        });
        match found {
            Ok(found) => {
                identity.known.replace(Some(found.clone()));
                Ok(found)
            }
            Err(error) => {
                let error = error.doing(format!("looking up the credential for {host}"));
                identity.failures.note("", &error);
                Err(error)
            }
        }
    }
}
