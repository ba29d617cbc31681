//! One round after a challenge: as nobody, as somebody, and in every wording of the scope.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};

use super::{authenticate::bearer_header, session::Session};
use crate::{
    auth::{
        Credential, Scope,
        challenge::{self, Bearer, Challenge},
    },
    error::{Code, Error, Result},
    io::Io,
};

/// A request on its way through the round.
pub(super) struct Round<'a> {
    pub(super) request: &'a Request<Bytes>,
    pub(super) scope: &'a Scope,
    /// The token server to ask; `None` where the registry wants the password itself.
    pub(super) bearer: Option<Bearer>,
    /// The proof that was not enough.
    pub(super) refused: Option<HeaderValue>,
    /// How many wordings of the scope were tried as nobody.
    pub(super) tried: usize,
}

impl<I: Io> Session<I> {
    pub(super) async fn as_nobody_first(
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
    pub(super) async fn as_somebody(
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

/// Whether an answer asks for proof, or for more than was given.
pub(super) fn wants_proof<B>(response: &Response<B>) -> bool {
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
pub(super) fn wants_somebody<B>(response: &Response<B>) -> bool {
    matches!(
        response.status(),
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    )
}
