//! Images, indexes and what hangs on them, pushed into a repository as a client would.

use bytes::Bytes;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::content::{self, Content};
use super::super::state::Repository;
use super::layer::Layer;

pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// Which family of media types an image is written in.
#[derive(Clone, Copy)]
pub(super) enum Family {
    Oci,
    Docker,
}

/// What an image is made of.
pub(super) struct Image<'a> {
    pub(super) family: Family,
    pub(super) architecture: &'a str,
    /// The layers from the bottom up, each with the command that made it.
    pub(super) layers: &'a [(&'a Layer, &'a str)],
    pub(super) labels: Value,
    /// When it was built; its push is the repository's business.
    pub(super) created: OffsetDateTime,
    pub(super) pushed: OffsetDateTime,
}

/// Pushes an image and returns its descriptor, platform included.
pub(super) fn push(repository: &mut Repository, image: &Image<'_>) -> Value {
    let (manifest_type, config_type, layer_type) = match image.family {
        Family::Oci => (OCI_MANIFEST, OCI_CONFIG, OCI_LAYER),
        Family::Docker => (DOCKER_MANIFEST, DOCKER_CONFIG, DOCKER_LAYER),
    };
    let created = rfc3339(image.created);
    let diff_ids: Vec<&str> = image
        .layers
        .iter()
        .map(|(layer, _)| layer.diff_id.as_str())
        .collect();
    let history: Vec<Value> = image
        .layers
        .iter()
        .map(|(_, command)| json!({ "created": created, "created_by": command }))
        .collect();
    let config = json!({
        "architecture": image.architecture,
        "os": "linux",
        "created": created,
        "config": {
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"],
            "Entrypoint": ["/usr/bin/shop"],
            "WorkingDir": "/",
            "Labels": image.labels,
        },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    });
    let config = blob(repository, config_type, Bytes::from(config.to_string()));
    let layers: Vec<Value> = image
        .layers
        .iter()
        .map(|(layer, _)| blob(repository, layer_type, layer.bytes.clone()))
        .collect();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": manifest_type,
        "config": config,
        "layers": layers,
    });
    let mut descriptor = manifest_of(repository, manifest_type, &manifest, image.pushed);
    descriptor["platform"] = json!({ "architecture": image.architecture, "os": "linux" });
    descriptor
}

/// Pushes the attestation that buildx puts beside a platform's image, and returns its descriptor.
///
/// Shape: `BuildKit` docs, "Image attestation storage".
pub(super) fn push_attestation(
    repository: &mut Repository,
    subject: &Value,
    pushed: OffsetDateTime,
) -> Value {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2",
        "subject": [{ "name": "pkg:docker/shop/web", "digest": { "sha256": encoded(subject) } }],
        "predicate": { "buildType": "https://mobyproject.org/buildkit@v1", "materials": [] },
    });
    let mut layer = blob(
        repository,
        "application/vnd.in-toto+json",
        Bytes::from(statement.to_string()),
    );
    let config = json!({
        "architecture": "unknown",
        "os": "unknown",
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
    });
    layer["annotations"] =
        json!({ "in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2" });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": blob(repository, OCI_CONFIG, Bytes::from(config.to_string())),
        "layers": [layer],
    });
    let mut descriptor = manifest_of(repository, OCI_MANIFEST, &manifest, pushed);
    descriptor["annotations"] = json!({
        "vnd.docker.reference.digest": subject["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    });
    descriptor["platform"] = json!({ "architecture": "unknown", "os": "unknown" });
    descriptor
}

/// Pushes a cosign signature of `subject` under its fallback tag `sha256-<hex>.sig`.
///
/// Shape: sigstore/cosign, `specs/SIGNATURE_SPEC.md`.
pub(super) fn push_signature(repository: &mut Repository, subject: &Value, pushed: OffsetDateTime) {
    let payload = json!({
        "critical": {
            "identity": { "docker-reference": "shop/web" },
            "image": { "docker-manifest-digest": subject["digest"] },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    let mut layer = blob(
        repository,
        "application/vnd.dev.cosign.simplesigning.v1+json",
        Bytes::from(payload.to_string()),
    );
    let config = json!({
        "architecture": "",
        "created": "0001-01-01T00:00:00Z",
        "history": [{ "created": "0001-01-01T00:00:00Z" }],
        "os": "",
        "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
        "config": {},
    });
    layer["annotations"] = json!({ "dev.cosignproject.cosign/signature": "ZGVtbw==" });
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": blob(repository, OCI_CONFIG, Bytes::from(config.to_string())),
        "layers": [layer],
    });
    let signature = manifest_of(repository, OCI_MANIFEST, &manifest, pushed);
    let tag = format!("sha256-{}.sig", encoded(subject));
    repository.tag(&tag, &digest(&signature));
}

/// Pushes an SBOM that names `subject`, and returns its descriptor.
pub(super) fn push_sbom(
    repository: &mut Repository,
    subject: &Value,
    pushed: OffsetDateTime,
) -> Value {
    let sbom = json!({ "spdxVersion": "SPDX-2.3", "name": "shop/web", "packages": [] });
    let layer = blob(
        repository,
        "application/spdx+json",
        Bytes::from(sbom.to_string()),
    );
    let config = blob(
        repository,
        "application/vnd.oci.empty.v1+json",
        Bytes::from_static(b"{}"),
    );
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": "application/spdx+json",
        "config": config,
        "layers": [layer],
        "subject": {
            "mediaType": subject["mediaType"],
            "digest": subject["digest"],
            "size": subject["size"],
        },
        "annotations": { "org.opencontainers.image.created": rfc3339(pushed) },
    });
    let mut descriptor = manifest_of(repository, OCI_MANIFEST, &manifest, pushed);
    descriptor["artifactType"] = manifest["artifactType"].clone();
    descriptor
}

/// Pushes an index of these descriptors and returns its own.
pub(super) fn push_index(
    repository: &mut Repository,
    manifests: &[Value],
    annotations: &Value,
    pushed: OffsetDateTime,
) -> Value {
    let mut index = json!({
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": manifests,
    });
    if !annotations.is_null() {
        index["annotations"] = annotations.clone();
    }
    manifest_of(repository, OCI_INDEX, &index, pushed)
}

/// The digest in a descriptor.
pub(super) fn digest(descriptor: &Value) -> String {
    descriptor["digest"].as_str().unwrap_or_default().to_owned()
}

/// The digest in a descriptor without its algorithm, as fallback tags write it.
pub(super) fn encoded(descriptor: &Value) -> String {
    digest(descriptor).replace("sha256:", "")
}

fn manifest_of(
    repository: &mut Repository,
    media_type: &str,
    manifest: &Value,
    pushed: OffsetDateTime,
) -> Value {
    let bytes = Bytes::from(manifest.to_string());
    let size = bytes.len();
    let digest = repository.put_manifest(media_type, bytes, pushed);
    json!({ "mediaType": media_type, "digest": digest, "size": size })
}

fn blob(repository: &mut Repository, media_type: &str, bytes: Bytes) -> Value {
    let digest = content::digest(&bytes);
    let size = bytes.len();
    repository
        .blobs
        .insert(digest.clone(), Content::Held(bytes));
    json!({ "mediaType": media_type, "digest": digest, "size": size })
}

fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339)
        .expect("a time of this century has that form")
}
