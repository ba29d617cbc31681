//! What reading a repository asks of each registry, request by request: the fewest that tell
//! enough, and nothing that counts as a pull where something else tells it.

use std::{collections::BTreeMap, rc::Rc};

use portreeve::{
    auth::Credential,
    cleanup::{Budget, Collect},
    client::{Client, Settings},
    image::MemoryCache,
    plan::{inventory::Inventory, policy::Needs},
    registries::profile,
};
use serde_json::json;

use super::{WEB, collect, every, small};
use crate::{
    registry::{Profile, State},
    support::memory_io::{MemoryIo, NOON},
};

/// One image of two platforms with its attestation under two tags, one of one platform with an
/// SBOM, and one that no tag shows.
struct Shelf {
    io: MemoryIo,
    client: Client<MemoryIo>,
    names: BTreeMap<String, &'static str>,
}

impl Shelf {
    fn new(profile: Profile) -> Self {
        let mut state = State::default();
        let repository = state.repository(WEB);
        let mut names = BTreeMap::new();
        for name in ["amd64", "arm64", "provenance", "single", "loose"] {
            names.insert(small::image(repository, name), name);
        }
        let of = |wanted: &str| {
            let found = names.iter().find(|(_, name)| **name == wanted);
            found.unwrap().0.clone()
        };
        let child = |name: &str, os: &str| {
            let manifest = &repository.manifests[&of(name)];
            json!({
                "mediaType": manifest.media_type, "digest": of(name), "size": manifest.bytes.len(),
                "platform": { "os": os, "architecture": if os == "unknown" { os } else { name } },
            })
        };
        let mut provenance = child("provenance", "unknown");
        provenance["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest" });
        let children = [child("amd64", "linux"), child("arm64", "linux"), provenance];
        let index = json!({
            "schemaVersion": 2, "mediaType": small::OCI_INDEX, "manifests": children,
        });
        let single = of("single");
        let bytes = index.to_string().into();
        let index = repository.put_manifest(small::OCI_INDEX, bytes, small::noon());
        for (tag, digest) in [("latest", &index), ("v1", &index), ("old", &single)] {
            repository.tag(tag, digest);
        }
        names.insert(index, "index");
        names.insert(
            small::attach(repository, &single, profile.referrers),
            "sbom",
        );
        if let Some(list) = repository.tags.get(&single.replace(':', "-")) {
            names.insert(list.digest.clone(), "referrers");
        }
        for (digest, name) in names.clone() {
            let manifest = repository.manifests[&digest].json();
            if let Some(config) = manifest["config"]["digest"].as_str() {
                names.insert(config.to_owned(), name);
            }
        }
        let mut settings = Settings::new("registry.acme.dev");
        settings.credential = Some(Credential::basic(&*profile.username, &*profile.password));
        let row = profile::Profile::named(profile.name);
        settings.profile = row.unwrap_or(profile::Profile::PLAIN);
        let io = MemoryIo::new(profile, state, NOON);
        let client = Client::new(io.clone(), settings).unwrap();
        Self { io, client, names }
    }

    /// What one more reading asks, without what letting in takes: sorted, repetitions counted.
    fn asked(&self, needs: &Needs, earlier: Option<&Inventory>) -> (Inventory, String) {
        let budget = Budget::unlimited();
        self.asked_by(&Collect {
            needs: needs.clone(),
            earlier,
            ..every(&self.client, &budget)
        })
    }

    fn asked_by(&self, what: &Collect<'_, MemoryIo>) -> (Inventory, String) {
        let before = self.io.requests().len();
        let inventory = collect(&self.io, what).unwrap();
        let mut asked: Vec<String> = Vec::new();
        for entry in self.io.requests().split_off(before) {
            let Some(path) = entry.target.strip_prefix("/v2/shop/web/") else {
                continue;
            };
            if entry.status == Some(401) {
                continue;
            }
            let path = path.split('?').next().unwrap();
            let (what, name) = path.rsplit_once('/').unwrap();
            let name = match self.names.get(name) {
                Some(name) => (*name).to_owned(),
                None if name.starts_with("sha256-") => ":sha256-single".to_owned(),
                // a tag, to tell it from a digest
                None => format!(":{name}"),
            };
            asked.push(match what {
                "manifests" => format!("{} {name}", entry.method),
                "tags" => "list".to_owned(),
                "blobs" => format!("config {name}"),
                what => format!("{what} {name}"),
            });
        }
        asked.sort();
        (inventory, asked.join(", "))
    }
}

/// What the list of a registry leaves to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// Nothing: every manifest with its tags, type and times stands in it (Google).
    Everything,
    /// What tags show; referrers have fallback tags.
    Tags,
    /// What tags show, and what speaks of each manifest: there is a referrers endpoint.
    TagsWithReferrers,
    /// The same, and a HEAD does not say the digest (ECR).
    TagsWithoutDigests,
}

use Lists::{Everything, Tags, TagsWithReferrers, TagsWithoutDigests};

/// Every registry that the demo registry imitates.
fn registries() -> Vec<(Profile, Lists)> {
    let lists = |name: &str| match name {
        "demo" | "google" => Everything,
        "hub"
        | "ghcr"
        | "gitlab"
        | "distribution_2_8"
        | "distribution_3"
        | "gitea"
        | "nexus"
        | "ecr_public"
        | "bearer"
        | "basic"
        | "serverless_registry" => Tags,
        "acr" | "quay" | "harbor" | "zot" | "jfrog" | "ociregistry" => TagsWithReferrers,
        "ecr" => TagsWithoutDigests,
        other => panic!("say what {other} is asked"),
    };
    let all = Profile::ALL.into_iter().map(|profile| profile());
    all.map(|profile| (lists(profile.name), profile))
        .map(|(lists, profile)| (profile, lists))
        .collect()
}

/// The same with one page more, where a registry links to one behind its last.
fn paged(name: &str, asked: &str) -> String {
    match name {
        "gitea" | "serverless_registry" => asked.replace(" list", " list, list"),
        _ => asked.to_owned(),
    }
}

#[test]
fn a_first_reading_asks_each_registry_for_this_and_no_more() {
    for (profile, lists) in registries() {
        let name = profile.name;
        let shelf = Shelf::new(profile);
        let (inventory, asked) = shelf.asked(&Needs::default(), None);
        let expected = match lists {
            Everything => "GET index, GET loose, GET sbom, GET single, list",
            Tags => {
                "GET index, GET referrers, GET sbom, GET single, HEAD :latest, HEAD :old, \
                 HEAD :sha256-single, HEAD :v1, list, referrers single"
            }
            TagsWithReferrers => {
                "GET index, GET sbom, GET single, HEAD :latest, HEAD :old, HEAD :v1, list, \
                 referrers amd64, referrers arm64, referrers index, referrers provenance, \
                 referrers sbom, referrers single"
            }
            TagsWithoutDigests => {
                "GET :latest, GET :old, GET :v1, GET sbom, HEAD :latest, HEAD :old, HEAD :v1, \
                 list, referrers amd64, referrers arm64, referrers index, \
                 referrers provenance, referrers sbom, referrers single"
            }
        };
        assert_eq!(asked, paged(name, expected), "{name}");
        let is_whole = name != "serverless_registry";
        assert_eq!(
            inventory.complete, is_whole,
            "{name}: {:?}",
            inventory.incomplete_reason
        );
    }
}

#[test]
fn the_next_reading_reads_no_manifest_and_changes_no_pull_time() {
    for (profile, lists) in registries() {
        let name = profile.name;
        let shelf = Shelf::new(profile);
        let everything = Needs::everything().and(true, &["team".into()], &["stage".into()]);
        let (first, _) = shelf.asked(&everything, None);
        let (second, asked) = shelf.asked(&everything, Some(&first));
        let expected = match lists {
            Everything => "list",
            Tags => {
                "HEAD :latest, HEAD :old, HEAD :sha256-single, HEAD :v1, list, referrers single"
            }
            TagsWithReferrers => {
                "HEAD :latest, HEAD :old, HEAD :v1, list, referrers amd64, referrers arm64, \
                 referrers index, referrers provenance, referrers sbom, referrers single"
            }
            // only the manifest itself shows which digest a tag has
            TagsWithoutDigests => {
                "GET :latest, GET :old, GET :v1, HEAD :latest, HEAD :old, HEAD :v1, list, \
                 referrers amd64, referrers arm64, referrers index, referrers provenance, \
                 referrers sbom, referrers single"
            }
        };
        assert_eq!(asked, paged(name, expected), "{name}");
        assert_eq!(second.hash(), first.hash(), "{name}");
    }
}

#[test]
fn a_fact_costs_what_only_images_say() {
    let children = "GET amd64, GET arm64, ";
    for (profile, lists) in registries() {
        let name = profile.name;
        let shelf = Shelf::new(profile);
        let (_, plain) = shelf.asked(&Needs::default(), None);
        let more = |needs: Needs| {
            let (_, asked) = shelf.asked(&needs, None);
            let known: Vec<&str> = plain.split(", ").collect();
            let new = asked.split(", ").filter(|request| !known.contains(request));
            new.map(str::to_owned).collect::<Vec<_>>().join(", ")
        };
        let by = |change: fn(&mut Needs)| {
            let mut needs = Needs::default();
            change(&mut needs);
            needs
        };
        let loose = if lists == Everything {
            "config loose, "
        } else {
            ""
        };
        let configs = format!("config amd64, config arm64, {loose}config single");
        let created = more(by(|needs| needs.created = true));
        // Google's list tells when images were built, their annotation may tell a later time
        let expected = match lists {
            Everything => children.trim_end_matches(", ").to_owned(),
            _ => format!("{children}{configs}"),
        };
        assert_eq!(created, expected, "{name}: created");
        // the index tells those of its images
        let expected = format!("{loose}config single");
        assert_eq!(
            more(by(|needs| needs.platform = true)),
            expected,
            "{name}: platform"
        );
        let expected = "GET amd64, GET arm64, GET provenance";
        assert_eq!(
            more(by(|needs| needs.layers = true)),
            expected,
            "{name}: layers"
        );
        let annotations = more(Needs::default().and(false, &["team".into()], &[]));
        assert_eq!(
            annotations,
            children.trim_end_matches(", "),
            "{name}: annotations"
        );
        let labels = more(Needs::default().and(false, &[], &["stage".into()]));
        assert_eq!(labels, format!("{children}{configs}"), "{name}: labels");
        assert_eq!(more(by(|needs| needs.pulled = true)), "", "{name}: pulled");
    }
}

#[test]
fn what_the_callers_cache_has_is_not_fetched() {
    for profile in [Profile::distribution_3(), Profile::zot(), Profile::google()] {
        let name = profile.name;
        let shelf = Shelf::new(profile);
        let (budget, cache) = (Budget::unlimited(), Rc::new(MemoryCache::default()));
        let what = Collect {
            needs: Needs::everything().and(true, &[], &["stage".into()]),
            cache: Some(cache.clone()),
            ..every(&shelf.client, &budget)
        };
        let (first, asked) = shelf.asked_by(&what);
        assert!(
            asked.contains("GET index") && asked.contains("config single"),
            "{name}"
        );
        let (second, asked) = shelf.asked_by(&what);
        assert!(
            !asked.contains("GET") && !asked.contains("config"),
            "{name}: {asked}"
        );
        assert_eq!(first.hash(), second.hash(), "{name}");
        // with other facts in mind, too
        let (_, asked) = shelf.asked_by(&Collect {
            needs: Needs::default(),
            ..what
        });
        assert!(!asked.contains("GET"), "{name}: {asked}");
    }
}
