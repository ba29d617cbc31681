//! Media types of manifests, and which family each belongs to.

use crate::error::{Code, Error};

/// OCI image manifest (image-spec 1.1, manifest.md).
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index (image-spec 1.1, image-index.md).
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// OCI image config (image-spec 1.1, config.md).
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The config of an artifact that has none (image-spec 1.1, "Guidance for an Empty Descriptor").
pub const OCI_EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// OCI artifact manifest, which image-spec 1.1 dropped and old registries still hold.
pub const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// Docker image manifest, version 2, schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Docker image config.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// The config of a build cache that `BuildKit` keeps in a registry.
pub const BUILDKIT_CACHE_CONFIG: &str = "application/vnd.buildkit.cacheconfig.v0";
/// Docker image manifest, version 2, schema 1, signed: its digest is not that of its bytes.
pub const DOCKER_SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/// Everything a manifest may be, as an `Accept` header: a registry turns an index into its
/// amd64 child for a client that does not ask for indexes.
pub const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.oci.artifact.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v1+prettyjws, \
     application/json;q=0.5, */*;q=0.1";

/// Whether it names an index of manifests.
///
/// # Examples
///
/// ```
/// use portreeve::oci::media_type;
/// assert!(media_type::is_index("application/vnd.oci.image.index.v1+json; charset=utf-8"));
/// assert!(!media_type::is_index("application/vnd.oci.image.layer.v1.tar+gzip"));
/// ```
#[must_use]
pub fn is_index(media_type: &str) -> bool {
    matches!(essence(media_type), OCI_INDEX | DOCKER_LIST)
}

/// Whether it names a manifest of any kind: an index, an image or an artifact. `BuildKit` cache
/// indexes list layers under `manifests`; by this they are told apart.
#[must_use]
pub fn is_manifest(media_type: &str) -> bool {
    is_index(media_type)
        || matches!(
            essence(media_type),
            OCI_MANIFEST | DOCKER_MANIFEST | OCI_ARTIFACT
        )
        || is_schema_1(media_type)
}

/// Whether it names a schema 1 manifest, which is listed and kept but not read.
#[must_use]
pub fn is_schema_1(media_type: &str) -> bool {
    essence(media_type).starts_with("application/vnd.docker.distribution.manifest.v1")
}

/// The error for a schema 1 manifest where an image is wanted.
pub(crate) fn schema_1_is_unsupported() -> Error {
    let found = "it is a Docker schema 1 manifest, a format that was given up in 2017 and whose \
                 digest is not that of its bytes";
    Error::new(Code::Unsupported, found).next(
        "pull it with Docker 25 or older and push it again, or build the image again; a current \
         client then writes an OCI manifest",
    )
}

/// The type without parameters such as `; charset=utf-8`.
#[must_use]
pub fn essence(media_type: &str) -> &str {
    media_type
        .split_once(';')
        .map_or(media_type, |(essence, _)| essence)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_header_names_every_manifest_and_is_one_line() {
        for one in [
            OCI_INDEX,
            OCI_MANIFEST,
            DOCKER_LIST,
            DOCKER_MANIFEST,
            OCI_ARTIFACT,
        ] {
            assert!(is_manifest(one) && ACCEPT.contains(one), "{one}");
        }
        assert!(http::HeaderValue::from_static(ACCEPT).to_str().is_ok());
    }

    #[test]
    fn schema_1_is_a_manifest_whether_signed_or_not() {
        assert!(is_schema_1(DOCKER_SCHEMA_1));
        assert!(is_schema_1(
            "application/vnd.docker.distribution.manifest.v1+json"
        ));
        assert!(!is_schema_1(DOCKER_MANIFEST));
    }
}
