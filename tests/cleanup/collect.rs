//! What an inventory says, and what reading it costs.

use std::time::Duration;

use portreeve::{
    cleanup::{self, Budget, Collect, Event, Phase, Reading, ReferrersOf},
    error::Code,
    oci::Digest,
    plan::{
        inventory::{self, Entry, Inventory, Kind, Note},
        policy::Needs,
    },
};

use super::{WEB, client, collect, every, read, tagged};
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

#[test]
fn of_what_no_list_names_the_index_is_asked_for_and_not_its_images() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let first = read(&io, WEB, None).unwrap();
    let (left, gone) = (tagged(&first, "v1.4.2"), tagged(&first, "v1.1.0"));
    let other = tagged(&first, "v1.0.0").digest.to_string();
    for tag in ["latest", "v1.4.2"] {
        io.registry().state.repository(WEB).tag(tag, &other);
    }
    let lost = gone.digest.to_string();
    io.registry().state.repository(WEB).manifests.remove(&lost);
    io.registry().state.repository(WEB).tags.remove("v1.1.0");
    let before = io.targets("HEAD").len();
    let second = read(&io, WEB, Some(&first)).unwrap();
    let asked = io.targets("HEAD").split_off(before);
    let asked = |digest: String| asked.iter().any(|target| target.ends_with(&digest));
    // where the index is, its images count as there; where it is gone, they may have stayed
    assert!(asked(left.digest.to_string()) && asked(lost));
    assert!(
        !left
            .children
            .iter()
            .copied()
            .any(|child| asked(child.to_string()))
    );
    assert!(
        gone.children
            .iter()
            .copied()
            .all(|child| asked(child.to_string()))
    );
    for child in left
        .children
        .iter()
        .copied()
        .chain(gone.children.iter().copied())
    {
        assert!(second.find(&child).is_some(), "{child}");
    }
}

#[test]
fn what_reports_call_in_use_joins_the_graph_where_tags_alone_are_listed() {
    let (budget, known) = (
        Budget::unlimited(),
        |inventory: &Inventory, digest: &Digest| inventory.find(digest).is_some(),
    );
    for (profile, lists_tags) in [
        (Profile::distribution_3(), true),
        (Profile::zot(), true),
        (Profile::google(), false),
    ] {
        let name = profile.name;
        let io = MemoryIo::shop(profile);
        let whole = read(&io, WEB, None).unwrap();
        let latest = tagged(&whole, "v1.4.2");
        let (digest, children) = (latest.digest, latest.children.iter().copied());
        for tag in ["latest", "v1.4.2"] {
            io.registry().state.repository(WEB).tags.remove(tag);
        }
        let client = client(&io);
        let nowhere = Digest::of(b"of another repository");
        let reported = [digest, nowhere];
        let what = Collect {
            reported: &reported,
            ..every(&client, &budget)
        };
        let before = io.requests().len();
        let inventory = collect(&io, &what).unwrap();
        assert!(
            known(&inventory, &digest) && !known(&inventory, &nowhere),
            "{name}"
        );
        assert!(
            children.clone().all(|child| known(&inventory, &child)),
            "{name}"
        );
        let asked = io.requests().split_off(before);
        let heads = asked.iter().filter(|entry| entry.method == "HEAD");
        let heads = heads
            .filter(|entry| entry.target.contains("/manifests/sha256:"))
            .count();
        assert_eq!(heads, if lists_tags { 2 } else { 0 }, "{name}");
        if lists_tags {
            assert!(
                !known(&collect(&io, &every(&client, &budget)).unwrap(), &digest),
                "{name}"
            );
        }
    }
}

#[test]
fn without_referrers_it_is_not_whole_where_there_may_be_some() {
    for (profile, complete) in [(Profile::zot(), false), (Profile::google(), true)] {
        let io = MemoryIo::shop(profile);
        let (client, budget) = (client(&io), Budget::unlimited());
        let what = Collect {
            referrers: ReferrersOf::Nothing,
            ..every(&client, &budget)
        };
        let inventory = collect(&io, &what).unwrap();
        assert_eq!(
            inventory.complete, complete,
            "{:?}",
            inventory.incomplete_reason
        );
        let asked = io.targets("GET").into_iter();
        assert_eq!(
            asked
                .filter(|target| target.contains("/referrers/"))
                .count(),
            0
        );
    }
}

#[test]
fn indexes_that_name_each_other_are_read_once_each() {
    // digests cannot be made to, so the registry lies about what it stores
    let io = MemoryIo::shop(Profile::distribution_3());
    let whole = read(&io, WEB, None).unwrap();
    let (one, two) = (tagged(&whole, "v1.0.0"), tagged(&whole, "v1.2.0"));
    let mut entries = whole.entries();
    for (index, other) in [(&one, &two), (&two, &one)] {
        let is_it = |entry: &&mut Entry| entry.digest == index.digest;
        let entry = entries.iter_mut().find(is_it).unwrap();
        entry.children = vec![index.digest, other.digest];
    }
    let mut earlier = Inventory::new(&*whole.host, WEB, whole.taken_at);
    earlier.fill(entries).unwrap();
    for tag in ["v1.0.0", "v1.2.0"] {
        io.registry().state.repository(WEB).tags.remove(tag);
    }
    let read = read(&io, WEB, Some(&earlier)).unwrap();
    assert!(read.find(&one.digest).is_some() && read.find(&two.digest).is_some());
}

#[test]
fn annotations_labels_platforms_and_layers_come_as_they_were_asked_for() {
    let io = MemoryIo::shop(Profile::demo());
    let (client, budget) = (client(&io), Budget::unlimited());
    let revision = "org.opencontainers.image.revision".to_owned();
    let needs =
        Needs::everything().and(true, &["none".to_owned()], std::slice::from_ref(&revision));
    let what = Collect {
        needs,
        ..every(&client, &budget)
    };
    let inventory = collect(&io, &what).unwrap();
    assert_eq!(inventory.annotation_keys, ["none"]);
    assert_eq!(inventory.label_keys, [&*revision]);
    let images = || {
        inventory
            .images()
            .filter(|image| image.kind() == Kind::Image)
    };
    assert!(images().count() > 0);
    for image in images() {
        assert!(image.platform().unwrap().starts_with("linux/"));
        assert!(image.layers().unwrap().next().unwrap().size > 0);
        assert_eq!(image.annotation("none"), Note::Absent);
        assert_eq!(image.annotation("other"), Note::Unread);
        assert!(matches!(image.label(&revision), Note::Text(_)), "{image:?}");
    }
    let index = tagged(&inventory, "latest");
    assert_eq!((index.layers, index.platform), (Some(Vec::new()), None));
}

#[test]
fn a_reading_that_was_begun_for_other_facts_begins_anew() {
    let io = MemoryIo::shop(Profile::demo());
    let (client, budget) = (client(&io), Budget::of(3));
    let mut reading = Reading::default();
    let plain = Collect {
        needs: Needs::default(),
        ..every(&client, &budget)
    };
    let paused = io.run(cleanup::collect(&plain, &mut reading, &mut |_| {}));
    assert!(paused.unwrap().is_none());
    let budget = Budget::unlimited();
    let whole = every(&client, &budget);
    let read_by = io.run(cleanup::collect(&whole, &mut reading, &mut |_| {}));
    assert_same(&read_by.unwrap().unwrap(), &read(&io, WEB, None).unwrap());
}

#[test]
fn an_earlier_inventory_of_another_repository_is_refused() {
    let io = MemoryIo::shop(Profile::demo());
    let other = read(&io, "shop/api", None).unwrap();
    let error = read(&io, WEB, Some(&other)).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.to_string().contains("shop/api"), "{error}");
}

#[test]
fn reading_tells_how_far_it_has_come_and_keeps_to_six_at_a_time() {
    let io = MemoryIo::shop(Profile::zot());
    io.set_latency(Duration::from_millis(10));
    let (client, budget) = (client(&io), Budget::unlimited());
    let mut told: Vec<(Phase, usize, usize)> = Vec::new();
    let what = every(&client, &budget);
    let mut reading = Reading::default();
    let read = io.run(cleanup::collect(&what, &mut reading, &mut |event| {
        if let Event::Reading {
            phase, done, known, ..
        } = event
        {
            told.push((phase, done, known));
        }
    }));
    read.unwrap();
    assert_eq!(io.most_in_flight(), 6);
    assert!(told.iter().all(|(_, done, known)| done <= known));
    let mut phases: Vec<Phase> = told.iter().map(|(phase, ..)| *phase).collect();
    phases.dedup();
    let expected = [
        Phase::Listing,
        Phase::Tags,
        Phase::Manifests,
        Phase::Referrers,
    ];
    assert_eq!(phases[..4], expected);
    assert_eq!(phases.last(), Some(&Phase::Configs));
}

#[test]
fn a_broken_config_says_nothing_and_is_looked_for_again() {
    let io = MemoryIo::shop(Profile::distribution_3());
    let image = tagged(&read(&io, WEB, None).unwrap(), "v1.0.0").children[0];
    let mut fault = Fault::on("GET", "/v2/*/*/blobs/**").times(0);
    fault.corrupt = true;
    io.fault(fault);
    let first = read(&io, WEB, None).unwrap();
    let broken = first.image(first.find(&image).unwrap()).unwrap();
    assert_eq!(
        (broken.times().created, broken.labels().is_none()),
        (None, true)
    );
    io.registry().faults.clear();
    let second = read(&io, WEB, Some(&first)).unwrap();
    let whole = second.image(second.find(&image).unwrap()).unwrap();
    assert!(whole.times().created.is_some());
}
