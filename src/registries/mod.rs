//! Registries, each with its own ways.

pub mod profile;
