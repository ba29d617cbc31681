//! Who asks, and how a registry wants it proven. Pure: `client::session` sends.
//!
//! [`challenge`] reads what the registry asks for, [`realm`] decides whether its token server may
//! see the [`Credential`], [`token`] asks there and reads the answer, and [`TokenCache`] keeps it.

mod cache;
pub mod challenge;
pub mod docker_config;
pub mod realm;
mod scope;
pub mod token;

pub use crate::credential::Credential;
pub(crate) use crate::credential::sensitive;
pub use crate::credentials::Credentials;
pub use cache::TokenCache;
pub use scope::Scope;
