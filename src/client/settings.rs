use std::fmt;

use http::{HeaderMap, HeaderValue};
use url::Url;

use crate::{
    auth::{Credential, TokenCache},
    error::{Code, Error, Result},
    limits::Limits,
    registries::profile::Profile,
};

/// Which registry, as whom, and within which bounds. [`Debug`](fmt::Debug) shows no secret.
///
/// # Examples
///
/// ```
/// use portreeve::{auth::Credential, client::Settings};
///
/// let mut settings = Settings::new("ghcr.io");
/// settings.credential = Some(Credential::basic("robot", "token"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The host as references name it, with its port if it has one.
    pub host: String,
    /// Plain http instead of https; `None` leaves it to
    /// [`is_local_host`](crate::oci::is_local_host).
    pub plain_http: Option<bool>,
    /// Who asks, at the first challenge. With `None`, a client asks as nobody first and
    /// [`Io::credentials`](crate::io::Io::credentials) only where that does not do.
    pub credential: Option<Credential>,
    /// Token servers, as `host` or `host:port`, that may see the credential beside those on the
    /// registry's own domain and those that [`Profile::realms`] pins. They are asked by https; a
    /// whole origin such as `http://10.0.0.7:5001` allows plain http there.
    pub realms: Vec<String>,
    /// Headers for every request to the registry itself, such as those of an access gateway in
    /// front of it. They go neither to token servers nor along a redirect.
    pub headers: HeaderMap,
    /// The bounds.
    pub limits: Limits,
    /// Tokens of an earlier session; [`Session::tokens`](super::Session::tokens) gives them back.
    pub tokens: TokenCache,
    /// What the registry can do.
    pub profile: Profile,
    /// What we call ourselves: `portreeve/` and the version, and whoever uses us. See
    /// [`Settings::name_user`].
    pub user_agent: String,
    /// The origin of a portreeve Worker through which the registry is reached, such as
    /// `https://cr.acme.dev`. Every request then goes there and names the registry as `ns`
    /// (distribution-spec 1.2), so that repositories keep their names; the credential is one of
    /// the Worker's, and the registry's own stays with the Worker.
    pub via: Option<Url>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a gateway's headers are secrets as well, and an address may hold one
        let headers: Vec<_> = self.headers.keys().collect();
        formatter
            .debug_struct("Settings")
            .field("host", &self.host)
            .field("credential", &self.credential)
            .field("headers", &headers)
            .field("via", &self.via.as_ref().map(Url::host_str))
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Anonymous access to the registry at `host`, with everything else by default.
    #[must_use]
    pub fn new(host: impl Into<String>) -> Self {
        let host = host.into();
        Self {
            profile: Profile::of(&host),
            host,
            plain_http: None,
            credential: None,
            realms: Vec::new(),
            headers: HeaderMap::new(),
            limits: Limits::default(),
            tokens: TokenCache::default(),
            user_agent: concat!("portreeve/", env!("CARGO_PKG_VERSION")).to_owned(),
            via: None,
        }
    }

    /// Adds the caller's own name to ours, such as `acme-deploy/2.1`, so that a registry's
    /// operators see who it is.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for what no header can carry.
    pub fn name_user(&mut self, name: &str) -> Result<()> {
        let named = format!("{} {}", self.user_agent, name.trim());
        if HeaderValue::from_str(&named).is_ok_and(|value| value.to_str().is_ok()) {
            self.user_agent = named;
            return Ok(());
        }
        Err(Error::new(
            Code::InvalidArgument,
            "the user agent holds what no header can carry",
        )
        .next("write visible ASCII, such as acme-deploy/2.1"))
    }
}
