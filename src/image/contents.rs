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

pub(crate) struct Contents<I: Io> {
    pub(crate) client: Client<I>,
    pub(crate) repository: String,
    pub(crate) cache: Option<Rc<dyn ContentCache>>,
}

impl<I: Io> Contents<I> {
    /// A manifest; `None` where the registry has none.
    pub(crate) async fn manifest(
        &self,
        digest: &Digest,
        media_type: &str,
    ) -> Result<Option<Manifest>> {
        let kept = self.kept_manifest(digest, media_type).await;
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

    /// A manifest that the cache has.
    pub(crate) async fn kept_manifest(
        &self,
        digest: &Digest,
        media_type: &str,
    ) -> Option<Manifest> {
        let bytes = self.kept(digest).await?;
        // what cannot be read as this type is read as what the registry says that it is
        Manifest::parse_named(media_type, *digest, bytes).ok()
    }

    /// A config: from its descriptor where that carries it, else as every content.
    ///
    /// # Errors
    ///
    /// Those of [`Client::image_config`].
    pub(crate) async fn config(&self, descriptor: &Descriptor) -> Result<ImageConfig> {
        let digest = &descriptor.digest;
        // one that carries other bytes is no worse than one that carries none
        if let Ok(Some(bytes)) = descriptor.embedded()
            && let Ok(config) = ImageConfig::parse(&bytes)
        {
            return Ok(config);
        }
        match self.kept_config(digest).await {
            Some(config) => Ok(config),
            None => self.read_config(descriptor).await,
        }
    }

    /// A config that the cache has.
    pub(crate) async fn kept_config(&self, digest: &Digest) -> Option<ImageConfig> {
        ImageConfig::parse(&self.kept(digest).await?).ok()
    }

    /// A config, from the registry whatever the cache has.
    pub(crate) async fn read_config(&self, descriptor: &Descriptor) -> Result<ImageConfig> {
        let client = &self.client;
        let config = client.image_config(&self.repository, descriptor).await?;
        self.keep(&descriptor.digest, config.bytes()).await;
        Ok(config)
    }

    /// Keeps a content for the next call.
    pub(crate) async fn keep(&self, digest: &Digest, bytes: &Bytes) {
        if let Some(cache) = &self.cache {
            cache.put(digest, bytes).await;
        }
    }

    async fn kept(&self, digest: &Digest) -> Option<Bytes> {
        let bytes = self.cache.as_ref()?.get(digest).await?;
        digest.names(&bytes).then_some(bytes)
    }
}
