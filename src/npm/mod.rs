//! The npm package's half in Rust: thin wasm-bindgen classes and functions over the core.
//!
//! Nothing is decided here. Values come in as JSON text and go out as JavaScript objects, so that
//! the TypeScript beside it (`npm/api`) has one place to say what they look like; errors go out as
//! the package's `RegistryError`, and exceptions of JavaScript as themselves.
//!
//! It is built twice: as the client that every program loads, and, with the feature `engine`, as
//! that client with plans, runs and configurations, which is loaded by who asks for one.
#![allow(
    clippy::must_use_candidate,
    reason = "the callers are JavaScript, which knows no such warning"
)]

pub mod blob;
pub mod cache;
mod cancel;
#[cfg(feature = "engine")]
pub mod cleanup;
pub mod client;
#[cfg(feature = "engine")]
pub mod configuration;
pub mod credential;
pub mod exception;
#[cfg(feature = "engine")]
pub mod expand;
#[cfg(feature = "engine")]
mod held_plan;
#[cfg(feature = "engine")]
pub mod inventory;
pub mod listing;
pub mod observer;
pub mod options;
#[cfg(feature = "engine")]
mod pieces;
#[cfg(feature = "engine")]
pub mod planning;
#[cfg(feature = "engine")]
pub mod policy;
#[cfg(feature = "engine")]
mod problems;
pub mod reference;
pub mod registry;
#[cfg(feature = "engine")]
pub mod report;
#[cfg(feature = "engine")]
mod rules;
#[cfg(feature = "engine")]
pub mod store;
mod value;
pub mod writing;
