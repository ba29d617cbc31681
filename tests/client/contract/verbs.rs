//! What people do to a repository: many tags at once, a referrer, one tag fewer, a digest less.

use std::collections::BTreeSet;

use bytes::Bytes;
use portreeve::client::{Deletion, ListedBy, Source, Writer, siblings};
use portreeve::error::{Code, Error};
use portreeve::oci::media_type;

use super::*;
use crate::registry::Entry;

fn tag(name: &str) -> Target {
    Target::Tag(name.to_owned())
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn writer(place: &Place) -> Writer<MemoryIo> {
    Writer::new(place.client.clone())
}

#[test]
fn many_tags_are_set_by_one_read() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let names = texts(&["a1", "a2", "a3", "a4"]);
        let writer = writer(&place);
        let built = tag("v1.4.2");
        let tagging = writer.tag("shop/web", &built, &names);
        let tagging = place.io.run(tagging).unwrap();
        let shown = place.shown("v1.4.2");
        assert_eq!(tagging.descriptor.digest, shown, "{}", place.row.id());
        for (name, outcome) in tagging.outcomes {
            assert!(outcome.is_ok(), "{} {name}: {outcome:?}", place.row.id());
            assert_eq!(place.shown(&name), shown, "{} {name}", place.row.id());
        }
        let requests = place.io.requests();
        let stored = requests
            .iter()
            .filter(|request| request.status == Some(201));
        assert_eq!(stored.count(), 4, "{}", place.row.id());
        let reads =
            |request: &&Entry| request.method == "GET" && request.target.contains("/manifests/");
        assert_eq!(
            requests.iter().filter(reads).count(),
            1,
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn a_referrer_is_found_from_what_it_speaks_of() {
    for row in rows() {
        let place = row.open(Who::User);
        let subject = place.shown("v1.4.1");
        let web = place.repository("shop/web");
        let of = &web.manifests[&subject.to_string()];
        let index = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_INDEX,
            "artifactType": "application/vnd.harbour.note",
            "manifests": [],
            "subject": { "mediaType": of.media_type, "digest": subject, "size": of.bytes.len() },
        });
        let bytes = Bytes::from(index.to_string());
        let digest = Digest::of(&bytes);
        let target = Target::Digest(digest);
        let writer = writer(&place);
        let pushed = writer.push("shop/web", &target, media_type::OCI_INDEX, bytes);
        let pushed = place.io.run(pushed).unwrap();
        assert_eq!(pushed.subject, Some(subject), "{}", place.row.id());
        let by_registry = pushed.listed == Some(ListedBy::Registry);
        assert!(
            allows(place.row.says.referrers, by_registry),
            "{}",
            place.row.id()
        );
        let found = place
            .io
            .run(place.client.referrers("shop/web", &subject).all());
        let found = found.unwrap();
        let digests: Vec<Digest> = found
            .found
            .iter()
            .map(|one| one.descriptor.digest)
            .collect();
        assert_eq!(digests, [digest], "{}", place.row.id());
        let source = if by_registry {
            Source::Api
        } else {
            Source::FallbackTag
        };
        assert_eq!(found.source, Some(source), "{}", place.row.id());
    }
}

/// `v1.4.2` and `latest` show one index.
#[test]
fn siblings_are_named_before_anything_happens() {
    for row in rows() {
        let place = row.open(Who::User);
        let digest = place.shown("v1.4.2");
        let found = place.io.run(siblings(&place.client, "shop/web", &digest));
        let found = found.unwrap();
        let tags: BTreeSet<&str> = found.tags.iter().map(String::as_str).collect();
        let expected = BTreeSet::from(["latest", "v1.4.2"]);
        assert_eq!(tags, expected, "{}", place.row.id());
        assert!(found.indexes.is_empty(), "{}", place.row.id());
        let whole = found.completeness.complete;
        assert!(
            allows(place.row.says.whole_list, whole),
            "{}",
            place.row.id()
        );
        let writes = place.io.requests();
        let writes = writes
            .iter()
            .filter(|request| !matches!(request.method.as_str(), "GET" | "HEAD"));
        assert_eq!(writes.count(), 0, "{}", place.row.id());
    }
}

/// What became of a verb, where the table may say no.
fn code<T>(outcome: &Result<T, Error>) -> Result<(), Code> {
    outcome.as_ref().map(|_| ()).map_err(Error::code)
}

#[test]
fn untag_takes_one_tag_or_says_that_it_cannot() {
    for row in rows() {
        let place = row.open(Who::User);
        let before = place.repository("shop/web");
        let outcome = place.io.run(writer(&place).untag_now("shop/web", "v1.4.2"));
        let after = place.repository("shop/web");
        let gone = before.tags.len() - after.tags.len();
        match code(&outcome) {
            Ok(()) => {
                assert_ne!(place.row.says.untag, Support::No, "{}", place.row.id());
                assert!(outcome.unwrap().manifest_stays, "{}", place.row.id());
                assert_eq!(gone, 1, "{}", place.row.id());
            }
            Err(Code::Unsupported) => {
                assert_ne!(place.row.says.untag, Support::Yes, "{}", place.row.id());
                assert_eq!(gone, 0, "{}", place.row.id());
            }
            Err(other) => panic!("{}: {other}", place.row.id()),
        }
        assert_eq!(
            after.manifests.len(),
            before.manifests.len(),
            "{}",
            place.row.id()
        );
        let none = place.io.run(writer(&place).untag_now("shop/web", "none"));
        let known = [Code::NotFound, Code::Unsupported];
        assert!(
            known.contains(&none.unwrap_err().code()),
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn delete_takes_what_was_named_and_refuses_the_rest() {
    for row in rows() {
        let place = row.open(Who::User);
        let digest = place.shown("v1.4.2");
        let before = place.repository("shop/web");
        let writer = writer(&place);
        let delete = |names: &[&str]| {
            let outcome = place
                .io
                .run(writer.delete("shop/web", &digest, &texts(names)));
            (code(&outcome), outcome)
        };
        let whole = place.row.says.whole_list;
        let (refused, outcome) = delete(&["v1.4.2"]);
        let expected = match whole {
            Support::No => Code::IncompleteListing,
            _ => Code::Refused,
        };
        assert_eq!(refused, Err(expected), "{}: {outcome:?}", place.row.id());
        if expected == Code::Refused {
            assert_eq!(
                outcome.unwrap_err().tags(),
                ["latest"],
                "{}",
                place.row.id()
            );
        }
        assert_eq!(place.repository("shop/web").tags.len(), before.tags.len());
        let (done, outcome) = delete(&["v1.4.2", "latest"]);
        let after = place.repository("shop/web");
        let gone = (
            before.tags.len() - after.tags.len(),
            before.manifests.len() - after.manifests.len(),
        );
        match done {
            Ok(()) => {
                assert_eq!(
                    outcome.unwrap().deletion,
                    Deletion::Deleted,
                    "{}",
                    place.row.id()
                );
                assert_ne!(
                    place.row.says.delete_digest,
                    Support::No,
                    "{}",
                    place.row.id()
                );
                assert_eq!(gone, (2, 1), "{}", place.row.id());
            }
            Err(Code::Unsupported) => {
                assert_ne!(
                    place.row.says.delete_digest,
                    Support::Yes,
                    "{}",
                    place.row.id()
                );
                assert_eq!(gone, (0, 0), "{}", place.row.id());
            }
            Err(Code::IncompleteListing) => {
                assert_eq!(whole, Support::No, "{}", place.row.id());
                assert_eq!(gone, (0, 0), "{}", place.row.id());
            }
            Err(other) => panic!("{}: {other}: {outcome:?}", place.row.id()),
        }
    }
}
