//! Blobs pushed: whole, in pieces, mounted, taken up again after every kind of fault, given up.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::{StreamExt as _, stream, stream::LocalBoxStream};
use portreeve::client::{Arrival, Part, Upload, Uploaded, Writer};
use portreeve::error::{Code, Error, Result};
use portreeve::io::{Body as _, InMemory, Io as _, Source};
use portreeve::oci::Algorithm;

use super::*;
use crate::registry::Fault;
use crate::registry::profile::{UploadLocation, Uploads};

const BLOB: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

fn digest() -> Digest {
    Digest::of(BLOB)
}

/// Pieces of seven bytes, as a stream gives them, with a promise that nothing else checks.
struct Streamed {
    promised: Option<u64>,
    bytes: &'static [u8],
    opened: Rc<Cell<usize>>,
    breaks: bool,
}

impl Source for Streamed {
    fn size(&self) -> Option<u64> {
        self.promised
    }

    fn open(&self, from: u64) -> LocalBoxStream<'static, Result<Bytes>> {
        self.opened.set(self.opened.get() + 1);
        let rest = &self.bytes[usize::try_from(from).unwrap()..];
        let broken = self
            .breaks
            .then(|| Err(Error::new(Code::Cancelled, "the file vanished")));
        let pieces = rest.chunks(7).map(|piece| Ok(Bytes::from(piece)));
        stream::iter(pieces)
            .chain(stream::iter(broken))
            .boxed_local()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn streamed(bytes: &'static [u8]) -> Rc<Streamed> {
    Rc::new(Streamed {
        promised: None,
        bytes,
        opened: Rc::default(),
        breaks: false,
    })
}

fn whole() -> Rc<InMemory> {
    Rc::new(InMemory(BLOB.into()))
}

/// A registry without anything in it, and who pushes there.
struct Port {
    io: MemoryIo,
    writer: Writer<MemoryIo>,
}

impl Port {
    fn new(profile: Profile) -> Self {
        Self::with(profile, settings())
    }

    fn with(profile: Profile, settings: Settings) -> Self {
        let io = MemoryIo::new(profile, State::default(), NOON);
        let writer = Writer::new(Client::new(io.clone(), settings).unwrap());
        Self { io, writer }
    }

    fn that(uploads: impl FnOnce(&mut Uploads)) -> Self {
        let mut profile = Profile::demo();
        uploads(&mut profile.uploads);
        Self::new(profile)
    }

    fn push(&self, source: Rc<dyn Source>, upload: &Upload) -> Result<Uploaded> {
        self.io.run(self.writer.upload("a", source, upload))
    }

    fn holds(&self, repository: &str, digest: &Digest) -> Option<Bytes> {
        let registry = self.io.registry();
        let blobs = &registry.state.repositories.get(repository)?.blobs;
        Some(blobs.get(&digest.to_string())?.bytes())
    }

    /// Each request so far: method and what it was for.
    fn steps(&self) -> Vec<String> {
        let step = |entry: crate::registry::Entry| {
            let of = match entry.target.as_str() {
                target if target.contains("mount=") => "mount",
                target if target.ends_with("/blobs/uploads/") => "open",
                target if target.contains("/uploads/") => "upload",
                target if target.contains("/blobs/") => "blob",
                target if target.starts_with("/token") => "token",
                _ => "other",
            };
            format!("{} {of}", entry.method)
        };
        self.io.requests().into_iter().map(step).collect()
    }

    fn open_uploads(&self) -> usize {
        self.io.registry().state.uploads.len()
    }
}

fn known() -> Upload {
    known_as(digest())
}

fn known_as(digest: Digest) -> Upload {
    let mut upload = Upload::default();
    upload.digest = Some(digest);
    upload
}

fn pieces_of(digest: Digest) -> Upload {
    let mut upload = pieces();
    upload.digest = Some(digest);
    upload
}

/// Pieces of ten bytes.
fn pieces() -> Upload {
    let mut upload = Upload::default();
    upload.piece = Some(10);
    upload
}

#[test]
fn a_blob_is_looked_for_opened_and_sent_at_once() {
    let port = Port::new(Profile::demo());
    let uploaded = port.push(whole(), &Upload::default()).unwrap();
    assert_eq!((uploaded.digest, uploaded.size), (digest(), 36));
    assert_eq!(uploaded.arrival, Arrival::Sent);
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    assert_eq!(port.steps(), ["HEAD blob", "POST open", "PUT upload"]);
    assert_eq!(port.open_uploads(), 0);
}

#[test]
fn nothing_is_sent_that_is_there() {
    let port = Port::new(Profile::demo());
    port.push(whole(), &known()).unwrap();
    for source in [whole() as Rc<dyn Source>, streamed(BLOB)] {
        for upload in [known(), Upload::default()] {
            let before = port.steps().len();
            let again = port.push(Rc::clone(&source), &upload).unwrap();
            assert_eq!(again.arrival, Arrival::AlreadyThere);
            assert_eq!((again.digest, again.size), (digest(), 36));
            assert_eq!(port.steps()[before..], ["HEAD blob"]);
        }
    }
}

#[test]
fn a_stream_is_hashed_while_it_is_read_and_read_once() {
    let port = Port::new(Profile::demo());
    let source = streamed(BLOB);
    let uploaded = port.push(Rc::clone(&source) as _, &pieces()).unwrap();
    assert_eq!((uploaded.digest, uploaded.size), (digest(), 36));
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    assert_eq!(source.opened.get(), 1);
    let steps = port.steps();
    assert_eq!(steps[0], "POST open");
    assert_eq!(steps[1..5], ["PATCH upload"; 4]);
    assert_eq!(steps[5..], ["PUT upload"]);
}

#[test]
fn a_stream_that_fits_in_one_piece_is_sent_at_once() {
    let port = Port::new(Profile::demo());
    port.push(streamed(BLOB), &Upload::default()).unwrap();
    assert_eq!(port.steps(), ["HEAD blob", "POST open", "PUT upload"]);
    let empty = port.push(streamed(b""), &Upload::default()).unwrap();
    assert_eq!((empty.digest, empty.size), (Digest::of(b""), 0));
    assert_eq!(port.holds("a", &Digest::of(b"")).unwrap(), "");
}

#[test]
fn a_blob_may_be_named_by_sha512() {
    let port = Port::new(Profile {
        sha512: true,
        ..Profile::demo()
    });
    let long = Algorithm::Sha512.digest_of(BLOB);
    for mut upload in [Upload::default(), pieces()] {
        upload.digest = Some(long);
        assert_eq!(port.push(streamed(BLOB), &upload).unwrap().digest, long);
        assert_eq!(port.holds("a", &long).unwrap(), BLOB);
        port.io.registry().state.repository("a").blobs.clear();
    }
}

#[test]
fn pieces_are_as_long_as_the_registry_asks() {
    let port = Port::that(|uploads| uploads.minimum = Some(16));
    port.push(streamed(BLOB), &pieces()).unwrap();
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    // 16, 16 and 4
    assert_eq!(port.io.targets("PATCH").len(), 3);
}

#[test]
fn a_registry_that_wants_more_at_once_than_memory_should_hold_is_refused() {
    let port = Port::that(|uploads| uploads.minimum = Some(1 << 30));
    let error = port.push(streamed(BLOB), &pieces()).unwrap_err();
    assert_eq!(error.code(), Code::Unsupported);
    assert_eq!(port.open_uploads(), 0, "{error}");
}

#[test]
fn the_address_of_an_upload_is_kept_however_it_is_written() {
    for location in [
        UploadLocation::Absolute,
        UploadLocation::Relative,
        UploadLocation::Stateful,
    ] {
        for upload in [known(), pieces()] {
            let port = Port::that(|uploads| uploads.location = location.clone());
            port.push(streamed(BLOB), &upload).unwrap();
            assert_eq!(port.holds("a", &digest()).unwrap(), BLOB, "{location:?}");
            if location == UploadLocation::Stateful {
                let put = port.io.targets("PUT").remove(0);
                assert!(
                    put.contains("?_state=at=") && put.contains("&digest=sha256%3A"),
                    "{put}"
                );
            }
        }
    }
}

#[test]
fn another_host_gets_the_bytes_and_not_who_sends_them() {
    for upload in [known(), pieces()] {
        let mut profile = Profile::basic();
        profile.uploads.location = UploadLocation::Elsewhere("https://storage.example".into());
        let mut settings = as_user("demo", "demo-password");
        settings
            .headers
            .insert("x-gateway", "secret".parse().unwrap());
        let port = Port::with(profile, settings);
        port.push(streamed(BLOB), &upload).unwrap();
        assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
        let requests = port.io.requests();
        let (elsewhere, home): (Vec<_>, Vec<_>) = requests
            .iter()
            .partition(|entry| entry.host == "storage.example");
        assert!(!elsewhere.is_empty());
        assert!(elsewhere.iter().all(|entry| entry.authorization.is_none()));
        assert!(home.iter().any(|entry| entry.authorization.is_some()));
    }
}

#[test]
fn no_upload_is_sent_down_or_into_a_private_network() {
    for storage in [
        "http://storage.example",
        "https://169.254.169.254",
        "https://localhost:1",
    ] {
        let port = Port::that(|uploads| {
            uploads.location = UploadLocation::Elsewhere(storage.to_owned());
        });
        let error = port.push(whole(), &known()).unwrap_err();
        assert_eq!(error.code(), Code::UpstreamError, "{storage}");
        assert!(error.to_string().contains(storage), "{error}");
        assert!(!error.to_string().contains("_storage"), "{error}");
        assert!(
            port.io.requests().iter().all(|entry| entry.host == HOST),
            "{storage}"
        );
    }
}

#[test]
fn no_upload_follows_a_redirect_to_another_host() {
    let port = Port::new(Profile::demo());
    port.io.fault(
        Fault::on("PUT", "/v2/**")
            .status(307)
            .times(0)
            .header("location", "https://other.example/x"),
    );
    let error = port.push(whole(), &known()).unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError);
    assert!(port.io.requests().iter().all(|entry| entry.host == HOST));
    assert_eq!(port.open_uploads(), 0, "given up");
}

#[test]
fn an_upload_that_leads_to_something_stored_is_not_begun_and_not_given_up_there() {
    for location in [
        format!("/v2/a/blobs/{}", digest()),
        "/v2/a/manifests/latest".to_owned(),
    ] {
        let port = Port::new(Profile::demo());
        port.io.fault(
            Fault::on("POST", "/v2/**")
                .status(202)
                .times(0)
                .header("location", &location),
        );
        let error = port.push(whole(), &known()).unwrap_err();
        assert_eq!(error.code(), Code::UpstreamError, "{error}");
        for method in ["PUT", "PATCH", "DELETE"] {
            assert!(port.io.targets(method).is_empty(), "{method} {location}");
        }
    }
}

#[test]
fn a_redirect_on_the_same_host_is_followed_with_the_body_opened_anew() {
    let port = Port::new(Profile::demo());
    // the first upload of a registry
    port.io.fault(Fault::on("PUT", "/v2/**").status(307).header(
        "location",
        &format!("/v2/a/blobs/uploads/1?digest={}", digest()),
    ));
    let outcome = port.push(whole(), &known());
    let led_to = port.io.targets("PUT").get(1).cloned().unwrap_or_default();
    assert!(
        led_to.starts_with("/v2/a/blobs/uploads/1?digest="),
        "{led_to}"
    );
    assert!(outcome.is_ok(), "{:?}", port.steps());
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
}

#[test]
fn the_token_is_got_before_any_byte_leaves() {
    for upload in [known(), Upload::default(), pieces()] {
        let port = Port::with(Profile::bearer(), as_user("demo", "demo-password"));
        port.push(streamed(BLOB), &upload).unwrap();
        assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
        for entry in port.io.requests() {
            if entry.method == "PUT" || entry.method == "PATCH" {
                assert_eq!(entry.authorization.as_deref(), Some("Bearer"));
                assert!(entry.status.is_some_and(|status| status < 300), "{entry:?}");
            }
        }
        let tokens = port
            .steps()
            .iter()
            .filter(|step| step.ends_with("token"))
            .count();
        assert_eq!(tokens, 1, "{:?}", port.steps());
    }
}

#[test]
fn a_token_that_ran_out_is_renewed_without_the_body_and_the_rest_is_sent() {
    let port = Port::with(Profile::bearer(), as_user("demo", "demo-password"));
    port.io.fault(Fault {
        skip: 1,
        ..Fault::on("PATCH", "/v2/**").status(401)
    });
    port.push(streamed(BLOB), &pieces()).unwrap();
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    let steps = port.steps();
    let refused = steps.iter().rposition(|step| step == "GET upload").unwrap();
    assert_eq!(steps[refused + 1], "PATCH upload", "{steps:?}");
}

#[test]
fn every_lost_answer_is_looked_up_and_nothing_is_sent_twice_blindly() {
    let lost = |carried_out| {
        [
            (
                "closed",
                Fault {
                    drop: true,
                    carried_out,
                    ..Fault::default()
                },
            ),
            (
                "silent",
                Fault {
                    hang: true,
                    carried_out,
                    ..Fault::default()
                },
            ),
            (
                "500",
                Fault {
                    carried_out,
                    ..Fault::default().status(500)
                },
            ),
            (
                "503",
                Fault {
                    carried_out,
                    ..Fault::default().status(503)
                },
            ),
            (
                "504",
                Fault {
                    carried_out,
                    ..Fault::default().status(504)
                },
            ),
            (
                "408",
                Fault {
                    carried_out,
                    ..Fault::default().status(408)
                },
            ),
        ]
    };
    for carried_out in [true, false] {
        for (row, fault) in lost(carried_out) {
            for (method, skip, upload) in [
                ("HEAD", 0, known()),
                ("POST", 0, known()),
                ("POST", 0, pieces()),
                ("PUT", 0, known()),
                ("PATCH", 0, pieces()),
                ("PATCH", 2, pieces()),
                ("PATCH", 3, pieces()),
                ("PUT", 0, pieces()),
            ] {
                let port = Port::new(Profile::demo());
                port.io.fault(Fault {
                    method: Some(method.into()),
                    path: Some("/v2/**".into()),
                    skip,
                    ..fault.clone()
                });
                let row = format!("{row} {method} {skip} carried out: {carried_out}");
                let uploaded = port.push(streamed(BLOB), &upload);
                let uploaded = uploaded.unwrap_or_else(|error| panic!("{row}: {error}"));
                assert_eq!((uploaded.digest, uploaded.size), (digest(), 36), "{row}");
                assert_eq!(port.holds("a", &digest()).unwrap(), BLOB, "{row}");
                let steps = port.steps();
                for (at, step) in steps.iter().enumerate().skip(1) {
                    let again =
                        step == &steps[at - 1] && (step == "PUT upload" || step == "POST open");
                    assert!(!again || step == "POST open", "{row}: {steps:?}");
                }
                let sent = steps.iter().filter(|step| *step == "PUT upload").count();
                let expected = if method == "PUT" && !carried_out {
                    2
                } else {
                    1
                };
                assert_eq!(sent, expected, "{row}: {steps:?}");
            }
        }
    }
}

#[test]
fn what_arrived_before_a_connection_broke_is_not_sent_again() {
    for takes in [0, 1, 2, 5, 9, 10] {
        for skip in [0, 1, 3] {
            let port = Port::new(Profile::demo());
            let source = streamed(BLOB);
            port.io.fault(Fault {
                takes: Some(takes),
                skip,
                ..Fault::on("PATCH", "/v2/**")
            });
            port.push(Rc::clone(&source) as _, &pieces()).unwrap();
            assert_eq!(port.holds("a", &digest()).unwrap(), BLOB, "{takes} {skip}");
            assert_eq!(source.opened.get(), 1, "the piece is still held");
        }
        let port = Port::new(Profile::demo());
        let left = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&left);
        let mut upload = known();
        upload.progress = Some(Rc::new(move |bytes| seen.borrow_mut().push(bytes)));
        port.io.fault(Fault {
            takes: Some(takes),
            ..Fault::on("PUT", "/v2/**")
        });
        port.push(whole(), &upload).unwrap();
        assert_eq!(port.holds("a", &digest()).unwrap(), BLOB, "{takes}");
        assert_eq!(left.borrow().last(), Some(&36));
    }
}

#[test]
fn a_source_is_opened_again_where_the_registry_has_less_than_it_said() {
    let port = Port::new(Profile::demo());
    let source = streamed(BLOB);
    port.io.before_each(|_, request, state| {
        // the third piece comes, and the first ten bytes of the others are all that is left
        let third = request
            .headers()
            .get("content-range")
            .is_some_and(|range| range == "20-29");
        if request.method() == "PATCH" && third {
            for upload in state.uploads.values_mut() {
                upload.bytes.truncate(10);
            }
        }
    });
    port.push(Rc::clone(&source) as _, &pieces()).unwrap_err();
    port.io.before_each({
        let mut once = true;
        move |_, request, state| {
            let third = request
                .headers()
                .get("content-range")
                .is_some_and(|range| range == "20-29");
            if third && std::mem::take(&mut once) {
                for upload in state.uploads.values_mut() {
                    upload.bytes.truncate(10);
                }
            }
        }
    });
    let source = streamed(BLOB);
    port.push(Rc::clone(&source) as _, &pieces()).unwrap();
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    assert_eq!(source.opened.get(), 2);
}

#[test]
fn a_piece_out_of_place_is_recovered_from_by_asking() {
    let port = Port::new(Profile::demo());
    port.io.fault(Fault {
        skip: 1,
        ..Fault::on("PATCH", "/v2/**").status(416)
    });
    port.push(streamed(BLOB), &pieces()).unwrap();
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    assert_eq!(port.steps()[3..5], ["GET upload", "PATCH upload"]);
}

#[test]
fn an_upload_that_the_registry_lost_is_begun_anew() {
    for (method, skip, upload) in [
        ("PATCH", 2, pieces()),
        ("PUT", 0, pieces()),
        ("PUT", 0, known()),
    ] {
        let port = Port::new(Profile::demo());
        let source = streamed(BLOB);
        let mut left: i32 = skip;
        port.io.before_each(move |_, request, state| {
            if request.method() == method {
                if left == 0 {
                    state.uploads.clear();
                }
                left = left.wrapping_sub(1);
            }
        });
        let uploaded = port.push(Rc::clone(&source) as _, &upload).unwrap();
        assert_eq!(uploaded.digest, digest());
        assert_eq!(port.holds("a", &digest()).unwrap(), BLOB, "{method} {skip}");
        assert_eq!(port.io.targets("POST").len(), 2, "{method} {skip}");
    }
}

#[test]
fn a_registry_that_holds_more_than_there_is_gets_it_anew() {
    for blob in [&b""[..], b"ab"] {
        let port = Port::new(Profile::demo());
        port.io.fault(Fault {
            drop: true,
            ..Fault::on("PUT", "/v2/**")
        });
        port.io.fault(
            Fault::on("GET", "/v2/**")
                .status(204)
                .header("range", "0-99"),
        );
        let mut upload = Upload::default();
        upload.digest = Some(Digest::of(blob));
        port.push(streamed(blob), &upload).unwrap();
        assert_eq!(port.io.targets("POST").len(), 2);
        assert_eq!(port.holds("a", &Digest::of(blob)).unwrap(), blob);
    }
}

#[test]
fn a_registry_that_does_not_tell_how_far_it_is_gets_it_anew() {
    for upload in [known(), pieces()] {
        let port = Port::that(|uploads| uploads.tells = false);
        let method = if upload.piece.is_some() {
            "PATCH"
        } else {
            "PUT"
        };
        port.io.fault(Fault {
            drop: true,
            ..Fault::on(method, "/v2/**")
        });
        port.push(streamed(BLOB), &upload).unwrap();
        assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
        assert_eq!(port.io.targets("POST").len(), 2);
        assert_eq!(port.open_uploads(), 0, "the first is given up");
    }
}

#[test]
fn a_registry_that_always_loses_the_upload_is_given_up() {
    for upload in [known(), pieces()] {
        let port = Port::new(Profile::demo());
        port.io.before_each(|_, request, state| {
            if request.method() == "PUT" || request.method() == "PATCH" {
                state.uploads.clear();
            }
        });
        let error = port.push(streamed(BLOB), &upload).unwrap_err();
        assert!(error.to_string().starts_with("uploading "), "{error}");
        assert!(port.io.targets("POST").len() <= 4);
    }
}

#[test]
fn a_registry_that_takes_a_piece_and_holds_no_more_is_given_up() {
    let port = Port::new(Profile::demo());
    port.io
        .fault(Fault::on("PATCH", "/v2/**").header("range", "0-0").times(0));
    assert!(port.push(streamed(BLOB), &pieces()).is_err());
    assert!(port.io.targets("PATCH").len() < 20);
    assert_eq!(port.open_uploads(), 0);
}

#[test]
fn a_failure_that_stays_ends_the_upload_and_gives_it_up() {
    for (method, upload) in [("PUT", known()), ("PATCH", pieces()), ("PUT", pieces())] {
        for fault in [
            Fault::on(method, "/v2/**").status(500),
            Fault::on(method, "/v2/**").status(403),
            Fault {
                drop: true,
                ..Fault::on(method, "/v2/**")
            },
        ] {
            let port = Port::new(Profile::demo());
            let status = fault.status;
            port.io.fault(fault.times(0));
            let error = port.push(streamed(BLOB), &upload).unwrap_err();
            let code = match status {
                Some(500) => Code::UpstreamError,
                Some(_) => Code::Denied,
                None => Code::Unreachable,
            };
            assert_eq!(error.code(), code, "{method} {error}");
            assert_eq!(
                port.open_uploads(),
                0,
                "{method} {status:?}: {:?}",
                port.steps()
            );
            assert_eq!(port.io.targets("DELETE").len(), 1, "{method}");
            assert!(port.io.targets(method).len() <= 4, "{method}");
        }
    }
}

#[test]
fn a_dropped_upload_is_given_up_at_the_registry() {
    for (method, upload) in [("PUT", known()), ("PATCH", pieces())] {
        let port = Port::new(Profile::demo());
        port.io.fault(Fault {
            hang: true,
            ..Fault::on(method, "/v2/**")
        });
        let mut uploading = Box::pin(port.writer.upload("a", streamed(BLOB), &upload));
        let moment = Box::pin(port.io.sleep(std::time::Duration::from_secs(10)));
        let first = port.io.run(select(&mut uploading, moment));
        assert!(matches!(first, Either::Right(_)), "it hangs");
        drop(first);
        assert_eq!(port.open_uploads(), 1);
        drop(uploading);
        port.io.run(async {});
        assert_eq!(port.open_uploads(), 0, "{method}");
    }
}

#[test]
fn throttling_is_waited_for_as_long_as_the_registry_asks() {
    let port = Port::new(Profile::demo());
    port.io.fault(
        Fault::on("PATCH", "/v2/**")
            .status(429)
            .times(2)
            .header("retry-after", "20"),
    );
    let before = port.io.now();
    port.push(streamed(BLOB), &pieces()).unwrap();
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    assert!(port.io.now().since(before).as_secs() >= 40);
}

#[test]
fn a_proxy_that_takes_less_at_once_gets_pieces() {
    // twelve MiB, of which ten pass at once
    static LARGE: [u8; 12 << 20] = [7; 12 << 20];
    let port = Port::that(|uploads| uploads.most = Some(10 << 20));
    let uploaded = port.push(
        Rc::new(InMemory(Bytes::from_static(&LARGE))),
        &Upload::default(),
    );
    assert_eq!(uploaded.unwrap().size, 12 << 20);
    assert_eq!(
        port.holds("a", &Digest::of(&LARGE)).unwrap().len(),
        12 << 20
    );
    let port = Port::that(|uploads| uploads.most = Some(20));
    let error = port.push(whole(), &known()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    assert_eq!(port.open_uploads(), 0);
}

#[test]
fn a_registry_that_takes_one_piece_only_says_so() {
    let port = Port::that(|uploads| uploads.continues = false);
    let error = port.push(streamed(BLOB), &pieces()).unwrap_err();
    assert_eq!(error.code(), Code::Unsupported);
}

#[test]
fn a_blob_is_mounted_from_where_it_is() {
    let port = Port::new(Profile::demo());
    port.io
        .run(port.writer.upload("base", whole(), &known()))
        .unwrap();
    let before = port.steps().len();
    let mut upload = known();
    upload.mount_from = Some("base".into());
    let mounted = port.push(whole(), &upload).unwrap();
    assert_eq!(mounted.arrival, Arrival::Mounted);
    assert_eq!(port.steps()[before..], ["HEAD blob", "POST mount"]);
    assert_eq!(port.holds("a", &digest()).unwrap(), BLOB);
    assert!(
        port.io
            .run(port.writer.mount("b", &digest(), "base"))
            .unwrap()
    );
    let other = Digest::of(b"other");
    assert!(!port.io.run(port.writer.mount("b", &other, "base")).unwrap());
    assert_eq!(
        port.open_uploads(),
        0,
        "what a refused mount opened is given up"
    );
}

#[test]
fn a_refused_mount_becomes_an_ordinary_upload_in_its_session() {
    let mut upload = known();
    upload.mount_from = Some("base".into());
    let port = Port::that(|uploads| uploads.mounts = false);
    assert_eq!(port.push(whole(), &upload).unwrap().arrival, Arrival::Sent);
    assert_eq!(port.steps(), ["HEAD blob", "POST mount", "PUT upload"]);
    for status in [400, 403, 404, 405] {
        let port = Port::new(Profile::demo());
        port.io.fault(Fault::on("POST", "/v2/**").status(status));
        assert_eq!(port.push(whole(), &upload).unwrap().arrival, Arrival::Sent);
        assert_eq!(
            port.steps()[1..],
            ["POST mount", "POST open", "PUT upload"],
            "{status}"
        );
    }
}

#[test]
fn a_lost_answer_to_a_mount_is_looked_up() {
    let mut upload = known();
    upload.mount_from = Some("base".into());
    let port = Port::new(Profile::demo());
    port.io
        .run(port.writer.upload("base", whole(), &known()))
        .unwrap();
    port.io.fault(Fault {
        drop: true,
        carried_out: true,
        ..Fault::on("POST", "/v2/a/**")
    });
    assert_eq!(
        port.push(whole(), &upload).unwrap().arrival,
        Arrival::Mounted
    );
    assert_eq!(port.io.targets("POST").len(), 2);
}

#[test]
fn a_mount_asks_for_a_token_of_both_repositories() {
    let port = Port::with(Profile::bearer(), as_user("demo", "demo-password"));
    port.io
        .run(port.writer.upload("base", whole(), &known()))
        .unwrap();
    assert!(
        port.io
            .run(port.writer.mount("a", &digest(), "base"))
            .unwrap()
    );
    let tokens = port.io.requests();
    let last = tokens
        .iter()
        .rfind(|entry| entry.target.starts_with("/token"))
        .unwrap();
    assert!(
        last.target.contains("repository%3Aa%3Apull%2Cpush"),
        "{}",
        last.target
    );
}

#[test]
fn a_source_that_breaks_its_promise_is_found_out_before_the_blob_is_finished() {
    let wrong = Digest::of(b"other");
    for (row, source, upload, code) in [
        (
            "digest, whole",
            whole() as Rc<dyn Source>,
            known_as(wrong),
            Code::DigestMismatch,
        ),
        (
            "digest, one piece",
            streamed(BLOB),
            known_as(wrong),
            Code::DigestMismatch,
        ),
        (
            "digest, pieces",
            streamed(BLOB),
            pieces_of(wrong),
            Code::DigestMismatch,
        ),
        (
            "too short",
            promising(37),
            Upload::default(),
            Code::InvalidArgument,
        ),
        (
            "too long",
            promising(35),
            Upload::default(),
            Code::InvalidArgument,
        ),
        (
            "too short, pieces",
            promising(37),
            pieces(),
            Code::InvalidArgument,
        ),
        (
            "too long, pieces",
            promising(35),
            pieces(),
            Code::InvalidArgument,
        ),
    ] {
        let port = Port::new(Profile::demo());
        let error = port.push(source, &upload).unwrap_err();
        assert_eq!(error.code(), code, "{row}: {error}");
        assert!(
            port.io
                .registry()
                .state
                .repositories
                .get("a")
                .is_none_or(|a| a.blobs.is_empty()),
            "{row}"
        );
        let finished = port
            .io
            .requests()
            .into_iter()
            .filter(|entry| entry.method == "PUT");
        assert_eq!(finished.count(), 0, "{row}: {:?}", port.steps());
        assert_eq!(port.open_uploads(), 0, "{row}");
    }
}

fn promising(size: u64) -> Rc<Streamed> {
    Rc::new(Streamed {
        promised: Some(size),
        bytes: BLOB,
        opened: Rc::default(),
        breaks: false,
    })
}

#[test]
fn a_source_that_fails_ends_the_upload_with_its_own_error() {
    let broken = || {
        Rc::new(Streamed {
            promised: None,
            bytes: BLOB,
            opened: Rc::default(),
            breaks: true,
        })
    };
    for upload in [known(), pieces()] {
        let port = Port::new(Profile::demo());
        let source = broken();
        let error = port.push(Rc::clone(&source) as _, &upload).unwrap_err();
        assert_eq!(error.code(), Code::Cancelled);
        assert!(error.to_string().contains("the file vanished"), "{error}");
        assert_eq!(source.opened.get(), 1, "a broken source is not tried again");
        assert_eq!(port.open_uploads(), 0);
    }
}

#[test]
fn a_registry_that_stored_something_else_is_an_error() {
    for upload in [known(), pieces()] {
        let port = Port::new(Profile::demo());
        let other = Digest::of(b"other").to_string();
        port.io
            .fault(Fault::on("PUT", "/v2/**").header("docker-content-digest", &other));
        let error = port.push(streamed(BLOB), &upload).unwrap_err();
        assert_eq!(error.code(), Code::DigestMismatch);
    }
}

#[test]
fn who_may_not_push_is_told_so_before_a_byte_leaves() {
    let port = Port::with(Profile::bearer(), settings());
    let error = port.push(whole(), &known()).unwrap_err();
    assert_eq!(error.code(), Code::Unauthorized, "{error}");
    assert!(port.io.targets("PUT").is_empty());
    assert!(
        error.to_string().contains("uploading the blob sha256:"),
        "{error}"
    );
}

#[test]
fn a_part_of_a_blob_is_read_and_its_length_is_proven() {
    let (client, io) = shop(Profile::demo(), settings());
    let writer = Writer::new(client.clone());
    io.run(writer.upload("a", whole(), &known())).unwrap();
    let read = |from, to| {
        io.run(async {
            let blob = client.blob_part("a", &digest(), Part { from, to }).await?;
            let part = blob.part.clone().unwrap();
            Ok::<_, Error>((blob.size, part, blob.body.bytes(100).await?))
        })
    };
    assert_eq!(read(0, Some(4)).unwrap(), (Some(36), 0..4, "0123".into()));
    assert_eq!(read(30, None).unwrap(), (Some(36), 30..36, "uvwxyz".into()));
    assert_eq!(read(30, Some(99)).unwrap().1, 30..36);
    assert_eq!(read(36, None).unwrap_err().code(), Code::InvalidArgument);
    io.fault(Fault {
        truncate: Some(2),
        ..Fault::on("GET", "/v2/a/blobs/**")
    });
    assert_eq!(read(0, Some(4)).unwrap_err().code(), Code::Truncated);
    io.fault(Fault::on("GET", "/v2/a/blobs/**").header("content-range", "bytes 9-12/36"));
    assert_eq!(read(0, Some(4)).unwrap_err().code(), Code::UpstreamError);
    io.fault(Fault::on("GET", "/v2/a/blobs/**").status(200));
    assert_eq!(read(0, Some(4)).unwrap_err().code(), Code::Unsupported);
}

#[test]
fn a_blob_is_asked_for_without_being_read() {
    let (client, io) = shop(Profile::demo(), settings());
    let writer = Writer::new(client.clone());
    io.run(writer.upload("a", whole(), &known())).unwrap();
    let head = |digest| io.run(client.blob_head("a", &digest)).unwrap();
    assert_eq!(head(digest()).unwrap().size, Some(36));
    assert_eq!(head(Digest::of(b"other")), None);
}

/// A blob of the same registry, read while it is sent.
struct Copied(Client<MemoryIo>);

impl Source for Copied {
    fn size(&self) -> Option<u64> {
        Some(BLOB.len() as u64)
    }

    fn open(&self, _: u64) -> LocalBoxStream<'static, Result<Bytes>> {
        let client = self.0.clone();
        let read = async move {
            let blob = client.blob("a", &digest()).await?;
            blob.body.bytes(1 << 20).await
        };
        stream::once(read).boxed_local()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[test]
fn what_is_sent_may_be_read_from_the_same_registry_meanwhile() {
    let mut narrow = settings();
    narrow.limits.concurrency = 1;
    let port = Port::with(Profile::demo(), narrow);
    port.io.share_waiting();
    port.io.send_whole();
    port.push(whole(), &Upload::default()).unwrap();
    let copied = Rc::new(Copied(port.writer.client().clone()));
    let sent = port
        .io
        .run(port.writer.upload("b", copied, &Upload::default()));
    assert_eq!(sent.unwrap().digest, digest());
    assert_eq!(port.holds("b", &digest()).as_deref(), Some(BLOB));
}
