//! `oci`, as what registries really hold goes through it.

mod bytes;
mod data;
mod schema_1;
mod sha512;
