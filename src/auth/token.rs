//! Asking a token server, and reading what it answers.
//!
//! Source: docker's "Token Authentication Specification" (GET) and "Oauth2 Token Authentication"
//! (POST). Pure; `client::session` sends.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded::Serializer};

use super::credential::{Credential, sensitive};
use crate::{
    error::{Code, Error, Result},
    timestamp::Timestamp,
};

/// A token and its last second. [`Debug`] does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Token {
    /// What goes behind `Bearer`.
    pub value: String,
    /// When it must not be sent any more.
    pub expires: Timestamp,
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Token(.., until {})", self.expires)
    }
}

/// The GET request for a token, with the password if there is one.
///
/// An identity token is sent as a password here: this is the way for servers without POST.
pub fn get(
    realm: &Url,
    service: Option<&str>,
    scope: &str,
    credential: Option<&Credential>,
) -> Result<Request<Bytes>> {
    let mut url = realm.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        for scope in scope.split_ascii_whitespace() {
            query.append_pair("scope", scope);
        }
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    let mut request = Request::get(url.as_str());
    let as_password = match credential {
        Some(Credential::IdentityToken(token)) => Some(Credential::basic("<token>", token)),
        other => other.cloned(),
    };
    if let Some(value) = as_password.and_then(|credential| credential.basic_header()) {
        request = request.header(header::AUTHORIZATION, value);
    }
    request.body(Bytes::new()).map_err(unsendable)
}

/// The POST request that trades an identity token for an access token.
pub fn post(
    realm: &Url,
    service: Option<&str>,
    scope: &str,
    identity_token: &str,
) -> Result<Request<Bytes>> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token");
    form.append_pair("client_id", "portreeve");
    form.append_pair("refresh_token", identity_token);
    if let Some(service) = service {
        form.append_pair("service", service);
    }
    if !scope.is_empty() {
        form.append_pair("scope", scope);
    }
    Request::post(realm.as_str())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form.finish()))
        .map_err(unsendable)
}

/// Reads a token server's answer of 200; `asked_at` is our clock before the request.
///
/// A life below 60 seconds counts as 60 (the specification's floor for old clients), and ours is
/// counted from our own clock: `issued_at` is zero on some servers and skewed on others.
///
/// # Errors
///
/// `upstream_error` where it holds no token.
///
/// # Examples
///
/// ```
/// use portreeve::{auth::token, timestamp::Timestamp};
///
/// let token = token::read(br#"{"access_token":"abc","expires_in":300}"#, Timestamp::from_seconds(0))?;
/// assert_eq!((token.value.as_str(), token.expires.seconds()), ("abc", 290));
/// # Ok::<(), portreeve::error::Error>(())
/// ```
pub fn read(body: &[u8], asked_at: Timestamp) -> Result<Token> {
    // whatever serde would say could quote the token
    let answer: Answer = serde_json::from_slice(body).map_err(|_| {
        Error::new(
            Code::UpstreamError,
            "the token server's answer is not a token document",
        )
    })?;
    let value = [answer.token, answer.access_token]
        .into_iter()
        .flatten()
        .find(|token| !token.is_empty() && sensitive(token).is_some())
        .ok_or_else(|| {
            Error::new(
                Code::UpstreamError,
                "the token server's answer holds no token",
            )
        })?;
    let life = match &answer.expires_in {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        Some(Value::String(seconds)) => seconds.parse().ok(),
        _ => None,
    };
    let life = life.unwrap_or(0).max(SHORTEST_LIFE);
    Ok(Token {
        value,
        expires: asked_at.plus(Duration::from_secs(life - MARGIN)),
    })
}

const SHORTEST_LIFE: u64 = 60;
/// A token is not sent in its last seconds: it has to live until the registry has read it.
const MARGIN: u64 = 10;

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    // what cannot be read is short, not an error: the 401 that follows asks again
    expires_in: Option<Value>,
}

fn unsendable(_: http::Error) -> Error {
    Error::new(
        Code::UpstreamError,
        "the registry names a token server that cannot be asked",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    fn realm() -> Url {
        "https://auth.example/token?tenant=7".parse().unwrap()
    }

    #[test]
    fn every_scope_is_a_parameter_of_its_own() {
        let request = get(
            &realm(),
            Some("reg istry"),
            "repository:a:pull repository:b:pull,push",
            None,
        )
        .unwrap();
        assert_eq!(
            request.uri(),
            "https://auth.example/token?tenant=7&service=reg+istry&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull%2Cpush"
        );
        assert!(request.headers().get(header::AUTHORIZATION).is_none());
    }

    #[test]
    fn a_ping_asks_for_a_token_without_scope() {
        let bare: Url = "https://auth.example/token".parse().unwrap();
        assert_eq!(
            get(&bare, None, "", None).unwrap().uri(),
            "https://auth.example/token"
        );
    }

    #[test]
    fn the_password_goes_into_the_header_only() {
        let credential = Credential::basic("user", "pass");
        let request = get(&realm(), None, "", Some(&credential)).unwrap();
        assert_eq!(
            request.headers()[header::AUTHORIZATION],
            "Basic dXNlcjpwYXNz"
        );
        assert!(!request.uri().to_string().contains("pass"));
    }

    #[test]
    fn an_identity_token_is_posted() {
        let request = post(&realm(), Some("s"), "repository:a:pull", "re fresh").unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(
            request.body(),
            "grant_type=refresh_token&client_id=portreeve&refresh_token=re+fresh&service=s&scope=repository%3Aa%3Apull"
        );
    }

    #[test]
    fn an_answer_is_read_however_it_is_put() {
        for (row, body, value, life) in [
            (
                "docker",
                r#"{"token":"a","expires_in":300,"issued_at":"2026-01-01T00:00:00Z"}"#,
                "a",
                300,
            ),
            (
                "oauth2",
                r#"{"access_token":"b","expires_in":3600}"#,
                "b",
                3600,
            ),
            ("both", r#"{"token":"a","access_token":"b"}"#, "a", 60),
            (
                "an empty first",
                r#"{"token":"","access_token":"b"}"#,
                "b",
                60,
            ),
            ("a short life", r#"{"token":"a","expires_in":5}"#, "a", 60),
            (
                "a negative life",
                r#"{"token":"a","expires_in":-5}"#,
                "a",
                60,
            ),
            ("a fraction", r#"{"token":"a","expires_in":299.5}"#, "a", 60),
            ("a text", r#"{"token":"a","expires_in":"300"}"#, "a", 300),
            (
                "zero time",
                r#"{"token":"a","expires_in":100,"issued_at":"0001-01-01T00:00:00Z"}"#,
                "a",
                100,
            ),
            ("null", r#"{"token":"a","expires_in":null}"#, "a", 60),
        ] {
            let token = read(body.as_bytes(), NOW).unwrap();
            assert_eq!(token.value, value, "{row}");
            assert_eq!(token.expires.since(NOW).as_secs(), life - MARGIN, "{row}");
        }
    }

    #[test]
    fn an_answer_without_a_token_is_an_error_that_quotes_nothing() {
        for body in [
            r#"{"token":"SECRET\n"}"#,
            r#"{"tok":"SECRET"}"#,
            r#"["SECRET"]"#,
            "<html>SECRET",
        ] {
            let error = read(body.as_bytes(), NOW).unwrap_err();
            assert_eq!(error.code(), Code::UpstreamError, "{body}");
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn a_token_never_shows() {
        let token = read(br#"{"token":"SECRET"}"#, NOW).unwrap();
        assert!(!format!("{token:?}").contains("SECRET"));
    }
}
