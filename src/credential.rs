//! What proves to a registry who asks.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};

/// A credential for one registry. None at all is an anonymous client.
///
/// It never shows its secret: [`Debug`] prints the kind alone.
///
/// # Examples
///
/// ```
/// use portreeve::auth::Credential;
///
/// let credential = Credential::basic("robot", "s3cret");
/// assert_eq!(format!("{credential:?}"), "Credential::Basic(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// User name and password, or user name and access token.
    Basic {
        /// The user's or robot's name.
        username: String,
        /// The password or access token.
        password: String,
    },
    /// A token that the registry itself takes as `Bearer` (docker's `registrytoken`).
    RegistryToken(String),
    /// A refresh token for the token server (docker's `identitytoken`, Azure's refresh token).
    IdentityToken(String),
}

impl Credential {
    /// User name and password, as almost every registry takes them.
    #[must_use]
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Basic {
            username: username.into(),
            password: password.into(),
        }
    }

    /// The `Authorization: Basic` value, if this credential has one.
    #[must_use]
    pub fn basic_header(&self) -> Option<HeaderValue> {
        let Self::Basic { username, password } = self else {
            return None;
        };
        sensitive(&format!(
            "Basic {}",
            STANDARD.encode(format!("{username}:{password}"))
        ))
    }

    /// Whether HTTP can carry it.
    ///
    /// # Errors
    ///
    /// `invalid_argument`, without its text.
    pub(crate) fn ensure_sendable(&self) -> Result<()> {
        let found = match self {
            Self::Basic { username, .. } if username.contains(':') => {
                "a user name cannot hold a colon"
            }
            Self::RegistryToken(token) if sensitive(token).is_none() => {
                "the token holds what no header can carry"
            }
            _ => return Ok(()),
        };
        Err(Error::new(Code::InvalidArgument, found).next("copy the credential again"))
    }

    /// A name for this credential that does not give it away: the start of a SHA-256.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        match self {
            Self::Basic { username, password } => {
                hash.update(b"basic\0");
                hash.update(username.as_bytes());
                hash.update(b"\0");
                hash.update(password.as_bytes());
            }
            Self::RegistryToken(token) => {
                hash.update(b"registry\0");
                hash.update(token.as_bytes());
            }
            Self::IdentityToken(token) => {
                hash.update(b"identity\0");
                hash.update(token.as_bytes());
            }
        }
        STANDARD.encode(hash.finalize().get(..12).unwrap_or_default())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Basic { .. } => "Credential::Basic(..)",
            Self::RegistryToken(_) => "Credential::RegistryToken(..)",
            Self::IdentityToken(_) => "Credential::IdentityToken(..)",
        })
    }
}

/// A header value that HTTP libraries keep out of logs and compression tables.
pub(crate) fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_password_goes_into_a_basic_header() {
        let header = Credential::basic("user", "pass:word")
            .basic_header()
            .unwrap();
        assert_eq!(header, "Basic dXNlcjpwYXNzOndvcmQ=");
        assert!(header.is_sensitive());
        assert!(
            Credential::RegistryToken("t".into())
                .basic_header()
                .is_none()
        );
        assert!(
            Credential::IdentityToken("t".into())
                .basic_header()
                .is_none()
        );
    }

    #[test]
    fn a_secret_never_shows() {
        for credential in [
            Credential::basic("visible-user", "SECRET"),
            Credential::RegistryToken("SECRET".into()),
            Credential::IdentityToken("SECRET".into()),
        ] {
            let shown = format!(
                "{credential:?} {credential:#?} {}",
                credential.fingerprint()
            );
            assert!(
                !shown.contains("SECRET") && !shown.contains("visible-user"),
                "{shown}"
            );
        }
    }

    #[test]
    fn what_no_header_can_carry_is_refused_without_its_text() {
        for (credential, sendable) in [
            (Credential::basic("user", "pa:ss\n\u{0}é"), true),
            (Credential::basic("us:er", "SECRET"), false),
            (Credential::RegistryToken("a.b-c_d~e+f/g==".into()), true),
            (Credential::RegistryToken("SECRET\n".into()), false),
            (Credential::IdentityToken("any\nthing".into()), true),
        ] {
            let checked = credential.ensure_sendable();
            assert_eq!(checked.is_ok(), sendable, "{credential:?}");
            if let Err(error) = checked {
                assert!(!error.to_string().contains("SECRET"));
            }
        }
    }

    #[test]
    fn different_credentials_have_different_names() {
        let names = [
            Credential::basic("a", "b").fingerprint(),
            Credential::basic("a", "c").fingerprint(),
            Credential::RegistryToken("b".into()).fingerprint(),
            Credential::IdentityToken("b".into()).fingerprint(),
        ];
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name));
        }
    }
}
