//! Redirects, retries, time-outs, caps.

use std::time::Duration;

use portreeve::error::Code;
use portreeve::io::{Body, Io};
use portreeve::limits::Limits;
use portreeve::oci::Content;

use super::*;
use crate::registry::Fault;
use crate::registry::profile::Authentication;

fn elapsed(io: &MemoryIo) -> u64 {
    io.now().since(NOON).as_secs()
}

#[test]
fn a_redirect_takes_no_credential_along_and_shows_no_signature() {
    let profile = Profile {
        authentication: Authentication::PrivateBearer,
        blob_redirect: Some("https://storage.example/_storage".into()),
        ..Profile::distribution_3()
    };
    let (client, io) = shop(profile, as_user("demo", "demo-password"));
    let manifest = io
        .run(client.manifest("shop/api", &tag("latest")))
        .unwrap()
        .unwrap();
    let Content::Image(image) = manifest.content() else {
        panic!("no image")
    };
    let layer = &image.layers[0];
    let read = || {
        io.run(async {
            let blob = client.blob("shop/api", &layer.digest).await?;
            blob.body.bytes(1 << 20).await
        })
    };
    assert_eq!(Digest::of(&read().unwrap()), layer.digest);
    let last = io.requests().pop().unwrap();
    assert_eq!(
        (last.host.as_str(), last.authorization),
        ("storage.example", None)
    );
    io.fault(Fault::on("GET", "/_storage/**").status(403));
    let error = read().unwrap_err();
    assert!(!error.to_string().contains("presigned-secret"), "{error}");
    assert_eq!(error.code(), Code::Denied);
}

#[test]
fn redirects_without_end_are_given_up() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault::on("GET", "/v2/**")
            .status(307)
            .times(0)
            .header("location", "/v2/shop/web/manifests/latest"),
    );
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert_eq!(error.code(), Code::UpstreamError);
    assert!(error.to_string().contains("more than 5 times"), "{error}");
    assert_eq!(io.requests().len(), 6);
}

#[test]
fn retry_after_is_waited_for_on_reads() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault::on("GET", "/v2/*/*/tags/list")
            .status(429)
            .times(2)
            .header("retry-after", "7"),
    );
    assert!(io.run(client.tags("shop/web").next_page()).is_ok());
    assert_eq!((io.requests().len(), elapsed(&io)), (3, 14));
}

#[test]
fn a_pause_longer_than_the_deadline_is_an_error_that_tells_it() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault::on("GET", "/v2/**")
            .status(429)
            .times(0)
            .header("retry-after", "3600"),
    );
    let error = io.run(client.tags("shop/web").next_page()).unwrap_err();
    assert_eq!(error.code(), Code::Throttled);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!((io.requests().len(), elapsed(&io)), (1, 0));
}

#[test]
fn what_may_pass_is_tried_so_often_and_what_may_not_once() {
    for (status, attempts, code) in [
        (500, 4, Code::UpstreamError),
        (503, 4, Code::UpstreamError),
        (429, 4, Code::Throttled),
        (403, 1, Code::Denied),
        (400, 1, Code::UpstreamError),
    ] {
        let (client, io) = shop(Profile::demo(), settings());
        io.fault(Fault::on("GET", "/v2/**").status(status).times(0));
        let error = io
            .run(client.manifest("shop/web", &tag("latest")))
            .unwrap_err();
        assert_eq!(
            (error.code(), io.requests().len()),
            (code, attempts),
            "{status}"
        );
    }
}

#[test]
fn a_connection_that_closes_is_tried_again() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault {
            drop: true,
            ..Fault::on("GET", "/v2/**")
        }
        .times(3),
    );
    assert!(io.run(client.manifest("shop/web", &tag("latest"))).is_ok());
    io.fault(
        Fault {
            drop: true,
            ..Fault::on("GET", "/v2/**")
        }
        .times(0),
    );
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert_eq!(error.code(), Code::Unreachable);
    assert!(
        error
            .to_string()
            .starts_with("reading shop/web:latest at registry.acme.dev: "),
        "{error}"
    );
}

#[test]
fn a_registry_that_hangs_is_a_timeout_within_the_deadline() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault {
            hang: true,
            ..Fault::on("GET", "/v2/**")
        }
        .times(0),
    );
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert_eq!(error.code(), Code::Timeout);
    assert!(
        error
            .to_string()
            .contains("no answer from registry.acme.dev within 30 s"),
        "{error}"
    );
    assert!(elapsed(&io) <= 125, "{}", elapsed(&io));
}

#[test]
fn a_body_that_falls_silent_is_a_timeout_and_one_that_ends_early_is_truncated() {
    let mut once = settings();
    once.limits = Limits {
        attempts: 1,
        ..Limits::default()
    };
    for (fault, code, seconds) in [
        (
            Fault {
                stall: Some(5),
                ..Fault::default()
            },
            Code::Timeout,
            60,
        ),
        (
            Fault {
                truncate: Some(5),
                ..Fault::default()
            },
            Code::Truncated,
            0,
        ),
    ] {
        let (client, io) = shop(Profile::demo(), once.clone());
        io.fault(
            Fault {
                path: Some("/v2/*/*/manifests/*".into()),
                ..fault
            }
            .times(0),
        );
        let error = io
            .run(client.manifest("shop/web", &tag("latest")))
            .unwrap_err();
        assert_eq!((error.code(), elapsed(&io)), (code, seconds));
    }
}

#[test]
fn a_body_that_ends_early_is_read_again() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(Fault {
        truncate: Some(5),
        ..Fault::on("GET", "/v2/**")
    });
    assert!(io.run(client.manifest("shop/web", &tag("latest"))).is_ok());
    assert_eq!(io.requests().len(), 2);
}

#[test]
fn a_page_larger_than_allowed_is_refused() {
    let mut small = settings();
    small.limits = Limits {
        page: 1000,
        ..Limits::default()
    };
    let (client, io) = shop(Profile::demo(), small);
    let error = io.run(client.tags("shop/web").next_page()).unwrap_err();
    assert_eq!(error.code(), Code::TooLarge);
    assert!(error.to_string().contains("1000 bytes"), "{error}");
}

#[test]
fn the_words_of_a_refusal_are_cut_short() {
    let (client, io) = shop(Profile::demo(), settings());
    let body = Some("<html>".to_owned() + &"x".repeat(1 << 20));
    io.fault(
        Fault {
            body,
            ..Fault::on("GET", "/v2/**")
        }
        .status(403),
    );
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert!(
        error.to_string().contains("(an HTML page)") && error.to_string().len() < 300,
        "{error}"
    );
}

#[test]
fn so_many_are_on_their_way_and_no_more() {
    let (client, io) = shop(Profile::demo(), settings());
    io.set_latency(Duration::from_millis(100));
    let all = (0..40).map(|_| async { client.head("shop/web", &tag("latest")).await });
    for head in io.run(futures_util::future::join_all(all)) {
        assert!(head.unwrap().is_some());
    }
    assert_eq!(io.most_in_flight(), 6);
}

#[test]
fn a_request_given_up_makes_room() {
    let mut narrow = settings();
    narrow.limits = Limits {
        concurrency: 1,
        ..Limits::default()
    };
    let (client, io) = shop(Profile::demo(), narrow);
    io.fault(Fault {
        hang: true,
        ..Fault::on("HEAD", "/v2/**")
    });
    io.run(async {
        let (latest, v1) = (tag("latest"), tag("v1.4.2"));
        let hanging = Box::pin(client.head("shop/web", &latest));
        let given_up = Box::pin(io.sleep(Duration::from_secs(1)));
        drop(futures_util::future::select(hanging, given_up).await);
        client.head("shop/web", &v1).await.unwrap()
    });
    assert_eq!(elapsed(&io), 1);
}
