use std::fmt;

use bytes::Bytes;
use http::{Request, Response};

use super::{Client, session::Session};
use crate::{
    api::ping,
    auth::{Credential, Scope, challenge::Challenge, token::Token},
    error::{Code, Error, Result},
    io::Io,
    timestamp::Timestamp,
};

/// A registry's bearer token, for another program. [`Debug`] does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessToken {
    /// What goes behind `Authorization: Bearer`.
    pub value: String,
    /// When it ends; `None` for a token that is the credential itself.
    pub expires: Option<Timestamp>,
    /// What it says that it grants, where it is a JSON Web Token that says so. Shown, and not
    /// verified: only the registry can.
    pub granted: Option<Scope>,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let granted = self.granted.as_ref().map(Scope::as_str);
        write!(formatter, "AccessToken(.., granted: {granted:?})")
    }
}

impl<I: Io> Client<I> {
    /// A token for this scope, as the registry's token server gives it to whom the credential
    /// names; without a credential, to nobody. A token server grants what it pleases of what it is
    /// asked for: see [`AccessToken::granted`].
    ///
    /// One that is kept and still good is given again; else it takes a ping and a request to the
    /// token server.
    ///
    /// # Errors
    ///
    /// `unsupported` where the registry uses no tokens, `unauthorized` where its token server
    /// refuses the credential or must not see it.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::{auth::Scope, client::Client, error::Result, io::Io};
    ///
    /// async fn header<I: Io>(client: &Client<I>) -> Result<String> {
    ///     let token = client.token(&Scope::pull("acme/web")).await?;
    ///     Ok(format!("Authorization: Bearer {}", token.value))
    /// }
    /// ```
    pub async fn token(&self, scope: &Scope) -> Result<AccessToken> {
        let doing = || "asking for a token".to_owned();
        let first = ping::request(self.session.root())?;
        let attempt = async |request: &_| {
            let handed_out = self.session.hand_out(request, scope).await;
            handed_out.map(Response::new)
        };
        let answer = self.session.persist(first, attempt).await;
        answer
            .map(Response::into_body)
            .map_err(|error| self.placed(error, doing))
    }
}

impl<I: Io> Session<I> {
    async fn hand_out(&self, ping: &Request<Bytes>, scope: &Scope) -> Result<AccessToken> {
        let somebody = self.somebody(scope).await?;
        if let Some(Credential::RegistryToken(value)) = somebody {
            let granted = Token::new(value.clone(), self.0.io.now()).granted();
            return Ok(AccessToken {
                value,
                expires: None,
                granted,
            });
        }
        let token = if let Some(token) = self.cached(somebody.as_ref(), scope) {
            token
        } else {
            let challenges = self.challenges_of(ping).await?;
            let Some(Challenge::Bearer(bearer)) = self.meetable(challenges)? else {
                let found = "the registry names no token server";
                return Err(Error::new(Code::Unsupported, found).next(
                    "it is read without a token, or with user name and password: see `docker login`",
                ));
            };
            self.token(ping, &bearer, scope, somebody.as_ref(), None)
                .await?
        };
        Ok(AccessToken {
            granted: token.granted(),
            expires: Some(token.expires),
            value: token.value,
        })
    }
}
