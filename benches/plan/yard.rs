//! A repository such as a busy team's: releases, branch builds for two platforms with their
//! attestations, pull requests, signatures, and what lost its tag. The same for the same size.

use portreeve::configuration::{Configuration, Job, ReportKind, ReportRule};
use portreeve::oci::{Digest, Kind};
use portreeve::plan::inventory::{Entry, Inventory, Tag};
use portreeve::plan::reports::{Report, reduce};
use portreeve::plan::{GivenReport, Input};
use portreeve::timestamp::Timestamp;

/// 2026-11-24T08:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_795_507_200);
/// What was pushed first is so many seconds old.
const SPAN: i64 = 400 * 86_400;

/// The inventory of a complete second scan.
pub(crate) fn inventory(images: u32) -> Inventory {
    let mut inventory = Inventory::new("registry.example", "acme/web", NOW);
    inventory.complete = true;
    inventory.lists_untagged = true;
    inventory.records_pushed = true;
    inventory.watched_since = Timestamp::from_seconds(NOW.seconds() - SPAN - 1);
    let mut yard = Pushes {
        images,
        entries: Vec::new(),
        made: 0,
    };
    while yard.entries.len() < images as usize {
        yard.push();
    }
    yard.entries.truncate(images as usize);
    inventory.fill(yard.entries).unwrap();
    inventory
}

fn manifest(place: usize) -> Digest {
    Digest::of(format!("manifest {place}").as_bytes())
}

struct Pushes {
    images: u32,
    entries: Vec<Entry>,
    made: u32,
}

impl Pushes {
    /// One push: of ten, five are branch builds, two pull requests, one a release, and two have
    /// lost their tag.
    fn push(&mut self) {
        let number = self.made;
        self.made += 1;
        let hex = Digest::of(&number.to_le_bytes()).hex();
        let commit = &hex[..40];
        match number % 10 {
            0..5 => {
                let branch = ["main", "next", "fix-login", "feature-search"][number as usize % 4];
                self.index(&format!("{branch}-{commit}"), 2);
            }
            5 | 6 => self.image(&format!("pr-{number}-{}", &commit[..7])),
            7 => {
                let release = number / 10;
                let tag = format!(
                    "v{}.{}.{}",
                    1 + release / 400,
                    release / 20 % 20,
                    release % 20
                );
                self.index(&tag, 0);
                self.sign();
            }
            _ => self.image(""),
        }
    }

    /// A manifest of the newest push, the first having the largest place.
    fn entry(&mut self, kind: Kind, tag: &str) -> Entry {
        let place = self.entries.len();
        let mut entry = Entry::new(manifest(place), kind);
        entry.media_type = if kind == Kind::Index {
            "application/vnd.oci.image.index.v1+json".to_owned()
        } else {
            "application/vnd.oci.image.manifest.v1+json".to_owned()
        };
        entry.size = Some(400 + place as u64 % 1000);
        let age = SPAN - SPAN * i64::try_from(place).unwrap() / i64::from(self.images);
        let time = Some(Timestamp::from_seconds(NOW.seconds() - age));
        entry.times.pushed = time;
        entry.times.first_seen = time;
        if kind == Kind::Image {
            entry.times.created = time;
            entry.config = Some(Digest::of(format!("config {place}").as_bytes()));
        }
        if !tag.is_empty() {
            let mut tag = Tag::new(tag);
            tag.first_seen = time;
            entry.tags.push(tag);
        }
        entry
    }

    fn image(&mut self, tag: &str) {
        let mut image = self.entry(Kind::Image, tag);
        image.platform = Some("linux/amd64".to_owned());
        self.entries.push(image);
    }

    /// An index of two platforms, with so many attestations, pushed behind its children.
    fn index(&mut self, tag: &str, attestations: u32) {
        let first = self.entries.len();
        for platform in ["linux/amd64", "linux/arm64"] {
            let mut child = self.entry(Kind::Image, "");
            child.platform = Some(platform.to_owned());
            self.entries.push(child);
        }
        for _ in 0..attestations {
            let attestation = self.entry(Kind::Attestation, "");
            self.entries.push(attestation);
        }
        let mut index = self.entry(Kind::Index, tag);
        index.children = self.entries[first..]
            .iter()
            .map(|child| child.digest)
            .collect();
        self.entries.push(index);
    }

    /// A cosign signature of what was pushed last, under its fallback tag.
    fn sign(&mut self) {
        let Some(signed) = self.entries.last().map(|signed| signed.digest) else {
            return;
        };
        let mut signature = self.entry(Kind::Signature, &format!("sha256-{}.sig", signed.hex()));
        signature.fallback_for = Some(signed);
        self.entries.push(signature);
    }
}

/// The job that is planned, here and in Node: every kind of rule that a policy of a busy team has.
const CONFIGURATION: &str = include_str!("configuration.json");

/// The job, and a report of each kind.
pub(crate) struct Yard {
    job: Job,
    rules: Vec<ReportRule>,
    reports: Vec<Report>,
}

impl Yard {
    pub(crate) fn new() -> Self {
        let configuration = Configuration::parse(CONFIGURATION).unwrap();
        let rules = configuration.reports().to_vec();
        let numbers: Vec<String> = (0..500)
            .map(|number| (number * 10 + 5).to_string())
            .collect();
        let digests: Vec<String> = (0..300)
            .map(|place| format!("registry.example/acme/web@{}", manifest(place * 3)))
            .collect();
        let report = |rule: &ReportRule| {
            let lines = match rule.kind {
                ReportKind::Strings => &numbers,
                _ => &digests,
            };
            reduce(&lines.join("\n"), rule.kind, NOW).unwrap()
        };
        Self {
            job: configuration.job("web").unwrap().clone(),
            reports: rules.iter().map(report).collect(),
            rules,
        }
    }

    pub(crate) fn reports(&self) -> Vec<GivenReport<'_>> {
        let given = self.rules.iter().zip(&self.reports);
        let given = given.map(|(rule, report)| GivenReport {
            rule,
            report: Some(report),
            previous_size: None,
            required: true,
        });
        given.collect()
    }

    pub(crate) fn input<'a>(
        &'a self,
        inventories: &'a [Inventory],
        reports: &'a [GivenReport<'a>],
    ) -> Input<'a> {
        Input {
            caps: self.job.caps,
            reports,
            ..Input::new(&self.job.name, &self.job.policy, inventories, NOW)
        }
    }
}
