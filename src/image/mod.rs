//! Whole images, put together from what [`Client`](crate::client::Client) reads piece by piece.

mod attached;
mod describe;

pub use attached::{Attached, Attachments, Place, attached};
#[cfg(all(target_arch = "wasm32", feature = "npm"))]
pub(crate) use describe::missing;
pub use describe::{Description, PlatformImage, describe};
