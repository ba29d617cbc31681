//! The 401 round: from a challenge to a token or a password, and once more.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use url::Url;

use super::session::Session;
use crate::{
    api::{error_body, ping},
    auth::{
        Credential, Scope,
        challenge::{self, Bearer, Challenge},
        realm, sensitive, token,
    },
    error::{Code, Error, Result},
    io::Io,
    retry,
};

impl<I: Io> Session<I> {
    /// Sends with what proves who asks, and answers one challenge.
    pub(super) async fn authorized(
        &self,
        request: &Request<Bytes>,
        scope: &Scope,
    ) -> Result<Response<I::Body>> {
        let mut proof = self.known_proof(scope);
        let arrived = self.to_registry(request, proof.as_ref()).await?;
        if arrived.elsewhere || !wants_proof(&arrived.response) {
            return Ok(arrived.response);
        }
        let mut challenges = challenge::parse(arrived.response.headers());
        if challenges.is_empty() {
            challenges = self.challenges_of_ping().await?;
        }
        match challenges.into_iter().next() {
            // the registry takes only the token that it was given
            Some(Challenge::Bearer(_))
                if matches!(self.credential(), Some(Credential::RegistryToken(_))) =>
            {
                Ok(arrived.response)
            }
            Some(Challenge::Bearer(bearer)) => {
                let mut answer = arrived.response;
                for wanted in scope.attempts(bearer.scope.as_deref()) {
                    drop(answer);
                    let token = self.token(&bearer, &wanted, scope, proof.as_ref()).await?;
                    let arrived = self.to_registry(request, Some(&token)).await?;
                    answer = arrived.response;
                    proof = Some(token);
                    if arrived.elsewhere || !wants_proof(&answer) {
                        return Ok(answer);
                    }
                }
                self.forget(scope);
                Ok(answer)
            }
            Some(Challenge::Basic) => match self.credential().and_then(Credential::basic_header) {
                Some(password) if proof.as_ref() != Some(&password) => {
                    self.0.wants_basic.set(true);
                    Ok(self.to_registry(request, Some(&password)).await?.response)
                }
                _ => Ok(arrived.response),
            },
            None => Ok(arrived.response),
        }
    }

    fn credential(&self) -> Option<&Credential> {
        self.0.settings.credential.as_ref()
    }

    /// What proves who asks before anybody challenges it.
    fn known_proof(&self, scope: &Scope) -> Option<HeaderValue> {
        if let Some(Credential::RegistryToken(token)) = self.credential() {
            return bearer_header(token);
        }
        self.cached(scope).or_else(|| {
            self.credential()
                .filter(|_| self.0.wants_basic.get())
                .and_then(Credential::basic_header)
        })
    }

    fn cached(&self, scope: &Scope) -> Option<HeaderValue> {
        let tokens = self.0.tokens.borrow();
        let token = tokens.get(
            &self.0.settings.host,
            self.credential(),
            scope,
            self.0.io.now(),
        )?;
        bearer_header(&token.value)
    }

    fn forget(&self, scope: &Scope) {
        let host = &self.0.settings.host;
        self.0
            .tokens
            .borrow_mut()
            .forget(host, self.credential(), scope);
    }

    /// What `GET /v2/` asks for, where a 401 said nothing.
    async fn challenges_of_ping(&self) -> Result<Vec<Challenge>> {
        let answer = self
            .to_registry(&ping::request(&self.0.root)?, None)
            .await?;
        Ok(challenge::parse(answer.response.headers()))
    }

    /// A token other than the `refused` one: what another request got meanwhile, or a new one.
    async fn token(
        &self,
        bearer: &Bearer,
        wanted: &str,
        scope: &Scope,
        refused: Option<&HeaderValue>,
    ) -> Result<HeaderValue> {
        let _turn = self.0.renewing.enter().await;
        if let Some(token) = self.cached(scope)
            && Some(&token) != refused
        {
            return Ok(token);
        }
        let settings = &self.0.settings;
        let realm = realm::trusted(&bearer.realm, &self.0.root, settings.profile.realms)
            .map_err(|error| error.at(&settings.host))?;
        let now = self.0.io.now();
        let answer = self
            .ask_token_server(&realm, bearer.service.as_deref(), wanted)
            .await
            .map_err(|error| self.at_token_server(error, &realm))?;
        if !answer.status().is_success() {
            return Err(self.at_token_server(self.token_refusal(&answer), &realm));
        }
        let token =
            token::read(answer.body(), now).map_err(|error| self.at_token_server(error, &realm))?;
        let header = bearer_header(&token.value)
            .ok_or_else(|| Error::new(Code::Internal, "a token that was read cannot be sent"))?;
        self.0
            .tokens
            .borrow_mut()
            .put(&settings.host, self.credential(), scope, token, now);
        Ok(header)
    }

    async fn ask_token_server(
        &self,
        realm: &Url,
        service: Option<&str>,
        scope: &str,
    ) -> Result<Response<Bytes>> {
        let limit = self.0.settings.limits.token;
        // not repeated here: the request that needs the token is
        let ask = async |request: Request<Bytes>| {
            let answer = self.exchange(request).await?.response;
            self.read(&Method::GET, answer, limit).await
        };
        if let Some(Credential::IdentityToken(identity)) = self.credential() {
            let answer = ask(token::post(realm, service, scope, identity)?).await?;
            // servers from before OAuth2
            if !matches!(answer.status().as_u16(), 404 | 405) {
                return Ok(answer);
            }
        }
        ask(token::get(realm, service, scope, self.credential())?).await
    }

    fn token_refusal(&self, answer: &Response<Bytes>) -> Error {
        let status = answer.status();
        let mut error = error_body::error(status, answer.headers(), answer.body());
        let code = match status.as_u16() {
            400 | 401 => Code::Unauthorized,
            // GHCR so answers an anonymous request for a private repository
            403 if self.credential().is_none() => Code::Unauthorized,
            _ => error.code(),
        };
        let found = error.found().replace("the registry", "the token server");
        let advice = match code {
            Code::Unauthorized => Some(self.advice_on_credential()),
            _ => error.advice().map(str::to_owned),
        };
        error = Error::new(code, found).with_status(status);
        if let Some(advice) = advice {
            error = error.next(advice);
        }
        match retry::retry_after(answer.headers(), self.0.io.now()) {
            Some(pause) => error.with_retry_after(pause),
            None => error,
        }
    }

    fn at_token_server(&self, error: Error, realm: &Url) -> Error {
        error
            .doing(format!("asking for a token for {}", self.0.settings.host))
            .at(realm.host_str().unwrap_or_default())
    }
}

fn bearer_header(token: &str) -> Option<HeaderValue> {
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
