//! What a network adds: time, faults, other people.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, future, stream};
use portreeve::error::Code;
use portreeve::io::{Body as _, Io as _};
use portreeve::oci::Digest;

use super::{get, request, send};
use crate::registry::{Fault, Profile};
use crate::support::memory_io::MemoryIo;

const TAGS: &str = "/v2/shop/web/tags/list";

fn shop() -> MemoryIo {
    MemoryIo::shop(Profile::demo())
}

/// The error of a request, or of its body.
fn failure(io: &MemoryIo, expected: Option<&str>) -> Option<Code> {
    io.run(async {
        let answer = match io.fetch(request("GET", TAGS, &[], Bytes::new())).await {
            Ok(answer) => answer.into_body(),
            Err(error) => return Some(error.code()),
        };
        let body = match expected {
            Some(digest) => answer.verified(&digest.parse::<Digest>().unwrap(), None),
            None => answer,
        };
        body.bytes(1 << 20).await.err().map(|error| error.code())
    })
}

#[test]
fn the_clock_moves_only_where_everything_waits() {
    let io = shop();
    let start = io.now();
    io.run(async {
        let timeout = std::pin::pin!(io.sleep(Duration::from_secs(30)));
        let answer = std::pin::pin!(io.fetch(request("GET", "/v2/", &[], Bytes::new())));
        let first = future::select(timeout, answer).await;
        assert!(matches!(first, future::Either::Right(_)));
        io.sleep(Duration::from_secs(7)).await;
    });
    assert_eq!(io.now().since(start), Duration::from_secs(7));
}

#[test]
fn a_registry_that_hangs_leaves_time_to_the_timeout() {
    let io = shop();
    io.fault(Fault {
        hang: true,
        ..Fault::default()
    });
    let start = io.now();
    io.run(async {
        let timeout = std::pin::pin!(io.sleep(Duration::from_secs(30)));
        let answer = std::pin::pin!(io.fetch(request("GET", "/v2/", &[], Bytes::new())));
        let first = future::select(timeout, answer).await;
        assert!(matches!(first, future::Either::Left(_)));
    });
    assert_eq!(io.now().since(start), Duration::from_secs(30));
}

#[test]
fn requests_on_their_way_are_counted() {
    let io = shop();
    io.set_latency(Duration::from_secs(1));
    let start = io.now();
    let statuses: Vec<u16> = io.run(
        stream::iter(0..20)
            .map(|_| io.fetch(request("GET", "/v2/", &[], Bytes::new())))
            .buffer_unordered(5)
            .map(|answer| answer.unwrap().status().as_u16())
            .collect(),
    );
    assert_eq!(statuses, [200; 20]);
    assert_eq!(io.most_in_flight(), 5);
    assert_eq!(io.now().since(start), Duration::from_secs(4));
}

#[test]
fn a_fault_meets_the_requests_it_names_and_no_other() {
    let io = shop();
    io.fault(Fault {
        skip: 1,
        ..Fault::on("GET", "/v2/*/*/tags/list")
            .status(429)
            .times(2)
            .header("retry-after", "2")
    });
    let statuses: Vec<u16> = (0..5).map(|_| get(&io, TAGS).status).collect();
    assert_eq!(statuses, [200, 429, 429, 200, 200]);
    io.fault(Fault::on("GET", "/v2/**").status(503).times(0));
    assert_eq!(get(&io, "/v2/shop/web/manifests/latest").status, 503);
    assert_eq!(send(&io, "HEAD", TAGS, &[], "").status, 200);
    assert_eq!(io.requests()[1].status, Some(429));
    assert_eq!(io.targets("HEAD"), [TAGS]);
}

#[test]
fn broken_bodies_break() {
    let io = shop();
    let digest = crate::registry::content::digest(&get(&io, TAGS).body);
    assert_eq!(failure(&io, Some(&digest)), None);
    for (fault, code) in [
        (
            Fault {
                truncate: Some(100),
                ..Fault::default()
            },
            Code::Truncated,
        ),
        (
            Fault {
                corrupt: true,
                ..Fault::default()
            },
            Code::DigestMismatch,
        ),
        (
            Fault {
                drop: true,
                ..Fault::default()
            },
            Code::Unreachable,
        ),
    ] {
        io.fault(fault);
        assert_eq!(failure(&io, Some(&digest)), Some(code));
    }
}

#[test]
fn a_verified_body_keeps_its_last_piece_until_it_is_sure() {
    let io = shop();
    let size = 300_000;
    let blob = crate::registry::Content::pattern(size);
    let digest = blob.digest();
    io.registry()
        .state
        .repository("bench/blob")
        .blobs
        .insert(digest.clone(), blob);
    io.fault(Fault {
        corrupt: true,
        ..Fault::default()
    });
    let target = format!("/v2/bench/blob/blobs/{digest}");
    for corrupted in [true, false] {
        let (mut seen, mut failed) = (0, false);
        io.run(async {
            let answer = io.fetch(request("GET", &target, &[], Bytes::new())).await;
            let digest = digest.parse::<Digest>().unwrap();
            let body = answer.unwrap().into_body().verified(&digest, Some(size));
            let mut pieces = std::pin::pin!(body.stream());
            while let Some(piece) = pieces.next().await {
                match piece {
                    Ok(piece) => seen += piece.len() as u64,
                    Err(_) => failed = true,
                }
            }
        });
        assert_eq!(failed, corrupted);
        assert_eq!(seen < size, corrupted);
    }
}

#[test]
fn a_lost_answer_has_had_its_effect() {
    let io = shop();
    let target = "/v2/shop/web/manifests/latest";
    io.fault(Fault {
        carried_out: true,
        ..Fault::on("DELETE", "**").status(504)
    });
    assert_eq!(send(&io, "DELETE", target, &[], "").status, 504);
    assert_eq!(get(&io, target).status, 404);
}

#[test]
fn headers_can_be_forged_and_taken_away() {
    let io = shop();
    let forged = Fault::on("GET", "/v2/*/*/manifests/**")
        .header("age", "60")
        .header("docker-content-digest", "sha256:wrong")
        .header("etag", "");
    io.fault(forged);
    let answer = get(&io, "/v2/shop/web/manifests/latest");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("age"), "60");
    assert_eq!(answer.header("docker-content-digest"), "sha256:wrong");
    assert_eq!(answer.header("etag"), "");
}

#[test]
fn somebody_else_may_act_between_our_requests() {
    let io = shop();
    io.before_each(|number, _, state| {
        if number == 1 {
            state.repository("shop/web").tags.remove("latest");
        }
    });
    let target = "/v2/shop/web/manifests/latest";
    assert_eq!(
        [get(&io, target).status, get(&io, target).status],
        [200, 404]
    );
}

#[test]
fn secrets_stay_out_of_the_log() {
    let io = shop();
    let credential = [("authorization", "Basic c2VjcmV0OnNlY3JldA==")];
    send(&io, "GET", "/v2/", &credential, "");
    let entries = serde_json::to_string(&io.requests()).unwrap();
    assert!(entries.contains("\"authorization\":\"Basic\""));
    assert!(!entries.contains("c2Vj"));
}

#[test]
fn a_body_trickles_in_pieces() {
    let io = shop();
    io.fault(Fault {
        trickle_milliseconds: 2500,
        ..Fault::default()
    });
    let start = io.now();
    assert!(!get(&io, TAGS).body.is_empty());
    assert_eq!(io.now().since(start), Duration::from_secs(20));
}

#[test]
fn a_wrong_length_cuts_a_body_or_leaves_it_waiting_for_more() {
    let io = shop();
    let whole = get(&io, TAGS).body;
    io.fault(Fault {
        length: Some(10),
        ..Fault::default()
    });
    let cut = get(&io, TAGS);
    assert_eq!(
        (cut.header("content-length"), &cut.body[..]),
        ("10", &whole[..10])
    );
    io.fault(Fault {
        length: Some(whole.len() as u64 + 1),
        ..Fault::default()
    });
    assert_eq!(failure(&io, None), Some(Code::Truncated));
}

#[test]
fn a_compressed_body_arrives_as_a_fetch_hands_it_out() {
    let io = shop();
    let whole = get(&io, TAGS).body;
    io.fault(Fault {
        gzip: true,
        ..Fault::default()
    });
    let answer = get(&io, TAGS);
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_ne!(answer.header("content-length"), whole.len().to_string());
    assert_eq!(answer.body, whole);
}

#[test]
fn a_huge_body_is_as_long_as_it_says() {
    let io = shop();
    io.fault(Fault {
        huge: Some(3_000_000),
        ..Fault::default()
    });
    let answer = get(&io, TAGS);
    assert_eq!(answer.body.len(), 3_000_000);
    assert_eq!(answer.header("content-length"), "3000000");
}
