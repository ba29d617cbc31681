//! What a person wants to see of an image: its platforms with their sizes, dates and configs.

use std::{collections::BTreeMap, rc::Rc};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::{
    ContentCache,
    contents::Contents,
    facts::{DEPTH, size},
    history::instructions,
};
use crate::{
    client::Client,
    error::{Code, Error, Result},
    io::Io,
    oci::{
        Content, Descriptor, Digest, ImageConfig, ImageManifest, Manifest, Platform, Target,
        build_time,
    },
    sorted,
    timestamp::Timestamp,
};

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
    /// When it was built: the latest of its platforms, unknown if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Its platforms in its own order, attestations left out; none for an artifact.
    pub platforms: Vec<PlatformImage>,
    /// What it names and the registry does not have: platforms' manifests, or their configs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Descriptor>,
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
    /// When it was built: the later of what its annotation and its config say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Its config as it came; an empty object where it is [missing](Description::missing).
    pub config: serde_json::Value,
    /// The labels in its config.
    pub labels: BTreeMap<String, String>,
    /// Its layers, base first.
    pub layers: Vec<Layer>,
}

/// A layer of an image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Layer {
    /// What it is, its digest and its size.
    #[serde(flatten)]
    pub descriptor: Descriptor,
    /// The instruction that made it, such as `COPY . /app`, where the image's history tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
}

/// Reads what `target` names, each platform's manifest and each platform's config; what `cache`
/// holds of them is not asked for.
///
/// Of an index, platforms that the registry does not have are [said](Description::missing) and do
/// not hide the others.
///
/// # Errors
///
/// `not_found` where the target is missing, `unsupported` where it is nothing that can be read,
/// and those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{client::Client, error::Result, image, io::Io, oci::Target};
///
/// async fn platforms<I: Io>(client: &Client<I>) -> Result<Vec<String>> {
///     let latest = Target::Tag("latest".into());
///     let image = image::describe(client, "acme/web", &latest, None).await?;
///     Ok(image.platforms.iter().map(|each| each.platform.to_string()).collect())
/// }
/// ```
pub async fn describe<I: Io>(
    client: &Client<I>,
    repository: &str,
    target: &Target,
    cache: Option<Rc<dyn ContentCache>>,
) -> Result<Description> {
    let contents = Contents {
        client: client.clone(),
        repository: repository.to_owned(),
        cache,
    };
    let top = match target {
        Target::Digest(digest) => contents.manifest(digest, "").await?,
        Target::Tag(_) => client.manifest(repository, target).await?,
    };
    let top = top.ok_or_else(|| missing(client.host(), repository, target))?;
    if matches!(top.content(), Content::Opaque) {
        return Err(top.is_not("an image").at(client.host()));
    }
    let mut parts = vec![Part::Here(None, top.clone())];
    for _ in 0..DEPTH {
        parts = opened(&contents, parts).await?;
    }
    let shown: Vec<Shown> = stream::iter(parts)
        .map(|part| shown(&contents, part))
        .buffered(client.limits().concurrency)
        .try_collect()
        .await?;
    let annotated = match top.content() {
        Content::Index(_) => None,
        _ => top.annotations().and_then(build_time::annotated),
    };
    let now = client.io().now();
    let mut description = Description {
        digest: top.digest(),
        media_type: top.media_type().to_owned(),
        artifact_type: top.artifact_type().map(str::to_owned),
        created: annotated.and_then(|time| build_time::plausible(time, now)),
        platforms: Vec::new(),
        missing: Vec::new(),
        annotations: top.annotations().cloned().unwrap_or_default(),
    };
    let mut times = Vec::new();
    for Shown { platform, missing } in shown {
        if platform.is_some() || missing.is_some() {
            times.push(platform.as_ref().and_then(|image| image.created));
        }
        description.platforms.extend(platform);
        description.missing.extend(missing);
    }
    if !times.is_empty() {
        description.created = build_time::of_index(&mut times.into_iter());
    }
    Ok(description)
}

/// A manifest with the platform that its index gives it, or what an index names in vain.
enum Part {
    Here(Option<Platform>, Manifest),
    Listed(Descriptor),
    Missing(Descriptor),
}

/// What is shown of a part.
#[derive(Default)]
struct Shown {
    platform: Option<PlatformImage>,
    missing: Option<Descriptor>,
}

/// The same list with each index replaced by the images it lists.
async fn opened<I: Io>(contents: &Contents<I>, parts: Vec<Part>) -> Result<Vec<Part>> {
    let listed = parts.into_iter().flat_map(|part| match &part {
        Part::Here(_, manifest) => match manifest.content() {
            Content::Index(index) => index.images().cloned().map(Part::Listed).collect(),
            _ => vec![part],
        },
        _ => vec![part],
    });
    stream::iter(listed)
        .map(|part| async move {
            let Part::Listed(child) = part else {
                return Ok(part);
            };
            let found = contents.manifest(&child.digest, &child.media_type).await?;
            Ok(match found {
                Some(manifest) => Part::Here(child.platform, manifest),
                None => Part::Missing(child),
            })
        })
        .buffered(contents.client.limits().concurrency)
        .try_collect()
        .await
}

/// Nothing is shown of what has no image config: artifacts have no platform.
async fn shown<I: Io>(contents: &Contents<I>, part: Part) -> Result<Shown> {
    let (platform, manifest) = match part {
        Part::Here(platform, manifest) => (platform, manifest),
        Part::Listed(child) | Part::Missing(child) => {
            return Ok(Shown {
                platform: None,
                missing: Some(child),
            });
        }
    };
    let Content::Image(image) = manifest.content() else {
        return Ok(Shown::default());
    };
    let Some(descriptor) = image.image_config() else {
        return Ok(Shown::default());
    };
    let config = match contents.config(descriptor).await {
        Ok(config) => Some(config),
        Err(error) if error.code() == Code::NotFound => None,
        Err(error) => return Err(error),
    };
    let missing = config.is_none().then(|| descriptor.clone());
    let now = contents.client.io().now();
    Ok(Shown {
        platform: Some(platform_image(&manifest, image, platform, config, now)),
        missing,
    })
}

fn platform_image(
    manifest: &Manifest,
    image: &ImageManifest,
    platform: Option<Platform>,
    config: Option<ImageConfig>,
    now: Timestamp,
) -> PlatformImage {
    let annotated = build_time::annotated(&image.annotations);
    // an odd field of a config hides neither the others nor the image
    let history = config.as_ref().and_then(|config| config.history().ok());
    let instructions = instructions(&history.unwrap_or_default(), image.layers.len());
    let layers = image.layers.iter().cloned().zip(instructions);
    PlatformImage {
        digest: manifest.digest(),
        platform: platform
            .or_else(|| config.as_ref()?.platform.clone())
            .unwrap_or_else(|| Platform::new("unknown", "unknown")),
        size: size(manifest, image),
        created: config
            .as_ref()
            .and_then(|config| config.created.max(annotated))
            .and_then(|time| build_time::plausible(time, now)),
        labels: config.as_ref().map(labels).unwrap_or_default(),
        layers: layers
            .map(|(descriptor, instruction)| Layer {
                descriptor,
                instruction,
            })
            .collect(),
        config: config.map_or_else(|| serde_json::json!({}), |config| config.document),
    }
}

/// The labels alone: reading them as a part of `ImageConfig::execution` would bring its twenty
/// fields into the smallest build.
fn labels(config: &ImageConfig) -> BTreeMap<String, String> {
    let labels = config.document.pointer("/config/Labels");
    let labels = labels.and_then(serde_json::Value::as_object);
    let text = |(key, value): (&String, &serde_json::Value)| {
        Some((key.clone(), value.as_str()?.to_owned()))
    };
    sorted::map(labels.into_iter().flatten().filter_map(text))
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
