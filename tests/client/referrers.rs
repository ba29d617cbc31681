//! What refers to a manifest: from the registry's list, the fallback tag, cosign's tags.

use portreeve::client::{Cause, Referrer, ReferrerListing, Referrers, Source};
use portreeve::oci::{Digest, media_type};

use super::*;
use crate::registry::Fault;

const SBOM: &str = "application/spdx+json";
const SIGNATURE: &str = "application/vnd.cncf.notary.signature";

/// A repository `a` with one image and so many referrers, every third of them an SBOM.
fn signed(profile: Profile, count: usize) -> (Client<MemoryIo>, MemoryIo, Digest) {
    let mut state = State::default();
    let image = put(&mut state, &manifest("", None));
    for number in 0..count {
        let kind = if number % 3 == 0 { SBOM } else { SIGNATURE };
        let referrer = manifest(
            &format!(r#","artifactType":"{kind}","annotations":{{"n":"{number}"}}"#),
            Some(image),
        );
        put(&mut state, &referrer);
    }
    let io = MemoryIo::new(profile, state, NOON);
    let client = Client::new(io.clone(), settings()).unwrap();
    (client, io, image)
}

fn manifest(more: &str, subject: Option<Digest>) -> String {
    let descriptor = |digest: Digest| {
        let kind = media_type::OCI_MANIFEST;
        format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":2}}"#)
    };
    let subject = subject.map_or_else(String::new, |subject| {
        format!(r#","subject":{}"#, descriptor(subject))
    });
    let config = descriptor(Digest::of(b"{}"));
    format!(r#"{{"schemaVersion":2,"config":{config},"layers":[]{more}{subject}}}"#)
}

fn put(state: &mut State, text: &str) -> Digest {
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let bytes = text.to_owned().into_bytes().into();
    let repository = state.repository("a");
    let digest = repository.put_manifest(media_type::OCI_MANIFEST, bytes, now);
    digest.parse().unwrap()
}

fn all(io: &MemoryIo, listing: ReferrerListing<MemoryIo>) -> Referrers {
    io.run(listing.all()).unwrap()
}

#[test]
fn pages_are_followed_to_their_end() {
    let profile = Profile {
        referrers_page: Some(7),
        ..Profile::zot()
    };
    let (client, io, image) = signed(profile, 30);
    let found = all(&io, client.referrers("a", &image));
    assert_eq!(found.found.len(), 30);
    assert!(found.completeness.complete);
    assert_eq!(found.source, Some(Source::Api));
    assert_eq!(io.requests().len(), 5);
}

#[test]
fn a_type_is_filtered_by_the_registry_and_here() {
    // the second page's link has lost the filter, so those pages come unfiltered
    for page in [None, Some(7)] {
        let profile = Profile {
            referrers_page: page,
            ..Profile::zot()
        };
        let (client, io, image) = signed(profile, 30);
        let found = all(&io, client.referrers("a", &image).artifact_type(SBOM));
        assert_eq!(found.found.len(), 10, "{page:?}");
        let of_type = |found: &Referrer| found.descriptor.artifact_type.as_deref() == Some(SBOM);
        assert!(found.found.iter().all(of_type), "{page:?}");
        assert!(found.completeness.complete, "{page:?}");
        let first = &io.targets("GET")[0];
        assert!(
            first.ends_with("?artifactType=application%2Fspdx%2Bjson"),
            "{first}"
        );
    }
}

#[test]
fn a_filter_that_nobody_asked_for_makes_the_list_incomplete() {
    for (row, applied, wanted, complete) in [
        ("asked for", "artifactType", Some(SBOM), true),
        ("not asked for", "artifactType", None, false),
        (
            "another beside it",
            "artifactType, annotation",
            Some(SBOM),
            false,
        ),
    ] {
        let (client, io, image) = signed(Profile::zot(), 3);
        let fault = Fault::on("GET", "/v2/a/referrers/*");
        io.fault(fault.header("oci-filters-applied", applied));
        let mut listing = client.referrers("a", &image);
        if let Some(wanted) = wanted {
            listing = listing.artifact_type(wanted);
        }
        assert_eq!(all(&io, listing).completeness.complete, complete, "{row}");
    }
}

#[test]
fn a_limit_stops_the_list_and_says_so() {
    let profile = Profile {
        referrers_page: Some(7),
        ..Profile::zot()
    };
    for (limit, requests, cause) in [
        (5, 1, Some(Cause::Limited)),
        (7, 1, Some(Cause::Limited)),
        (8, 2, Some(Cause::Limited)),
        (30, 5, None),
        (99, 5, None),
    ] {
        let (client, io, image) = signed(profile.clone(), 30);
        let found = all(&io, client.referrers("a", &image).limit(limit));
        assert_eq!(found.found.len(), limit.min(30));
        assert_eq!(found.completeness.cause, cause, "{limit}");
        assert_eq!(io.requests().len(), requests, "{limit}");
    }
}

#[test]
fn an_index_under_the_fallback_tag_takes_the_lists_place() {
    let (client, io, image) = signed(Profile::distribution_3(), 0);
    let entry = |name: &str, kind: &str| {
        let digest = Digest::of(name.as_bytes());
        let manifest = media_type::OCI_MANIFEST;
        format!(
            r#"{{"mediaType":"{manifest}","digest":"{digest}","size":2,"artifactType":"{kind}"}}"#
        )
    };
    let entries = [entry("x", SBOM), entry("y", SIGNATURE), entry("x", SBOM)].join(",");
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{entries}]}}"#);
    {
        let mut registry = io.registry();
        let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
        let repository = registry.state.repository("a");
        let bytes = index.into_bytes().into();
        let digest = repository.put_manifest(media_type::OCI_INDEX, bytes, now);
        repository.tag(&image.fallback_tag(), &digest);
    }
    let found = all(&io, client.referrers("a", &image));
    assert_eq!(found.source, Some(Source::FallbackTag));
    assert_eq!(found.found.len(), 2, "each once");
    let found = all(&io, client.referrers("a", &image).artifact_type(SBOM));
    assert_eq!(found.found.len(), 1);
    assert_eq!(found.found[0].source, Source::FallbackTag);
}

#[test]
fn cosigns_tags_are_a_further_source_and_marked() {
    for profile in [Profile::zot(), Profile::distribution_3()] {
        let name = profile.name;
        let (client, io, image) = signed(profile, 0);
        let signature = {
            let mut registry = io.registry();
            let signature = put(&mut registry.state, &manifest("", None));
            let repository = registry.state.repository("a");
            repository.tag(
                &format!("{}.sig", image.fallback_tag()),
                &signature.to_string(),
            );
            signature
        };
        let without = all(&io, client.referrers("a", &image));
        assert_eq!(without.found, [], "{name}");
        let before = io.requests().len();
        let found = all(&io, client.referrers("a", &image).cosign_tags());
        assert_eq!(found.found.len(), 1, "{name}");
        let Referrer {
            descriptor, source, ..
        } = &found.found[0];
        assert_eq!(
            (descriptor.digest, *source),
            (signature, Source::CosignTag),
            "{name}"
        );
        let heads = io.targets("HEAD").len();
        assert_eq!(heads, 3, "{name}");
        assert!(io.requests().len() - before <= 5, "{name}");
        let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
        let of_kind = client
            .referrers("a", &image)
            .cosign_tags()
            .artifact_type(kind);
        assert_eq!(all(&io, of_kind).found.len(), 1, "{name}");
        let of_other = client
            .referrers("a", &image)
            .cosign_tags()
            .artifact_type(SBOM);
        assert_eq!(all(&io, of_other).found, [], "{name}");
    }
}

#[test]
fn throttling_in_the_middle_gives_what_was_read_until_then() {
    let profile = Profile {
        referrers_page: Some(7),
        ..Profile::zot()
    };
    let (client, io, image) = signed(profile, 30);
    let fault = Fault {
        skip: 2,
        ..Fault::on("GET", "/v2/a/referrers/*")
    };
    io.fault(fault.status(429).times(0));
    let found = all(&io, client.referrers("a", &image));
    assert_eq!(found.found.len(), 14);
    assert_eq!(found.completeness.cause, Some(Cause::Throttled));
    let error = io.run(client.referrers("a", &image).all()).unwrap_err();
    assert_eq!(error.code().as_str(), "throttled", "nothing was read");
}

#[test]
fn its_own_requests_are_counted_with_those_for_tokens() {
    let profile = Profile {
        authentication: Profile::bearer().authentication,
        ..Profile::zot()
    };
    let (client, io, image) = signed(profile, 3);
    let mut listing = client.referrers("a", &image);
    while io.run(listing.next_page()).unwrap().is_some() {}
    // the challenge, the token, the list
    assert_eq!(listing.requests_used(), 3);
    assert_eq!(io.requests().len(), 3);
}
