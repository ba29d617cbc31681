//! From what was read to an inventory. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    collect::Collect,
    fallback,
    known::{Built, Child, Facts},
    reading::{Presence, Reading},
};
use crate::{
    error::Result,
    io::Io,
    oci::{Digest, build_time},
    plan::inventory::{Entry, Inventory, Kind, Tag},
    registries::profile::{DeleteBy, Profile, Support},
    sorted,
    timestamp::Timestamp,
};

/// Why each digest is in the repository.
pub(super) type Reached<'a> = BTreeMap<Digest, Reach<'a>>;

/// What leads to a digest.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reach<'a> {
    /// Something names it by itself: a tag, the list of all manifests, a referrers list.
    pub(super) by_itself: bool,
    /// What the first index above it says.
    pub(super) child: Option<&'a Child>,
    /// That index is, or claims to be, a list of referrers: its members must prove it.
    pub(super) by_fallback: bool,
}

/// Every digest that what was read so far leads to, those that turned out missing left out.
pub(super) fn reached(reading: &Reading) -> Reached<'_> {
    let mut reached = Reached::new();
    let fallbacks = fallbacks(reading);
    let tagged = reading.tags.values().flatten();
    for seed in tagged.chain(reading.referrers.values().flatten()) {
        follow(reading, &fallbacks, &mut reached, *seed);
    }
    // what was asked for by itself, and what only the list of all manifests names: those with
    // children first, whose children then are named by them
    let asked = || {
        let all = reading.asked.iter();
        let there = all.filter(|(_, presence)| **presence != Presence::Missing);
        there.map(|(digest, _)| digest)
    };
    let listed = || {
        reading
            .listed()
            .into_iter()
            .flatten()
            .map(|(digest, _)| digest)
    };
    for with_children in [true, false] {
        for digest in asked() {
            let facts = reading.facts(digest);
            let has_children = facts.is_some_and(|facts| !facts.children.is_empty());
            if has_children == with_children && !reached.contains_key(digest) {
                follow(reading, &fallbacks, &mut reached, *digest);
            }
        }
        for digest in listed() {
            let facts = reading.facts(digest);
            let has_children = facts.is_some_and(|facts| !facts.children.is_empty());
            if facts.is_some() && has_children == with_children && !reached.contains_key(digest) {
                follow(reading, &fallbacks, &mut reached, *digest);
            }
        }
    }
    reached.retain(|digest, _| reading.asked.get(digest) != Some(&Presence::Missing));
    reached
}

/// What tags of the fallback form show.
pub(super) fn fallbacks(reading: &Reading) -> BTreeSet<Digest> {
    let tags = reading.tags.iter();
    let fallbacks = tags.filter(|(tag, _)| fallback::has_form(tag));
    sorted::set(fallbacks.filter_map(|(_, shown)| *shown))
}

fn follow<'a>(
    reading: &'a Reading,
    fallbacks: &BTreeSet<Digest>,
    reached: &mut Reached<'a>,
    seed: Digest,
) {
    let is_new = !reached.contains_key(&seed);
    reached.entry(seed).or_default().by_itself = true;
    let mut open = if is_new { vec![seed] } else { Vec::new() };
    while let Some(digest) = open.pop() {
        let by_fallback = fallbacks.contains(&digest);
        for child in reading
            .facts(&digest)
            .into_iter()
            .flat_map(|facts| &facts.children)
        {
            let is_new = !reached.contains_key(&child.digest);
            let reach = reached.entry(child.digest).or_default();
            if reach.child.is_none() {
                (reach.child, reach.by_fallback) = (Some(child), by_fallback);
            }
            if is_new {
                open.push(child.digest);
            }
        }
    }
}

/// The inventory of a reading that came to its end.
pub(super) fn inventory<I: Io>(what: &Collect<'_, I>, reading: &Reading) -> Result<Inventory> {
    let taken_at = reading.begun.unwrap_or_default();
    let mut inventory = Inventory::new(what.client.host(), what.repository, taken_at);
    let listing = reading.listing.as_ref();
    inventory.incomplete_reason = match listing {
        Some(listing) => listing.incomplete.clone().or_else(|| reading.doubt.clone()),
        None => Some("the tags were not listed".to_owned()),
    };
    inventory.complete = inventory.incomplete_reason.is_none();
    inventory.lists_untagged = reading.listed().is_some();
    inventory.records_pushed = reading
        .listed()
        .is_some_and(|listed| listed.values().any(|manifest| manifest.pushed.is_some()));
    inventory.deletes_by = deletes_by(what.client.profile());
    inventory
        .annotation_keys
        .clone_from(&what.needs.annotations);
    inventory.label_keys.clone_from(&what.needs.labels);

    let mut tags: BTreeMap<Digest, Vec<&String>> = BTreeMap::new();
    for (tag, digest) in &reading.tags {
        match digest {
            Some(digest) if reading.asked.get(digest) != Some(&Presence::Missing) => {
                tags.entry(*digest).or_default().push(tag);
            }
            _ => inventory.unreadable_tags.push(tag.clone()),
        }
    }
    let entries = reached(reading).into_iter().map(|(digest, reach)| {
        let mut entry = described(reading, digest, reach, taken_at);
        let tags = tags.remove(&digest).unwrap_or_default();
        entry.fallback_for = fallback::verified(reading, &digest, tags.iter().copied());
        if entry.fallback_for.is_some() && entry.kind == Kind::Index {
            // a list of referrers is no image of several platforms
            entry.kind = Kind::Other;
        }
        entry.times.first_seen = Some(taken_at);
        let tags = tags.into_iter().map(|name| {
            let mut tag = Tag::new(name);
            tag.first_seen = Some(taken_at);
            tag
        });
        entry.tags = tags.collect();
        entry
    });
    inventory.fill(entries)?;
    if let Some(earlier) = what.earlier {
        inventory.carry_on(earlier)?;
    }
    Ok(inventory)
}

fn described(reading: &Reading, digest: Digest, reach: Reach<'_>, taken_at: Timestamp) -> Entry {
    let mut entry = Entry::new(digest, Kind::Other);
    if let Some(child) = reach.child {
        if !reach.by_itself {
            entry.kind = child.kind;
        }
        entry.media_type.clone_from(&child.media_type);
        entry.size = child.size;
        entry.platform.clone_from(&child.platform);
    }
    match (reading.facts(&digest), reading.asked.get(&digest)) {
        (Some(facts), _) => add(&mut entry, facts),
        (None, Some(Presence::Unreadable(reason))) => entry.unreadable = Some(reason.clone()),
        (None, _) => {}
    }
    if let Some(listed) = reading.in_list(&digest) {
        entry.times.pushed = listed.pushed;
        let facts = reading.facts(&digest);
        let unread = facts.filter(|facts| facts.kind == Kind::Image && facts.built.is_none());
        if let Some((facts, created)) = unread.zip(listed.created) {
            entry.times.created = Some(created.max(facts.annotated.unwrap_or(created)));
        }
    }
    let created = entry.times.created;
    entry.times.created = created.and_then(|time| build_time::plausible(time, taken_at));
    entry
}

/// Adds what the content says.
fn add(entry: &mut Entry, facts: &Facts) {
    // that an image is an attestation may stand in the index alone
    if entry.kind != Kind::Attestation {
        entry.kind = facts.kind;
    }
    entry.media_type.clone_from(&facts.media_type);
    entry.artifact_type.clone_from(&facts.artifact_type);
    entry.size = facts.size.or(entry.size);
    entry.config = facts.config;
    entry.children = facts.children.iter().map(|child| child.digest).collect();
    entry.subject = facts.subject;
    entry.annotations = Some(facts.annotations.clone());
    entry.layers.clone_from(&facts.layers);
    match &facts.built {
        Some(Built::Says {
            created,
            platform,
            labels,
        }) => {
            entry.times.created = (*created).max(facts.annotated);
            entry.labels = Some(labels.clone());
            if entry.platform.is_none() {
                entry.platform.clone_from(platform);
            }
        }
        Some(Built::Unreadable) => {}
        // planning reckons an index's age from its children, and an image's config may tell a
        // later time; whatever else has none
        None if matches!(facts.kind, Kind::Image | Kind::Index) => {}
        None => {
            entry.times.created = facts.annotated;
            entry.labels = Some(BTreeMap::new());
        }
    }
}

/// How the registry deletes, as far as its own protocol does.
fn deletes_by(profile: &Profile) -> Option<DeleteBy> {
    let by_vendor = profile.deletion == DeleteBy::Digest && profile.delete_digest == Support::No;
    (!by_vendor).then_some(profile.deletion)
}
