//! `image::attached` against the registry in memory.

use portreeve::client::{Client, Settings};
use portreeve::error::Code;
use portreeve::image::{Attachments, Place, attached};
use portreeve::oci::{Digest, Kind, Target};

use crate::registry::{Fault, Profile};
use crate::support::memory_io::MemoryIo;

fn found(io: &MemoryIo, tag: &str) -> (Digest, portreeve::error::Result<Attachments>) {
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    let head = io.run(client.head("shop/web", &Target::Tag(tag.to_owned())));
    let digest = head.unwrap().unwrap().digest;
    (digest, io.run(attached(&client, "shop/web", &digest)))
}

#[test]
fn attestations_of_an_index_tell_their_platform_and_what_they_state() {
    let io = MemoryIo::shop(Profile::demo());
    let (_, found) = found(&io, "v1.4.2");
    let of_index: Vec<_> = found
        .unwrap()
        .attached
        .into_iter()
        .filter(|each| each.source == Place::Index)
        .collect();
    assert_eq!(of_index.len(), 2);
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    for each in of_index {
        assert_eq!(each.kind, Kind::Attestation);
        assert_eq!(each.predicate_types, ["https://slsa.dev/provenance/v0.2"]);
        let subject = io.run(client.head("shop/web", &Target::Digest(each.subject)));
        assert!(subject.unwrap().is_some());
    }
}

#[test]
fn a_signature_under_the_tag_of_cosign_is_found_and_known_by_its_content() {
    let io = MemoryIo::shop(Profile::demo());
    let (digest, found) = found(&io, "v1.4.2");
    let found = found.unwrap();
    let signatures: Vec<_> = found
        .attached
        .iter()
        .filter(|each| each.kind == Kind::Signature)
        .collect();
    assert_eq!(signatures.len(), 1);
    assert_eq!(signatures[0].source, Place::CosignTag);
    assert_eq!(signatures[0].subject, digest);
    assert!(found.completeness.complete);
}

#[test]
fn an_sbom_is_found_with_the_referrers_api_and_without() {
    for (profile, source) in [
        (Profile::ociregistry(), Place::Api),
        (Profile::distribution_3(), Place::FallbackTag),
    ] {
        let io = MemoryIo::shop(profile);
        let (_, found) = found(&io, "v1.4.0");
        let found = found.unwrap().attached;
        let sboms: Vec<_> = found
            .iter()
            .filter(|each| each.kind == Kind::Sbom)
            .collect();
        assert_eq!(sboms.len(), 1, "{source:?}");
        assert_eq!(sboms[0].source, source);
    }
}

#[test]
fn an_attestation_that_is_gone_is_told_of_without_what_it_states() {
    let io = MemoryIo::shop(Profile::demo());
    let (_, whole) = found(&io, "v1.4.2");
    let gone = whole.unwrap().attached[0].descriptor.digest;
    let path = format!("/v2/shop/web/manifests/{gone}");
    io.fault(Fault::on("GET", &path).status(404).times(0));
    let (_, found) = found(&io, "v1.4.2");
    let first = &found.unwrap().attached[0];
    assert_eq!(first.kind, Kind::Attestation);
    assert!(first.predicate_types.is_empty());
}

#[test]
fn a_manifest_that_is_not_there_has_nothing_attached_but_an_error() {
    let io = MemoryIo::shop(Profile::demo());
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    let nobody = Digest::of(b"nobody");
    let missing = io.run(attached(&client, "shop/web", &nobody)).unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}
