//! Manifests and configs of one repository, from the caller's cache or from the registry.

use std::rc::Rc;

use bytes::Bytes;

use super::ContentCache;
use crate::{
    client::Client,
    error::Result,
    io::Io,
    oci::{Descriptor, Digest, ImageConfig, Manifest, Target},
};

pub(super) struct Contents<I: Io> {
    pub(super) client: Client<I>,
    pub(super) repository: String,
    pub(super) cache: Option<Rc<dyn ContentCache>>,
}

impl<I: Io> Contents<I> {
    /// A manifest; `None` where the registry has none.
    pub(super) async fn manifest(
        &self,
        digest: &Digest,
        media_type: &str,
    ) -> Result<Option<Manifest>> {
        let kept = self.kept(digest).await;
        // what cannot be read as this type is read as what the registry says that it is
        let kept = kept.and_then(|bytes| Manifest::parse_named(media_type, *digest, bytes).ok());
        if kept.is_some() {
            return Ok(kept);
        }
        let target = Target::Digest(*digest);
        let found = self.client.manifest(&self.repository, &target).await?;
        if let Some(manifest) = &found {
            self.keep(digest, manifest.bytes()).await;
        }
        Ok(found)
    }

    /// A config: from its descriptor where that carries it, else as every content.
    ///
    /// # Errors
    ///
    /// Those of [`Client::image_config`].
    pub(super) async fn config(&self, descriptor: &Descriptor) -> Result<ImageConfig> {
        let digest = &descriptor.digest;
        // one that carries other bytes is no worse than one that carries none
        if let Ok(Some(bytes)) = descriptor.embedded()
            && let Ok(config) = ImageConfig::parse(&bytes)
        {
            return Ok(config);
        }
        if let Some(bytes) = self.kept(digest).await
            && let Ok(config) = ImageConfig::parse(&bytes)
        {
            return Ok(config);
        }
        let client = &self.client;
        let config = client.image_config(&self.repository, descriptor).await?;
        self.keep(digest, config.bytes()).await;
        Ok(config)
    }

    /// Keeps a content for the next call.
    pub(super) async fn keep(&self, digest: &Digest, bytes: &Bytes) {
        if let Some(cache) = &self.cache {
            cache.put(digest, bytes).await;
        }
    }

    async fn kept(&self, digest: &Digest) -> Option<Bytes> {
        let bytes = self.cache.as_ref()?.get(digest).await?;
        digest.names(&bytes).then_some(bytes)
    }
}
