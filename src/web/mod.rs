//! The seam over JavaScript: [`Io`](crate::io::Io) by `fetch`, timers and streams.
//!
//! Both faces stand on it: the Worker, where a blob passes as a stream handle without entering
//! wasm, and the npm package in Node, browsers and workerd. Nothing here knows registries.
//!
//! - [`FetchIo`] sends requests and waits; dropping a future gives its request or timer up.
//! - [`Body`] is an answer's stream, read by one pump where somebody must look at the bytes.
//! - [`exception`] carries a JavaScript exception through [`Error`](crate::error::Error), so that
//!   an `AbortError` comes out again as itself.

mod body;
pub mod exception;
mod fetch;
mod hash;
pub mod headers;
mod look_up;
mod pull;
mod pump;
mod source;
mod timer;

pub use body::{Body, Handle};
pub use fetch::FetchIo;
pub use look_up::LookUp;
pub use source::{Given, JsSource};
