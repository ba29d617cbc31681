//! What a manifest is, by what its content says. Tags and names prove nothing.
//!
//! Sources: image-spec 1.1 "Guidelines for Artifact Usage"; cosign's `SIGNATURE_SPEC.md` and
//! `ATTESTATION_SPEC.md`; buildx's attestation storage; Helm's OCI support; `BuildKit`'s cache
//! exporters; Notary's `signature-specification.md`.

use serde::{Deserialize, Serialize};

use super::{Content, Descriptor, Manifest};

/// What a manifest is to a person.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Kind;
/// assert_eq!(serde_json::to_string(&Kind::Sbom).unwrap(), r#""sbom""#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// A single-platform image.
    Image,
    /// An index of images.
    Index,
    /// A signature.
    Signature,
    /// An attestation, such as buildx provenance.
    Attestation,
    /// A bill of materials.
    Sbom,
    /// A Helm chart.
    Chart,
    /// A build cache.
    Cache,
    /// Anything else, archived images and schema 1 among them.
    Other,
}

impl Kind {
    /// Whether the policy's kind `image` means it.
    #[must_use]
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Image | Self::Index)
    }

    /// The word that documents use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Index => "index",
            Self::Signature => "signature",
            Self::Attestation => "attestation",
            Self::Sbom => "sbom",
            Self::Chart => "chart",
            Self::Cache => "cache",
            Self::Other => "other",
        }
    }
}

/// Media and artifact types by prefix, the first match deciding.
const KINDS: &[(&str, Kind)] = &[
    ("application/vnd.cncf.helm.", Kind::Chart),
    ("application/vnd.buildkit.cacheconfig.", Kind::Cache),
    ("application/vnd.dev.cosign.simplesigning.", Kind::Signature),
    ("application/vnd.dev.cosign.artifact.sig.", Kind::Signature),
    ("application/vnd.dev.sigstore.bundle", Kind::Signature),
    ("application/vnd.cncf.notary.signature", Kind::Signature),
    ("application/vnd.in-toto+", Kind::Attestation),
    ("application/vnd.dsse.envelope.", Kind::Attestation),
    ("application/vnd.dev.cosign.artifact.sbom.", Kind::Sbom),
    ("application/spdx", Kind::Sbom),
    ("text/spdx", Kind::Sbom),
    ("application/vnd.cyclonedx", Kind::Sbom),
    ("application/vnd.syft", Kind::Sbom),
];

/// The kind of a manifest that was read.
///
/// cosign's signatures and buildx's attestations carry an image's config: their layers tell.
#[must_use]
pub(crate) fn of_manifest(manifest: &Manifest) -> Kind {
    if let Some(kind) = manifest.artifact_type().and_then(by_type) {
        return kind;
    }
    match manifest.content() {
        Content::Index(index) => {
            let lists_cache = |child: &Descriptor| by_type(&child.media_type) == Some(Kind::Cache);
            if index.manifests.iter().any(lists_cache) {
                Kind::Cache
            } else if manifest.artifact_type().is_some() {
                Kind::Other
            } else {
                Kind::Index
            }
        }
        Content::Image(image) => {
            let mut layers = image.layers.iter();
            let of_first = layers.next().and_then(|layer| by_type(&layer.media_type));
            match of_first {
                Some(kind) if layers.all(|layer| by_type(&layer.media_type) == of_first) => kind,
                _ if manifest.artifact_type().is_none() && image.image_config().is_some() => {
                    Kind::Image
                }
                _ => Kind::Other,
            }
        }
        _ => Kind::Other,
    }
}

/// The kind of an index's child by its descriptor alone: buildx marks its attestations there.
#[must_use]
pub(crate) fn of_child(child: &Descriptor) -> Kind {
    if child.is_attestation() {
        return Kind::Attestation;
    }
    match child.artifact_type.as_deref() {
        Some(artifact) => by_type(artifact).unwrap_or(Kind::Other),
        None => Kind::Image,
    }
}

/// The kind that an artifact type alone tells.
pub(crate) fn by_type(media_type: &str) -> Option<Kind> {
    let starts = |(prefix, _): &&(&str, Kind)| media_type.starts_with(prefix);
    KINDS.iter().find(starts).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::oci::{Digest, media_type};

    fn descriptor(media_type: &str) -> String {
        let digest = Digest::of(media_type.as_bytes());
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":2}}"#)
    }

    fn image(config: &str, layers: &[&str], more: &str) -> Kind {
        let layers: Vec<String> = layers.iter().map(|layer| descriptor(layer)).collect();
        let text = format!(
            r#"{{"config":{},"layers":[{}]{more}}}"#,
            descriptor(config),
            layers.join(",")
        );
        of_manifest(&Manifest::parse(media_type::OCI_MANIFEST, Bytes::from(text)).unwrap())
    }

    #[test]
    fn every_tool_is_known_by_what_it_writes() {
        let layer = "application/vnd.oci.image.layer.v1.tar+gzip";
        let empty = media_type::OCI_EMPTY;
        let config = media_type::OCI_CONFIG;
        for (tool, kind, found) in [
            ("docker build", Kind::Image, image(config, &[layer], "")),
            ("FROM scratch", Kind::Image, image(config, &[], "")),
            (
                "cosign sign",
                Kind::Signature,
                image(
                    config,
                    &["application/vnd.dev.cosign.simplesigning.v1+json"],
                    "",
                ),
            ),
            (
                "cosign attest",
                Kind::Attestation,
                image(config, &["application/vnd.dsse.envelope.v1+json"], ""),
            ),
            (
                "buildx --provenance --sbom",
                Kind::Attestation,
                image(config, &["application/vnd.in-toto+json"; 2], ""),
            ),
            (
                "cosign attach sbom",
                Kind::Sbom,
                image(config, &["application/vnd.cyclonedx+json"], ""),
            ),
            (
                "oras attach",
                Kind::Sbom,
                image(
                    empty,
                    &["text/plain"],
                    r#","artifactType":"application/spdx+json""#,
                ),
            ),
            (
                "notation sign",
                Kind::Signature,
                image(
                    empty,
                    &["application/jose+json"],
                    r#","artifactType":"application/vnd.cncf.notary.signature""#,
                ),
            ),
            (
                "helm push",
                Kind::Chart,
                image("application/vnd.cncf.helm.config.v1+json", &["x/y"], ""),
            ),
            (
                "buildx --cache-to image-manifest=true",
                Kind::Cache,
                image("application/vnd.buildkit.cacheconfig.v0", &[layer], ""),
            ),
            ("oras push", Kind::Other, image(empty, &["text/plain"], "")),
            (
                "an image with a signature among its layers",
                Kind::Image,
                image(
                    config,
                    &["application/vnd.dev.cosign.simplesigning.v1+json", layer],
                    "",
                ),
            ),
        ] {
            assert_eq!(found, kind, "{tool}");
        }
    }

    #[test]
    fn an_index_that_lists_a_cache_config_is_a_cache() {
        let index = |children: &[&str]| {
            let children: Vec<String> = children.iter().map(|child| descriptor(child)).collect();
            let text = format!(r#"{{"manifests":[{}]}}"#, children.join(","));
            of_manifest(&Manifest::parse(media_type::OCI_INDEX, Bytes::from(text)).unwrap())
        };
        assert_eq!(index(&[media_type::OCI_MANIFEST]), Kind::Index);
        assert_eq!(index(&[]), Kind::Index);
        assert_eq!(
            index(&["application/vnd.buildkit.cacheconfig.v0"]),
            Kind::Cache
        );
    }
}
