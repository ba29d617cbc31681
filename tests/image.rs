//! `image::describe` against the registry in memory.

use std::rc::Rc;

use portreeve::client::{Client, Settings};
use portreeve::error::Code;
use portreeve::image::{Description, MemoryCache, choose, describe};
use portreeve::oci::{Digest, Target, media_type};

use crate::registry::{Content, Fault, Profile, State};
use crate::support::memory_io::{MemoryIo, NOON};

fn described(io: &MemoryIo, repository: &str, tag: &str) -> portreeve::error::Result<Description> {
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    io.run(describe(
        &client,
        repository,
        &Target::Tag(tag.to_owned()),
        None,
    ))
}

#[test]
fn an_index_shows_its_platforms_in_order_without_attestations() {
    let io = MemoryIo::shop(Profile::demo());
    let image = described(&io, "shop/web", "v1.4.2").unwrap();
    let platforms: Vec<String> = image
        .platforms
        .iter()
        .map(|each| each.platform.to_string())
        .collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(
        image.created,
        image.platforms.iter().filter_map(|each| each.created).max()
    );
    for each in &image.platforms {
        let layers: u64 = each.layers.iter().map(|layer| layer.descriptor.size).sum();
        assert!(each.size > layers && layers > 0);
    }
}

#[test]
fn it_costs_one_manifest_and_one_config_for_each_platform() {
    let io = MemoryIo::shop(Profile::demo());
    described(&io, "shop/web", "v1.4.2").unwrap();
    assert_eq!(io.targets("GET").len(), 1 + 2 + 2);
}

#[test]
fn an_index_that_names_no_platforms_is_said_to() {
    let mut state = State::default();
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let digest = Digest::of(b"{}");
    let kind = media_type::OCI_MANIFEST;
    let bytes = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{kind}","digest":"{digest}","size":2}}]}}"#
    );
    let repository = state.repository("a");
    let index = repository.put_manifest(media_type::OCI_INDEX, bytes.into_bytes().into(), now);
    let io = MemoryIo::new(Profile::demo(), state, NOON);
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    let platform = "linux/amd64".parse().unwrap();
    let target = Target::Digest(index.parse().unwrap());
    let error = io
        .run(choose(&client, "a", &target, &platform))
        .unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert!(error.to_string().contains("names a platform"), "{error}");
}

#[test]
fn a_docker_image_is_its_own_platform() {
    let io = MemoryIo::shop(Profile::demo());
    let image = described(&io, "shop/api", "latest").unwrap();
    assert_eq!(image.platforms.len(), 1);
    assert_eq!(image.platforms[0].digest, image.digest);
}

#[test]
fn an_artifact_has_a_type_and_no_platform() {
    let io = MemoryIo::shop(Profile::demo());
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    let head = io.run(client.head("shop/web", &Target::Tag("v1.4.0".to_owned())));
    let referrers = client.referrers("shop/web", &head.unwrap().unwrap().digest);
    let sbom = io.run(referrers.all()).unwrap().found[0].descriptor.digest;
    let image = io.run(describe(&client, "shop/web", &Target::Digest(sbom), None));
    let image = image.unwrap();
    assert!(image.platforms.is_empty());
    assert!(image.artifact_type.is_some());
}

#[test]
fn a_missing_tag_is_not_found() {
    let io = MemoryIo::shop(Profile::demo());
    let missing = described(&io, "shop/web", "v0").unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert!(missing.to_string().contains("shop/web:v0"), "{missing}");
}

#[test]
fn a_platform_that_is_missing_is_said_and_hides_no_other() {
    let io = MemoryIo::shop(Profile::demo());
    let whole = described(&io, "shop/web", "v1.4.2").unwrap();
    assert!(whole.missing.is_empty() && whole.created.is_some());
    let child = whole.platforms[1].digest;
    let path = format!("/v2/shop/web/manifests/{child}");
    io.fault(Fault::on("GET", &path).status(404).times(0));
    let broken = described(&io, "shop/web", "v1.4.2").unwrap();
    assert_eq!(broken.platforms, whole.platforms[..1]);
    assert_eq!(broken.missing[0].digest, child);
    assert_eq!(broken.created, None, "the missing one may be the youngest");
    let other = whole.platforms[0].digest;
    let path = format!("/v2/shop/web/manifests/{other}");
    io.fault(Fault::on("GET", &path).status(503).times(0));
    let failed = described(&io, "shop/web", "v1.4.2").unwrap_err();
    assert_eq!(
        failed.code(),
        Code::UpstreamError,
        "a failure is not an absence"
    );
}

#[test]
fn a_config_that_is_missing_is_said_and_the_rest_is_shown() {
    let io = MemoryIo::shop(Profile::demo());
    io.fault(
        Fault::on("GET", "/v2/shop/api/blobs/*")
            .status(404)
            .times(0),
    );
    let image = described(&io, "shop/api", "latest").unwrap();
    let [platform] = &image.platforms[..] else {
        panic!("not one platform")
    };
    assert_eq!(image.missing.len(), 1);
    assert_eq!(platform.config, serde_json::json!({}));
    assert_eq!((platform.created, image.created), (None, None));
    assert!(platform.size > 0 && !platform.layers.is_empty());
    assert!(
        platform
            .layers
            .iter()
            .all(|layer| layer.instruction.is_none())
    );
}

#[test]
fn each_layer_names_the_instruction_that_made_it() {
    let mut state = State::default();
    let layer = |name: &str, size: u64| {
        let digest = Digest::of(name.as_bytes());
        format!(r#"{{"mediaType":"x/y","digest":"{digest}","size":{size}}}"#)
    };
    let config = r#"{"os":"linux","architecture":"amd64","created":"2026-11-20T00:00:00Z",
        "config":{"Labels":{"org.opencontainers.image.title":"web"}},
        "history":[
            {"created_by":"/bin/sh -c #(nop) ADD file:1 in / "},
            {"created_by":"ENV A=b","empty_layer":true},
            {"created_by":"RUN /bin/sh -c make # buildkit"}]}"#;
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"{}","size":{}}},"layers":[{},{}]}}"#,
        media_type::OCI_CONFIG,
        Digest::of(config.as_bytes()),
        config.len(),
        layer("base", 100),
        layer("own", 7),
    );
    let now = time::OffsetDateTime::from_unix_timestamp(NOON.seconds()).unwrap();
    let repository = state.repository("a");
    let digest = Digest::of(config.as_bytes()).to_string();
    repository
        .blobs
        .insert(digest, Content::Held(config.into()));
    let bytes = manifest.clone().into_bytes().into();
    let digest = repository.put_manifest(media_type::OCI_MANIFEST, bytes, now);
    repository.tag("v1", &digest);
    let io = MemoryIo::new(Profile::distribution_3(), state, NOON);
    let image = described(&io, "a", "v1").unwrap();
    let platform = &image.platforms[0];
    let layers: Vec<_> = platform
        .layers
        .iter()
        .map(|layer| (layer.descriptor.size, layer.instruction.as_deref()))
        .collect();
    assert_eq!(
        layers,
        [(100, Some("ADD file:1 in /")), (7, Some("RUN make"))]
    );
    assert_eq!(platform.labels["org.opencontainers.image.title"], "web");
    assert_eq!(platform.size, (manifest.len() + config.len() + 107) as u64);
    let json = serde_json::to_value(platform).unwrap();
    assert_eq!(json["layers"][1]["instruction"], "RUN make");
    assert_eq!(json["layers"][1]["size"], 7, "a descriptor, and more");
}

#[test]
fn what_a_cache_holds_is_not_asked_for() {
    let io = MemoryIo::shop(Profile::demo());
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    let cache: Rc<MemoryCache> = Rc::default();
    let describe = |target: Target| {
        let cache = cache.clone();
        io.run(describe(&client, "shop/web", &target, Some(cache)))
            .unwrap()
    };
    let first = describe(Target::Tag("v1.4.2".to_owned()));
    let sent = io.requests().len();
    assert_eq!(describe(Target::Digest(first.digest)), first);
    assert_eq!(
        io.requests().len(),
        sent + 1,
        "the index came by its tag, and was not kept"
    );
    assert_eq!(describe(Target::Digest(first.digest)), first);
    assert_eq!(io.requests().len(), sent + 1);
}
