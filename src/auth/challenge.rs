//! `WWW-Authenticate`: what a registry asks for before it answers.
//!
//! Source: RFC 9110 section 11.6.1, and docker's "Token Authentication Specification". Registries
//! send several headers, several challenges in one header (Gitea), values without quotes, and now
//! and then a header that breaks off: what parsed before the break is kept.

use crate::sorted;
use http::{HeaderMap, header};

/// One way in that a registry offers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Challenge {
    /// Ask the token server at `realm` for a token.
    Bearer(Bearer),
    /// Send user name and password with the request.
    Basic,
}

/// The parameters of a `Bearer` challenge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Bearer {
    /// The token server's address, possibly relative to the request.
    pub realm: String,
    /// The name by which the token server knows the registry.
    pub service: Option<String>,
    /// The scopes that the request would have needed, separated by spaces.
    pub scope: Option<String>,
    /// Why a token that was sent is not enough, such as `insufficient_scope`.
    pub error: Option<String>,
}

/// The challenges of an answer that this crate can meet, `Bearer` before `Basic`.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, header};
/// use portreeve::auth::challenge::{self, Challenge};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(
///     header::WWW_AUTHENTICATE,
///     r#"Basic realm="x", Bearer realm="https://auth.example/token",service="registry""#.parse()?,
/// );
/// let Challenge::Bearer(bearer) = &challenge::parse(&headers)[0] else { unreachable!() };
/// assert_eq!(bearer.realm, "https://auth.example/token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn parse(headers: &HeaderMap) -> Vec<Challenge> {
    let mut challenges: Vec<_> = headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .flat_map(|value| schemes(&String::from_utf8_lossy(value.as_bytes())))
        .filter_map(Scheme::into_challenge)
        .collect();
    let place = |challenge: &Challenge| matches!(challenge, Challenge::Basic);
    sorted::sort_by(&mut challenges, |one, other| place(one).cmp(&place(other)));
    challenges
}

struct Scheme {
    name: String,
    parameters: Vec<(String, String)>,
}

impl Scheme {
    fn into_challenge(self) -> Option<Challenge> {
        match self.name.as_str() {
            "basic" => Some(Challenge::Basic),
            "bearer" => {
                let mut bearer = Bearer::default();
                for (name, value) in self.parameters {
                    match name.as_str() {
                        "realm" => bearer.realm = value,
                        "service" => bearer.service = Some(value),
                        "scope" => bearer.scope = Some(value),
                        "error" => bearer.error = Some(value),
                        _ => {}
                    }
                }
                // without a realm there is nowhere to ask
                (!bearer.realm.is_empty()).then_some(Challenge::Bearer(bearer))
            }
            _ => None,
        }
    }
}

/// Splits one header into its schemes; a word is a parameter if `=` follows, else a scheme.
fn schemes(header: &str) -> Vec<Scheme> {
    let mut schemes: Vec<Scheme> = Vec::new();
    let mut rest = header.trim_start_matches(SEPARATORS);
    while let Some((word, after)) = word(rest) {
        let after = after.trim_start();
        if let Some(after) = after.strip_prefix('=') {
            let Some((value, after)) = value(after.trim_start()) else {
                break;
            };
            if let Some(scheme) = schemes.last_mut() {
                scheme.parameters.push((word, value));
            }
            rest = after.trim_start_matches(SEPARATORS);
        } else {
            schemes.push(Scheme {
                name: word,
                parameters: Vec::new(),
            });
            rest = after.trim_start_matches(SEPARATORS);
        }
    }
    schemes
}

const SEPARATORS: [char; 3] = [' ', '\t', ','];

/// A token in lower case and what follows it; `None` where no token stands.
fn word(text: &str) -> Option<(String, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(letter))
        .unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty()).then(|| (word.to_ascii_lowercase(), rest))
}

/// A quoted string without its quotes, or a bare value up to the next separator; `None` where a
/// quoted string does not end.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(SEPARATORS).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end)?;
        return Some((value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.chars();
    loop {
        match letters.next()? {
            '"' => return Some((value, letters.as_str())),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> Vec<Challenge> {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(header::WWW_AUTHENTICATE, value.parse().unwrap());
        }
        parse(&map)
    }

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        Challenge::Bearer(Bearer {
            realm: realm.into(),
            service: service.map(Into::into),
            scope: scope.map(Into::into),
            error: None,
        })
    }

    #[test]
    fn the_challenges_of_real_registries_are_read() {
        for (registry, headers, expected) in [
            (
                "Docker Hub",
                &[
                    r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull""#,
                ][..],
                vec![bearer(
                    "https://auth.docker.io/token",
                    Some("registry.docker.io"),
                    Some("repository:library/alpine:pull"),
                )],
            ),
            (
                "Gitea, both in one header",
                &[
                    r#"Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",Basic realm="https://codeberg.org/v2""#,
                ],
                vec![
                    bearer(
                        "https://codeberg.org/v2/token",
                        Some("container_registry"),
                        Some("*"),
                    ),
                    Challenge::Basic,
                ],
            ),
            (
                "two headers, Basic first",
                &[r#"Basic realm="x""#, r#"Bearer realm="/token""#],
                vec![bearer("/token", None, None), Challenge::Basic],
            ),
            (
                "htpasswd of distribution",
                &[r#"Basic realm="Registry Realm""#],
                vec![Challenge::Basic],
            ),
        ] {
            assert_eq!(read(headers), expected, "{registry}");
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        let expected = vec![bearer("https://a.example/t?x=1", Some("a\"b"), None)];
        for header in [
            r#"bearer realm="https://a.example/t?x=1",service="a\"b""#,
            r#"BEARER Realm = "https://a.example/t?x=1" , SERVICE= "a\"b""#,
            r#"Bearer realm=https://a.example/t?x=1 service="a\"b""#,
            r#"Bearer realm="https://a.example/t?x=1",service="a\"b",,"#,
        ] {
            assert_eq!(read(&[header]), expected, "{header}");
        }
    }

    #[test]
    fn a_broken_header_keeps_what_parsed_before_the_break() {
        assert_eq!(
            read(&[r#"Bearer realm="https://a.example/t",service="s",scope="rep"#]),
            [bearer("https://a.example/t", Some("s"), None)]
        );
        assert_eq!(
            read(&["Basic, Bearer realm=\"t\", \u{e9}=1, scope=x"]),
            [bearer("t", None, None), Challenge::Basic]
        );
    }

    #[test]
    fn what_cannot_be_met_is_left_out() {
        assert!(
            read(&[
                "Negotiate",
                "Digest realm=\"x\"",
                "Bearer scope=\"y\"",
                "",
                "=,="
            ])
            .is_empty()
        );
        assert_eq!(read(&["NTLM abc==, Basic"]), [Challenge::Basic]);
    }

    #[test]
    fn a_token_that_is_not_enough_says_so() {
        let challenges = read(&[r#"Bearer realm="t",error="insufficient_scope""#]);
        assert!(
            matches!(&challenges[..], [Challenge::Bearer(bearer)] if bearer.error.as_deref() == Some("insufficient_scope"))
        );
    }
}
