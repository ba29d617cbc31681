//! Sessions and clients for the configured upstreams, with the Worker's secrets.

use std::cell::RefCell;

use worker::Env;

use super::environment;
use crate::{
    auth::{self, TokenCache},
    client::{Client, Session, Settings},
    configuration::{Credential, Purpose, Upstream},
    error::{Code, Error, Result},
    web::FetchIo,
};

thread_local! {
    /// Tokens with their expiry: plain data, which may outlive a request.
    static TOKENS: RefCell<TokenCache> = RefCell::new(TokenCache::default());
}

/// How to talk to an upstream for this purpose.
///
/// # Errors
///
/// - `unsupported` where a part of the upstream's configuration is not carried out, and for
///   docker's own configuration, which is on a command line only.
/// - `denied` where the configuration has no credential for the purpose.
/// - `invalid_configuration` where a secret that it names is not set.
pub(super) fn settings(env: &Env, upstream: &Upstream, purpose: Purpose) -> Result<Settings> {
    let credential = match purpose {
        Purpose::Delete => Some(upstream.delete_credential()?),
        _ => upstream.credential(purpose)?,
    };
    let mut settings = Settings::new(&upstream.host);
    settings.credential = match credential {
        None | Some(Credential::Anonymous) => None,
        Some(Credential::Password { username, password }) => Some(auth::Credential::basic(
            secret(env, upstream, username)?,
            secret(env, upstream, password)?,
        )),
        Some(_) => {
            let found = "docker's own configuration is read on a command line only";
            return Err(Error::new(Code::Unsupported, found)
                .with_path(format!("$.upstreams.{}", upstream.name))
                .next("name two secrets of the Worker, or write \"anonymous\""));
        }
    };
    settings.tokens = TOKENS.with_borrow(TokenCache::clone);
    Ok(settings)
}

/// A session for reading.
pub(super) fn session(env: &Env, upstream: &Upstream) -> Result<Session<FetchIo>> {
    let mut settings = settings(env, upstream, Purpose::Read)?;
    // the client behind the proxy repeats by its own rules; one attempt more covers a hiccup
    settings.limits.attempts = 2;
    settings.limits.deadline = std::time::Duration::from_secs(30);
    Session::new(FetchIo::new(), settings)
}

/// A client for this purpose.
pub(super) fn client(env: &Env, upstream: &Upstream, purpose: Purpose) -> Result<Client<FetchIo>> {
    Client::new(FetchIo::new(), settings(env, upstream, purpose)?)
}

/// Keeps the tokens of a session or client for the next one.
pub(super) fn keep(tokens: TokenCache) {
    TOKENS.with_borrow_mut(|held| held.merge(tokens));
}

fn secret(env: &Env, upstream: &Upstream, name: &str) -> Result<String> {
    environment::variable(env, name).ok_or_else(|| {
        let found = format!("the secret {name} is not set");
        Error::new(Code::InvalidConfiguration, found)
            .with_path(format!("$.upstreams.{}", upstream.name))
            .next(format!("run `npx wrangler secret put {name}`"))
    })
}
