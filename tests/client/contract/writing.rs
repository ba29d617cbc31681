//! Storing, taking tags, deleting.

use std::rc::Rc;

use bytes::Bytes;
use portreeve::client::{Arrival, Deletion, Upload, Writer};
use portreeve::error::{Code, Result};
use portreeve::io::{Body as _, InMemory};
use portreeve::oci::{Algorithm, media_type};
use portreeve::registries::profile::DeleteBy;

use super::*;

const BLOB: &[u8] = &[7; 3000];

fn tag(name: &str) -> Target {
    Target::Tag(name.to_owned())
}

fn writer(place: &Place) -> Writer<MemoryIo> {
    Writer::new(place.client.clone())
}

fn upload(place: &Place, upload: &Upload) -> Result<Arrival> {
    let source = Rc::new(InMemory(BLOB.into()));
    let writer = writer(place);
    let uploaded = place.io.run(writer.upload("shop/web", source, upload))?;
    assert_eq!(uploaded.digest, Digest::of(BLOB), "{}", place.row.id());
    assert_eq!(uploaded.size, 3000, "{}", place.row.id());
    Ok(uploaded.arrival)
}

#[test]
fn a_blob_is_pushed_whole_and_in_pieces_and_read_back() {
    for piece in [None, Some(1000)] {
        for row in rows() {
            let place = row.open(Who::User);
            let mut pieces = Upload::default();
            pieces.piece = piece;
            let arrival = upload(&place, &pieces).unwrap();
            assert_eq!(arrival, Arrival::Sent, "{} {piece:?}", place.row.id());
            let read = place.io.run(async {
                let blob = place.client.blob("shop/web", &Digest::of(BLOB)).await?;
                blob.body.bytes(1 << 20).await
            });
            assert_eq!(read.unwrap(), BLOB, "{} {piece:?}", place.row.id());
            pieces.digest = Some(Digest::of(BLOB));
            let again = upload(&place, &pieces);
            assert_eq!(again.unwrap(), Arrival::AlreadyThere, "{}", place.row.id());
        }
    }
}

#[test]
fn a_blob_pushed_under_another_digest_is_refused() {
    for row in rows() {
        let place = row.open(Who::User);
        let mut wrong = Upload::default();
        wrong.digest = Some(Digest::of(b"something else"));
        let error = upload(&place, &wrong).unwrap_err();
        assert_eq!(
            error.code(),
            Code::DigestMismatch,
            "{}: {error}",
            place.row.id()
        );
        let web = place.repository("shop/web");
        assert!(!web.blobs.contains_key(&Digest::of(BLOB).to_string()));
    }
}

#[test]
fn a_blob_named_by_sha512_is_taken_where_the_registry_knows_it() {
    for row in rows() {
        let place = row.open(Who::User);
        let digest = Algorithm::Sha512.digest_of(BLOB);
        let mut named = Upload::default();
        named.digest = Some(digest);
        let source = Rc::new(InMemory(BLOB.into()));
        let writer = writer(&place);
        let outcome = place.io.run(writer.upload("shop/web", source, &named));
        let taken = outcome.is_ok();
        assert!(
            allows(place.row.says.sha512, taken),
            "{}: {outcome:?}",
            place.row.id()
        );
        let web = place.repository("shop/web");
        assert_eq!(
            web.blobs.contains_key(&digest.to_string()),
            taken,
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn a_blob_of_another_repository_is_mounted() {
    for row in rows() {
        let place = row.open(Who::User);
        upload(&place, &Upload::default()).unwrap();
        let digest = Digest::of(BLOB);
        let mounted = writer(&place);
        let mounted = mounted.mount("shop/many", &digest, "shop/web");
        assert!(place.io.run(mounted).unwrap(), "{}", place.row.id());
        let many = place.repository("shop/many");
        assert!(
            many.blobs.contains_key(&digest.to_string()),
            "{}",
            place.row.id()
        );
    }
}

/// An index of nothing but the image that `shop/many` has: every registry takes it.
fn manifest(place: &Place) -> Bytes {
    let web = place.repository("shop/web");
    let latest = &web.manifests[&web.tags["latest"].digest];
    let mut json = latest.json();
    json["annotations"] = serde_json::json!({ "org.opencontainers.image.title": "another" });
    json.to_string().into()
}

fn put(place: &Place, target: &Target) -> Result<Digest> {
    let bytes = manifest(place);
    let writer = writer(place);
    let stored = writer.put_manifest("shop/web", target, media_type::OCI_INDEX, bytes);
    place.io.run(stored)
}

#[test]
fn a_manifest_is_stored_under_a_tag_and_under_its_digest() {
    for row in rows() {
        let place = row.open(Who::User);
        let digest = Digest::of(&manifest(&place));
        for target in [Target::Digest(digest), tag("another")] {
            assert_eq!(put(&place, &target).unwrap(), digest, "{}", place.row.id());
            let head = place.io.run(place.client.head("shop/web", &target));
            assert_eq!(head.unwrap().unwrap().digest, digest, "{}", place.row.id());
        }
    }
}

#[test]
fn a_locked_tag_is_refused_where_there_are_locks() {
    for row in rows() {
        let place = row.open(Who::User);
        place
            .io
            .registry()
            .state
            .repository("shop/web")
            .lock("v1.4.2");
        let before = place.shown("v1.4.2");
        let outcome = put(&place, &tag("v1.4.2")).map_err(|error| error.code());
        let locks = place.row.says.immutable_tags;
        let moved = place.shown("v1.4.2") != before;
        assert_eq!(outcome.is_ok(), moved, "{}", place.row.id());
        if !moved {
            assert_eq!(outcome, Err(Code::Refused), "{}", place.row.id());
            assert_ne!(locks, Support::No, "{}", place.row.id());
        }
    }
}

/// What a deletion may come to where the table says this.
fn fits(says: Support, outcome: &Result<Deletion>) -> bool {
    let code = outcome.as_ref().map_err(portreeve::error::Error::code);
    match says {
        Support::Yes => code == Ok(&Deletion::Deleted),
        Support::No => code == Err(Code::Unsupported),
        _ => matches!(code, Ok(Deletion::Deleted) | Err(Code::Unsupported)),
    }
}

#[test]
fn a_tag_is_taken_and_nothing_else_or_nothing_happens() {
    for row in rows() {
        let place = row.open(Who::User);
        let before = place.repository("shop/web");
        let shows = place.shown("v1.4.2");
        let outcome = place
            .io
            .run(writer(&place).untag("shop/web", "v1.4.2", &shows));
        assert!(
            fits(place.row.says.untag, &outcome),
            "{}: {outcome:?}",
            place.row.id()
        );
        let after = place.repository("shop/web");
        let mut expected: Vec<&String> = before.tags.keys().collect();
        if outcome.is_ok() {
            expected.retain(|name| *name != "v1.4.2");
        }
        assert_eq!(
            after.tags.keys().collect::<Vec<_>>(),
            expected,
            "{}",
            place.row.id()
        );
        assert_eq!(
            after.manifests.len(),
            before.manifests.len(),
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn a_manifest_goes_with_its_tags_or_after_them_or_nothing_happens() {
    for row in rows() {
        let place = row.open(Who::User);
        let digest = place.shown("v1.4.2");
        let before = place.repository("shop/web");
        let delete = || {
            place
                .io
                .run(writer(&place).delete_manifest("shop/web", &digest))
        };
        let mut outcome = delete();
        let tags_first = place.row.says.deletion == DeleteBy::UntagThenDigest;
        if tags_first {
            let code = outcome.unwrap_err().code();
            assert_eq!(code, Code::Refused, "{}", place.row.id());
            for name in before.tags_of(&digest.to_string()) {
                let untag = writer(&place);
                let untag = untag.untag("shop/web", name, &digest);
                assert_eq!(place.io.run(untag).unwrap(), Deletion::Deleted);
            }
            outcome = delete();
        }
        assert!(
            fits(place.row.says.delete_digest, &outcome),
            "{}: {outcome:?}",
            place.row.id()
        );
        let read = place
            .io
            .run(place.client.manifest("shop/web", &Target::Digest(digest)));
        assert_eq!(
            read.unwrap().is_none(),
            outcome.is_ok(),
            "{}",
            place.row.id()
        );
        let others = before.manifests.len() - usize::from(outcome.is_ok());
        assert_eq!(
            place.repository("shop/web").manifests.len(),
            others,
            "{}",
            place.row.id()
        );
        if outcome.is_ok() {
            assert_eq!(
                delete().unwrap(),
                Deletion::AlreadyGone,
                "{}",
                place.row.id()
            );
        }
    }
}

#[test]
fn nobody_and_an_impostor_change_nothing() {
    for who in [Who::Nobody, Who::Impostor] {
        for row in rows() {
            if row.round() == 0 {
                continue;
            }
            let place = row.open(who);
            let before = place.repository("shop/web");
            let shows = place.shown("v1.4.2");
            let writer = writer(&place);
            let mut codes = vec![
                upload(&place, &Upload::default()).unwrap_err().code(),
                put(&place, &tag("another")).unwrap_err().code(),
            ];
            place.io.run(async {
                let untag = writer.untag("shop/web", "v1.4.2", &shows).await;
                let delete = writer.delete_manifest("shop/web", &shows).await;
                codes.extend([untag.unwrap_err().code(), delete.unwrap_err().code()]);
            });
            assert_eq!(codes, [Code::Unauthorized; 4], "{} {who:?}", place.row.id());
            let after = place.repository("shop/web");
            assert_eq!(after.tags.len(), before.tags.len(), "{}", place.row.id());
            assert_eq!(after.blobs.len(), before.blobs.len(), "{}", place.row.id());
        }
    }
}
