//! Manifests, parsed and with the bytes they were parsed from.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;

use super::{Descriptor, Digest, Index, absent, media_type};
use crate::error::{Code, Error, Result};

/// A manifest of any kind. Its bytes are kept as they came, because the digest names just them.
///
/// # Examples
///
/// ```
/// use portreeve::oci::{Content, Manifest, media_type};
/// let bytes = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",
///                  "manifests":[]}"#;
/// let manifest = Manifest::parse(media_type::OCI_INDEX, bytes.as_slice().into())?;
/// assert!(matches!(manifest.content(), Content::Index(_)));
/// assert_eq!(manifest.bytes(), &bytes[..]);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    media_type: String,
    digest: Digest,
    bytes: Bytes,
    content: Content,
}

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// An index or Docker manifest list.
    Index(Box<Index>),
    /// An image, or an artifact in an image's form.
    Image(Box<ImageManifest>),
    /// A kind that is kept but not read: schema 1, or a media type unknown to this release.
    Opaque,
}

/// The parsed part of an image manifest (image-spec 1.1, manifest.md).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ImageManifest {
    /// The config; of [`media_type::OCI_EMPTY`] on most artifacts, missing on the dropped
    /// artifact manifest.
    #[serde(default)]
    pub config: Option<Descriptor>,
    /// The layers, base first. `blobs` is what the dropped artifact manifest called them.
    #[serde(default, alias = "blobs", deserialize_with = "absent::when_null")]
    pub layers: Vec<Descriptor>,
    /// What it speaks of, where it is a referrer.
    #[serde(default)]
    pub subject: Option<Descriptor>,
    /// What kind of artifact it is, where it is one.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// Free text by key.
    #[serde(default, deserialize_with = "absent::when_null")]
    pub annotations: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads the bytes that a registry sent as `media_type`.
    ///
    /// A type that says nothing, such as `application/json`, is replaced by the document's own
    /// `mediaType`, and where that is missing too, by what its fields mean.
    ///
    /// # Errors
    ///
    /// `upstream_error` for what is no JSON or contradicts its type.
    pub fn parse(media_type: &str, bytes: Bytes) -> Result<Self> {
        let digest = Digest::of(&bytes);
        Self::parse_named(media_type, digest, bytes)
    }

    /// The same, where the digest of the bytes is known already, or is to be a sha512. Nothing is
    /// hashed: the caller has compared.
    pub(crate) fn parse_named(media_type: &str, digest: Digest, bytes: Bytes) -> Result<Self> {
        let sent = media_type::essence(media_type);
        let wrong = |problem: &dyn std::fmt::Display| {
            let found = format!("manifest {digest} sent as {sent} cannot be read: {problem}");
            Error::new(Code::UpstreamError, found)
                .next("ask the registry's operator, or push the image again")
        };
        if media_type::is_schema_1(sent) {
            return Ok(Self {
                media_type: sent.to_owned(),
                digest,
                bytes,
                content: Content::Opaque,
            });
        }
        let probe: Probe = serde_json::from_slice(&bytes).map_err(|problem| wrong(&problem))?;
        let media_type = if media_type::is_manifest(sent) {
            if let Some(own) = probe.media_type.as_deref().map(media_type::essence)
                && own != sent
            {
                // one digest would mean two things, depending on who reads it (CVE-2021-41190)
                return Err(wrong(&format_args!("the document itself says {own}")));
            }
            sent.to_owned()
        } else {
            probe.own_type().unwrap_or_else(|| sent.to_owned())
        };
        if probe.manifests.is_some() && (probe.layers.is_some() || probe.config.is_some()) {
            return Err(wrong(&"it has both manifests and layers"));
        }
        let content = if media_type::is_index(&media_type) {
            Content::Index(Box::new(
                serde_json::from_slice(&bytes).map_err(|problem| wrong(&problem))?,
            ))
        } else if media_type::is_manifest(&media_type) && !media_type::is_schema_1(&media_type) {
            if probe.manifests.is_some() {
                return Err(wrong(&"it lists manifests and is no index"));
            }
            Content::Image(Box::new(
                serde_json::from_slice(&bytes).map_err(|problem| wrong(&problem))?,
            ))
        } else {
            Content::Opaque
        };
        Ok(Self {
            media_type,
            digest,
            bytes,
            content,
        })
    }

    /// The media type, without parameters.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The digest of the bytes, by the algorithm it was asked for by; else sha256.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes as they came.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What it says.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The image, where somebody wants one.
    ///
    /// # Errors
    ///
    /// `unsupported` for anything else: schema 1, an index, or a kind unknown to this release.
    pub fn image(&self) -> Result<&ImageManifest> {
        match &self.content {
            Content::Image(image) => Ok(image),
            _ => Err(self.is_not("an image of one platform")),
        }
    }

    /// The index, where somebody wants one.
    ///
    /// # Errors
    ///
    /// `unsupported` for anything else.
    pub fn index(&self) -> Result<&Index> {
        match &self.content {
            Content::Index(index) => Ok(index),
            _ => Err(self.is_not("an index")),
        }
    }

    /// The error for a manifest that is kept and cannot be used: it says what it is instead of
    /// `wanted`, and what to do.
    #[must_use]
    pub fn is_not(&self, wanted: &str) -> Error {
        let (is, advice) = match &self.content {
            _ if media_type::is_schema_1(&self.media_type) => {
                return media_type::schema_1_is_unsupported();
            }
            _ if self.is_build_cache() => (
                "a build cache of BuildKit",
                "ask for the image that was built with it",
            ),
            Content::Index(_) => (
                "an index of several manifests",
                "choose one of them by its platform or digest",
            ),
            Content::Image(_) => ("a single manifest", "ask for it without a platform"),
            Content::Opaque => (
                self.media_type.as_str(),
                "read it as a manifest of unknown content",
            ),
        };
        let found = format!("{} is {is}, not {wanted}", self.digest);
        Error::new(Code::Unsupported, found).next(advice)
    }

    /// Whether it is a build cache of `BuildKit`, in either of the two forms it has.
    #[must_use]
    pub fn is_build_cache(&self) -> bool {
        match &self.content {
            Content::Index(index) => index.is_build_cache(),
            Content::Image(image) => image.config.as_ref().is_some_and(|config| {
                media_type::essence(&config.media_type) == media_type::BUILDKIT_CACHE_CONFIG
            }),
            Content::Opaque => false,
        }
    }

    /// What it speaks of, where it is a referrer.
    #[must_use]
    pub fn subject(&self) -> Option<&Descriptor> {
        match &self.content {
            Content::Index(index) => index.subject.as_ref(),
            Content::Image(image) => image.subject.as_ref(),
            Content::Opaque => None,
        }
    }

    /// The manifests it lists; empty for an image. Layers listed by a `BuildKit` cache are left
    /// out.
    pub fn children(&self) -> impl Iterator<Item = &Descriptor> {
        let listed = match &self.content {
            Content::Index(index) => index.manifests.as_slice(),
            Content::Image(_) | Content::Opaque => &[],
        };
        listed.iter().filter(|child| child.is_manifest())
    }

    /// The artifact's type: `artifactType`, else the config's media type where that says more
    /// than that it is an image (image-spec 1.1, "Guidelines for Artifact Usage").
    #[must_use]
    pub fn artifact_type(&self) -> Option<&str> {
        match &self.content {
            Content::Index(index) => index.artifact_type.as_deref(),
            Content::Image(image) => image.artifact_type.as_deref().or_else(|| {
                let of_config = image.config.as_ref()?.media_type.as_str();
                (!is_image_config(of_config)).then_some(of_config)
            }),
            Content::Opaque => None,
        }
    }

    /// Its annotations.
    #[must_use]
    pub fn annotations(&self) -> Option<&BTreeMap<String, String>> {
        match &self.content {
            Content::Index(index) => Some(&index.annotations),
            Content::Image(image) => Some(&image.annotations),
            Content::Opaque => None,
        }
    }
}

impl ImageManifest {
    /// The config where it is that of a runnable image, and not of an artifact.
    #[must_use]
    pub fn image_config(&self) -> Option<&Descriptor> {
        self.config
            .as_ref()
            .filter(|config| is_image_config(&config.media_type))
    }
}

fn is_image_config(media_type: &str) -> bool {
    matches!(
        media_type,
        media_type::OCI_CONFIG | media_type::DOCKER_CONFIG
    )
}

/// The fields by which the kinds of manifest are told apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Probe {
    media_type: Option<String>,
    manifests: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
}

impl Probe {
    fn own_type(&self) -> Option<String> {
        let own = self.media_type.as_deref().map(media_type::essence);
        own.map(str::to_owned).or_else(|| {
            let meant = if self.manifests.is_some() {
                media_type::OCI_INDEX
            } else if self.config.is_some() && self.layers.is_some() {
                media_type::OCI_MANIFEST
            } else {
                return None;
            };
            Some(meant.to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(media_type: &str, text: &str) -> Result<Manifest> {
        Manifest::parse(media_type, Bytes::copy_from_slice(text.as_bytes()))
    }

    fn descriptor(media_type: &str) -> String {
        let digest = Digest::of(media_type.as_bytes());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":2}}"#)
    }

    #[test]
    fn an_image_says_its_config_layers_and_subject() {
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}],"subject":{}}}"#,
            media_type::OCI_MANIFEST,
            descriptor(media_type::OCI_CONFIG),
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
            descriptor(media_type::OCI_MANIFEST),
        );
        let manifest = parse(media_type::OCI_MANIFEST, &text).unwrap();
        assert_eq!(manifest.artifact_type(), None);
        assert!(manifest.subject().is_some());
        let Content::Image(image) = manifest.content() else {
            panic!("no image")
        };
        assert!(image.image_config().is_some());
        assert_eq!(image.layers.len(), 1);
    }

    #[test]
    fn an_artifact_is_typed_by_its_config_where_it_says_nothing_else() {
        let chart = "application/vnd.cncf.helm.config.v1+json";
        let text = format!(r#"{{"config":{},"layers":[]}}"#, descriptor(chart));
        let manifest = parse(media_type::OCI_MANIFEST, &text).unwrap();
        assert_eq!(manifest.artifact_type(), Some(chart));
    }

    #[test]
    fn a_type_that_says_nothing_gives_way_to_the_document() {
        let index = r#"{"schemaVersion":2,"manifests":[]}"#;
        for sent in ["application/json", "text/plain; charset=utf-8", ""] {
            let manifest = parse(sent, index).unwrap();
            assert_eq!(manifest.media_type(), media_type::OCI_INDEX, "{sent}");
        }
    }

    #[test]
    fn a_type_with_parameters_is_the_type() {
        let own = format!("{}; charset=utf-8", media_type::OCI_INDEX);
        let index = format!(r#"{{"schemaVersion":2,"mediaType":"{own}","manifests":[]}}"#);
        for sent in [&own, media_type::OCI_INDEX, ""] {
            let manifest = parse(sent, &index).unwrap();
            assert_eq!(manifest.media_type(), media_type::OCI_INDEX, "{sent}");
        }
    }

    #[test]
    fn a_document_that_means_two_things_is_refused() {
        let both = r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#;
        assert!(parse(media_type::OCI_INDEX, both).is_err());
        let other = format!(
            r#"{{"mediaType":"{}","manifests":[]}}"#,
            media_type::OCI_INDEX
        );
        assert!(parse(media_type::DOCKER_LIST, &other).is_err());
        assert!(parse(media_type::OCI_MANIFEST, r#"{"manifests":[]}"#).is_err());
    }

    #[test]
    fn layers_in_a_build_cache_are_no_children() {
        let text = format!(
            r#"{{"manifests":[{},{}]}}"#,
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
            descriptor("application/vnd.buildkit.cacheconfig.v0"),
        );
        let manifest = parse(media_type::OCI_INDEX, &text).unwrap();
        assert_eq!(manifest.children().count(), 0);
    }

    #[test]
    fn schema_1_is_kept_and_not_read() {
        let manifest = parse(media_type::DOCKER_SCHEMA_1, "{\"fsLayers\":[]}").unwrap();
        assert_eq!(manifest.content(), &Content::Opaque);
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for text in ["", "<html>", "[]", r#"{"manifests":{}}"#] {
            let error = parse(media_type::OCI_INDEX, text).unwrap_err();
            assert_eq!(error.code(), Code::UpstreamError, "{text}");
        }
    }
}
