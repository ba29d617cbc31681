//! From what was read to an inventory. Pure.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use super::{
    collect::Collect,
    fallback,
    known::{Child, Created},
    reading::{Presence, Reading},
};
use crate::{
    error::Result,
    io::Io,
    oci::{Digest, build_time},
    plan::inventory::{Entry, Inventory, Kind, Tag},
    sorted,
    timestamp::Timestamp,
};

/// Why a digest is in the repository: `None` where something names it by itself, else the index's
/// word.
pub(super) type Reached = BTreeMap<Digest, Option<Named>>;

/// A manifest as the index above it describes it.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) child: Child,
    /// The index is, or claims to be, a list of referrers: its members must prove it.
    pub(super) by_fallback: bool,
}

/// Every digest that what was read so far leads to, those that turned out missing left out.
pub(super) fn reached(reading: &Reading) -> Reached {
    let mut reached = Reached::new();
    let fallbacks = reading
        .tags
        .iter()
        .filter(|(tag, _)| fallback::has_form(tag))
        .filter_map(|(_, shown)| *shown);
    let fallbacks = sorted::set(fallbacks);
    let tagged = reading.tags.values().flatten();
    let asked = reading
        .asked
        .iter()
        .filter(|(_, presence)| **presence != Presence::Missing)
        .map(|(digest, _)| digest);
    let referrers = reading.referrers.values().flatten();
    for seed in tagged.chain(asked).chain(referrers) {
        follow(reading, &fallbacks, &mut reached, *seed);
    }
    // what only the list of all manifests names: indexes first, whose children then are no seeds
    for indexes in [true, false] {
        for digest in reading
            .listed()
            .into_iter()
            .flatten()
            .map(|(digest, _)| digest)
        {
            let facts = reading.facts(digest);
            let is_index = facts.is_some_and(|facts| !facts.children.is_empty());
            if facts.is_some() && is_index == indexes && !reached.contains_key(digest) {
                follow(reading, &fallbacks, &mut reached, *digest);
            }
        }
    }
    reached.retain(|digest, _| reading.asked.get(digest) != Some(&Presence::Missing));
    reached
}

fn follow(reading: &Reading, fallbacks: &BTreeSet<Digest>, reached: &mut Reached, seed: Digest) {
    let is_new = reached.insert(seed, None).is_none();
    let mut open = if is_new { vec![seed] } else { Vec::new() };
    while let Some(digest) = open.pop() {
        let Some(facts) = reading.facts(&digest) else {
            continue;
        };
        let by_fallback = fallbacks.contains(&digest);
        for child in &facts.children {
            if let btree_map::Entry::Vacant(entry) = reached.entry(child.digest) {
                entry.insert(Some(Named {
                    child: child.clone(),
                    by_fallback,
                }));
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

    let mut tags: BTreeMap<Digest, BTreeSet<&String>> = BTreeMap::new();
    for (tag, digest) in &reading.tags {
        match digest {
            Some(digest) if reading.asked.get(digest) != Some(&Presence::Missing) => {
                tags.entry(*digest).or_default().insert(tag);
            }
            _ => inventory.unreadable_tags.push(tag.clone()),
        }
    }
    let entries = reached(reading).into_iter().map(|(digest, named)| {
        let mut image = described(reading, digest, named.as_ref(), taken_at);
        let tags = tags.get(&digest).into_iter().flatten().copied();
        image.fallback_for = fallback::verified(reading, &digest, tags.clone());
        if image.fallback_for.is_some() && image.kind == Kind::Index {
            // a list of referrers is no image of several platforms
            image.kind = Kind::Other;
        }
        image.times.first_seen = Some(taken_at);
        image.tags = tags
            .map(|name| {
                let mut tag = Tag::new(name);
                tag.first_seen = Some(taken_at);
                tag
            })
            .collect();
        image
    });
    inventory.fill(entries)?;
    if let Some(earlier) = what.earlier {
        inventory.carry_on(earlier)?;
    }
    Ok(inventory)
}

fn described(
    reading: &Reading,
    digest: Digest,
    named: Option<&Named>,
    taken_at: Timestamp,
) -> Entry {
    let mut image = Entry::new(digest, Kind::Other);
    if let Some(named) = named {
        image.kind = named.child.kind;
        image.media_type.clone_from(&named.child.media_type);
        image.size = named.child.size;
    }
    match (reading.facts(&digest), reading.asked.get(&digest)) {
        (Some(facts), _) => {
            // that an image is an attestation may stand in the index alone
            if image.kind != Kind::Attestation {
                image.kind = facts.kind;
            }
            image.media_type.clone_from(&facts.media_type);
            image.artifact_type.clone_from(&facts.artifact_type);
            image.size = facts.size.or(image.size);
            image.config = facts.config.as_ref().map(|config| config.digest);
            image.children = facts.children.iter().map(|child| child.digest).collect();
            image.subject = facts.subject;
            image.times.created = match facts.created {
                Some(Created::At(time)) => build_time::plausible(time, taken_at),
                _ => None,
            };
        }
        (None, Some(Presence::Unreadable(reason))) => image.unreadable = Some(reason.clone()),
        (None, _) => {}
    }
    image.times.pushed = reading
        .listed()
        .and_then(|listed| listed.get(&digest)?.pushed);
    image
}
