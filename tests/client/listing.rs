//! Listings: whole, or known not to be.

use std::collections::BTreeSet;

use portreeve::client::{Cause, Completeness};
use portreeve::error::Code;
use portreeve::limits::Limits;

use super::*;
use crate::registry::Fault;
use crate::registry::profile::{Link, Paging, UnknownLast};

struct Listed {
    tags: usize,
    requests: u64,
    completeness: Completeness,
}

fn list(io: &MemoryIo, settings: Settings) -> Listed {
    let client = Client::new(io.clone(), settings).unwrap();
    io.run(async {
        let mut listing = client.tags("a");
        let mut tags = BTreeSet::new();
        while let Some(page) = listing.next_page().await.unwrap() {
            tags.extend(page.tags);
        }
        Listed {
            tags: tags.len(),
            requests: listing.requests_used(),
            completeness: listing.complete(),
        }
    })
}

fn paged(paging: Paging, link: Link) -> Profile {
    Profile {
        paging,
        link,
        ..Profile::distribution_3()
    }
}

#[test]
fn every_way_of_paging_is_followed_to_its_end() {
    for (row, profile, requests) in [
        ("distribution 2.8", Profile::distribution_2_8(), 1),
        ("distribution 3", Profile::distribution_3(), 3),
        (
            "zot",
            Profile {
                unknown_last: UnknownLast::Missing,
                ..paged(Paging::UpTo(1000), Link::CountFirst)
            },
            3,
        ),
        (
            "Gitea",
            paged(Paging::Always(1000, 400), Link::UntilEmpty),
            4,
        ),
        ("GHCR", paged(Paging::UpTo(100), Link::LastFirst), 22),
        (
            "old Quay",
            paged(Paging::Always(100, 413), Link::LastFirst),
            23,
        ),
        (
            "serverless-registry",
            paged(Paging::UpTo(50), Link::Bare),
            43,
        ),
        ("Nexus", paged(Paging::UpTo(1000), Link::WrongHost), 3),
    ] {
        let io = tagged(profile, 2103);
        let listed = list(&io, settings());
        assert_eq!(listed.tags, 2103, "{row}");
        assert_eq!(listed.completeness.reason, None, "{row}");
        assert!(listed.completeness.complete, "{row}");
        assert_eq!(listed.requests, requests, "{row}");
        assert!(
            io.requests().iter().all(|request| request.host == HOST),
            "{row}"
        );
    }
}

#[test]
fn each_registry_is_listed_whole_by_its_own_cursor() {
    for (profile, pages) in [
        (Profile::ecr(), 3),
        (Profile::gitea(), 4),
        (Profile::gitlab(), 3),
        (Profile::google(), 1),
        (Profile::harbor(), 3),
        // refuses 1,000 first
        (Profile::quay(), 1 + 22),
        (Profile::jfrog(), 3),
        (Profile::nexus(), 3),
        (Profile::zot(), 3),
    ] {
        let name = profile.name;
        let settings = as_user(&profile.username, &profile.password);
        let io = tagged(profile, 2103);
        let listed = list(&io, settings);
        assert_eq!(listed.tags, 2103, "{name}");
        assert_eq!(listed.completeness.reason, None, "{name}");
        let asked: BTreeSet<String> = io.targets("GET").into_iter().collect();
        let asked = asked.iter().filter(|target| target.contains("tags/list"));
        assert_eq!(asked.count(), pages, "{name}");
        assert_eq!(listed.requests, io.requests().len() as u64, "{name}");
        let strayed = |target: &String| target.contains("last=") && !target.starts_with("/v2/a/");
        assert!(!io.targets("GET").iter().any(strayed), "{name}");
    }
}

#[test]
fn links_that_never_end_and_digests_among_the_tags_are_seen_through() {
    let profile = Profile::serverless_registry();
    let settings = as_user(&profile.username, &profile.password);
    let io = tagged(profile, 2103);
    let listed = list(&io, settings);
    assert_eq!(listed.tags, 2103, "the digest among them is none");
    let reason = listed.completeness.reason.unwrap();
    assert_eq!(reason, "an empty page links on");
    assert_eq!(listed.completeness.cause, Some(Cause::Unproven));
}

#[test]
fn a_limit_stops_asking_once_enough_is_here_and_says_so() {
    for (row, profile, limit, requests, cause) in [
        (
            "within a page",
            Profile::distribution_3(),
            5,
            1,
            Some(Cause::Limited),
        ),
        (
            "a page and more",
            Profile::distribution_3(),
            1001,
            2,
            Some(Cause::Limited),
        ),
        (
            "n is ignored",
            Profile::distribution_2_8(),
            5,
            1,
            Some(Cause::Limited),
        ),
        (
            "just all of them",
            Profile::distribution_2_8(),
            2103,
            1,
            None,
        ),
        (
            "more than there are",
            Profile::distribution_3(),
            9999,
            3,
            None,
        ),
        (
            "none",
            Profile::distribution_3(),
            0,
            0,
            Some(Cause::Limited),
        ),
    ] {
        let io = tagged(profile, 2103);
        let client = Client::new(io.clone(), settings()).unwrap();
        let mut listing = client.tags("a").limit(limit);
        let mut tags = 0;
        while let Some(page) = io.run(listing.next_page()).unwrap() {
            tags += page.tags.len();
        }
        assert_eq!(tags, limit.min(2103), "{row}");
        assert_eq!(io.requests().len(), requests, "{row}");
        assert_eq!(listing.complete().cause, cause, "{row}");
    }
}

#[test]
fn throttling_ends_a_listing_that_has_begun_and_is_an_error_before() {
    let io = tagged(paged(Paging::UpTo(100), Link::LastFirst), 500);
    let fault = Fault {
        skip: 2,
        ..Fault::on("GET", "/v2/a/tags/list")
    };
    io.fault(fault.status(429).times(0));
    let listed = list(&io, settings());
    assert_eq!(listed.tags, 200);
    assert_eq!(listed.completeness.cause, Some(Cause::Throttled));
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = client.tags("a");
    let error = io.run(listing.next_page()).unwrap_err();
    assert_eq!(error.code(), Code::Throttled);
    assert_eq!(listing.broken_by().unwrap().code(), Code::Throttled);
}

#[test]
fn every_tag_comes_once_though_somebody_pushes_meanwhile() {
    let io = tagged(paged(Paging::UpTo(10), Link::LastFirst), 25);
    // a registry that counts places instead of names shows the last one again
    io.fault(Fault {
        skip: 1,
        status: Some(200),
        body: Some(r#"{"tags":["t00010","t00011"]}"#.to_owned()),
        ..Fault::on("GET", "/v2/a/tags/list")
    });
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = client.tags("a");
    let mut tags = Vec::new();
    while let Some(page) = io.run(listing.next_page()).unwrap() {
        tags.extend(page.tags);
    }
    let once: BTreeSet<&String> = tags.iter().collect();
    assert_eq!((tags.len(), once.len()), (11, 11));
}

#[test]
fn each_listing_counts_its_own_requests() {
    let io = tagged(Profile::bearer(), 1500);
    let client = Client::new(io.clone(), settings()).unwrap();
    let (mut one, mut two) = (client.tags("a"), client.tags("a"));
    while io.run(one.next_page()).unwrap().is_some() {}
    io.fault(Fault::on("GET", "/v2/a/tags/list").status(503));
    while io.run(two.next_page()).unwrap().is_some() {}
    // two pages and a look behind; a challenge and a token, or a repetition
    assert_eq!((one.requests_used(), two.requests_used()), (3 + 2, 3 + 1));
    assert_eq!(client.requests_used(), 9);
}

#[test]
fn every_page_is_asked_past_every_cache() {
    let io = tagged(Profile::distribution_3(), 1500);
    list(&io, settings());
    assert!(
        io.requests()
            .iter()
            .all(|request| request.cache_control.as_deref() == Some("no-cache"))
    );
}

#[test]
fn a_page_size_that_is_refused_becomes_smaller_and_then_none() {
    let io = tagged(paged(Paging::Always(40, 405), Link::LastFirst), 41);
    let listed = list(&io, settings());
    assert_eq!((listed.tags, listed.completeness.complete), (41, true));
    let asked = io.targets("GET");
    assert_eq!(
        asked[..3],
        [
            "/v2/a/tags/list?n=1000",
            "/v2/a/tags/list?n=100",
            "/v2/a/tags/list"
        ]
    );
}

#[test]
fn a_listing_cut_off_without_a_link_is_noticed() {
    for (row, paging, count) in [
        ("at the size asked for", Paging::UpTo(1000), 1001),
        ("at a cap of its own", Paging::UpTo(50), 51),
        ("at a multiple of it", Paging::UpTo(200), 401),
    ] {
        let io = tagged(paged(paging, Link::Missing), count);
        let listed = list(&io, settings());
        assert!(!listed.completeness.complete, "{row}");
        let reason = listed.completeness.reason.unwrap();
        assert!(
            reason.starts_with("the registry cut it off after"),
            "{row}: {reason}"
        );
    }
}

#[test]
fn a_round_number_of_tags_is_proven_by_one_more_request() {
    for (row, profile) in [
        ("distribution 2.8", Profile::distribution_2_8()),
        ("distribution 3", Profile::distribution_3()),
        ("zot", Profile::zot()),
    ] {
        let io = tagged(profile, 1000);
        let listed = list(&io, settings());
        assert_eq!((listed.tags, listed.requests), (1000, 2), "{row}");
        assert!(listed.completeness.complete, "{row}");
    }
    assert_eq!(
        list(&tagged(Profile::distribution_3(), 49), settings()).requests,
        1
    );
}

#[test]
fn a_cursor_that_leads_nowhere_ends_the_listing_as_incomplete() {
    for (row, links, reason) in [
        (
            "the same page again",
            ["/v2/a/tags/list?n=1000", "/v2/a/tags/list?n=1000"],
            "its pages link in a circle",
        ),
        (
            "other cursors, the same tags",
            ["?n=1000&last=x", "?n=1000&last=y"],
            "a page brought nothing new and links on",
        ),
    ] {
        let io = tagged(Profile::distribution_2_8(), 7);
        for link in links {
            let link = format!("<{link}>; rel=\"next\"");
            io.fault(Fault::on("GET", "/v2/a/tags/list").header("link", &link));
        }
        let listed = list(&io, settings());
        assert_eq!(listed.tags, 7, "{row}");
        assert_eq!(listed.completeness.reason.as_deref(), Some(reason), "{row}");
        assert!(!listed.completeness.complete, "{row}");
        assert!(listed.requests <= 2, "{row}");
    }
}

#[test]
fn an_empty_page_that_links_on_ends_the_listing_as_incomplete() {
    let io = tagged(Profile::distribution_3(), 0);
    let link = r#"</v2/a/tags/list?last=x>; rel="next""#;
    io.fault(Fault::on("GET", "/v2/a/tags/list").header("link", link));
    let listed = list(&io, settings());
    assert_eq!(
        listed.completeness.reason.as_deref(),
        Some("an empty page links on")
    );
    assert_eq!(listed.requests, 1);
}

#[test]
fn an_answer_out_of_a_cache_makes_the_listing_incomplete() {
    for (header, value) in [("age", "5"), ("warning", "110 - \"Response is Stale\"")] {
        let io = tagged(Profile::distribution_3(), 1500);
        // only the second page
        let fault = Fault {
            skip: 1,
            ..Fault::on("GET", "/v2/a/tags/list")
        };
        io.fault(fault.header(header, value));
        let listed = list(&io, settings());
        assert_eq!(listed.tags, 1500);
        assert!(
            listed.completeness.reason.unwrap().contains("cache"),
            "{header}"
        );
    }
}

#[test]
fn a_place_lost_between_two_pages_makes_the_listing_incomplete() {
    let profile = Profile {
        unknown_last: UnknownLast::Missing,
        ..paged(Paging::UpTo(10), Link::CountFirst)
    };
    let io = tagged(profile, 25);
    io.before_each(|number, _, state| {
        if number == 1 {
            state.repository("a").tags.remove("t00010");
        }
    });
    let listed = list(&io, settings());
    assert_eq!(
        listed.completeness.reason.as_deref(),
        Some("the registry lost its place in it")
    );
}

#[test]
fn more_pages_than_allowed_make_the_listing_incomplete() {
    let io = tagged(paged(Paging::UpTo(10), Link::LastFirst), 100);
    let mut settings = settings();
    settings.limits = Limits {
        pages: 3,
        ..Limits::default()
    };
    let listed = list(&io, settings);
    assert_eq!((listed.tags, listed.requests), (30, 3));
    assert_eq!(
        listed.completeness.reason.as_deref(),
        Some("it has more than 3 pages")
    );
}

#[test]
fn a_listing_that_breaks_off_or_was_not_read_is_incomplete() {
    let io = tagged(Profile::distribution_3(), 1500);
    let client = Client::new(io.clone(), settings()).unwrap();
    let mut listing = client.tags("a");
    assert!(!listing.complete().complete);
    io.run(listing.next_page()).unwrap();
    assert!(!listing.complete().complete);
    io.fault(Fault::on("GET", "/v2/a/tags/list").status(403));
    let error = io.run(listing.next_page()).unwrap_err();
    assert_eq!(error.code(), Code::Denied);
    assert!(
        error
            .to_string()
            .starts_with("listing tags of a at registry.acme.dev: the registry answered 403")
    );
    assert!(io.run(listing.next_page()).unwrap().is_none());
    assert!(!listing.complete().complete);
}

#[test]
fn a_missing_repository_and_a_malformed_one_are_told_apart() {
    let (client, io) = shop(Profile::demo(), settings());
    assert_eq!(
        io.run(client.tags("shop/none").next_page())
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    let sent = io.requests().len();
    let error = io.run(client.tags("../shop").next_page()).unwrap_err();
    assert_eq!(error.code(), Code::InvalidReference);
    assert_eq!(io.requests().len(), sent);
}

#[test]
fn the_map_of_manifests_comes_along_where_the_registry_tells() {
    let (client, io) = shop(Profile::demo(), settings());
    let page = io
        .run(client.tags("shop/web").next_page())
        .unwrap()
        .unwrap();
    let manifests = page.manifests.unwrap();
    assert_eq!(manifests.len(), 269);
    assert!(manifests.values().any(|manifest| manifest.tags.is_empty()));
    assert!(
        manifests
            .values()
            .all(|manifest| manifest.uploaded.is_some())
    );
}
