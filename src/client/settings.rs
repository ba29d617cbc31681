use http::HeaderMap;

use crate::{
    auth::{Credential, TokenCache},
    limits::Limits,
    registries::profile::Profile,
};

/// Which registry, as whom, and within which bounds.
///
/// # Examples
///
/// ```
/// use portreeve::{auth::Credential, client::Settings};
///
/// let mut settings = Settings::new("ghcr.io");
/// settings.credential = Some(Credential::basic("robot", "token"));
/// ```
#[derive(Debug, Clone)]
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
    /// registry's own domain and those that [`Profile::realms`] pins. Always over https.
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
    /// What we call ourselves.
    pub user_agent: String,
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
        }
    }
}
