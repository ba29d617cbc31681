//! What an image's content tells: its size, its build time, its platforms. Each digest is read
//! once, however many tags and indexes lead to it.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use futures_util::{
    StreamExt as _, TryStreamExt as _,
    future::{FutureExt as _, LocalBoxFuture},
    stream,
};
use serde::Serialize;

use super::contents::Contents;
use crate::{
    client::Gate,
    error::{Code, Error, Result},
    io::Io,
    oci::{Content, Descriptor, Digest, ImageManifest, Index, Manifest, Platform, build_time},
    timestamp::Timestamp,
};

/// An index within an index within an index is somebody's mistake or attack.
pub(super) const DEPTH: u8 = 3;

/// Where a time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TimeSource {
    /// The manifest's annotation `org.opencontainers.image.created`.
    Annotation,
    /// The image's config.
    Config,
    /// The registry's own list of tags (Google).
    TagsList,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Needs {
    pub(super) size: bool,
    pub(super) created: bool,
    pub(super) platforms: bool,
}

impl Needs {
    pub(super) const fn any(self) -> bool {
        self.size || self.created || self.platforms
    }
}

/// What one digest's content tells of what is wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Manifest, config and layers; of an index its own bytes and those of its images.
    pub(super) size: Option<u64>,
    pub(super) created: Option<(Timestamp, TimeSource)>,
    pub(super) platforms: Vec<Platform>,
    /// Whether it is a runnable image, or an index.
    is_image: bool,
}

/// Reads facts, each digest once.
pub(super) struct FactReader<I: Io> {
    pub(super) contents: Contents<I>,
    needs: Needs,
    now: Timestamp,
    known: RefCell<BTreeMap<Digest, Rc<Place>>>,
}

/// One digest: who comes first reads, the others wait for what it got.
struct Place {
    turn: Gate,
    found: RefCell<Option<Result<Option<Facts>>>>,
}

impl<I: Io> FactReader<I> {
    pub(super) fn new(contents: Contents<I>, needs: Needs) -> Self {
        Self {
            now: contents.client.io().now(),
            contents,
            needs,
            known: RefCell::default(),
        }
    }

    /// The facts of a digest, whose manifest is in `read` where it is at hand; `None` where the
    /// registry has none.
    pub(super) async fn of(
        &self,
        digest: Digest,
        media_type: &str,
        read: Option<Manifest>,
    ) -> Result<Option<Facts>> {
        self.at_depth(digest, media_type, read, DEPTH).await
    }

    async fn at_depth(
        &self,
        digest: Digest,
        media_type: &str,
        read: Option<Manifest>,
        depth: u8,
    ) -> Result<Option<Facts>> {
        let place = Rc::clone(self.known.borrow_mut().entry(digest).or_insert_with(|| {
            Rc::new(Place {
                turn: Gate::new(1),
                found: RefCell::new(None),
            })
        }));
        let _turn = place.turn.enter().await;
        let known = place.found.borrow().clone();
        if let Some(known) = known {
            return known;
        }
        let found = self.read(digest, media_type, read, depth).await;
        *place.found.borrow_mut() = Some(found.clone());
        found
    }

    async fn read(
        &self,
        digest: Digest,
        media_type: &str,
        read: Option<Manifest>,
        depth: u8,
    ) -> Result<Option<Facts>> {
        let manifest = match read {
            Some(manifest) => {
                self.contents.keep(&digest, manifest.bytes()).await;
                manifest
            }
            None => match self.contents.manifest(&digest, media_type).await? {
                Some(manifest) => manifest,
                None => return Ok(None),
            },
        };
        Ok(Some(match manifest.content() {
            Content::Index(index) if depth > 0 => self.of_index(&manifest, index, depth).await?,
            Content::Image(image) => self.of_image(&manifest, image).await?,
            _ => Facts::default(),
        }))
    }

    async fn of_image(&self, manifest: &Manifest, image: &ImageManifest) -> Result<Facts> {
        let annotated = manifest.annotations().and_then(build_time::annotated);
        let annotated = self.plausible(annotated, TimeSource::Annotation);
        let mut facts = Facts {
            size: Some(size(manifest, image)),
            created: annotated,
            ..Facts::default()
        };
        let Some(descriptor) = image.image_config() else {
            return Ok(facts);
        };
        facts.is_image = true;
        if !self.needs.created && !self.needs.platforms {
            return Ok(facts);
        }
        match self.contents.config(descriptor).await {
            Ok(config) => {
                let built = self.plausible(config.created, TimeSource::Config);
                facts.created = annotated.max(built);
                facts.platforms.extend(config.platform);
            }
            // a config that cannot be read could tell a later time than the annotation
            Err(error) if is_of_one(&error) => facts.created = None,
            Err(error) => return Err(error),
        }
        Ok(facts)
    }

    fn plausible(
        &self,
        time: Option<Timestamp>,
        source: TimeSource,
    ) -> Option<(Timestamp, TimeSource)> {
        Some((build_time::plausible(time?, self.now)?, source))
    }

    async fn of_index(&self, manifest: &Manifest, index: &Index, depth: u8) -> Result<Facts> {
        let images: Vec<(&Descriptor, Option<Facts>)> = stream::iter(index.images())
            .map(|child| self.of_child(child, depth))
            .buffered(self.contents.client.limits().concurrency)
            .try_collect()
            .await?;
        let images = images.iter();
        // one that is missing makes unknown what is reckoned from all
        let images = images.filter(|(_, facts)| facts.as_ref().is_none_or(|facts| facts.is_image));
        let own = manifest.bytes().len() as u64;
        let size = images.clone().try_fold(own, |sum, (_, facts)| {
            Some(sum.saturating_add(facts.as_ref()?.size?))
        });
        let times = images.clone().map(|(_, facts)| facts.as_ref()?.created);
        let platforms = images.flat_map(|(child, facts)| match &child.platform {
            Some(platform) => vec![platform.clone()],
            None => facts.clone().unwrap_or_default().platforms,
        });
        Ok(Facts {
            size,
            created: build_time::of_index(&mut { times }),
            platforms: platforms.collect(),
            is_image: true,
        })
    }

    fn of_child<'a>(
        &'a self,
        child: &'a Descriptor,
        depth: u8,
    ) -> LocalBoxFuture<'a, Result<(&'a Descriptor, Option<Facts>)>> {
        let Needs { size, created, .. } = self.needs;
        let says_enough = child.platform.is_some() && !size && !created;
        async move {
            if says_enough {
                let facts = Facts {
                    is_image: true,
                    ..Facts::default()
                };
                return Ok((child, Some(facts)));
            }
            match self
                .at_depth(child.digest, &child.media_type, None, depth - 1)
                .await
            {
                Ok(facts) => Ok((child, facts)),
                Err(error) if is_of_one(&error) => Ok((child, None)),
                Err(error) => Err(error),
            }
        }
        .boxed_local()
    }
}

/// What a pull downloads: manifest, config and layers.
pub(super) fn size(manifest: &Manifest, image: &ImageManifest) -> u64 {
    let content = image.config.iter().chain(&image.layers);
    let content = content.map(|descriptor| descriptor.size);
    content.fold(manifest.bytes().len() as u64, u64::saturating_add)
}

/// Whether a failure speaks of the content that was asked for, and not of the registry.
pub(super) fn is_of_one(error: &Error) -> bool {
    !matches!(
        error.code(),
        Code::Throttled | Code::Unauthorized | Code::Timeout | Code::Unreachable | Code::Cancelled
    )
}
