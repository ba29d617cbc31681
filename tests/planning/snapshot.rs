//! Small inventories, written as tests read.

use std::time::Duration;

use portreeve::configuration::Caps;
use portreeve::error::Error;
use portreeve::oci::Digest;
use portreeve::plan::inventory::{Entry, Inventory, Kind, Tag};
use portreeve::plan::policy::Policy;
use portreeve::plan::{self, Input, Plan, Reason};
use portreeve::timestamp::Timestamp;
use serde_json::Value;

/// 2026-11-24T08:00:00Z.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_795_507_200);

pub(super) fn days_ago(days: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(days * 86_400))
}

pub(super) fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// An image that was pushed, built and first seen a hundred days ago.
pub(super) fn image(name: &str, tags: &[&str]) -> Entry {
    let mut image = Entry::new(digest(name), Kind::Image);
    image.tags = tags.iter().map(|tag| Tag::new(*tag)).collect();
    aged(image, 100)
}

pub(super) fn index(name: &str, tags: &[&str], children: &[&str]) -> Entry {
    let mut index = image(name, tags);
    index.kind = Kind::Index;
    index.children = children.iter().map(|child| digest(child)).collect();
    index
}

pub(super) fn referrer(name: &str, tags: &[&str], subject: &str) -> Entry {
    let mut referrer = image(name, tags);
    referrer.kind = Kind::Sbom;
    referrer.subject = Some(digest(subject));
    referrer
}

/// A cosign signature under its fallback tag.
pub(super) fn signature(name: &str, subject: &str) -> Entry {
    let mut signature = image(name, &[&format!("sha256-{}.sig", digest(subject).hex())]);
    signature.kind = Kind::Signature;
    signature.fallback_for = Some(digest(subject));
    signature
}

pub(super) fn aged(mut image: Entry, days: u64) -> Entry {
    let time = Some(days_ago(days));
    image.times.pushed = time;
    image.times.first_seen = time;
    image.times.created = time.filter(|_| image.kind == Kind::Image);
    for tag in &mut image.tags {
        tag.first_seen = time;
    }
    image
}

/// The same with its manifests changed.
pub(super) fn changed(inventory: &Inventory, change: impl FnOnce(&mut Vec<Entry>)) -> Inventory {
    let (mut changed, mut entries) = (inventory.clone(), inventory.entries());
    change(&mut entries);
    changed.retain(|_| false);
    changed.fill(entries).unwrap();
    changed
}

/// A complete snapshot of a registry that records push times and lists what has no tag.
pub(super) fn repository(images: Vec<Entry>) -> Inventory {
    let mut inventory = Inventory::new("registry.example", "shop/web", NOW);
    inventory.complete = true;
    inventory.lists_untagged = true;
    inventory.records_pushed = true;
    inventory.fill(images).unwrap();
    inventory
}

pub(super) fn policy(document: &Value) -> Policy {
    Policy::parse(&document.to_string()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Caps that block nothing as long as something stays.
fn caps() -> Caps {
    Caps::parse(r#"{ "repository": { "share": "100%" } }"#).unwrap()
}

pub(super) fn input<'a>(policy: &'a Policy, inventories: &'a [Inventory]) -> Input<'a> {
    Input {
        configuration_hash: "c",
        caps: caps(),
        ..Input::new("shop", policy, inventories, NOW)
    }
}

pub(super) fn try_plan(document: &Value, inventory: Inventory) -> Result<Plan, Error> {
    let (policy, inventories) = (policy(document), [inventory]);
    plan::make(&input(&policy, &inventories)).map(|made| made.document())
}

/// Plans with a survivor added, so that no cap plays a part.
pub(super) fn plan(document: &Value, images: Vec<Entry>) -> Plan {
    plan_of(document, repository(images))
}

pub(super) fn plan_of(document: &Value, mut inventory: Inventory) -> Plan {
    inventory.fill([image("survivor", &["survivor"])]).unwrap();
    try_plan(document, inventory).unwrap()
}

pub(super) fn reason(plan: &Plan, name: &str) -> Reason {
    let digest = digest(name);
    let images = plan
        .repositories
        .iter()
        .flat_map(|repository| &repository.images);
    images
        .clone()
        .find(|image| image.digest == digest)
        .unwrap_or_else(|| panic!("{name}"))
        .reason
}

/// The names, of those given, that the plan deletes.
pub(super) fn deleted<'n>(plan: &Plan, names: &[&'n str]) -> Vec<&'n str> {
    let deletes = |name: &&&str| reason(plan, name).verdict() == portreeve::plan::Verdict::Delete;
    names.iter().filter(deletes).copied().collect()
}
