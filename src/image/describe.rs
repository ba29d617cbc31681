//! What a person wants to see of an image: its platforms with their sizes, dates and configs.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::{
    client::Client,
    error::{Code, Error, Result},
    io::Io,
    oci::{Content, Descriptor, Digest, ImageManifest, Manifest, Platform, Target},
    timestamp::Timestamp,
};

/// An index within an index within an index is somebody's mistake or attack.
const DEPTH: u8 = 3;

/// An image or index with everything that its platforms say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Description {
    /// What the target named: an index, or one platform's manifest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// What kind of artifact it is, where it is no image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// When it was built: the latest of its platforms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Its platforms in its own order, attestations left out; none for an artifact.
    pub platforms: Vec<PlatformImage>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// One platform's image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlatformImage {
    /// The platform's manifest.
    pub digest: Digest,
    /// Where it runs.
    pub platform: Platform,
    /// What a pull of it downloads, in bytes: manifest, config and layers.
    pub size: u64,
    /// When it was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Its config as it came.
    pub config: serde_json::Value,
    /// Its layers, base first.
    pub layers: Vec<Descriptor>,
}

/// Reads what `target` names, each platform's manifest and each platform's config.
///
/// # Errors
///
/// `not_found` where the target or a part of it is missing, and those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, image, io::Io, oci::Target};
///
/// async fn platforms<I: Io>(client: &Client<I>) -> Result<Vec<String>> {
///     let image = image::describe(client, "acme/web", &Target::Tag("latest".into())).await?;
///     Ok(image.platforms.iter().map(|each| each.platform.to_string()).collect())
/// }
/// ```
pub async fn describe<I: Io>(
    client: &Client<I>,
    repository: &str,
    target: &Target,
) -> Result<Description> {
    let top = manifest(client, repository, target).await?;
    let mut images = vec![(None, top.clone())];
    for _ in 0..DEPTH {
        if !images.iter().any(|(_, image)| is_index(image)) {
            break;
        }
        images = opened(client, repository, images).await?;
    }
    let platforms: Vec<PlatformImage> = stream::iter(images)
        .map(|(platform, image)| platform_image(client, repository, platform, image))
        .buffered(client.limits().concurrency)
        .try_filter_map(|image| async move { Ok(image) })
        .try_collect()
        .await?;
    Ok(Description {
        digest: top.digest(),
        media_type: top.media_type().to_owned(),
        artifact_type: top.artifact_type().map(str::to_owned),
        created: platforms.iter().filter_map(|image| image.created).max(),
        platforms,
        annotations: top.annotations().cloned().unwrap_or_default(),
    })
}

/// A manifest, with the platform that its index gives it.
type Found = (Option<Platform>, Manifest);

fn is_index(manifest: &Manifest) -> bool {
    matches!(manifest.content(), Content::Index(_))
}

/// The same list with each index replaced by the images it lists.
async fn opened<I: Io>(
    client: &Client<I>,
    repository: &str,
    images: Vec<Found>,
) -> Result<Vec<Found>> {
    let listed = images.into_iter().flat_map(|(platform, image)| {
        if let Content::Index(index) = image.content() {
            index.images().cloned().map(Entry::Listed).collect()
        } else {
            vec![Entry::Found(platform, image)]
        }
    });
    stream::iter(listed)
        .map(|entry| async move {
            let child = match entry {
                Entry::Found(platform, image) => return Ok((platform, image)),
                Entry::Listed(child) => child,
            };
            let target = Target::Digest(child.digest);
            let manifest = manifest(client, repository, &target).await?;
            Ok((child.platform, manifest))
        })
        .buffered(client.limits().concurrency)
        .try_collect()
        .await
}

enum Entry {
    Found(Option<Platform>, Manifest),
    Listed(Descriptor),
}

/// `None` for what has no image config: artifacts have no platform.
async fn platform_image<I: Io>(
    client: &Client<I>,
    repository: &str,
    platform: Option<Platform>,
    manifest: Manifest,
) -> Result<Option<PlatformImage>> {
    let Content::Image(image) = manifest.content() else {
        return Ok(None);
    };
    let Some(descriptor) = image.image_config() else {
        return Ok(None);
    };
    let config = client.image_config(repository, descriptor).await?;
    Ok(Some(PlatformImage {
        digest: manifest.digest(),
        platform: platform
            .or(config.platform)
            .unwrap_or_else(|| Platform::new("unknown", "unknown")),
        size: size(&manifest, image),
        created: config.created,
        config: config.document,
        layers: image.layers.clone(),
    }))
}

fn size(manifest: &Manifest, image: &ImageManifest) -> u64 {
    let content = image.config.iter().chain(&image.layers);
    let content = content.map(|descriptor| descriptor.size);
    content.fold(manifest.bytes().len() as u64, u64::saturating_add)
}

async fn manifest<I: Io>(
    client: &Client<I>,
    repository: &str,
    target: &Target,
) -> Result<Manifest> {
    client
        .manifest(repository, target)
        .await?
        .ok_or_else(|| missing(client.host(), repository, target))
}

/// The error for a manifest that is not there, wherever one is needed.
pub(crate) fn missing(host: &str, repository: &str, target: &Target) -> Error {
    Error::new(Code::NotFound, "the registry has no such manifest")
        .with_status(http::StatusCode::NOT_FOUND)
        .doing(match target {
            Target::Tag(tag) => format!("reading {repository}:{tag}"),
            Target::Digest(digest) => format!("reading {repository}@{digest}"),
        })
        .at(host)
        .next("list the tags to see what there is")
}
