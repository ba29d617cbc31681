//! Asking a token server, and keeping what it hands out.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use url::Url;

use super::{
    authenticate::bearer_header,
    exchange::{Asked, date},
    identity::Way,
    session::Session,
};
use crate::{
    api::error_body,
    auth::{
        Credential, Scope,
        challenge::Bearer,
        token::{self, Token},
    },
    error::{Code, Error, Result},
    io::Io,
    retry,
};

/// More scopes than a session has at once.
const MOST_WAYS: usize = 1000;

impl<I: Io> Session<I> {
    /// A token for the request that needs it, other than the `refused` one: what another request
    /// got meanwhile, or a new one.
    pub(super) async fn token(
        &self,
        needs: &Request<Bytes>,
        bearer: &Bearer,
        wanted: &Scope,
        who: Option<&Credential>,
        refused: Option<&HeaderValue>,
    ) -> Result<Token> {
        let identity = &self.0.identity;
        let failures = identity.refusals.count();
        let _turn = identity.renewing.enter().await;
        if let Some(token) = self.cached(who, wanted)
            && (refused.is_none() || bearer_header(&token.value).as_ref() != refused)
        {
            return Ok(token);
        }
        let what = format!(
            "{} {wanted}",
            who.map(Credential::fingerprint).unwrap_or_default()
        );
        if let Some(error) = identity.refusals.since(failures, &what) {
            return Err(error);
        }
        let token = self.new_token(needs, bearer, wanted, who).await;
        if let Err(error) = &token
            && error.code() != Code::Cancelled
        {
            identity.refusals.note(&what, error);
        }
        token
    }

    async fn new_token(
        &self,
        needs: &Request<Bytes>,
        bearer: &Bearer,
        wanted: &Scope,
        who: Option<&Credential>,
    ) -> Result<Token> {
        let realm = self.realm(bearer)?;
        let placed = |error| self.at_token_server(error, &realm);
        let asked_at = self.0.io.now();
        let answer = self
            .ask_token_server(needs, &realm, bearer.service.as_deref(), wanted, who)
            .await
            .map_err(placed)?;
        if !answer.status().is_success() {
            return Err(placed(self.token_refusal(&answer, who)));
        }
        let mut token =
            token::read(answer.body(), date(answer.headers()), asked_at).map_err(placed)?;
        let host = self.authority();
        let mut tokens = self.0.identity.tokens.borrow_mut();
        if let (Some(identity), Some(next)) = (who, token.refresh_token.take()) {
            tokens.rotate(host, identity, Some(next));
        }
        tokens.put(host, who, wanted, token.clone(), asked_at);
        Ok(token)
    }

    /// A token that is kept for this scope or more.
    pub(super) fn cached(&self, who: Option<&Credential>, scope: &Scope) -> Option<Token> {
        let tokens = self.0.identity.tokens.borrow();
        let now = self.0.io.now();
        tokens.get(self.authority(), who, scope, now).cloned()
    }

    /// Remembers which token served a scope, and how the next one is got.
    pub(super) fn served(
        &self,
        token: Token,
        bearer: &Bearer,
        wanted: Scope,
        scope: &Scope,
        who: Option<&Credential>,
    ) {
        let identity = &self.0.identity;
        if let Some(somebody) = who {
            self.works(somebody);
        }
        if !wanted.covers(scope) {
            let host = self.authority();
            let now = self.0.io.now();
            let mut tokens = identity.tokens.borrow_mut();
            tokens.put(host, who, scope, token, now);
        }
        let mut ways = identity.ways.borrow_mut();
        if ways.len() >= MOST_WAYS {
            ways.clear();
        }
        let way = Way {
            bearer: bearer.clone(),
            wanted,
            as_nobody: who.is_none(),
        };
        ways.insert(scope.as_str().to_owned(), way);
    }

    async fn ask_token_server(
        &self,
        needs: &Request<Bytes>,
        realm: &Url,
        service: Option<&str>,
        scope: &Scope,
        who: Option<&Credential>,
    ) -> Result<Response<Bytes>> {
        let identity = &self.0.identity;
        let Some(given @ Credential::IdentityToken(original)) = who else {
            return self
                .exchange_token(needs, token::get(realm, service, scope, who)?)
                .await;
        };
        let host = self.authority();
        let rotated = identity
            .tokens
            .borrow()
            .rotated(host, given)
            .map(str::to_owned);
        for current in rotated.iter().chain([original]) {
            if !identity.gets_only.get() {
                let request = token::post(realm, service, scope, current)?;
                let answer = self.exchange_token(needs, request).await?;
                match answer.status().as_u16() {
                    // servers from before OAuth2
                    404 | 405 => identity.gets_only.set(true),
                    400 | 401 if current != original => {
                        identity.tokens.borrow_mut().rotate(host, given, None);
                        continue;
                    }
                    _ => return Ok(answer),
                }
            }
            let current = Credential::IdentityToken(current.clone());
            let request = token::get(realm, service, scope, Some(&current))?;
            return self.exchange_token(needs, request).await;
        }
        Err(Error::new(Code::Internal, "no identity token to ask with"))
    }

    /// Not repeated here, and within the time of the request that needs the token, which is.
    async fn exchange_token(
        &self,
        needs: &Request<Bytes>,
        mut request: Request<Bytes>,
    ) -> Result<Response<Bytes>> {
        *request.extensions_mut() = needs.extensions().clone();
        let arrived = self.exchange(request).await?;
        if arrived.elsewhere {
            let found = "the token server redirects to another host; that was not followed";
            return Err(Error::new(Code::UpstreamError, found)
                .next("check the registry's token settings: the realm has to be the token server's own address"));
        }
        let limit = self.0.settings.limits.token;
        self.read(&Method::GET, arrived.response, limit).await
    }

    fn token_refusal(&self, answer: &Response<Bytes>, who: Option<&Credential>) -> Error {
        let status = answer.status();
        let mut error = error_body::error(status, answer.headers(), answer.body());
        let code = match status.as_u16() {
            400 | 401 => Code::Unauthorized,
            // GHCR so answers an anonymous request for a private repository
            403 if who.is_none() => Code::Unauthorized,
            _ => error.code(),
        };
        let found = error.found().replace("the registry", "the token server");
        let advice = match code {
            Code::Unauthorized => Some(self.advice_on_credential()),
            _ => error.advice().map(str::to_owned),
        };
        error = Error::new(code, found).with_status(status);
        if let Some(asked) = answer.extensions().get::<Asked>() {
            error = asked.named_in(error);
        }
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
            .doing(format!("asking for a token for {}", self.authority()))
            .at(realm.host_str().unwrap_or_default())
    }
}
