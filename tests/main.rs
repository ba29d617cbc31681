//! Tests of the rooms together, on a registry in memory. One binary, because it links fast.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics says what is wrong"
)]

#[allow(
    dead_code,
    reason = "the same code is the demo registry, which uses what tests do not"
)]
#[path = "../examples/demo_registry/registry/mod.rs"]
mod registry;
mod support;

mod attached;
mod cleanup;
mod client;
mod configuration;
mod configuration_carried_out;
mod configuration_schema;
mod demo_registry;
mod house;
mod image;
mod nouns;
mod planning;
mod policy;
mod registries_page;
