//! Pushing blobs and manifests.

use serde_json::json;

use super::{get, send};
use crate::registry::content::digest;
use crate::registry::{Profile, State};
use crate::support::memory_io::{MemoryIo, NOON};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const TYPED: [(&str, &str); 1] = [("content-type", MANIFEST)];

fn empty() -> MemoryIo {
    MemoryIo::new(Profile::demo(), State::default(), NOON)
}

#[test]
fn a_blob_is_pushed_in_pieces_that_follow_each_other() {
    let io = empty();
    let opened = send(&io, "POST", "/v2/a/blobs/uploads/", &[], "");
    assert_eq!(opened.status, 202);
    let session = opened.header("location");
    assert!(session.starts_with("http://registry.example/v2/a/blobs/uploads/"));
    let first = send(&io, "PATCH", session, &[("content-range", "0-4")], "hello");
    assert_eq!((first.status, first.header("range")), (202, "0-4"));
    let hole = [("content-range", "9-13")];
    assert_eq!(send(&io, "PATCH", session, &hole, "world").status, 416);
    assert_eq!(get(&io, session).status, 204);
    let finish = format!("{session}?digest={}", digest(b"hello world"));
    let put = send(&io, "PUT", &finish, &[("content-range", "5-10")], " world");
    assert_eq!(put.status, 201);
    assert_eq!(get(&io, put.header("location")).body, "hello world");
    assert_eq!(get(&io, session).status, 404);
}

#[test]
fn a_blob_is_refused_under_another_digest() {
    let io = empty();
    let target = format!("/v2/a/blobs/uploads/?digest={}", digest(b"hello"));
    assert_eq!(send(&io, "POST", &target, &[], "hello").status, 201);
    let wrong = send(&io, "POST", &target, &[], "world");
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (400, "DIGEST_INVALID")
    );
}

#[test]
fn a_blob_is_mounted_from_where_it_is() {
    let io = empty();
    let digest = digest(b"hello");
    send(
        &io,
        "POST",
        &format!("/v2/a/blobs/uploads/?digest={digest}"),
        &[],
        "hello",
    );
    let mount = format!("/v2/b/blobs/uploads/?mount={digest}&from=a");
    assert_eq!(send(&io, "POST", &mount, &[], "").status, 201);
    assert_eq!(get(&io, &format!("/v2/b/blobs/{digest}")).body, "hello");
    let nowhere = format!("/v2/b/blobs/uploads/?mount={digest}&from=c");
    assert_eq!(send(&io, "POST", &nowhere, &[], "").status, 202);
}

#[test]
fn a_manifest_is_taken_when_all_it_names_is_there() {
    let io = empty();
    let config = json!({ "mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
        "digest": digest(b"{}") });
    let subject = json!({ "mediaType": MANIFEST, "size": 2, "digest": digest(b"subject") });
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config,
        "layers": [], "subject": subject })
    .to_string();
    let target = "/v2/a/manifests/v1";
    let early = send(&io, "PUT", target, &TYPED, manifest.clone());
    assert_eq!(
        (early.status, early.code().as_str()),
        (400, "MANIFEST_BLOB_UNKNOWN")
    );
    let blob = format!("/v2/a/blobs/uploads/?digest={}", digest(b"{}"));
    send(&io, "POST", &blob, &[], "{}");
    let put = send(&io, "PUT", target, &TYPED, manifest.clone());
    assert_eq!(
        (put.status, put.header("oci-subject")),
        (201, subject["digest"].as_str().unwrap())
    );
    assert_eq!(
        put.header("docker-content-digest"),
        digest(manifest.as_bytes())
    );
    assert_eq!(get(&io, target).body, manifest);
}

#[test]
fn a_manifest_is_refused_with_its_reason() {
    let io = empty();
    let other = format!("/v2/a/manifests/{}", digest(b"other"));
    for (target, body, code) in [
        ("/v2/a/manifests/v1", "no JSON", "MANIFEST_INVALID"),
        ("/v2/a/manifests/v1", "{}", "MANIFEST_INVALID"),
        (
            "/v2/a/manifests/v1",
            r#"{"schemaVersion":2,"mediaType":"another/type"}"#,
            "MANIFEST_INVALID",
        ),
        ("/v2/a/manifests/-v1", "{}", "TAG_INVALID"),
        (&other, "{}", "DIGEST_INVALID"),
    ] {
        let answer = send(&io, "PUT", target, &TYPED, body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{target} {body}"
        );
    }
    io.registry().profile = Profile::zot();
    let docker = [(
        "content-type",
        "application/vnd.docker.distribution.manifest.v2+json",
    )];
    assert_eq!(
        send(&io, "PUT", "/v2/a/manifests/v1", &docker, "{}").status,
        415
    );
}

#[test]
fn a_layer_that_is_kept_elsewhere_need_not_be_here() {
    let io = empty();
    let manifest = |media_type: &str| {
        let layer = json!({ "mediaType": media_type, "size": 5, "digest": digest(b"layer") });
        json!({ "schemaVersion": 2, "layers": [layer] }).to_string()
    };
    for (media_type, status) in [
        ("application/vnd.oci.image.layer.v1.tar+gzip", 400),
        (
            "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
            201,
        ),
        (
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            201,
        ),
    ] {
        let put = send(
            &io,
            "PUT",
            "/v2/a/manifests/v1",
            &TYPED,
            manifest(media_type),
        );
        assert_eq!(put.status, status, "{media_type}");
    }
}
