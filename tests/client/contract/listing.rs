//! Tags, repositories and referrers.

use std::collections::BTreeSet;

use portreeve::client::{Completeness, Source};
use portreeve::error::Code;

use super::*;

struct Listed {
    tags: BTreeSet<String>,
    requests: usize,
    completeness: Completeness,
}

fn list(place: &Place, repository: &str, limit: Option<usize>) -> Listed {
    place.io.run(async {
        let mut listing = place.client.tags(repository);
        if let Some(limit) = limit {
            listing = listing.limit(limit);
        }
        let mut tags = BTreeSet::new();
        while let Some(page) = listing.next_page().await.unwrap() {
            tags.extend(page.tags);
        }
        Listed {
            tags,
            requests: usize::try_from(listing.requests_used()).unwrap(),
            completeness: listing.complete(),
        }
    })
}

/// How many requests so many names take: the pages, or one more, to see that nothing follows.
fn pages(place: &Place, size: u32, names: usize) -> std::ops::RangeInclusive<usize> {
    let pages = match place.row.says.paged_list {
        Support::No | Support::Depends => 1,
        _ => names.div_ceil(size as usize),
    };
    pages..=pages + 1
}

/// Every name in the list of `repository`.
fn names(place: &Place, repository: &str) -> usize {
    let stored = place.repository(repository);
    let digests = if place.row.imitation.digests_among_tags {
        stored.manifests.len()
    } else {
        0
    };
    stored.tags.len() + digests
}

#[test]
fn every_tag_is_listed_once_page_by_page() {
    for size in [None, Some(60)] {
        for row in rows() {
            let place = row.open_with(Who::User, |settings| {
                settings.profile.page_size = size.unwrap_or(settings.profile.page_size);
            });
            place.sign_in("shop/many");
            let listed = list(&place, "shop/many", None);
            let stored = place.repository("shop/many");
            let expected: BTreeSet<String> = stored.tags.into_keys().collect();
            assert_eq!(listed.tags, expected, "{} {size:?}", place.row.id());
            assert_eq!(
                listed.requests,
                place.asked(),
                "{} {size:?}",
                place.row.id()
            );
            let asked = size.unwrap_or(place.row.says.page_size);
            let pages = pages(&place, asked, names(&place, "shop/many"));
            let found = listed.requests;
            assert!(
                pages.contains(&found),
                "{} {size:?}: {found}",
                place.row.id()
            );
            let whole = listed.completeness.complete;
            assert!(
                allows(place.row.says.whole_list, whole),
                "{} {size:?}: {:?}",
                place.row.id(),
                listed.completeness
            );
        }
    }
}

#[test]
fn a_listing_takes_one_round_of_authentication() {
    for row in rows() {
        let place = row.open_with(Who::User, |settings| settings.profile.page_size = 60);
        let listed = list(&place, "shop/many", None);
        let pages = pages(&place, 60, names(&place, "shop/many"));
        let found = listed.requests - place.row.round();
        assert!(pages.contains(&found), "{}: {found}", place.row.id());
    }
}

#[test]
fn a_limit_stops_the_listing_where_it_is_reached() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/many");
        let listed = list(&place, "shop/many", Some(5));
        assert_eq!(listed.tags.len(), 5, "{}", place.row.id());
        // what is listed without a tag does not count
        let untagged = place.row.says.lists_untagged == Support::Yes;
        let pages = 1..=1 + usize::from(untagged);
        assert!(pages.contains(&place.asked()), "{}", place.row.id());
        assert!(!listed.completeness.complete, "{}", place.row.id());
    }
}

#[test]
fn untagged_manifests_and_times_come_with_the_list_where_the_table_says_so() {
    for row in rows() {
        let place = row.open(Who::User);
        let page = place.io.run(place.client.tags("shop/web").next_page());
        let found = page.unwrap().unwrap().manifests;
        let dated = found.is_some_and(|found| {
            let mut found = found.values();
            found.all(|listed| listed.uploaded.is_some())
        });
        let says = place.row.says.dates_in_list;
        assert!(allows(says, dated), "{}", place.row.id());
    }
}

#[test]
fn the_catalog_is_listed_or_said_to_be_none() {
    for row in rows() {
        let place = row.open(Who::User);
        let found = place.io.run(async {
            let mut listing = place.client.catalog();
            let mut names = Vec::new();
            while let Some(page) = listing.next_page().await? {
                names.extend(page.repositories);
            }
            Ok::<_, portreeve::error::Error>(names)
        });
        let shown = match found {
            Ok(mut names) => {
                names.sort();
                let repositories = &place.io.registry().state.repositories;
                let expected: Vec<&String> = repositories.keys().collect();
                assert_eq!(
                    names.iter().collect::<Vec<_>>(),
                    expected,
                    "{}",
                    place.row.id()
                );
                true
            }
            Err(error) => {
                let code = error.code();
                let told = matches!(code, Code::Unsupported | Code::Denied);
                assert!(told, "{}: {error}", place.row.id());
                false
            }
        };
        assert!(allows(place.row.says.catalog, shown), "{}", place.row.id());
    }
}

#[test]
fn what_refers_to_an_image_is_found_by_the_endpoint_or_the_fallback_tag() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let subject = place.shown("v1.4.0");
        let listing = place.client.referrers("shop/web", &subject);
        let referrers = place.io.run(listing.all()).unwrap();
        let kinds: Vec<_> = referrers
            .found
            .iter()
            .map(|found| found.descriptor.artifact_type.as_deref())
            .collect();
        assert_eq!(kinds, [Some("application/spdx+json")], "{}", place.row.id());
        assert!(referrers.completeness.complete, "{}", place.row.id());
        let by_api = referrers.source == Some(Source::Api);
        assert!(
            allows(place.row.says.referrers, by_api),
            "{}",
            place.row.id()
        );
        assert_eq!(
            place.asked(),
            if by_api { 1 } else { 2 },
            "{}",
            place.row.id()
        );
    }
}

#[test]
fn an_image_that_nothing_refers_to_has_an_empty_list() {
    for row in rows() {
        let place = row.open(Who::User);
        place.sign_in("shop/web");
        let listing = place.client.referrers("shop/web", &place.shown("v1.4.1"));
        let referrers = place.io.run(listing.all()).unwrap();
        assert!(referrers.found.is_empty(), "{}", place.row.id());
        assert!(referrers.completeness.complete, "{}", place.row.id());
    }
}

#[test]
fn capabilities_agree_with_the_table() {
    for row in rows() {
        let place = row.open(Who::User);
        let found = place.io.run(place.client.capabilities(Some("shop/many")));
        let found = found.unwrap();
        assert_eq!(found.registry.id, place.row.id());
        for (says, finding) in [
            (place.row.says.catalog, found.catalog),
            (place.row.says.referrers, found.referrers),
            (place.row.says.paged_list, found.paged_list),
            (place.row.says.dates_in_list, found.dates_in_list),
        ] {
            if matches!(says, Support::Yes | Support::No) {
                assert_eq!(finding.value, says, "{}", place.row.id());
            }
        }
        assert_eq!(
            found.requests_used,
            place.asked() as u64,
            "{}",
            place.row.id()
        );
    }
}
