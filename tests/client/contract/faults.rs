//! What goes wrong anywhere has its code, whichever registry it goes wrong at.

use bytes::Bytes;
use portreeve::error::{Code, Result};
use portreeve::io::Body as _;
use portreeve::limits::Limits;

use super::*;
use crate::registry::Fault;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Tags,
    /// By tag, so that a header is all that names the digest.
    Tagged,
    Manifest,
    Blob,
}

use Reading::{Blob, Manifest, Tagged, Tags};

const ALL: &[Reading] = &[Tags, Tagged, Manifest, Blob];
const VERIFIED: &[Reading] = &[Manifest, Blob];

/// A fault as `POST /_demo/faults` takes it, what it is tried on, and what becomes of it: a code,
/// or nothing at all. Each meets every request, so that no repetition helps.
type Case = (&'static str, &'static [Reading], Option<Code>);

const CASES: &[Case] = &[
    ("{}", ALL, None),
    (r#"{"hang": true}"#, ALL, Some(Code::Timeout)),
    (r#"{"drop": true}"#, ALL, Some(Code::Unreachable)),
    (r#"{"delayMilliseconds": 20000}"#, ALL, None),
    (r#"{"trickleMilliseconds": 5000}"#, ALL, None),
    (
        r#"{"trickleMilliseconds": 90000}"#,
        ALL,
        Some(Code::Timeout),
    ),
    (r#"{"stall": 5}"#, ALL, Some(Code::Timeout)),
    (r#"{"truncate": 5}"#, ALL, Some(Code::Truncated)),
    (r#"{"length": 200000}"#, ALL, Some(Code::Truncated)),
    (r#"{"length": 5}"#, &[Tags], Some(Code::UpstreamError)),
    (r#"{"length": 5}"#, VERIFIED, Some(Code::DigestMismatch)),
    (r#"{"corrupt": true}"#, VERIFIED, Some(Code::DigestMismatch)),
    (r#"{"gzip": true}"#, ALL, None),
    (
        r#"{"huge": 300000}"#,
        &[Tags, Tagged, Manifest],
        Some(Code::TooLarge),
    ),
    (
        r#"{"huge": 300000, "status": 500}"#,
        ALL,
        Some(Code::UpstreamError),
    ),
    (
        r#"{"status": 200, "body": "<html>closed</html>"}"#,
        &[Tags],
        Some(Code::UpstreamError),
    ),
    (
        r#"{"status": 502, "body": "<html>closed</html>"}"#,
        ALL,
        Some(Code::UpstreamError),
    ),
    (
        r#"{"headers": {"docker-content-digest": "OTHER"}}"#,
        &[Tagged],
        Some(Code::DigestMismatch),
    ),
    (
        r#"{"status": 307, "headers": {"location": "?again"}}"#,
        ALL,
        Some(Code::UpstreamError),
    ),
    (
        r#"{"status": 429, "headers": {"retry-after": "1"}}"#,
        ALL,
        Some(Code::Throttled),
    ),
    (r#"{"status": 401}"#, ALL, Some(Code::Unauthorized)),
    (r#"{"status": 403}"#, ALL, Some(Code::Denied)),
    (r#"{"status": 408}"#, ALL, Some(Code::Timeout)),
    (r#"{"status": 418}"#, ALL, Some(Code::UpstreamError)),
    (r#"{"status": 503}"#, ALL, Some(Code::UpstreamError)),
];

/// The fault of a case, for one kind of request.
fn fault(json: &str, reading: Reading) -> Fault {
    let other = Digest::of(b"something else").to_string();
    let fault: Fault = serde_json::from_str(&json.replace("OTHER", &other)).unwrap();
    Fault {
        path: Some(path(reading).to_owned()),
        ..fault.times(0)
    }
}

fn path(reading: Reading) -> &'static str {
    match reading {
        Tags => "/v2/*/*/tags/list",
        Tagged | Manifest => "/v2/*/*/manifests/*",
        Blob => "/v2/*/*/blobs/*",
    }
}

/// A registry with limits small enough for what is huge here.
fn place(row: Row) -> Place {
    let place = row.open_with(Who::User, |settings| {
        settings.limits = Limits {
            page: 1 << 18,
            manifest: 1 << 18,
            ..Limits::default()
        };
    });
    place.sign_in("shop/web");
    place
}

fn read(place: &Place, reading: Reading) -> Result<()> {
    let (digest, blob) = {
        let registry = place.io.registry();
        let web = &registry.state.repositories["shop/web"];
        // a layer of more than a few bytes
        let large = web.blobs.iter().find(|(_, blob)| blob.length() > 64);
        let shown = web.tags["v1.4.2"].digest.parse().unwrap();
        (shown, large.unwrap().0.parse().unwrap())
    };
    place.io.run(async {
        match reading {
            Tags => {
                place.client.tags("shop/web").next_page().await?;
            }
            Tagged => {
                let target = Target::Tag("v1.4.2".to_owned());
                place.client.manifest("shop/web", &target).await?;
            }
            Manifest => {
                let target = Target::Digest(digest);
                place.client.manifest("shop/web", &target).await?;
            }
            Blob => {
                let blob = place.client.blob("shop/web", &blob).await?;
                let _: Bytes = blob.body.bytes(8 << 20).await?;
            }
        }
        Ok(())
    })
}

#[test]
fn each_fault_has_its_code_at_every_registry() {
    for (json, readings, expected) in CASES {
        for row in rows() {
            let place = place(row);
            for reading in *readings {
                place.io.registry().faults.clear();
                place.io.fault(fault(json, *reading));
                let code = read(&place, *reading).err().map(|error| error.code());
                assert_eq!(code, *expected, "{json} {reading:?} {}", place.row.id());
            }
        }
    }
}

#[test]
fn what_passes_is_waited_for_and_counted() {
    for (json, times) in [
        (r#"{"status": 429, "headers": {"retry-after": "3"}}"#, 2),
        (r#"{"status": 503}"#, 1),
        (r#"{"drop": true}"#, 1),
        (r#"{"truncate": 3}"#, 1),
    ] {
        for row in rows() {
            let place = place(row);
            place.io.fault(fault(json, Tags).times(times));
            read(&place, Tags).unwrap();
            let attempts = usize::try_from(times).unwrap() + 1;
            assert_eq!(place.asked(), attempts, "{json} {}", place.row.id());
        }
    }
}

#[test]
fn a_redirect_to_another_host_takes_no_credential_along() {
    for row in rows() {
        let place = place(row);
        let elsewhere = "https://elsewhere.example/v2/shop/web/tags/list";
        let redirect = Fault::default().status(307).header("location", elsewhere);
        place.io.fault(Fault {
            path: Some(path(Tags).to_owned()),
            ..redirect
        });
        let _ = read(&place, Tags);
        let requests = place.io.requests();
        let there: Vec<_> = requests
            .iter()
            .filter(|request| request.host == "elsewhere.example")
            .collect();
        assert!(!there.is_empty(), "{}", place.row.id());
        assert!(
            there.iter().all(|request| request.authorization.is_none()),
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn docker_hubs_last_pull_is_told_before_it_is_refused() {
    let row = rows().into_iter().find(|row| row.id() == "hub").unwrap();
    let mut row = row;
    row.imitation.pull_limit = Some(3);
    let place = row.open(Who::Nobody);
    let latest = Target::Tag("latest".to_owned());
    let get = || place.io.run(place.client.manifest("shop/web", &latest));
    let head = || place.io.run(place.client.head("shop/web", &latest));
    for _ in 0..3 {
        head().unwrap();
        get().unwrap();
    }
    let error = get().unwrap_err();
    assert_eq!(error.code(), Code::Throttled, "{error}");
    assert!(head().unwrap().is_some());
}
