//! Docker schema 1: refused where somebody wants an image, kept where somebody cleans up.

use portreeve::client::{Client, Settings};
use portreeve::error::Code;
use portreeve::image;
use portreeve::oci::{Content, Digest, Target, media_type};

use crate::cleanup::read;
use crate::registry::{Profile, State};
use crate::support::memory_io::{MemoryIo, NOON};

/// As distribution 2.8 keeps it: the digest is that of the payload, without the signatures.
const SIGNED: &[u8] = br#"{"schemaVersion":1,"name":"team/web","tag":"old","architecture":"amd64",
    "fsLayers":[{"blobSum":"sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4"}],
    "history":[{"v1Compatibility":"{}"}],"signatures":[{"protected":"e30"}]}"#;

/// A registry that names it by `digest`.
fn registry(digest: &Digest) -> (MemoryIo, Client<MemoryIo>) {
    let mut state = State::default();
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let (repository, name) = (state.repository("team/web"), digest.to_string());
    repository.put_manifest_at(&name, media_type::DOCKER_SCHEMA_1, SIGNED.into(), now);
    repository.tag("old", &name);
    let io = MemoryIo::new(Profile::demo(), state, NOON);
    let client = Client::new(io.clone(), Settings::new("127.0.0.1:5555")).unwrap();
    (io, client)
}

#[test]
fn who_wants_an_image_is_told_what_it_is_and_what_to_do() {
    // by the digest of its bytes (unsigned, or rewritten), and by that of its payload
    for digest in [Digest::of(SIGNED), Digest::of(b"payload")] {
        let (io, client) = registry(&digest);
        let old = Target::Tag("old".to_owned());
        let error = io
            .run(image::describe(&client, "team/web", &old, None))
            .unwrap_err();
        assert_eq!(error.code(), Code::Unsupported, "{digest}");
        assert!(error.found().contains("Docker schema 1"), "{error}");
        assert!(
            error.advice().unwrap().contains("build the image again"),
            "{error}"
        );
    }
}

#[test]
fn cleanup_keeps_it_unread() {
    let (io, client) = registry(&Digest::of(SIGNED));
    let old = Target::Tag("old".to_owned());
    let manifest = io.run(client.manifest("team/web", &old)).unwrap().unwrap();
    assert_eq!(manifest.content(), &Content::Opaque);
    assert_eq!(manifest.bytes(), SIGNED);
    let inventory = read(&io, "team/web", None).unwrap();
    assert!(inventory.complete, "{:?}", inventory.incomplete_reason);
    assert_eq!(inventory.len(), 1);
    assert_eq!(
        inventory.image(0).unwrap().media_type(),
        media_type::DOCKER_SCHEMA_1
    );

    // under a digest that cannot be compared it is there all the same, and says so
    let (io, _) = registry(&Digest::of(b"payload"));
    let inventory = read(&io, "team/web", None).unwrap();
    let kept = inventory.image(0).unwrap();
    assert_eq!(kept.digest(), Digest::of(b"payload"));
    assert!(kept.unreadable().unwrap().contains("schema 1"));
}
