//! `shop/web`: a busy repository after a year of pushes by continuous integration.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::super::content;
use super::super::profile::Profile;
use super::super::state::Repository;
use super::Day;
use super::image::{self, Family, Image, digest, encoded, push, push_attestation, push_index};
use super::layer::{Layer, layer};

/// Releases and how many days ago they were pushed. `latest` is the last one.
const RELEASES: [(&str, i64); 10] = [
    ("v1.0.0", 310),
    ("v1.0.1", 287),
    ("v1.1.0", 251),
    ("v1.2.0", 204),
    ("v1.2.1", 190),
    ("v1.3.0", 141),
    ("v1.3.1", 120),
    ("v1.4.0", 66),
    ("v1.4.1", 38),
    ("v1.4.2", 9),
];

/// Branch builds: days and hours ago. Ten are younger than 30 days, two of them than 48 hours.
const BRANCH_BUILDS: [(i64, i64); 30] = [
    (0, 3),
    (0, 19),
    (3, 4),
    (5, 9),
    (8, 2),
    (11, 7),
    (15, 5),
    (19, 1),
    (23, 6),
    (27, 8),
    (31, 3),
    (34, 9),
    (36, 2),
    (39, 7),
    (42, 4),
    (44, 8),
    (47, 1),
    (50, 6),
    (53, 3),
    (56, 9),
    (59, 5),
    (62, 2),
    (65, 7),
    (68, 4),
    (71, 8),
    (74, 1),
    (78, 6),
    (82, 3),
    (86, 9),
    (90, 5),
];

/// Pull requests, their numbers and ages in days and hours. The last two are still open.
const PULL_REQUESTS: [(u32, i64, i64); 6] = [
    (412, 61, 4),
    (418, 44, 7),
    (425, 33, 2),
    (431, 18, 6),
    (447, 3, 5),
    (452, 0, 6),
];

/// What a moved tag left behind: days and hours ago.
const UNTAGGED: [(i64, i64); 8] = [
    (80, 2),
    (63, 7),
    (52, 4),
    (40, 9),
    (24, 3),
    (9, 6),
    (4, 2),
    (0, 8),
];

/// The branch build that `v1.4.1` was put together from: its index goes, its images stay.
const PROMOTED: usize = 14;

pub(super) fn fill(repository: &mut Repository, profile: &Profile, day: Day) {
    let mut factory = Factory {
        bases: ["amd64", "arm64"].map(|architecture| (architecture, base(architecture, day))),
        repository,
    };
    let mut promoted = Vec::new();
    for (number, (days, hours)) in BRANCH_BUILDS.into_iter().enumerate() {
        let pushed = day.before(days, hours);
        let commit = commit(&format!("main {number}"), pushed);
        let children = factory.children(&commit, pushed);
        let index = factory.index(
            &children,
            &Value::Null,
            pushed,
            &[&format!("main-{commit}")],
        );
        if number == PROMOTED {
            image::push_signature(factory.repository, &index, pushed + Duration::minutes(2));
            promoted = children;
        }
    }
    for (version, days) in RELEASES {
        let pushed = day.before(days, 5);
        let children = if version == "v1.4.1" {
            promoted.clone()
        } else {
            factory.children(&commit(version, pushed), pushed)
        };
        let annotations = json!({ "org.opencontainers.image.version": version });
        let index = factory.index(&children, &annotations, pushed, &[version]);
        let after = pushed + Duration::minutes(3);
        match version {
            "v1.4.0" => factory.sbom(profile, &index, after),
            "v1.4.2" => {
                factory.repository.tag("latest", &digest(&index));
                image::push_signature(factory.repository, &index, after);
            }
            _ => {}
        }
    }
    for (number, days, hours) in PULL_REQUESTS {
        let pushed = day.before(days, hours);
        let commit = commit(&format!("pull request {number}"), pushed);
        let short: String = commit.chars().take(7).collect();
        let children = factory.children(&commit, pushed);
        let tag = format!("pr-{number}-{short}");
        factory.index(&children, &Value::Null, pushed, &[&tag]);
    }
    for (number, (days, hours)) in UNTAGGED.into_iter().enumerate() {
        let pushed = day.before(days, hours);
        let children = factory.children(&commit(&format!("moved {number}"), pushed), pushed);
        factory.index(&children, &Value::Null, pushed, &[]);
    }
}

/// Builds what continuous integration would, and pushes it.
struct Factory<'a> {
    bases: [(&'static str, Layer); 2],
    repository: &'a mut Repository,
}

impl Factory<'_> {
    /// Pushes the images of one build, each platform with its attestation; returns descriptors.
    fn children(&mut self, commit: &str, pushed: OffsetDateTime) -> Vec<Value> {
        let created = pushed - Duration::minutes(4);
        let mut images = Vec::new();
        let mut attestations = Vec::new();
        for (architecture, base) in &self.bases {
            let script = format!("#!/bin/sh\necho shop/web {commit} for {architecture}\n");
            let release =
                format!("{{\"commit\":\"{commit}\",\"platform\":\"linux/{architecture}\"}}\n");
            let files = [
                ("usr/bin/shop", script.as_str()),
                ("usr/share/shop/build.json", release.as_str()),
            ];
            let app = layer(&files, created);
            let image = Image {
                family: Family::Oci,
                architecture,
                layers: &[(base, "COPY base /"), (&app, "COPY shop /usr/bin/shop")],
                labels: json!({ "org.opencontainers.image.revision": commit }),
                created,
                pushed,
            };
            let image = push(self.repository, &image);
            attestations.push(push_attestation(self.repository, &image, pushed));
            images.push(image);
        }
        images.extend(attestations);
        images
    }

    fn index(
        &mut self,
        children: &[Value],
        annotations: &Value,
        pushed: OffsetDateTime,
        tags: &[&str],
    ) -> Value {
        let index = push_index(self.repository, children, annotations, pushed);
        for tag in tags {
            self.repository.tag(tag, &digest(&index));
        }
        index
    }

    /// An SBOM by `subject`; a registry without the referrers API gets the fallback tag too, which
    /// the specification asks of the client that pushes.
    fn sbom(&mut self, profile: &Profile, subject: &Value, pushed: OffsetDateTime) {
        let sbom = image::push_sbom(self.repository, subject, pushed);
        if !profile.referrers {
            let tag = format!("sha256-{}", encoded(subject));
            self.index(&[sbom], &Value::Null, pushed, &[&tag]);
        }
    }
}

fn base(architecture: &str, day: Day) -> Layer {
    let issue = format!("PRETTY_NAME=\"portreeve demo base ({architecture})\"\nID=demo\n");
    layer(&[("etc/os-release", &issue)], day.before(320, 0))
}

/// A commit's name: 40 hexadecimal digits.
fn commit(what: &str, pushed: OffsetDateTime) -> String {
    let text = format!("{what} {}", pushed.unix_timestamp());
    let digest = content::digest(text.as_bytes());
    digest
        .trim_start_matches("sha256:")
        .chars()
        .take(40)
        .collect()
}
