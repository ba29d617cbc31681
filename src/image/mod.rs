//! Whole images, put together from what [`Client`](crate::client::Client) reads piece by piece,
//! and the tags that show them.

mod attached;
mod cache;
mod choose;
mod contents;
mod describe;
mod facts;
mod history;
mod tag;
mod tags;

pub use attached::{Attached, Attachments, Place, attached};
pub use cache::{ContentCache, MemoryCache};
pub use choose::choose;
pub(crate) use contents::Contents;
pub(crate) use describe::missing;
pub use describe::{Description, Layer, PlatformImage, describe};
pub use facts::TimeSource;
pub use tag::{Tag, TagSources};
pub use tags::{Sort, TagOptions, Tags, With, tags};
