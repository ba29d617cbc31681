//! Talking to one registry over [`Io`](crate::io::Io).
//!
//! ```text
//! Client, Writer      what to ask, what the answer means
//!    Session          what belongs to one registry
//!      persist        again, while the outcome may pass
//!      authenticate   token or password -> fetch -> one 401 round
//!      exchange       our headers, redirects by hand without credentials, events
//!      gate, budget   six in flight, no more than the registry takes
//!      wait           no wait for ever
//!          Io         the platform's fetch, clock and timers
//! ```
//!
//! [`Client`] reads and has no method that writes; [`Writer`] is a type of its own, so that
//! planning cannot be given one by mistake. Both live for one invocation of a Worker: workerd ends
//! requests that share a future or a lock. What may be shared is the plain data of a
//! [`TokenCache`](crate::auth::TokenCache).

mod authenticate;
mod blob;
mod budget;
mod capabilities;
mod catalog;
mod completeness;
mod exchange;
mod gate;
mod identity;
mod listing;
mod persist;
mod push;
mod reads;
mod redirect;
mod referrers;
mod removal;
mod round;
mod secrets;
mod session;
mod settings;
mod siblings;
mod tagging;
mod token;
mod token_server;
mod transmit;
mod upload;
mod via;
mod wait;
mod walk;
mod writer;

pub use crate::event::{Event, Stage};
pub use blob::{Blob, BlobHead, Part};
pub use capabilities::{Capabilities, Finding, Known, RecognisedBy, Registry};
pub use catalog::Catalog;
pub use completeness::{Cause, Completeness};
pub(crate) use gate::Gate;
pub use listing::{Listed, Listing, Tags};
pub use push::{ListedBy, Pushed};
pub use reads::Client;
pub use referrers::{Referrer, ReferrerListing, Referrers, Source};
pub use removal::{Deleted, Untagged};
pub use session::Session;
pub use settings::Settings;
pub use siblings::{SiblingIndex, Siblings, siblings};
pub use tagging::Tagging;
pub use token::AccessToken;
pub use upload::{Arrival, Upload, Uploaded};
pub use writer::{Deletion, Writer};
