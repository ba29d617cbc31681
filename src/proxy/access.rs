//! Who asks, and whether they may.
//!
//! A client shows a token as the password of Basic authentication, under any user name, because
//! that is what `docker login` can do; or as a Bearer token. Where a client needs none, its address
//! is what counts. Only the tokens' SHA-256 are known here.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::{
    configuration::{Action, ClientAccess},
    error::{Code, Error, Result},
};

/// Who asks: the clients of the configuration that this request is one of.
#[derive(Debug, Clone)]
pub struct Caller<'a> {
    clients: Vec<&'a ClientAccess>,
    by_token: bool,
}

/// Finds out who asks.
///
/// `address` is the client's own; `None` where it is not known, which is nobody's network.
///
/// # Errors
///
/// - `denied` where no client is configured: nothing is served.
/// - `unauthorized` for a wrong token, and for none from an address that needs one.
/// - `unsupported` where a client is configured in a way that is not carried out.
pub fn identify<'a>(
    clients: &'a [ClientAccess],
    authorization: Option<&HeaderValue>,
    address: Option<IpAddr>,
) -> Result<Caller<'a>> {
    if clients.is_empty() {
        return Err(Error::new(
            Code::Denied,
            "no clients are configured, so nothing is served",
        )
        .next(
            "add one under `clients` of portreeve.json; `portreeve token create` makes its token",
        ));
    }
    let token = match authorization {
        Some(value) => token(value)?,
        None => None,
    };
    let by_token = token.is_some();
    let found: Vec<&ClientAccess> = match &token {
        Some(token) => {
            let shown: [u8; 32] = Sha256::digest(token.as_bytes()).into();
            clients
                .iter()
                .filter(|client| holds(client, &shown))
                .collect()
        }
        None => clients
            .iter()
            .filter(|client| {
                let networks = &client.anonymous_from;
                address.is_some_and(|from| networks.iter().any(|network| network.contains(from)))
            })
            .collect(),
    };
    if found.is_empty() {
        // it may be one of those that would have to be recognised another way
        for client in clients {
            client.ensure_supported()?;
        }
        return Err(if by_token {
            Error::new(Code::Unauthorized, "the token is not that of any client")
                .next("log in again with a token that `portreeve token create` made")
        } else {
            Error::new(Code::Unauthorized, "a token is needed from this address")
                .next("log in with a client's token as the password")
        });
    }
    for client in &found {
        client.ensure_supported()?;
    }
    Ok(Caller {
        clients: found,
        by_token,
    })
}

impl Caller<'_> {
    /// Whether it showed a token.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.by_token
    }

    /// Whether it may do `action` with the repository at `path` of `upstream`.
    #[must_use]
    pub fn allows(&self, action: Action, upstream: &str, path: &str) -> bool {
        self.clients
            .iter()
            .any(|client| client.allows(action, upstream, path))
    }

    /// Whether it may do `action` with any repository at all.
    #[must_use]
    pub fn holds(&self, action: Action) -> bool {
        let grants = self.clients.iter().flat_map(|client| &client.grants);
        grants
            .into_iter()
            .any(|grant| grant.actions.contains(&action))
    }

    /// Whether it may do `action` with any repository of `upstream`.
    #[must_use]
    pub fn holds_on(&self, action: Action, upstream: &str) -> bool {
        let grants = self.clients.iter().flat_map(|client| &client.grants);
        let mut grants = grants.filter(|grant| grant.actions.contains(&action));
        grants.any(|grant| {
            let mut patterns = grant.repositories.iter();
            patterns.any(|pattern| pattern.upstream == upstream)
        })
    }

    /// Refuses what it may not do.
    ///
    /// # Errors
    ///
    /// `denied`; `unauthorized` without a token, since one might do.
    pub fn ensure(&self, action: Action, upstream: &str, path: &str) -> Result<()> {
        if self.allows(action, upstream, path) {
            return Ok(());
        }
        let what = format!("`{}` on {upstream}/{path}", action.as_str());
        Err(if self.by_token {
            Error::new(Code::Denied, format!("the client is not granted {what}"))
                .next("grant it under `clients` of portreeve.json")
        } else {
            Error::new(
                Code::Unauthorized,
                format!("anonymous clients are not granted {what}"),
            )
            .next("log in with a client's token as the password")
        })
    }
}

/// The token in an `Authorization` header; `None` for the empty user name and password that skopeo
/// sends when it has neither.
fn token(authorization: &HeaderValue) -> Result<Option<String>> {
    let malformed = || {
        Error::new(Code::Unauthorized, "the Authorization header is malformed")
            .next("send Basic with a client's token as the password, or Bearer with the token")
    };
    let text = authorization.to_str().map_err(|_| malformed())?;
    let (scheme, value) = text.trim().split_once(' ').ok_or_else(malformed)?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(value.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let decoded = STANDARD.decode(value).map_err(|_| malformed())?;
    let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (user, password) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok((!user.is_empty() || !password.is_empty()).then(|| password.to_owned()))
}

/// Whether one of the client's hashes is `shown`. Every byte of every hash is looked at, so that
/// the time it takes tells nothing.
fn holds(client: &ClientAccess, shown: &[u8; 32]) -> bool {
    client.token_sha256.iter().fold(false, |found, hash| {
        let difference = hash
            .iter()
            .zip(shown)
            .fold(0, |difference, (left, right)| difference | (left ^ right));
        found | (std::hint::black_box(difference) == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Configuration;

    const TOKEN: &str = "correct horse";

    fn configuration() -> Configuration {
        let hash = crate::oci::Digest::of(TOKEN.as_bytes()).hex();
        let text = format!(
            r#"{{ "version": 1,
                "upstreams": {{ "demo": {{ "host": "127.0.0.1:5555", "credential": "anonymous" }} }},
                "clients": {{
                    "ci": {{ "tokenSha256": ["{hash}"],
                             "grants": [{{ "actions": ["pull", "plan"], "repositories": ["demo/**"] }}] }},
                    "near": {{ "anonymousFrom": ["127.0.0.0/8"],
                               "grants": [{{ "actions": ["pull"], "repositories": ["demo/shop/*"] }}] }} }} }}"#
        );
        Configuration::parse(&text).unwrap()
    }

    fn basic(user: &str, password: &str) -> HeaderValue {
        let encoded = STANDARD.encode(format!("{user}:{password}"));
        HeaderValue::try_from(format!("Basic {encoded}")).unwrap()
    }

    fn ask(
        authorization: Option<&HeaderValue>,
        address: &str,
        action: Action,
        path: &str,
    ) -> Result<(), Code> {
        let configuration = configuration();
        let address = address.parse().ok();
        identify(configuration.clients(), authorization, address)
            .and_then(|caller| caller.ensure(action, "demo", path))
            .map_err(|error| error.code())
    }

    #[test]
    fn the_access_matrix() {
        let right = basic("anyone", TOKEN);
        let wrong = basic("ci", "battery staple");
        let empty = basic("", "");
        let bearer = HeaderValue::try_from(format!("bearer {TOKEN}")).unwrap();
        let near = "127.0.0.1";
        let far = "203.0.113.9";
        for (row, authorization, address, action, path, expected) in [
            ("token", Some(&right), far, Action::Pull, "other/x", Ok(())),
            (
                "bearer",
                Some(&bearer),
                far,
                Action::Plan,
                "shop/web",
                Ok(()),
            ),
            (
                "no grant",
                Some(&right),
                far,
                Action::Apply,
                "shop/web",
                Err(Code::Denied),
            ),
            (
                "wrong",
                Some(&wrong),
                near,
                Action::Pull,
                "shop/web",
                Err(Code::Unauthorized),
            ),
            ("near", None, near, Action::Pull, "shop/web", Ok(())),
            (
                "skopeo",
                Some(&empty),
                near,
                Action::Pull,
                "shop/web",
                Ok(()),
            ),
            (
                "skopeo far",
                Some(&empty),
                far,
                Action::Pull,
                "shop/web",
                Err(Code::Unauthorized),
            ),
            (
                "near, else",
                None,
                near,
                Action::Pull,
                "other/x",
                Err(Code::Unauthorized),
            ),
            (
                "near, more",
                None,
                near,
                Action::Plan,
                "shop/web",
                Err(Code::Unauthorized),
            ),
            (
                "far",
                None,
                far,
                Action::Pull,
                "shop/web",
                Err(Code::Unauthorized),
            ),
            (
                "nowhere",
                None,
                "",
                Action::Pull,
                "shop/web",
                Err(Code::Unauthorized),
            ),
        ] {
            assert_eq!(ask(authorization, address, action, path), expected, "{row}");
        }
    }

    #[test]
    fn without_clients_nothing_is_served() {
        let error = identify(&[], None, "127.0.0.1".parse().ok()).unwrap_err();
        assert_eq!(error.code(), Code::Denied);
        assert!(error.to_string().contains("no clients are configured"));
    }

    #[test]
    fn a_malformed_header_is_not_an_anonymous_client() {
        for value in [
            "Basic",
            "Basic !",
            "Basic bm9jb2xvbg==",
            "Digest x",
            "Negotiate",
        ] {
            assert_eq!(
                ask(
                    Some(&HeaderValue::from_static(value)),
                    "127.0.0.1",
                    Action::Pull,
                    "shop/web"
                ),
                Err(Code::Unauthorized),
                "{value}"
            );
        }
    }

    #[test]
    fn an_unknown_token_is_unsupported_where_clients_are_known_in_ways_not_carried_out() {
        let configuration = Configuration::parse(
            r#"{ "version": 1,
                "upstreams": { "demo": { "host": "127.0.0.1:5555", "credential": "anonymous" } },
                "clients": { "actions": {
                    "oidc": { "issuer": "https://token.example", "audience": "x", "claims": {} },
                    "grants": [{ "actions": ["pull"], "repositories": ["demo/shop/*"] }] } } }"#,
        )
        .unwrap();
        let shown = HeaderValue::from_static("Bearer eyJ");
        let error = identify(configuration.clients(), Some(&shown), None).unwrap_err();
        assert_eq!(error.code(), Code::Unsupported);
        assert!(
            error.to_string().contains("$.clients.actions.oidc"),
            "{error}"
        );
    }
}
