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
use http::{HeaderValue, Request, Response, StatusCode};
use url::Url;

use super::{identity::Way, session::Session};
use crate::{
    api::ping,
    auth::{
        Credential, Scope,
        challenge::{self, Bearer, Challenge},
        realm, sensitive,
    },
    error::{Code, Error, Result},
    io::Io,
};

/// What goes with a request.
struct Proof {
    header: HeaderValue,
    as_nobody: bool,
}

/// A request on its way through the round.
struct Round<'a> {
    request: &'a Request<Bytes>,
    scope: &'a Scope,
    /// The token server to ask; `None` where the registry wants the password itself.
    bearer: Option<Bearer>,
    /// The proof that was not enough.
    refused: Option<HeaderValue>,
    /// How many wordings of the scope were tried as nobody.
    tried: usize,
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

    async fn as_nobody_first(
        &self,
        mut round: Round<'_>,
        answer: Response<I::Body>,
    ) -> Result<Response<I::Body>> {
        if !self.is_open(round.scope) {
            return self.as_somebody(round, Ok(answer)).await;
        }
        drop(answer);
        round.tried = 1;
        let wanted = round.wordings().next().unwrap_or_default();
        match self.with_token(&mut round, wanted, None).await {
            Ok(served) if !wants_proof(&served) && !wants_somebody(&served) => Ok(served),
            Err(error) if !matches!(error.code(), Code::Unauthorized | Code::Denied) => Err(error),
            outcome => self.as_somebody(round, outcome).await,
        }
    }

    /// Goes on with the credential, if there is one, after what came `so_far`.
    async fn as_somebody(
        &self,
        mut round: Round<'_>,
        so_far: Result<Response<I::Body>>,
    ) -> Result<Response<I::Body>> {
        let somebody = match (self.somebody(round.scope).await, &so_far) {
            // waiting does as well
            (Err(_), Ok(answer)) if answer.status() == StatusCode::TOO_MANY_REQUESTS => None,
            (found, _) => found?,
        };
        let Some(somebody) = somebody else {
            return self.by_every_wording(&mut round, None, so_far).await;
        };
        self.close(round.scope);
        let outcome = self.as_this_one(&mut round, &somebody, so_far).await;
        let is_refused = match &outcome {
            Ok(answer) => wants_proof(answer),
            Err(error) => error.code() == Code::Unauthorized,
        };
        if is_refused && let Some(next) = self.looked_up_again(round.scope, &somebody).await? {
            return self.as_this_one(&mut round, &next, outcome).await;
        }
        outcome
    }

    async fn as_this_one(
        &self,
        round: &mut Round<'_>,
        somebody: &Credential,
        so_far: Result<Response<I::Body>>,
    ) -> Result<Response<I::Body>> {
        let header = match (&round.bearer, somebody) {
            (None, somebody) => somebody.basic_header(),
            // the registry takes only the token that it was given
            (Some(_), Credential::RegistryToken(token)) => bearer_header(token),
            (Some(_), somebody) => {
                return self.by_every_wording(round, Some(somebody), so_far).await;
            }
        };
        match header {
            Some(header) if round.refused.as_ref() != Some(&header) => {
                drop(so_far);
                let arrived = self.to_registry(round.request, Some(&header)).await?;
                if !wants_proof(&arrived.response) {
                    self.works(somebody);
                }
                round.refused = Some(header);
                Ok(arrived.response)
            }
            _ => so_far,
        }
    }

    /// Asks for one token after the other, while the registry finds the last one insufficient.
    async fn by_every_wording(
        &self,
        round: &mut Round<'_>,
        who: Option<&Credential>,
        so_far: Result<Response<I::Body>>,
    ) -> Result<Response<I::Body>> {
        let tried = if who.is_none() { round.tried } else { 0 };
        let mut outcome = so_far;
        for (number, wanted) in round.wordings().enumerate().skip(tried) {
            if number > 0 && !outcome.as_ref().is_ok_and(wants_proof) {
                break;
            }
            drop(outcome);
            outcome = self.with_token(round, wanted, who).await;
        }
        outcome
    }

    /// Sends the request with a token for `wanted`.
    async fn with_token(
        &self,
        round: &mut Round<'_>,
        wanted: Scope,
        who: Option<&Credential>,
    ) -> Result<Response<I::Body>> {
        let Some(bearer) = &round.bearer else {
            return Err(Error::new(Code::Internal, "no token server was named"));
        };
        let (request, refused) = (round.request, round.refused.as_ref());
        let token = self.token(request, bearer, &wanted, who, refused).await?;
        let header = bearer_header(&token.value)
            .ok_or_else(|| Error::new(Code::Internal, "a token that was read cannot be sent"))?;
        let arrived = self.to_registry(request, Some(&header)).await?;
        if !arrived.elsewhere && wants_proof(&arrived.response) {
            self.0.identity.tokens.borrow_mut().forget(&token.value);
            round.refused = Some(header);
        } else {
            self.served(token, bearer, wanted, round.scope, who);
        }
        Ok(arrived.response)
    }
}
impl Round<'_> {
    /// The wordings of the scope to ask a token server for, one after the other.
    fn wordings(&self) -> impl Iterator<Item = Scope> + use<> {
        let bearer = self.bearer.as_ref();
        let wordings = bearer.map(|bearer| {
            let challenged = Scope::parse(bearer.scope.as_deref().unwrap_or_default());
            self.scope.attempts(&challenged)
        });
        wordings.into_iter().flatten()
    }
}

fn proof(header: Option<HeaderValue>, as_nobody: bool) -> Option<Proof> {
    header.map(|header| Proof { header, as_nobody })
}

pub(super) fn bearer_header(token: &str) -> Option<HeaderValue> {
    sensitive(&format!("Bearer {token}"))
}

/// Whether an answer asks for proof, or for more than was given.
fn wants_proof<B>(response: &Response<B>) -> bool {
    match response.status() {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::FORBIDDEN => challenge::parse(response.headers())
            .iter()
            .any(|challenge| {
                matches!(challenge, Challenge::Bearer(bearer)
                if bearer.error.as_deref() == Some("insufficient_scope"))
            }),
        _ => false,
    }
}

/// Whether an answer to nobody may be another one for somebody: a repository that is not public,
/// or the limits of an account.
fn wants_somebody<B>(response: &Response<B>) -> bool {
    matches!(
        response.status(),
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    )
}
