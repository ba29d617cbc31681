//! **portreeve**: container registries, proxied and kept clean from the edge.
//!
//! This crate is the core of the registry proxy and cleanup: it speaks the OCI distribution
//! protocol over one seam ([`io::Io`]), reads inventories, plans what a retention policy would
//! delete and why, and carries a plan out with a way back. It compiles natively, and to
//! WebAssembly as a Cloudflare Worker (feature `worker`) and as the npm package `portreeve`
//! (feature `npm`).
//!
//! The folders read as the path that data takes; `ARCHITECTURE.md` walks along it.

pub mod api;
pub mod auth;
pub mod cleanup;
pub mod client;
pub mod configuration;
pub mod connection;
mod credential;
mod credentials;
pub mod error;
pub mod event;
pub mod image;
pub mod io;
pub mod limits;
pub mod named_address;
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub mod npm;
pub mod oci;
pub mod plan;
pub mod proxy;
pub mod rate_limit;
pub mod registries;
pub mod retry;
mod sorted;
pub mod timestamp;
#[cfg(all(target_arch = "wasm32", any(feature = "worker", feature = "npm")))]
pub mod web;
#[cfg(all(target_arch = "wasm32", feature = "worker"))]
pub mod worker;
