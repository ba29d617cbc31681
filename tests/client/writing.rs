//! What a write's answer means, and that nothing is written twice blindly.

use bytes::Bytes;
use portreeve::client::{Deletion, Writer};
use portreeve::error::{Code, Result};
use portreeve::oci::media_type;

use super::*;
use crate::registry::Fault;
use crate::registry::profile::{DeleteChild, DeleteTag};

struct Shop {
    writer: Writer<MemoryIo>,
    io: MemoryIo,
    digest: Digest,
}

fn writer(profile: Profile) -> Shop {
    let (client, io) = shop(profile, settings());
    let head = io
        .run(client.head("shop/web", &tag("v1.4.2")))
        .unwrap()
        .unwrap();
    Shop {
        writer: Writer::new(client),
        io,
        digest: head.digest,
    }
}

impl Shop {
    fn delete(&self) -> Result<Deletion> {
        self.io
            .run(self.writer.delete_manifest("shop/web", &self.digest))
    }

    fn untag(&self) -> Result<Deletion> {
        self.io
            .run(self.writer.untag("shop/web", "v1.4.2", &self.digest))
    }

    fn is_there(&self, target: &Target) -> bool {
        self.io
            .run(self.writer.client().head("shop/web", target))
            .unwrap()
            .is_some()
    }
}

#[test]
fn a_deletion_by_digest_is_done_once() {
    let shop = writer(Profile::demo());
    assert_eq!(shop.delete().unwrap(), Deletion::Deleted);
    assert!(!shop.is_there(&tag("v1.4.2")));
    assert_eq!(shop.delete().unwrap(), Deletion::AlreadyGone);
}

#[test]
fn a_tag_is_taken_and_its_manifest_stays() {
    let shop = writer(Profile::distribution_3());
    assert_eq!(shop.untag().unwrap(), Deletion::Deleted);
    assert!(!shop.is_there(&tag("v1.4.2")) && shop.is_there(&Target::Digest(shop.digest)));
    assert_eq!(shop.untag().unwrap(), Deletion::AlreadyGone);
}

#[test]
fn a_404_for_what_is_still_there_is_a_missing_permission() {
    let shop = writer(Profile::demo());
    shop.io.fault(Fault::on("DELETE", "/v2/**").status(404));
    let error = shop.delete().unwrap_err();
    assert_eq!(error.code(), Code::Denied);
    assert!(error.to_string().contains("still has it"), "{error}");
}

#[test]
fn a_refusal_keeps_the_words_of_the_registry() {
    let child = |delete_child| Profile {
        delete_child,
        ..Profile::demo()
    };
    for (row, profile, code, words) in [
        (
            "switched off",
            Profile {
                deletes: false,
                ..Profile::demo()
            },
            Code::Unsupported,
            "UNSUPPORTED",
        ),
        (
            "Google, tagged",
            Profile::google(),
            Code::Refused,
            "GOOGLE_MANIFEST_DANGLING_TAG",
        ),
    ] {
        let error = writer(profile).delete().unwrap_err();
        assert_eq!(error.code(), code, "{row}: {error}");
        assert!(error.to_string().contains(words), "{row}: {error}");
        assert!(
            error.to_string().starts_with("deleting shop/web@sha256:"),
            "{row}: {error}"
        );
    }
    for (row, profile, code) in [
        ("zot", child(DeleteChild::Denied), Code::Refused),
        ("Google", child(DeleteChild::Dangling), Code::Refused),
    ] {
        let mut shop = writer(profile);
        let index = shop
            .io
            .run(shop.writer.client().manifest("shop/web", &tag("v1.4.2")))
            .unwrap()
            .unwrap();
        shop.digest = index.children().next().unwrap().digest;
        assert_eq!(shop.delete().unwrap_err().code(), code, "{row}");
    }
    let shop = writer(Profile {
        delete_tag: DeleteTag::NeedsDigest,
        ..Profile::demo()
    });
    assert_eq!(shop.untag().unwrap_err().code(), Code::Unsupported);
    for (status, code) in [
        (401, Code::Unauthorized),
        (403, Code::Denied),
        (409, Code::Refused),
        (412, Code::Refused),
    ] {
        let shop = writer(Profile::demo());
        shop.io
            .fault(Fault::on("DELETE", "/v2/**").status(status).times(0));
        assert_eq!(shop.delete().unwrap_err().code(), code, "{status}");
        assert_eq!(shop.io.targets("DELETE").len(), 1, "{status}");
    }
}

#[test]
fn a_lost_answer_is_looked_up_before_anything_is_sent_again() {
    for (row, fault, deletes) in [
        (
            "500, and done",
            Fault {
                carried_out: true,
                ..Fault::default()
            }
            .status(500),
            1,
        ),
        ("504, and not done", Fault::default().status(504), 2),
        (
            "closed, and not done",
            Fault {
                drop: true,
                ..Fault::default()
            },
            2,
        ),
        (
            "closed, and done",
            Fault {
                drop: true,
                carried_out: true,
                ..Fault::default()
            },
            1,
        ),
        (
            "no answer, and done",
            Fault {
                hang: true,
                carried_out: true,
                ..Fault::default()
            },
            1,
        ),
    ] {
        for by_tag in [false, true] {
            let shop = writer(Profile::demo());
            shop.io.fault(Fault {
                method: Some("DELETE".into()),
                ..fault.clone()
            });
            let outcome = if by_tag { shop.untag() } else { shop.delete() };
            assert_eq!(outcome.unwrap(), Deletion::Deleted, "{row}");
            assert_eq!(shop.io.targets("DELETE").len(), deletes, "{row}");
        }
    }
}

#[test]
fn a_deletion_that_never_gets_through_is_given_up() {
    let shop = writer(Profile::demo());
    shop.io
        .fault(Fault::on("DELETE", "/v2/**").status(500).times(0));
    assert_eq!(shop.delete().unwrap_err().code(), Code::UpstreamError);
    assert_eq!(shop.io.targets("DELETE").len(), 4);
    assert!(shop.is_there(&Target::Digest(shop.digest)));
}

#[test]
fn a_tag_pushed_again_meanwhile_is_not_taken() {
    let shop = writer(Profile::demo());
    shop.io.fault(Fault::on("DELETE", "/v2/**").status(500));
    shop.io.before_each(|_, request, state| {
        if request.method() == "DELETE" {
            let repository = state.repository("shop/web");
            let other = repository.tags["v1.0.0"].digest.clone();
            repository.tag("v1.4.2", &other);
        }
    });
    let error = shop.untag().unwrap_err();
    assert_eq!(error.code(), Code::Conflict);
    assert_eq!(shop.io.targets("DELETE").len(), 1);
    assert!(shop.is_there(&tag("v1.4.2")));
}

#[test]
fn throttling_is_waited_for_because_it_had_no_effect() {
    let shop = writer(Profile::demo());
    shop.io.fault(
        Fault::on("DELETE", "/v2/**")
            .status(429)
            .times(2)
            .header("retry-after", "3"),
    );
    assert_eq!(shop.delete().unwrap(), Deletion::Deleted);
    assert_eq!(shop.io.targets("DELETE").len(), 3);
}

#[test]
fn no_write_follows_a_redirect_to_another_host() {
    let shop = writer(Profile::demo());
    shop.io.fault(
        Fault::on("DELETE", "/v2/**")
            .status(307)
            .times(0)
            .header("location", "https://other.example/v2/x"),
    );
    let error = shop.delete().unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError);
    assert!(
        error
            .to_string()
            .contains("a DELETE on to https://other.example"),
        "{error}"
    );
    assert!(
        shop.io
            .requests()
            .iter()
            .all(|request| request.host == HOST)
    );
}

#[test]
fn a_manifest_comes_back_byte_by_byte() {
    let shop = writer(Profile::demo());
    let manifest = shop
        .io
        .run(shop.writer.client().manifest("shop/web", &tag("v1.4.2")))
        .unwrap()
        .unwrap();
    shop.delete().unwrap();
    let put = |target: Target| {
        let bytes = manifest.bytes().clone();
        shop.io.run(
            shop.writer
                .put_manifest("shop/web", &target, manifest.media_type(), bytes),
        )
    };
    assert_eq!(put(Target::Digest(shop.digest)).unwrap(), shop.digest);
    assert_eq!(put(tag("v1.4.2")).unwrap(), shop.digest);
    let back = shop
        .io
        .run(shop.writer.client().manifest("shop/web", &tag("v1.4.2")))
        .unwrap()
        .unwrap();
    assert_eq!(back, manifest);
}

#[test]
fn a_lost_answer_to_a_put_is_looked_up() {
    for (carried_out, puts) in [(true, 1), (false, 2)] {
        let shop = writer(Profile::demo());
        let bytes = Bytes::from_static(br#"{"schemaVersion":2,"manifests":[]}"#);
        shop.io.fault(Fault {
            carried_out,
            ..Fault::on("PUT", "/v2/**").status(502)
        });
        let stored = shop.io.run(shop.writer.put_manifest(
            "shop/web",
            &tag("new"),
            media_type::OCI_INDEX,
            bytes,
        ));
        assert!(stored.is_ok());
        assert_eq!(shop.io.targets("PUT").len(), puts, "{carried_out}");
    }
}

#[test]
fn a_put_that_stored_something_else_is_an_error() {
    let shop = writer(Profile::demo());
    let bytes = Bytes::from_static(br#"{"schemaVersion":2,"manifests":[]}"#);
    shop.io.fault(
        Fault::on("PUT", "/v2/**").header("docker-content-digest", &shop.digest.to_string()),
    );
    let error = shop.io.run(shop.writer.put_manifest(
        "shop/web",
        &tag("new"),
        media_type::OCI_INDEX,
        bytes,
    ));
    assert_eq!(error.unwrap_err().code(), Code::DigestMismatch);
}
