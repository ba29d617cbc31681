//! Redirects, retries, time-outs, caps.

use std::time::Duration;

use portreeve::client::Stage;
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
    assert!(
        error.to_string().contains("redirected in a circle"),
        "{error}"
    );
    assert_eq!(io.requests().len(), 1);
    io.registry().faults.clear();
    for number in 0..10 {
        io.fault(
            Fault::on("GET", "/v2/**")
                .status(307)
                .header("location", &format!("/v2/step/{number}")),
        );
    }
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert!(error.to_string().contains("more than 5 times"), "{error}");
    assert_eq!(io.requests().len(), 7);
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
            .contains("no answer from registry.acme.dev within"),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("failed after 4 attempts in 120.0 s"),
        "{error}"
    );
    assert_eq!(elapsed(&io), 120);
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

#[test]
fn every_request_is_told_of_with_its_answer_and_without_secrets() {
    let profile = Profile {
        authentication: Authentication::PrivateBearer,
        blob_redirect: Some("https://storage.example/_storage".into()),
        ..Profile::distribution_3()
    };
    let (client, io) = shop(profile, as_user("demo", "demo-password"));
    io.set_latency(Duration::from_millis(250));
    io.run(async {
        let manifest = client.manifest("shop/api", &tag("latest")).await.unwrap();
        let manifest = manifest.unwrap();
        let Content::Image(image) = manifest.content() else {
            panic!("no image")
        };
        let blob = client.blob("shop/api", &image.layers[0].digest).await;
        blob.unwrap().body.bytes(1 << 20).await.unwrap();
    });
    let events = io.events();
    let sent: Vec<_> = events
        .iter()
        .filter(|event| event.stage == Stage::Sent)
        .map(|event| event.number)
        .collect();
    assert_eq!(sent, (1..=client.requests_used()).collect::<Vec<_>>());
    assert_eq!(events.len(), 2 * sent.len());
    for answered in events.iter().filter(|event| event.stage != Stage::Sent) {
        let Stage::Answered { status, took, .. } = &answered.stage else {
            panic!("{answered:?}")
        };
        assert!(*took >= Duration::from_millis(250), "{status} {took:?}");
    }
    let all = format!("{events:?}");
    assert!(all.contains("https://storage.example/_storage"), "{all}");
    for secret in ["demo-password", "presigned-secret", "Bearer", "Basic"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn a_second_attempt_is_told_as_one_and_so_is_the_pause_before_it() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault::on("HEAD", "/v2/**")
            .status(503)
            .header("retry-after", "3")
            .header("x-request-id", "f00"),
    );
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    let events = io.events();
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.number, event.attempt))
        .collect();
    assert_eq!(told, [(1, 1), (1, 1), (2, 1), (2, 2), (2, 2)]);
    let Stage::Answered { request_id, .. } = &events[1].stage else {
        panic!("{events:?}")
    };
    assert_eq!(request_id.as_deref(), Some("f00"));
    let Stage::Pausing { pause, reason } = &events[2].stage else {
        panic!("{events:?}")
    };
    assert_eq!(
        (pause.as_secs(), reason.as_str()),
        (3, "the registry answered 503 Service Unavailable")
    );
}

#[test]
fn clients_of_one_host_share_its_six_places_where_they_may_wait_for_one_another() {
    for (shared, most) in [(true, 6), (false, 12)] {
        let io = MemoryIo::shop(Profile::demo());
        io.set_latency(Duration::from_millis(100));
        if shared {
            io.share_waiting();
        }
        let client = || Client::new(io.clone(), settings()).unwrap();
        let clients = [client(), client()];
        let latest = tag("latest");
        let all = (0..40).map(|number| clients[number % 2].head("shop/web", &latest));
        for head in io.run(futures_util::future::join_all(all)) {
            assert!(head.unwrap().is_some());
        }
        assert_eq!(io.most_in_flight(), most);
    }
}

#[test]
fn whoever_waits_behind_others_is_not_late() {
    let mut narrow = settings();
    narrow.limits = Limits {
        concurrency: 1,
        ..Limits::default()
    };
    let (client, io) = shop(Profile::demo(), narrow);
    io.set_latency(Duration::from_secs(20));
    let latest = tag("latest");
    let all = (0..10).map(|_| client.head("shop/web", &latest));
    for head in io.run(futures_util::future::join_all(all)) {
        assert!(head.unwrap().is_some());
    }
    assert_eq!(elapsed(&io), 200);
}

#[test]
fn a_used_up_limit_is_told_before_the_registry_is_asked_and_what_is_free_stays_free() {
    let mut hub = settings();
    hub.host = "docker.io".into();
    hub.profile = portreeve::registries::profile::Profile::of("docker.io");
    let (client, io) = shop(Profile::demo(), hub);
    io.fault(
        Fault {
            path: Some("/v2/*/*/manifests/**".into()),
            ..Fault::default()
        }
        .times(0)
        .header("ratelimit-limit", "100;w=21600")
        .header("ratelimit-remaining", "0;w=21600")
        .header("docker-ratelimit-source", "203.0.113.7"),
    );
    let latest = tag("latest");
    io.run(async {
        assert!(client.manifest("shop/web", &latest).await.is_ok());
        let error = client.manifest("shop/web", &latest).await.unwrap_err();
        assert_eq!(error.code(), Code::Throttled);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(216)));
        assert!(
            error.to_string().contains(
                "all 100 requests in 6 h are used up for 203.0.113.7; it goes on between \
                 2026-11-24T12:03:36Z and 2026-11-24T18:00:00Z"
            ),
            "{error}"
        );
        assert!(client.head("shop/web", &latest).await.is_ok());
        assert!(client.tags("shop/web").next_page().await.is_ok());
        assert_eq!((io.requests().len(), elapsed(&io)), (3, 0));
        io.sleep(Duration::from_secs(216)).await;
        assert!(client.manifest("shop/web", &latest).await.is_ok());
    });
    let known = client.rate_limit().unwrap();
    assert_eq!((known.remaining, known.limit), (0, Some(100)));
}

#[test]
fn a_limit_that_begins_anew_soon_is_waited_for() {
    let (client, io) = shop(Profile::demo(), settings());
    io.fault(
        Fault::on("HEAD", "/v2/**")
            .header("ratelimit-remaining", "0")
            .header("ratelimit-reset", "30"),
    );
    let latest = tag("latest");
    io.run(async {
        for _ in 0..2 {
            assert!(client.head("shop/web", &latest).await.unwrap().is_some());
        }
    });
    assert_eq!((io.requests().len(), elapsed(&io)), (2, 30));
    let stages: Vec<_> = io.events().into_iter().map(|event| event.stage).collect();
    assert!(matches!(&stages[2], Stage::Pausing { pause, .. } if pause.as_secs() == 30));
}

#[test]
fn no_more_are_on_their_way_than_the_registry_still_takes() {
    let (client, io) = shop(Profile::demo(), settings());
    io.set_latency(Duration::from_millis(100));
    let latest = tag("latest");
    io.fault(
        Fault::on("HEAD", "/v2/**")
            .times(0)
            .header("ratelimit-remaining", "2"),
    );
    io.run(async {
        client.head("shop/web", &latest).await.unwrap();
        let all = (0..12).map(|_| client.head("shop/web", &latest));
        futures_util::future::join_all(all).await;
    });
    assert_eq!(io.most_in_flight(), 2);
}

#[test]
fn a_pause_that_one_was_asked_for_is_kept_by_all() {
    let (client, io) = shop(Profile::demo(), settings());
    io.set_latency(Duration::from_secs(1));
    io.fault(
        Fault::on("HEAD", "/v2/**")
            .status(429)
            .header("retry-after", "20"),
    );
    let (latest, v1) = (tag("latest"), tag("v1.4.2"));
    io.run(async {
        let first = client.head("shop/web", &latest);
        let second = async {
            io.sleep(Duration::from_secs(2)).await;
            client.head("shop/web", &v1).await
        };
        let both = futures_util::future::join(first, second);
        let (first, second) = Box::pin(both).await;
        assert!(first.unwrap().is_some() && second.unwrap().is_some());
    });
    assert_eq!((io.requests().len(), elapsed(&io)), (3, 22));
}

#[test]
fn through_a_worker_every_request_names_the_registry_and_nothing_else_changes() {
    let mut through = Settings::new("ghcr.io");
    through.via = Some("https://cr.acme.dev".parse().unwrap());
    let profile = Profile {
        authentication: Authentication::Basic,
        ..Profile::demo()
    };
    let (client, io) = shop(profile, through);
    io.know(Ok(Credential::basic("demo", "demo-password").into()));
    io.run(async {
        let mut tags = client.tags("shop/api").limit(3);
        assert!(tags.next_page().await.unwrap().is_some());
        assert!(
            client
                .head("shop/api", &tag("latest"))
                .await
                .unwrap()
                .is_some()
        );
    });
    assert_eq!(io.looked_up(), ["cr.acme.dev"]);
    for entry in io.requests() {
        assert_eq!(entry.host, "cr.acme.dev");
        assert!(entry.target.contains("ns=ghcr.io"), "{}", entry.target);
        assert!(!entry.target.contains("ghcr.io/"), "{}", entry.target);
    }
    io.fault(Fault::on("HEAD", "/v2/**").status(404).times(0));
    io.fault(Fault::on("GET", "/v2/**").status(403).times(0));
    let error = io
        .run(client.manifest("shop/api", &tag("latest")))
        .unwrap_err();
    assert!(
        error.to_string().contains("at ghcr.io via cr.acme.dev: "),
        "{error}"
    );
}

#[test]
fn a_redirect_within_the_worker_names_the_registry_again() {
    let mut through = Settings::new("ghcr.io");
    through.via = Some("https://cr.acme.dev".parse().unwrap());
    let (client, io) = shop(Profile::demo(), through);
    io.fault(
        Fault::on("HEAD", "/v2/**")
            .status(307)
            .header("location", "/v2/shop/web/manifests/v1.4.2"),
    );
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(
        io.targets("HEAD"),
        [
            "/v2/shop/web/manifests/latest?ns=ghcr.io",
            "/v2/shop/web/manifests/v1.4.2?ns=ghcr.io"
        ]
    );
}

#[test]
fn what_is_no_worker_is_refused_before_anything_is_sent() {
    for via in ["http://cr.acme.dev", "https://cr.acme.dev/hub"] {
        let mut through = Settings::new("ghcr.io");
        through.via = Some(via.parse().unwrap());
        let error = Client::new(MemoryIo::shop(Profile::demo()), through)
            .err()
            .unwrap();
        assert_eq!(error.code(), Code::InvalidArgument, "{via}");
    }
}

#[test]
fn a_registry_that_answers_with_what_it_was_sent_gives_nothing_away() {
    let mut asking = as_user("demo", "demo-password");
    asking
        .headers
        .insert("x-gateway", "gateway-secret".parse().unwrap());
    let profile = Profile {
        authentication: Authentication::Basic,
        ..Profile::demo()
    };
    let (client, io) = shop(profile, asking);
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    let proof = "ZGVtbzpkZW1vLXBhc3N3b3Jk";
    io.fault(
        Fault {
            body: Some(format!("Basic {proof} demo-password gateway-secret")),
            ..Fault::on("GET", "/v2/**")
        }
        .header("content-type", "text/plain")
        .status(403),
    );
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert!(error.found().contains("(Basic *** *** ***)"), "{error}");
}

#[test]
fn a_body_that_trickles_ends_with_the_deadline() {
    let mut once = settings();
    once.limits.attempts = 1;
    let (client, io) = shop(Profile::demo(), once);
    io.fault(Fault {
        trickle_milliseconds: 25_000,
        ..Fault::on("GET", "/v2/**")
    });
    let error = io
        .run(client.manifest("shop/web", &tag("latest")))
        .unwrap_err();
    assert_eq!(
        (error.code(), elapsed(&io)),
        (Code::Timeout, 120),
        "{error}"
    );
}
