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
    bearer: Bearer,
    /// The proof that was not enough.
    refused: Option<HeaderValue>,
}

impl<I: Io> Session<I> {
    /// Sends with what proves who asks, and answers one challenge.
    pub(super) async fn authorized(
        &self,
        request: &Request<Bytes>,
        scope: &Scope,
    ) -> Result<Response<I::Body>> {
        let proof = self.known_proof(scope).await?;
        let header = proof.as_ref().map(|proof| &proof.header);
        let arrived = self.to_registry(request, header).await?;
        let answer = arrived.response;
        if arrived.elsewhere {
            return Ok(answer);
        }
        let as_nobody = proof.as_ref().is_some_and(|proof| proof.as_nobody);
        let refused = proof.map(|proof| proof.header);
        if wants_proof(&answer) {
            let mut challenges = challenge::parse(answer.headers());
            if challenges.is_empty() {
                challenges = self.challenges_of_ping().await?;
            }
            match self.meetable(challenges)? {
                Some(Challenge::Bearer(bearer)) => {
                    let round = Round {
                        request,
                        scope,
                        bearer,
                        refused,
                    };
                    self.with_tokens(round, answer).await
                }
                Some(Challenge::Basic) => self.with_password(request, scope, refused, answer).await,
                None => Ok(answer),
            }
        } else if as_nobody
            && wants_somebody(&answer)
            && let Some(Way { bearer, .. }) = self.way(scope)
        {
            let round = Round {
                request,
                scope,
                bearer,
                refused,
            };
            self.as_somebody(round, Ok(answer)).await
        } else {
            Ok(answer)
        }
    }

    /// The header that proves who asks before anybody challenges it, for a request that is sent
    /// once.
    pub(super) async fn proof(&self, scope: &Scope) -> Result<Option<HeaderValue>> {
        let proof = self.known_proof(scope).await?;
        Ok(proof.map(|proof| proof.header))
    }

    /// What proves who asks before anybody challenges it.
    async fn known_proof(&self, scope: &Scope) -> Result<Option<Proof>> {
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
        match self.token(&way.bearer, &way.wanted, who, None).await {
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

    /// What `GET /v2/` asks for, where a 401 said nothing.
    pub(super) async fn challenges_of_ping(&self) -> Result<Vec<Challenge>> {
        let request = ping::request(&self.0.root)?;
        let answer = self.to_registry(&request, None).await?;
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
        let own = settings.realms.iter().map(String::as_str);
        let pinned: Vec<&str> = settings.profile.realms.iter().copied().chain(own).collect();
        realm::trusted(&bearer.realm, &self.0.root, &pinned)
            .map_err(|error| error.at(&settings.host))
    }

    async fn with_password(
        &self,
        request: &Request<Bytes>,
        scope: &Scope,
        refused: Option<HeaderValue>,
        answer: Response<I::Body>,
    ) -> Result<Response<I::Body>> {
        let somebody = self.somebody(scope).await?;
        match somebody.as_ref().and_then(Credential::basic_header) {
            Some(password) if refused.as_ref() != Some(&password) => {
                drop(answer);
                self.0.identity.wants_basic.set(true);
                Ok(self.to_registry(request, Some(&password)).await?.response)
            }
            _ => Ok(answer),
        }
    }

    async fn with_tokens(
        &self,
        mut round: Round<'_>,
        answer: Response<I::Body>,
    ) -> Result<Response<I::Body>> {
        if !self.is_open(round.scope) {
            return self.as_somebody(round, Ok(answer)).await;
        }
        drop(answer);
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
        let was_open = self.is_open(round.scope);
        let somebody = match (self.somebody(round.scope).await, &so_far) {
            // waiting does as well
            (Err(_), Ok(answer)) if answer.status() == StatusCode::TOO_MANY_REQUESTS => None,
            (found, _) => found?,
        };
        match somebody {
            Some(Credential::RegistryToken(token)) => {
                self.close(round.scope);
                match bearer_header(&token) {
                    // the registry takes only the token that it was given
                    Some(token) if round.refused.as_ref() != Some(&token) => {
                        drop(so_far);
                        let arrived = self.to_registry(round.request, Some(&token)).await?;
                        Ok(arrived.response)
                    }
                    _ => so_far,
                }
            }
            Some(somebody) => {
                self.close(round.scope);
                let mut answer = so_far;
                for wanted in round.wordings() {
                    drop(answer);
                    let next = self.with_token(&mut round, wanted, Some(&somebody)).await?;
                    if !wants_proof(&next) {
                        return Ok(next);
                    }
                    answer = Ok(next);
                }
                answer
            }
            None => {
                let mut answer = so_far;
                // nobody has asked in the first wording already
                for wanted in round.wordings().skip(usize::from(was_open)) {
                    if !answer.as_ref().is_ok_and(wants_proof) {
                        break;
                    }
                    drop(answer);
                    answer = self.with_token(&mut round, wanted, None).await;
                }
                answer
            }
        }
    }

    /// Sends the request with a token for `wanted`.
    async fn with_token(
        &self,
        round: &mut Round<'_>,
        wanted: Scope,
        who: Option<&Credential>,
    ) -> Result<Response<I::Body>> {
        let scope = round.scope;
        let refused = round.refused.as_ref();
        let token = self.token(&round.bearer, &wanted, who, refused).await?;
        let header = bearer_header(&token.value)
            .ok_or_else(|| Error::new(Code::Internal, "a token that was read cannot be sent"))?;
        let arrived = self.to_registry(round.request, Some(&header)).await?;
        if !arrived.elsewhere && wants_proof(&arrived.response) {
            self.0.identity.tokens.borrow_mut().forget(&token.value);
            round.refused = Some(header);
        } else {
            self.served(token, &round.bearer, wanted, scope, who);
        }
        Ok(arrived.response)
    }
}

impl Round<'_> {
    /// The wordings of the scope to ask for, one after the other.
    fn wordings(&self) -> impl Iterator<Item = Scope> + use<> {
        let challenged = Scope::parse(self.bearer.scope.as_deref().unwrap_or_default());
        self.scope.attempts(&challenged).into_iter()
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
