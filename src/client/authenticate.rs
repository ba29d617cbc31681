//! The 401 round: from a challenge to a token or a password, and once more.
//!
//! ```text
//! known token or password, renewed where it ends ─▶ request ─▶ served
//!                                                      │ 401, insufficient scope,
//!                                                      ▼ or too little for nobody
//! Bearer: a token as nobody, if the scope allows ─▶ as somebody, one token a wording of the scope
//! Basic:  the password, as somebody
//! ```

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use url::Url;

use super::{
    identity::Way,
    round::{Round, wants_proof, wants_somebody},
    session::Session,
};
use crate::{
    api::ping,
    auth::{
        Credential, Scope,
        challenge::{self, Bearer, Challenge},
        realm, sensitive,
    },
    error::Result,
    io::Io,
};

/// What goes with a request.
struct Proof {
    header: HeaderValue,
    as_nobody: bool,
}

impl<I: Io> Session<I> {
    /// Sends with what proves who asks, and answers one challenge.
    pub(super) async fn authorized(
        &self,
        request: &Request<Bytes>,
        scope: &Scope,
    ) -> Result<Response<I::Body>> {
        let proof = self.known_proof(request, scope).await?;
        let header = proof.as_ref().map(|proof| &proof.header);
        let arrived = self.to_registry(request, header).await?;
        let answer = arrived.response;
        if arrived.elsewhere {
            return Ok(answer);
        }
        let as_nobody = proof.as_ref().is_some_and(|proof| proof.as_nobody);
        let mut round = Round {
            request,
            scope,
            bearer: None,
            refused: proof.map(|proof| proof.header),
            tried: 0,
        };
        // a round is rare, and its state large: it has no place in that of every request
        if wants_proof(&answer) {
            Box::pin(self.meet_challenge(round, answer)).await
        } else if as_nobody
            && wants_somebody(&answer)
            && let Some(way) = self.way(scope)
        {
            round.bearer = Some(way.bearer);
            Box::pin(self.as_somebody(round, Ok(answer))).await
        } else {
            Ok(answer)
        }
    }

    /// The header that proves who asks before anybody challenges it, for a request that is sent
    /// once.
    pub(super) async fn proof(
        &self,
        request: &Request<Bytes>,
        scope: &Scope,
    ) -> Result<Option<HeaderValue>> {
        let proof = self.known_proof(request, scope).await?;
        Ok(proof.map(|proof| proof.header))
    }

    async fn meet_challenge(
        &self,
        mut round: Round<'_>,
        answer: Response<I::Body>,
    ) -> Result<Response<I::Body>> {
        let mut challenges = challenge::parse(answer.headers());
        if challenges.is_empty() {
            let mut ping = ping::request(&self.0.root)?;
            *ping.extensions_mut() = round.request.extensions().clone();
            challenges = self.challenges_of(&ping).await?;
        }
        match self.meetable(challenges)? {
            Some(Challenge::Bearer(bearer)) => {
                round.bearer = Some(bearer);
                self.as_nobody_first(round, answer).await
            }
            Some(Challenge::Basic) => {
                self.0.identity.wants_basic.set(true);
                self.as_somebody(round, Ok(answer)).await
            }
            None => Ok(answer),
        }
    }

    /// What proves who asks before anybody challenges it.
    async fn known_proof(&self, request: &Request<Bytes>, scope: &Scope) -> Result<Option<Proof>> {
        let is_open = self.is_open(scope);
        let somebody = self.known_somebody(scope);
        if let Some(Credential::RegistryToken(token)) = &somebody
            && !is_open
        {
            return Ok(proof(bearer_header(token), false));
        }
        let in_turn = [is_open.then_some(None), Some(somebody.as_ref())];
        for who in in_turn.into_iter().flatten() {
            if let Some(token) = self.cached(who, scope) {
                return Ok(proof(bearer_header(&token.value), who.is_none()));
            }
        }
        let identity = &self.0.identity;
        if identity.wants_basic.get()
            && let Some(password) = somebody.as_ref().and_then(Credential::basic_header)
        {
            return Ok(proof(Some(password), false));
        }
        let Some(way) = self.way(scope) else {
            return Ok(None);
        };
        let who = somebody.as_ref().filter(|_| !way.as_nobody);
        let renewed = Box::pin(self.token(request, &way.bearer, &way.wanted, who, None));
        match renewed.await {
            Ok(token) => Ok(proof(bearer_header(&token.value), who.is_none())),
            Err(error) if error.is_retryable() => Err(error),
            // the registry may say anew what it wants
            Err(_) => {
                identity.ways.borrow_mut().remove(scope.as_str());
                Ok(None)
            }
        }
    }

    fn way(&self, scope: &Scope) -> Option<Way> {
        let ways = self.0.identity.ways.borrow();
        ways.get(scope.as_str()).cloned()
    }

    /// What the registry asks for before it answers `ping`.
    pub(super) async fn challenges_of(&self, ping: &Request<Bytes>) -> Result<Vec<Challenge>> {
        let answer = self.to_registry(ping, None).await?;
        Ok(challenge::parse(answer.response.headers()))
    }

    /// The first challenge that can be met: a token server that must not see a credential does not
    /// keep the registry itself from seeing it.
    pub(super) fn meetable(&self, challenges: Vec<Challenge>) -> Result<Option<Challenge>> {
        let mut untrusted = None;
        for challenge in challenges {
            if let Challenge::Bearer(bearer) = &challenge
                && let Err(error) = self.realm(bearer)
            {
                untrusted.get_or_insert(error);
                continue;
            }
            return Ok(Some(challenge));
        }
        untrusted.map_or(Ok(None), Err)
    }

    /// The token server's address, if it is one of the registry's.
    pub(super) fn realm(&self, bearer: &Bearer) -> Result<Url> {
        let settings = &self.0.settings;
        // with a Worker between, it is the Worker who asks
        let known = settings.profile.realms.iter().copied();
        let known = known.filter(|_| settings.via.is_none());
        let own = settings.realms.iter().map(String::as_str);
        let pinned: Vec<&str> = known.chain(own).collect();
        realm::trusted(&bearer.realm, &self.0.root, &pinned)
            .map_err(|error| error.at(self.authority()))
    }
}

fn proof(header: Option<HeaderValue>, as_nobody: bool) -> Option<Proof> {
    header.map(|header| Proof { header, as_nobody })
}

pub(super) fn bearer_header(token: &str) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {token}"))
}
