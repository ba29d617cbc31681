//! What the demo registry holds at first.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::registry::seed::shop;
use crate::registry::state::{Repository, State};
use crate::registry::{Profile, content};

fn noon() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_795_521_600).unwrap()
}

fn web(state: &State) -> &Repository {
    &state.repositories["shop/web"]
}

fn digests(state: &State) -> BTreeMap<&str, Vec<&String>> {
    let repositories = state.repositories.iter();
    repositories
        .map(|(name, repository)| (name.as_str(), repository.manifests.keys().collect()))
        .collect()
}

#[test]
fn one_day_has_one_content() {
    let noon = shop(&Profile::demo(), noon());
    let night = shop(
        &Profile::demo(),
        self::noon() + Duration::hours(12) - Duration::SECOND,
    );
    let tomorrow = shop(&Profile::demo(), self::noon() + Duration::hours(12));
    assert_eq!(digests(&noon), digests(&night));
    assert_ne!(digests(&noon), digests(&tomorrow));
}

#[test]
fn everything_named_is_there_with_its_digest_and_size() {
    for name in Profile::names() {
        let state = shop(&Profile::named(name).unwrap(), noon());
        for repository in state.repositories.values() {
            let sizes = sizes(repository);
            for manifest in repository.manifests.values() {
                let json = manifest.json();
                let descriptors = ["manifests", "layers"]
                    .into_iter()
                    .flat_map(|list| json[list].as_array().into_iter().flatten())
                    .chain(["config", "subject"].map(|one| &json[one]))
                    .filter(|descriptor| !descriptor.is_null());
                for descriptor in descriptors {
                    let digest = descriptor["digest"].as_str().unwrap();
                    assert_eq!(descriptor["size"], sizes[digest], "{name} {digest}");
                }
            }
            for tag in repository.tags.values() {
                assert!(repository.manifests.contains_key(&tag.digest), "{name}");
            }
        }
    }
}

/// The size of every manifest and blob, whose digest is checked on the way.
fn sizes(repository: &Repository) -> BTreeMap<&str, u64> {
    let manifests = repository
        .manifests
        .iter()
        .map(|(digest, manifest)| (digest, manifest.bytes.clone()));
    let blobs = repository
        .blobs
        .iter()
        .map(|(digest, blob)| (digest, blob.bytes()));
    manifests
        .chain(blobs)
        .map(|(digest, bytes)| {
            assert_eq!(content::digest(&bytes), *digest);
            (digest.as_str(), bytes.len() as u64)
        })
        .collect()
}

#[test]
fn layers_unpack_to_what_the_config_says() {
    let state = shop(&Profile::demo(), noon());
    let mut unpacked = 0;
    for repository in state.repositories.values() {
        for manifest in repository.manifests.values() {
            let json = manifest.json();
            let layers = json["layers"].as_array().into_iter().flatten();
            let archives: Vec<&Value> = layers
                .filter(|layer| layer["mediaType"].as_str().unwrap().ends_with("gzip"))
                .collect();
            if archives.is_empty() {
                continue;
            }
            let config = &repository.blobs[json["config"]["digest"].as_str().unwrap()];
            let config: Value = serde_json::from_slice(&config.bytes()).unwrap();
            assert_eq!(config["history"].as_array().unwrap().len(), archives.len());
            for (layer, diff_id) in archives
                .iter()
                .zip(config["rootfs"]["diff_ids"].as_array().unwrap())
            {
                let blob = repository.blobs[layer["digest"].as_str().unwrap()].bytes();
                let mut archive = Vec::new();
                flate2::read::GzDecoder::new(&*blob)
                    .read_to_end(&mut archive)
                    .unwrap();
                assert_eq!(content::digest(&archive), *diff_id);
                assert!(tar::Archive::new(&*archive).entries().unwrap().count() > 0);
                unpacked += 1;
            }
        }
    }
    assert!(unpacked > 200, "{unpacked}");
}

#[test]
fn shop_web_is_what_the_example_job_expects() {
    let state = shop(&Profile::demo(), noon());
    let web = web(&state);
    let named = |prefix: &str| {
        let tags = web.tags.keys();
        tags.filter(|tag| tag.starts_with(prefix)).count()
    };
    assert_eq!(
        [
            named("v1."),
            named("main-"),
            named("pr-"),
            named("sha256-"),
            named("latest")
        ],
        [10, 30, 6, 2, 1]
    );
    assert_eq!(web.tags["latest"].digest, web.tags["v1.4.2"].digest);
    let untagged = web.manifests.iter().filter(|(digest, manifest)| {
        web.tags_of(digest).is_empty() && !web.has_parent(digest) && manifest.subject().is_none()
    });
    assert_eq!(untagged.count(), 8);
    // a build that the job deletes shares its images with a release that it keeps
    let release = web.manifests[&web.tags["v1.4.1"].digest].children();
    let shared = web
        .manifests
        .values()
        .filter(|other| other.children() == release);
    assert_eq!(shared.count(), 2);
}

#[test]
fn no_age_comes_of_age_in_the_course_of_a_day() {
    let start = noon() - Duration::hours(12);
    let state = shop(&Profile::demo(), noon());
    for manifest in web(&state).manifests.values() {
        let age = start - manifest.uploaded;
        assert!(age > Duration::ZERO);
        for limit in [
            Duration::hours(48),
            Duration::days(7),
            Duration::days(14),
            Duration::days(30),
        ] {
            let crosses = age < limit && age + Duration::DAY >= limit;
            assert!(!crosses, "{age} crosses {limit}");
        }
    }
}

#[test]
fn a_registry_without_referrers_holds_the_fallback_tag_instead() {
    let fallbacks = |profile: &Profile| {
        let state = shop(profile, noon());
        let tags: BTreeSet<String> = web(&state).tags.keys().cloned().collect();
        tags.iter()
            .filter(|tag| tag.starts_with("sha256-") && !tag.contains('.'))
            .count()
    };
    assert_eq!(fallbacks(&Profile::demo()), 0);
    assert_eq!(fallbacks(&Profile::distribution_3()), 1);
}
