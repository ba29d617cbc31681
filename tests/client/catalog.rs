//! The repositories of a registry.

use portreeve::client::Cause;
use portreeve::error::Code;

use super::*;
use crate::registry::Fault;

/// A registry with so many repositories, `r00001` and up.
fn stocked(profile: Profile, count: usize) -> (Client<MemoryIo>, MemoryIo) {
    let mut state = State::default();
    for number in 1..=count {
        state.repository(&format!("r{number:05}"));
    }
    let user = as_user(&profile.username, &profile.password);
    let io = MemoryIo::new(profile, state, NOON);
    (Client::new(io.clone(), user).unwrap(), io)
}

#[test]
fn every_catalog_is_read_to_its_end() {
    for (profile, pages) in [
        (Profile::distribution_2_8(), 3),
        (Profile::distribution_3(), 3),
        (Profile::zot(), 3),
        (Profile::quay(), 22),
        (Profile::gitea(), 4),
        (Profile::nexus(), 3),
    ] {
        let name = profile.name;
        let (client, io) = stocked(profile, 2103);
        let mut listing = client.catalog();
        let mut repositories = Vec::new();
        while let Some(page) = io.run(listing.next_page()).unwrap() {
            repositories.extend(page.repositories);
        }
        assert_eq!(repositories.len(), 2103, "{name}");
        assert_eq!(listing.complete().reason, None, "{name}");
        let asked = io.targets("GET").into_iter();
        let asked: Vec<String> = asked.filter(|target| target.contains("_catalog")).collect();
        // the first one twice where it was answered with a challenge
        let challenged = usize::from(asked.first() == asked.get(1));
        assert_eq!(asked.len() - challenged, pages, "{name}: {asked:?}");
        assert!(asked[0].ends_with("?n=1000") || name == "quay", "{name}");
        assert_eq!(
            listing.requests_used(),
            io.requests().len() as u64,
            "{name}"
        );
    }
}

#[test]
fn a_limit_stops_the_listing_and_says_so() {
    let (client, io) = stocked(Profile::distribution_3(), 50);
    let mut listing = client.catalog().limit(7);
    let page = io.run(listing.next_page()).unwrap().unwrap();
    assert_eq!(page.repositories.len(), 7);
    assert!(io.run(listing.next_page()).unwrap().is_none());
    assert_eq!(listing.complete().cause, Some(Cause::Limited));
    assert_eq!(io.targets("GET"), ["/v2/_catalog?n=7"]);
}

#[test]
fn a_registry_without_a_catalog_says_what_to_do_instead() {
    for (profile, code) in [
        (Profile::ghcr(), Code::Unsupported),
        (Profile::ecr(), Code::Unsupported),
    ] {
        let name = profile.name;
        let (client, io) = stocked(profile, 3);
        let error = io.run(client.catalog().next_page()).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
        assert!(
            error.advice().unwrap().contains("name them"),
            "{name}: {error}"
        );
        let doing = "listing the repositories at registry.acme.dev";
        assert!(error.to_string().starts_with(doing), "{name}: {error}");
    }
}

#[test]
fn a_registry_known_to_have_none_is_not_asked() {
    let io = MemoryIo::new(Profile::hub(), State::default(), NOON);
    let client = Client::new(io.clone(), Settings::new("docker.io")).unwrap();
    let error = io.run(client.catalog().next_page()).unwrap_err();
    assert_eq!(error.code(), Code::Unsupported);
    assert!(error.found().starts_with("Docker Hub"), "{error}");
    assert!(io.requests().is_empty());
}

#[test]
fn a_catalog_for_others_says_whom_to_ask() {
    for (row, status, user, code) in [
        ("refused", 403, true, Code::Denied),
        ("refused to nobody", 403, false, Code::Denied),
        ("a scope that is never granted", 401, true, Code::Denied),
        ("nobody asked", 401, false, Code::Unauthorized),
    ] {
        let profile = Profile::distribution_3();
        let settings = if user {
            as_user("demo", "x")
        } else {
            settings()
        };
        let io = MemoryIo::new(profile, State::default(), NOON);
        io.fault(Fault::on("GET", "/v2/_catalog").status(status).times(0));
        let client = Client::new(io.clone(), settings).unwrap();
        let error = io.run(client.catalog().next_page()).unwrap_err();
        assert_eq!(error.code(), code, "{row}");
        assert_eq!(error.status(), Some(status), "{row}");
        assert!(error.advice().unwrap().contains("administrators"), "{row}");
    }
}
