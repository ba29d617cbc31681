//! Content that is named by sha512, on a registry that takes it.

use futures_util::StreamExt as _;
use portreeve::client::{Client, Settings, Source};
use portreeve::error::{Code, Result};
use portreeve::io::Body as _;
use portreeve::oci::{Algorithm, Digest, Target, media_type};
use serde_json::json;

use crate::cleanup::read;
use crate::registry::{Content, Fault, Profile, State};
use crate::support::memory_io::{MemoryIo, NOON};

const REPOSITORY: &str = "team/web";
const LAYER: &[u8] = b"a layer that is long enough to come in more than one piece";

fn named(bytes: &[u8]) -> Digest {
    Algorithm::Sha512.digest_of(bytes)
}

/// An image `v1`, its layer and the list of its referrers, everything by sha512.
struct Place {
    io: MemoryIo,
    client: Client<MemoryIo>,
    image: Digest,
    sbom: Digest,
}

fn place() -> Place {
    let profile = Profile {
        sha512: true,
        referrers: false,
        ..Profile::demo()
    };
    let mut state = State::default();
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let repository = state.repository(REPOSITORY);
    let mut put = |document: serde_json::Value| {
        let bytes = document.to_string().into_bytes();
        let (digest, size) = (named(&bytes), bytes.len());
        let media_type = document["mediaType"].as_str().unwrap().to_owned();
        repository.put_manifest_at(&digest.to_string(), &media_type, bytes.into(), now);
        (
            digest,
            json!({ "mediaType": media_type, "digest": digest, "size": size }),
        )
    };
    let layer = json!({
        "mediaType": "application/vnd.oci.image.layer.v1.tar",
        "digest": named(LAYER), "size": LAYER.len()
    });
    let empty = json!({
        "mediaType": media_type::OCI_EMPTY, "digest": named(b"{}"), "size": 2
    });
    let (image, described) = put(json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": empty, "layers": [layer]
    }));
    let (sbom, listed) = put(json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "artifactType": "application/spdx+json",
        "config": empty, "layers": [layer], "subject": described
    }));
    let (list, _) = put(json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [listed]
    }));
    repository.tag("v1", &image.to_string());
    repository.tag(&image.fallback_tag(), &list.to_string());
    for bytes in [LAYER, b"{}"] {
        let content = Content::from(bytes.to_vec());
        repository.blobs.insert(named(bytes).to_string(), content);
    }
    let io = MemoryIo::new(profile, state, NOON);
    let client = Client::new(io.clone(), Settings::new("127.0.0.1:5555")).unwrap();
    Place {
        io,
        client,
        image,
        sbom,
    }
}

#[test]
fn a_manifest_is_read_and_compared_by_its_own_algorithm() {
    let Place {
        io, client, image, ..
    } = place();
    let tag = Target::Tag("v1".to_owned());
    let head = io.run(client.head(REPOSITORY, &tag)).unwrap().unwrap();
    assert_eq!(head.digest, image);
    for target in [tag, Target::Digest(image)] {
        let manifest = io.run(client.manifest(REPOSITORY, &target)).unwrap();
        assert_eq!(manifest.unwrap().digest(), image, "{target}");
        io.fault(Fault {
            corrupt: true,
            ..Fault::on("GET", "/v2/**")
        });
        let error = io.run(client.manifest(REPOSITORY, &target)).unwrap_err();
        assert_eq!(error.code(), Code::DigestMismatch, "{target}: {error}");
    }
}

async fn pieces(client: &Client<MemoryIo>) -> Result<Vec<u8>> {
    let blob = client.blob(REPOSITORY, &named(LAYER)).await?;
    let mut pieces = std::pin::pin!(blob.body.stream());
    let mut whole = Vec::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
    }
    Ok(whole)
}

#[test]
fn a_blob_breaks_off_before_its_last_piece_where_it_is_another() {
    let Place { io, client, .. } = place();
    assert_eq!(io.run(pieces(&client)).unwrap(), LAYER);
    io.fault(Fault {
        corrupt: true,
        ..Fault::on("GET", "/v2/**")
    });
    let error = io.run(pieces(&client)).unwrap_err();
    assert_eq!(error.code(), Code::DigestMismatch);
}

#[test]
fn referrers_are_found_under_the_shortened_tag() {
    let Place {
        io,
        client,
        image,
        sbom,
    } = place();
    let referrers = io.run(client.referrers(REPOSITORY, &image).all()).unwrap();
    assert_eq!(referrers.source, Some(Source::FallbackTag));
    let found: Vec<Digest> = referrers
        .found
        .iter()
        .map(|one| one.descriptor.digest)
        .collect();
    assert_eq!(found, [sbom]);
}

#[test]
fn cleanup_sees_whose_referrers_a_shortened_tag_holds() {
    let Place { io, image, .. } = place();
    let inventory = read(&io, REPOSITORY, None).unwrap();
    let tag = image.fallback_tag();
    let list = inventory
        .images()
        .find(|image| image.tags().any(|one| one.name == tag))
        .unwrap();
    assert_eq!(list.fallback_for(), Some(image));
    assert_eq!(list.own_tags().count(), 0);
    // under the tag of another it is a manifest like any other
    let moved = named(b"another").fallback_tag();
    let (from, to) = (list.digest().to_string(), moved.clone());
    io.registry().state.repository(REPOSITORY).tag(&to, &from);
    let inventory = read(&io, REPOSITORY, None).unwrap();
    let list = inventory
        .images()
        .find(|image| image.tags().any(|one| one.name == moved))
        .unwrap();
    assert_eq!(list.own_tags().count(), 1);
}
