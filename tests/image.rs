//! `image::describe` against the registry in memory.

use portreeve::client::{Client, Settings};
use portreeve::error::Code;
use portreeve::image::{Description, describe};
use portreeve::oci::Target;

use crate::registry::{Fault, Profile};
use crate::support::memory_io::MemoryIo;

fn described(io: &MemoryIo, repository: &str, tag: &str) -> portreeve::error::Result<Description> {
    let client = Client::new(io.clone(), Settings::new("registry.acme.dev")).unwrap();
    io.run(describe(&client, repository, &Target::Tag(tag.to_owned())))
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
        let layers: u64 = each.layers.iter().map(|layer| layer.size).sum();
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
    let image = io.run(describe(&client, "shop/web", &Target::Digest(sbom)));
    let image = image.unwrap();
    assert!(image.platforms.is_empty());
    assert!(image.artifact_type.is_some());
}

#[test]
fn a_missing_tag_and_a_missing_platform_are_not_found() {
    let io = MemoryIo::shop(Profile::demo());
    let missing = described(&io, "shop/web", "v0").unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert!(missing.to_string().contains("shop/web:v0"), "{missing}");
    let index = described(&io, "shop/web", "v1.4.2").unwrap();
    let child = index.platforms[1].digest;
    let path = format!("/v2/shop/web/manifests/{child}");
    io.fault(Fault::on("GET", &path).status(404).times(0));
    let broken = described(&io, "shop/web", "v1.4.2").unwrap_err();
    assert_eq!(broken.code(), Code::NotFound);
    assert!(broken.to_string().contains(&child.to_string()), "{broken}");
}
