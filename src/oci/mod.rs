//! The nouns of the field: references, digests, descriptors, manifests, configs, platforms.
//!
//! Sources: OCI image-spec 1.1, distribution-spec 1.1, and the `distribution/reference` grammar.

pub(crate) mod build_time;
pub(crate) mod kind;
pub mod media_type;

mod absent;
mod descriptor;
mod digest;
mod execution;
mod grammar;
mod image_config;
mod index;
mod invalid_reference;
mod manifest;
mod platform;
mod platform_match;
mod reference;
mod target;
mod unknown_fields;
mod verifier;

pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, Hasher, InvalidDigest};
pub use execution::{Execution, HealthCheck, History, RootFs};
pub use grammar::{is_local_host, is_repository, is_tag};
pub use image_config::ImageConfig;
pub use index::Index;
pub use invalid_reference::InvalidReference;
pub use kind::Kind;
pub use manifest::{Content, ImageManifest, Manifest};
pub use platform::{InvalidPlatform, Platform};
pub use reference::Reference;
pub use target::Target;
pub use unknown_fields::UnknownFields;
pub use verifier::Verifier;
