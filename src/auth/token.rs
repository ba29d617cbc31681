//! Asking a token server, and reading what it answers.
//!
//! Source: docker's "Token Authentication Specification" (GET), "Oauth2 Token Authentication"
//! (POST) and "Token Authentication Implementation" (what stands in a token). Pure;
//! `client::session` sends.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded::Serializer};

use super::{Credential, Scope, sensitive};
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
    /// When it ends, by our own clock.
    pub expires: Timestamp,
    /// What the token server gave in the place of the identity token that it was asked with.
    #[serde(skip)]
    pub refresh_token: Option<String>,
}

impl Token {
    pub(crate) fn new(value: String, expires: Timestamp) -> Self {
        Self {
            value,
            expires,
            refresh_token: None,
        }
    }

    /// Whether it can be sent at `now`: it has to live until the registry has read it.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        now.plus(MARGIN) < self.expires
    }

    /// What the token says that it grants, where it is a JSON Web Token that says so. Its
    /// signature is not verified: this is for people to read, and decides nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::{auth::token, timestamp::Timestamp};
    ///
    /// // {"access":[{"type":"repository","name":"a","actions":["pull"]}]}
    /// let jwt = "e30.eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEiLCJhY3Rpb25zIjpbInB1bGwiXX1dfQ.x";
    /// let body = format!(r#"{{"token":"{jwt}"}}"#);
    /// let token = token::read(body.as_bytes(), None, Timestamp::from_seconds(0))?;
    /// assert_eq!(token.granted().unwrap().as_str(), "repository:a:pull");
    /// # Ok::<(), portreeve::error::Error>(())
    /// ```
    #[must_use]
    pub fn granted(&self) -> Option<Scope> {
        let mut parts = self.value.split('.');
        let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        let texts = claims.access?.into_iter().filter_map(|access| {
            // no grant at all is how a token server refuses an action
            let actions = access.actions.filter(|actions| !actions.is_empty())?;
            Some(format!(
                "{}:{}:{}",
                access.kind,
                access.name,
                actions.join(",")
            ))
        });
        Some(Scope::parse(&texts.collect::<Vec<_>>().join(" ")))
    }
}

#[derive(Deserialize)]
struct Claims {
    access: Option<Vec<Access>>,
}

#[derive(Deserialize)]
struct Access {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    actions: Option<Vec<String>>,
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
    scope: &Scope,
    credential: Option<&Credential>,
) -> Result<Request<Bytes>> {
    let mut url = realm.clone();
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        for scope in scope.parts() {
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
    scope: &Scope,
    identity_token: &str,
) -> Result<Request<Bytes>> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token");
    form.append_pair("client_id", "portreeve");
    form.append_pair("refresh_token", identity_token);
    if let Some(service) = service {
        form.append_pair("service", service);
    }
    if *scope != Scope::none() {
        form.append_pair("scope", scope.as_str());
    }
    Request::post(realm.as_str())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form.finish()))
        .map_err(unsendable)
}

/// Reads a token server's answer of 200; `date` is that answer's `Date`, and `asked_at` our clock
/// before the request.
///
/// A life below 60 seconds counts as 60 (the specification's floor for old clients), one above a
/// day as a day. It is counted from our own clock: `issued_at` is zero on some servers and skewed
/// on others. Only where the same server's `Date` shows that it hands out a token from a while ago
/// is its life as much shorter.
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
/// let now = Timestamp::from_seconds(0);
/// let token = token::read(br#"{"access_token":"abc","expires_in":300}"#, None, now)?;
/// assert_eq!((token.value.as_str(), token.expires.seconds()), ("abc", 300));
/// # Ok::<(), portreeve::error::Error>(())
/// ```
pub fn read(body: &[u8], date: Option<Timestamp>, asked_at: Timestamp) -> Result<Token> {
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
    let life = life(answer.expires_in.as_ref());
    let age = match (date, answer.issued_at.as_ref().and_then(Value::as_str)) {
        (Some(date), Some(issued)) => issued
            .parse()
            .map_or(Duration::ZERO, |issued| date.since(issued)),
        _ => Duration::ZERO,
    };
    Ok(Token {
        value,
        // an age above its life is a clock that cannot be believed
        expires: asked_at.plus(life.checked_sub(age).unwrap_or(life)),
        refresh_token: answer.refresh_token.filter(|token| !token.is_empty()),
    })
}

/// `expires_in`, within what can be believed.
fn life(expires_in: Option<&Value>) -> Duration {
    let seconds = match expires_in {
        Some(Value::Number(seconds)) => seconds.as_f64(),
        Some(Value::String(seconds)) => seconds.trim().parse().ok(),
        _ => None,
    };
    let believable = seconds.map(|seconds: f64| seconds.clamp(0.0, LONGEST_LIFE.as_secs_f64()));
    believable
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or_default()
        .max(SHORTEST_LIFE)
}

const SHORTEST_LIFE: Duration = Duration::from_mins(1);
const LONGEST_LIFE: Duration = Duration::from_hours(24);
const MARGIN: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    // what cannot be read is short, not an error: the 401 that follows asks again
    expires_in: Option<Value>,
    issued_at: Option<Value>,
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
    const DAY: u64 = 24 * 3600;

    fn realm() -> Url {
        "https://auth.example/token?tenant=7".parse().unwrap()
    }

    #[test]
    fn every_scope_is_a_parameter_of_its_own() {
        let request = get(
            &realm(),
            Some("reg istry"),
            &Scope::pull("a").and(&Scope::push("b")),
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
            get(&bare, None, &Scope::none(), None).unwrap().uri(),
            "https://auth.example/token"
        );
    }

    #[test]
    fn the_password_goes_into_the_header_only() {
        let credential = Credential::basic("user", "pass");
        let request = get(&realm(), None, &Scope::none(), Some(&credential)).unwrap();
        assert_eq!(
            request.headers()[header::AUTHORIZATION],
            "Basic dXNlcjpwYXNz"
        );
        assert!(!request.uri().to_string().contains("pass"));
    }

    #[test]
    fn an_identity_token_is_posted() {
        let request = post(&realm(), Some("s"), &Scope::pull("a"), "re fresh").unwrap();
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
            (
                "a fraction",
                r#"{"token":"a","expires_in":299.5}"#,
                "a",
                299,
            ),
            ("an age", r#"{"token":"a","expires_in":1e300}"#, "a", DAY),
            (
                "all bits",
                r#"{"token":"a","expires_in":18446744073709551615}"#,
                "a",
                DAY,
            ),
            ("no number", r#"{"token":"a","expires_in":"NaN"}"#, "a", 60),
            ("a list", r#"{"token":"a","expires_in":[300]}"#, "a", 60),
            ("a text", r#"{"token":"a","expires_in":"300"}"#, "a", 300),
            (
                "zero time",
                r#"{"token":"a","expires_in":100,"issued_at":"0001-01-01T00:00:00Z"}"#,
                "a",
                100,
            ),
            ("null", r#"{"token":"a","expires_in":null}"#, "a", 60),
        ] {
            let token = read(body.as_bytes(), None, NOW).unwrap();
            assert_eq!(token.value, value, "{row}");
            assert_eq!(token.expires.since(NOW).as_secs(), life, "{row}");
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
            let error = read(body.as_bytes(), None, NOW).unwrap_err();
            assert_eq!(error.code(), Code::UpstreamError, "{body}");
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn a_token_never_shows() {
        let body = br#"{"token":"SECRET","refresh_token":"SECRET"}"#;
        let token = read(body, None, NOW).unwrap();
        assert!(!format!("{token:?} {token:#?}").contains("SECRET"));
        // a refresh token outlives its token by far, and is kept elsewhere
        assert_eq!(
            serde_json::to_string(&token)
                .unwrap()
                .matches("SECRET")
                .count(),
            1
        );
    }

    #[test]
    fn a_token_that_is_handed_out_again_is_as_much_older() {
        let date = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (noon, later) = (date("2026-01-01T12:00:00Z"), date("2026-01-01T12:04:00Z"));
        for (row, issued_at, date, life) in [
            ("fresh", r#""2026-01-01T12:00:00Z""#, noon, 300),
            ("four minutes old", r#""2026-01-01T12:00:00Z""#, later, 60),
            ("with fractions", r#""2026-01-01T12:00:00.5Z""#, later, 60),
            ("no clock beside it", r#""2026-01-01T12:00:00Z""#, None, 300),
            ("from the future", r#""2026-01-01T13:00:00Z""#, noon, 300),
            ("from years ago", r#""2016-01-01T12:00:00Z""#, noon, 300),
            ("zero", r#""0001-01-01T00:00:00Z""#, noon, 300),
            ("no time", r#""now""#, noon, 300),
            ("null", "null", noon, 300),
            ("a number", "1767268800", noon, 300),
        ] {
            let body = format!(r#"{{"token":"a","expires_in":300,"issued_at":{issued_at}}}"#);
            let token = read(body.as_bytes(), date, NOW).unwrap();
            assert_eq!(token.expires.since(NOW).as_secs(), life, "{row}");
        }
    }

    #[test]
    fn a_token_is_not_sent_in_its_last_seconds() {
        let token = read(br#"{"token":"a"}"#, None, NOW).unwrap();
        assert!(token.is_good(NOW.plus(Duration::from_secs(49))));
        assert!(!token.is_good(NOW.plus(Duration::from_secs(50))));
    }

    #[test]
    fn what_a_token_grants_is_shown_where_it_says_so() {
        let granted = |claims: &str| {
            let value = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
            let token = Token {
                value,
                expires: NOW,
                refresh_token: None,
            };
            token.granted().map(|scope| scope.as_str().to_owned())
        };
        for (row, claims, expected) in [
            (
                "two",
                r#"{"access":[{"type":"repository","name":"a","actions":["pull","push"]},{"type":"registry","name":"catalog","actions":["*"]}]}"#,
                Some("repository:a:pull,push registry:catalog:*"),
            ),
            (
                "refused, as docker.io does",
                r#"{"access":[{"type":"repository","name":"a","actions":[]}]}"#,
                Some(""),
            ),
            (
                "refused, as others do",
                r#"{"access":[{"type":"repository","name":"a","actions":null}]}"#,
                Some(""),
            ),
            ("nothing", r#"{"access":[]}"#, Some("")),
            ("null", r#"{"access":null}"#, None),
            ("another issuer's", r#"{"sub":"x"}"#, None),
            ("no JSON", "x", None),
        ] {
            assert_eq!(granted(claims).as_deref(), expected, "{row}");
        }
        let opaque = read(br#"{"token":"djE6b3BhcXVl"}"#, None, NOW).unwrap();
        assert!(opaque.granted().is_none());
    }
}
