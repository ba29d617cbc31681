use std::{cell::RefCell, collections::BTreeMap, future::ready};

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use crate::oci::Digest;

/// Manifests and configs that a caller keeps between calls, by their digests.
///
/// A digest names its content for ever, so nothing in it grows old, and what it gives back is
/// compared with the digest: a broken one costs requests and nothing else.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use portreeve::{client::Client, error::Result, image::{self, MemoryCache, TagOptions, With}, io::Io};
///
/// async fn twice<I: Io>(client: &Client<I>) -> Result<()> {
///     let cache = Rc::new(MemoryCache::default());
///     for _ in 0..2 {
///         let with = With { created: true, ..With::default() };
///         let options = TagOptions { with, cache: Some(cache.clone()), ..TagOptions::default() };
///         let mut tags = image::tags(client, "acme/web", options);
///         while tags.next_page().await?.is_some() {}
///     }
///     Ok(())
/// }
/// ```
pub trait ContentCache {
    /// The content of this digest, if it is kept.
    fn get(&self, digest: &Digest) -> LocalBoxFuture<'_, Option<Bytes>>;

    /// Keeps a content; it may as well not.
    fn put(&self, digest: &Digest, bytes: &Bytes) -> LocalBoxFuture<'_, ()>;
}

/// A [`ContentCache`] in memory, without a bound: a manifest and a config are some 10 KB together.
#[derive(Debug, Default)]
pub struct MemoryCache(RefCell<BTreeMap<Digest, Bytes>>);

impl MemoryCache {
    /// How many contents it keeps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether it keeps nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

impl ContentCache for MemoryCache {
    fn get(&self, digest: &Digest) -> LocalBoxFuture<'_, Option<Bytes>> {
        Box::pin(ready(self.0.borrow().get(digest).cloned()))
    }

    fn put(&self, digest: &Digest, bytes: &Bytes) -> LocalBoxFuture<'_, ()> {
        self.0.borrow_mut().insert(*digest, bytes.clone());
        Box::pin(ready(()))
    }
}
