//! What an inventory says, and what reading it costs.

use std::time::Duration;

use portreeve::{
    cleanup::{self, Budget, Collect, Reading},
    plan::{
        inventory::{self, Entry, Inventory, Kind},
        policy::Needs,
    },
};

use super::{WEB, client, every, read, tagged};
use crate::{
    registry::{Fault, Profile, profile::Link},
    support::memory_io::{MemoryIo, NOON},
};

fn by_digest(inventory: &Inventory, digest: &str) -> Entry {
    let is = |image: &Entry| image.digest.to_string() == digest;
    inventory
        .entries()
        .into_iter()
        .find(is)
        .expect("it is there")
}

/// Line by line, so that a difference can be read.
fn assert_same(one: &Inventory, other: &Inventory) {
    let (one, other) = (inventory::write(one), inventory::write(other));
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

#[test]
fn the_same_repository_reads_alike_wherever_it_lies() {
    let mut indexes = Vec::new();
    for profile in [
        Profile::demo(),
        Profile::distribution_2_8(),
        Profile::distribution_3(),
        Profile::google(),
        Profile::zot(),
        Profile::bearer(),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(profile);
        let inventory = read(&io, WEB, None).unwrap();
        assert!(
            inventory.complete,
            "{name}: {:?}",
            inventory.incomplete_reason
        );
        assert!(inventory.unreadable_tags.is_empty(), "{name}");
        let latest = tagged(&inventory, "latest");
        assert_eq!(latest.kind, Kind::Index, "{name}");
        assert_eq!(latest.children.len(), 4, "{name}");
        assert_eq!(latest.digest, tagged(&inventory, "v1.4.2").digest, "{name}");
        let kinds: Vec<Kind> = latest
            .children
            .iter()
            .map(|child| by_digest(&inventory, &child.to_string()).kind)
            .collect();
        let of = |kind| kinds.iter().filter(|one| **one == kind).count();
        assert_eq!((of(Kind::Image), of(Kind::Attestation)), (2, 2), "{name}");
        let signature = inventory
            .entries()
            .into_iter()
            .find(|image| image.fallback_for == Some(latest.digest))
            .unwrap_or_else(|| panic!("{name}: no signature"));
        assert_eq!(signature.kind, Kind::Signature, "{name}");
        let sbom = inventory
            .entries()
            .into_iter()
            .find(|image| image.kind == Kind::Sbom)
            .unwrap_or_else(|| panic!("{name}: no SBOM"));
        assert_eq!(
            sbom.subject,
            Some(tagged(&inventory, "v1.4.0").digest),
            "{name}"
        );
        let mut tags: Vec<String> = inventory
            .images()
            .flat_map(|image| image.own_tags().map(|tag| tag.name.to_owned()))
            .collect();
        tags.sort();
        indexes.push(tags);
        let untagged = inventory.entries().iter().any(|image| {
            image.kind == Kind::Index && image.tags.is_empty() && image.subject.is_none()
        });
        assert_eq!(untagged, inventory.lists_untagged, "{name}");
    }
    assert!(indexes.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_known_manifest_is_never_read_again() {
    for profile in [Profile::demo(), Profile::distribution_3(), Profile::zot()] {
        let io = MemoryIo::shop(profile);
        let first = read(&io, WEB, None).unwrap();
        let before = io.targets("GET").len();
        io.advance(Duration::from_hours(1));
        let mut second = read(&io, WEB, Some(&first)).unwrap();
        let again: Vec<String> = io.targets("GET").split_off(before);
        let manifests = again
            .iter()
            .filter(|target| target.contains("/manifests/sha256:") || target.contains("/blobs/"));
        assert_eq!(manifests.count(), 0, "{again:?}");
        assert_eq!(second.taken_at, NOON.plus(Duration::from_hours(1)));
        second.taken_at = first.taken_at;
        assert_same(&second, &first);
    }
}

#[test]
fn first_seen_is_of_the_tag_on_its_digest() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let first = read(&io, WEB, None).unwrap();
    let moved = tagged(&first, "v1.0.0").digest.to_string();
    io.registry().state.repository(WEB).tag("prod", &moved);
    io.registry().state.repository(WEB).tag("latest", &moved);
    io.advance(Duration::from_hours(1));
    let second = read(&io, WEB, Some(&first)).unwrap();
    let image = tagged(&second, "latest");
    assert_eq!(image.times.first_seen, Some(NOON));
    let seen: Vec<_> = image
        .tags
        .iter()
        .map(|tag| (tag.name.as_str(), tag.first_seen.unwrap()))
        .collect();
    let now = NOON.plus(Duration::from_hours(1));
    assert_eq!(seen, [("latest", now), ("prod", now), ("v1.0.0", NOON)]);
}

#[test]
fn what_a_moved_tag_left_behind_stays_in_sight_on_a_plain_registry() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let first = read(&io, WEB, None).unwrap();
    let left = tagged(&first, "v1.4.2").clone();
    for tag in ["latest", "v1.4.2"] {
        let other = tagged(&first, "v1.0.0").digest.to_string();
        io.registry().state.repository(WEB).tag(tag, &other);
    }
    let gone = tagged(&first, "v1.1.0").digest.to_string();
    io.registry().state.repository(WEB).manifests.remove(&gone);
    io.registry().state.repository(WEB).tags.remove("v1.1.0");
    let second = read(&io, WEB, Some(&first)).unwrap();
    let image = by_digest(&second, &left.digest.to_string());
    assert_eq!((image.tags.len(), &image.children), (0, &left.children));
    assert!(
        !second
            .entries()
            .iter()
            .any(|image| image.digest.to_string() == gone)
    );
}

#[test]
fn a_clock_that_differs_from_the_registrys_makes_it_incomplete() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let fault = Fault::on("GET", "/v2/*/*/**").header("date", "Mon, 23 Nov 2026 12:00:00 GMT");
    io.fault(fault.times(0));
    let fault = Fault::on("HEAD", "/v2/*/*/**").header("date", "Mon, 23 Nov 2026 12:00:00 GMT");
    io.fault(fault.times(0));
    let inventory = read(&io, WEB, None).unwrap();
    // else what is seen for the first time would be dated by the wrong clock
    assert!(!inventory.complete);
    let reason = inventory.incomplete_reason.unwrap();
    assert!(reason.contains("at the registry"), "{reason}");
}

#[test]
fn an_unfinished_listing_makes_it_incomplete() {
    let mut profile = Profile::distribution_3();
    profile.paging = crate::registry::profile::Paging::UpTo(50);
    profile.link = Link::Missing;
    let io = MemoryIo::shop(profile);
    let any = tagged(&read(&io, WEB, None).unwrap(), "latest")
        .digest
        .to_string();
    io.registry().state.repository(WEB).tag("the-51st", &any);
    let inventory = read(&io, WEB, None).unwrap();
    assert!(!inventory.complete && inventory.incomplete_reason.is_some());
    // an answer out of a cache
    let io = MemoryIo::shop(Profile::distribution_3());
    io.fault(Fault::on("HEAD", "/v2/*/*/manifests/v1.0.0").header("age", "7"));
    let inventory = read(&io, WEB, None).unwrap();
    assert!(!inventory.complete && inventory.incomplete_reason.is_some());
}

#[test]
fn a_listed_tag_that_answers_404_twice_is_unreadable_and_once_is_not() {
    for (times, unreadable) in [(1, 0), (2, 1)] {
        let io = MemoryIo::shop(Profile::distribution_3());
        let fault = Fault::on("HEAD", "/v2/*/*/manifests/v1.0.0").status(404);
        io.fault(fault.times(times));
        let inventory = read(&io, WEB, None).unwrap();
        assert!(inventory.complete);
        assert_eq!(inventory.unreadable_tags.len(), unreadable);
    }
}

#[test]
fn one_broken_manifest_is_marked_and_stops_nothing() {
    let io = MemoryIo::shop(Profile::demo());
    let digest = tagged(&read(&io, WEB, None).unwrap(), "v1.0.0").digest;
    let mut fault = Fault::on("GET", &format!("/v2/*/*/manifests/{digest}")).times(0);
    fault.corrupt = true;
    io.fault(fault);
    let inventory = read(&io, WEB, None).unwrap();
    assert!(inventory.complete);
    let broken = tagged(&inventory, "v1.0.0");
    assert!(broken.unreadable.is_some() && broken.children.is_empty());
    let others = inventory.entries();
    let others = others.iter().filter(|image| image.unreadable.is_some());
    assert_eq!(others.count(), 1);
}

#[test]
fn a_child_that_the_registry_lacks_is_in_no_entry() {
    let io = MemoryIo::shop(Profile::demo());
    let before = read(&io, WEB, None).unwrap();
    let child = tagged(&before, "v1.0.0").children[0];
    io.registry()
        .state
        .repository(WEB)
        .manifests
        .remove(&child.to_string());
    let inventory = read(&io, WEB, None).unwrap();
    assert!(tagged(&inventory, "v1.0.0").children.contains(&child));
    assert!(inventory.find(&child).is_none());
}

#[test]
fn a_fallback_tag_must_prove_itself() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let before = read(&io, WEB, None).unwrap();
    let subject = tagged(&before, "v1.0.0").digest;
    let image = tagged(&before, "v1.2.0").digest.to_string();
    for suffix in ["", ".sig", ".att", ".sbom"] {
        let tag = format!("sha256-{}{suffix}", subject.hex());
        io.registry().state.repository(WEB).tag(&tag, &image);
    }
    let inventory = read(&io, WEB, None).unwrap();
    let image = tagged(&inventory, "v1.2.0");
    assert_eq!((image.fallback_for, image.tags.len()), (None, 5));
    let verified = inventory
        .images()
        .filter(|image| image.fallback_for().is_some());
    assert_eq!(
        verified.count(),
        3,
        "two signatures and an index of referrers"
    );
}

#[test]
fn a_reading_goes_on_where_its_budget_ended() {
    for profile in [Profile::demo(), Profile::distribution_3(), Profile::zot()] {
        let io = MemoryIo::shop(profile);
        let whole = read(&io, WEB, None).unwrap();
        let requests = io.requests().len();
        let mut text = serde_json::to_string(&Reading::default()).unwrap();
        let mut invocations = 0;
        let inventory = loop {
            // only text survives between two invocations
            let mut reading = serde_json::from_str(&text).unwrap();
            let budget = Budget::of(10);
            let client = client(&io);
            let what = every(&client, &budget);
            let before = io.requests().len();
            let read = io.run(cleanup::collect(&what, &mut reading, &mut |_| {}));
            assert!(io.requests().len() - before <= 12);
            invocations += 1;
            if let Some(inventory) = read.unwrap() {
                break inventory;
            }
            text = serde_json::to_string(&reading).unwrap();
        };
        assert!(invocations > 3);
        assert_same(&inventory, &whole);
        assert!(io.requests().len() <= 2 * requests + invocations);
    }
}

#[test]
fn build_times_are_read_only_for_a_policy_that_asks() {
    let io = MemoryIo::shop(Profile::demo());
    let budget = Budget::unlimited();
    let client = client(&io);
    let what = Collect {
        needs: Needs::default(),
        ..every(&client, &budget)
    };
    let read_by = io.run(cleanup::collect(
        &what,
        &mut Reading::default(),
        &mut |_| {},
    ));
    let inventory = read_by.unwrap().unwrap();
    assert!(
        io.targets("GET")
            .iter()
            .all(|target| !target.contains("/blobs/"))
    );
    let unread = inventory.entries();
    let unread = unread.iter().filter(|image| image.kind == Kind::Image);
    assert!(unread.clone().count() > 0);
    assert!(unread.clone().all(|image| image.times.created.is_none()));
    let all = read(&io, WEB, None).unwrap();
    let images = all.entries();
    for image in images.iter().filter(|image| image.kind == Kind::Image) {
        assert!(image.times.created.is_some() && image.config.is_some());
    }
}
