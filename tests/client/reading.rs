//! Manifests, configs, blobs and referrers: what was asked for, or an error.

use portreeve::client::Source;
use portreeve::error::Code;
use portreeve::io::Body;
use portreeve::limits::Limits;
use portreeve::oci::{Content, Descriptor, media_type};

use super::*;
use crate::registry::Fault;

#[test]
fn an_index_its_image_and_the_config_are_read() {
    let (client, io) = shop(Profile::demo(), settings());
    io.run(async {
        let index = client
            .manifest("shop/web", &tag("v1.4.2"))
            .await
            .unwrap()
            .unwrap();
        let Content::Index(content) = index.content() else {
            panic!("no index")
        };
        let child = content.images().next().unwrap();
        let image = client
            .manifest("shop/web", &Target::Digest(child.digest))
            .await
            .unwrap()
            .unwrap();
        let Content::Image(image) = image.content() else {
            panic!("no image")
        };
        let config = client
            .image_config("shop/web", image.image_config().unwrap())
            .await
            .unwrap();
        assert_eq!(config.platform.unwrap().os, "linux");
        assert!(config.created.is_some());
    });
    let manifests = io
        .requests()
        .into_iter()
        .filter(|request| request.target.contains("/manifests/"));
    for request in manifests {
        assert_eq!(request.accept.as_deref(), Some(media_type::ACCEPT));
        assert_eq!(request.cache_control.as_deref(), Some("no-cache"));
    }
}

#[test]
fn a_head_is_one_request_and_a_get_where_a_header_is_missing() {
    let (client, io) = shop(Profile::distribution_3(), settings());
    let whole = io.run(client.head("shop/api", &tag("latest"))).unwrap();
    assert_eq!(io.requests().len(), 1);
    for header in ["docker-content-digest", "content-length", "content-type"] {
        io.fault(Fault::on("HEAD", "/v2/**").header(header, ""));
        assert_eq!(
            io.run(client.head("shop/api", &tag("latest"))).unwrap(),
            whole,
            "{header}"
        );
    }
    assert_eq!(io.targets("GET").len(), 3);
    assert_eq!(io.run(client.head("shop/api", &tag("none"))).unwrap(), None);
    assert_eq!(
        io.run(client.manifest("shop/api", &tag("none"))).unwrap(),
        None
    );
}

#[test]
fn bytes_that_are_not_what_was_named_are_refused() {
    let (client, io) = shop(Profile::demo(), settings());
    let head = io
        .run(client.head("shop/web", &tag("latest")))
        .unwrap()
        .unwrap();
    for target in [tag("latest"), Target::Digest(head.digest)] {
        io.fault(Fault {
            corrupt: true,
            ..Fault::on("GET", "/v2/*/*/manifests/*")
        });
        let error = io.run(client.manifest("shop/web", &target)).unwrap_err();
        assert_eq!(error.code(), Code::DigestMismatch, "{target}");
    }
    io.fault(
        Fault::on("HEAD", "/v2/**").header("docker-content-digest", &Digest::of(b"x").to_string()),
    );
    let error = io
        .run(client.head("shop/web", &Target::Digest(head.digest)))
        .unwrap_err();
    assert_eq!(error.code(), Code::DigestMismatch);
}

/// The first layer of `shop/api:latest`.
fn layer(client: &Client<MemoryIo>, io: &MemoryIo) -> Descriptor {
    let manifest = io
        .run(client.manifest("shop/api", &tag("latest")))
        .unwrap()
        .unwrap();
    let Content::Image(image) = manifest.content() else {
        panic!("no image")
    };
    image.layers[0].clone()
}

#[test]
fn a_blob_is_verified_as_it_is_read() {
    let (client, io) = shop(Profile::demo(), settings());
    let layer = layer(&client, &io);
    let read = || {
        io.run(async {
            let blob = client.blob("shop/api", &layer.digest).await?;
            assert_eq!(blob.size, Some(layer.size));
            blob.body.bytes(1 << 20).await
        })
    };
    assert_eq!(Digest::of(&read().unwrap()), layer.digest);
    for (fault, code) in [
        (
            Fault {
                corrupt: true,
                ..Fault::default()
            },
            Code::DigestMismatch,
        ),
        (
            Fault {
                truncate: Some(1),
                ..Fault::default()
            },
            Code::Truncated,
        ),
    ] {
        io.fault(Fault {
            path: Some("/v2/*/*/blobs/*".into()),
            ..fault
        });
        assert_eq!(read().unwrap_err().code(), code);
    }
    let error = io
        .run(client.blob("shop/api", &Digest::of(b"none")))
        .err()
        .unwrap();
    assert_eq!(error.code(), Code::NotFound);
    assert!(error.to_string().contains("BLOB_UNKNOWN"), "{error}");
}

#[test]
fn a_config_is_verified_and_capped() {
    let (client, io) = shop(Profile::demo(), settings());
    let manifest = io
        .run(client.manifest("shop/api", &tag("latest")))
        .unwrap()
        .unwrap();
    let Content::Image(image) = manifest.content() else {
        panic!("no image")
    };
    let config = image.image_config().unwrap();
    io.fault(Fault {
        corrupt: true,
        ..Fault::on("GET", "/v2/*/*/blobs/*")
    });
    let error = io.run(client.image_config("shop/api", config)).unwrap_err();
    assert_eq!(error.code(), Code::DigestMismatch);
    assert!(
        error.to_string().starts_with("reading the config sha256:"),
        "{error}"
    );
    let mut small = settings();
    small.limits = Limits {
        config: 10,
        manifest: 10,
        ..Limits::default()
    };
    let small = Client::new(io.clone(), small).unwrap();
    for error in [
        io.run(small.image_config("shop/api", config)).unwrap_err(),
        io.run(small.manifest("shop/api", &tag("latest")))
            .unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::TooLarge);
    }
}

#[test]
fn referrers_come_from_the_registry_or_from_the_fallback_tag() {
    for (profile, source) in [
        (Profile::demo(), Source::Api),
        (
            Profile {
                referrers_page: Some(1),
                ..Profile::demo()
            },
            Source::Api,
        ),
        (Profile::distribution_3(), Source::FallbackTag),
    ] {
        let (client, io) = shop(profile, settings());
        let found = io.run(async {
            let mut found = Vec::new();
            for version in 0..=2 {
                let head = client
                    .head("shop/web", &tag(&format!("v1.4.{version}")))
                    .await
                    .unwrap()
                    .unwrap();
                let referrers = client
                    .referrers("shop/web", &head.digest)
                    .all()
                    .await
                    .unwrap();
                assert!(referrers.completeness.complete);
                if !referrers.found.is_empty() {
                    found.extend(referrers.source);
                }
            }
            found
        });
        assert!(
            !found.is_empty() && found.iter().all(|found| *found == source),
            "{found:?}"
        );
    }
}

#[test]
fn a_manifest_without_referrers_has_none() {
    for (profile, source) in [
        (Profile::demo(), Some(Source::Api)),
        (Profile::distribution_3(), None),
    ] {
        let (client, io) = shop(profile, settings());
        let referrers = io
            .run(client.referrers("shop/web", &Digest::of(b"none")).all())
            .unwrap();
        assert_eq!((referrers.source, referrers.found.len()), (source, 0));
    }
}

#[test]
fn referrers_that_were_filtered_or_come_from_a_cache_are_not_all() {
    for (header, value) in [("oci-filters-applied", "artifactType"), ("age", "9")] {
        let (client, io) = shop(Profile::demo(), settings());
        io.fault(Fault::on("GET", "/v2/*/*/referrers/*").header(header, value));
        let referrers = io
            .run(client.referrers("shop/web", &Digest::of(b"none")).all())
            .unwrap();
        assert!(!referrers.completeness.complete, "{header}");
    }
}

#[test]
fn a_cached_answer_about_a_tag_is_remembered() {
    let (client, io) = shop(Profile::demo(), settings());
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert_eq!(client.doubt(), None);
    io.fault(Fault::on("HEAD", "/v2/**").header("age", "3"));
    io.run(client.head("shop/web", &tag("latest"))).unwrap();
    assert!(client.doubt().unwrap().contains("Age: 3"));
}

#[test]
fn a_ping_tells_of_the_registry_and_its_clock() {
    let (client, io) = shop(Profile::demo(), settings());
    assert_eq!(client.last_date(), None);
    io.run(client.ping()).unwrap();
    assert_eq!(client.last_date(), Some(NOON));
    io.fault(Fault::on("GET", "/v2/").status(404));
    assert_eq!(io.run(client.ping()).unwrap_err().code(), Code::NotFound);
}
