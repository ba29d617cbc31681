//! The npm package's half in Rust: thin wasm-bindgen classes and functions over the core.
//!
//! Nothing is decided here. Values come in as JSON text and go out as JavaScript objects, so that
//! the TypeScript beside it (`npm/api`) has one place to say what they look like; errors go out as
//! the package's `RegistryError`, and exceptions of JavaScript as themselves.
#![allow(
    clippy::must_use_candidate,
    reason = "the callers are JavaScript, which knows no such warning"
)]

mod cancel;
pub mod cleanup;
pub mod client;
pub mod configuration;
pub mod credential;
pub mod exception;
pub mod inventory;
pub mod listing;
pub mod planning;
pub mod reference;
mod rules;
pub mod store;
mod value;
