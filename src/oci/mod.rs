//! The nouns of the field: references, digests, descriptors, manifests, configs, platforms.
//!
//! Sources: OCI image-spec 1.1, distribution-spec 1.1, and the `distribution/reference` grammar.

pub(crate) mod build_time;
pub mod media_type;

mod descriptor;
mod digest;
mod image_config;
mod index;
mod manifest;
mod platform;
mod reference;
mod verifier;

pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, InvalidDigest};
pub use image_config::ImageConfig;
pub use index::Index;
pub use manifest::{Content, ImageManifest, Manifest};
pub use platform::Platform;
pub use reference::{InvalidReference, Reference, Target, is_local_host, is_repository, is_tag};
pub use verifier::Verifier;
