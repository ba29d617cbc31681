//! Patterns of a job become repositories by the registry's catalog.

use portreeve::{
    cleanup::{self, Expanded},
    configuration::{Configuration, JobRepository},
    error::{Code, Result},
};

use super::{HOST, client};
use crate::{
    registry::{Fault, Profile, State, profile::Link},
    support::memory_io::{MemoryIo, NOON},
};

const REPOSITORIES: [&str; 8] = [
    "acme/app",
    "acme/app-prod",
    "acme/base-debian",
    "acme/team/web",
    "acme/web",
    "acme",
    "other/app",
    "other/base-x",
];

fn stocked(profile: Profile) -> MemoryIo {
    let mut state = State::default();
    for name in REPOSITORIES {
        state.repository(name);
    }
    MemoryIo::new(profile, state, NOON)
}

/// Two jobs on the registry; the first one's patterns and exceptions are given.
fn configuration(repositories: &[&str], except: &[&str], allow: &[&str]) -> Configuration {
    let allow = if allow.is_empty() { &["**"] } else { allow };
    let except = if except.is_empty() {
        &["elsewhere/none"]
    } else {
        except
    };
    let text = serde_json::json!({
        "version": 1,
        "upstreams": { "local": { "host": HOST, "allow": allow }, "elsewhere": { "host": "ghcr.io" } },
        "policies": { "old": { "delete": [
            { "name": "old", "tags": "pr-*", "olderThan": { "firstSeen": "7d" } }] } },
        "jobs": {
            "apps": { "repositories": repositories, "except": except, "policy": "old" },
            "other": { "repositories": ["local/other/app"], "policy": "old" },
        },
    });
    Configuration::parse(&text.to_string()).unwrap()
}

fn expand(io: &MemoryIo, configuration: &Configuration) -> Result<Expanded> {
    let job = &configuration.jobs()[0];
    let upstream = configuration.upstream("local").unwrap();
    io.run(cleanup::expand(&client(io), configuration, job, upstream))
}

fn paths(repositories: &[JobRepository]) -> Vec<&str> {
    let paths = repositories.iter();
    paths.map(|repository| repository.path.as_str()).collect()
}

#[test]
fn a_pattern_means_whole_segments_and_except_takes_away() {
    let io = stocked(Profile::distribution_3());
    for (patterns, except, expected) in [
        (&["local/acme/app/**"][..], &[][..], &["acme/app"][..]),
        (
            &["local/acme/*"],
            &["local/acme/base-*"],
            &["acme/app", "acme/app-prod", "acme/web"],
        ),
        (
            &["local/acme/**", "local/acme/web"],
            &["local/acme/app-prod"],
            &[
                "acme",
                "acme/app",
                "acme/base-debian",
                "acme/team/web",
                "acme/web",
            ],
        ),
        (
            &["local/**/web", "elsewhere/acme/**"],
            &[],
            &["acme/team/web", "acme/web"],
        ),
    ] {
        let expanded = expand(&io, &configuration(patterns, except, &[])).unwrap();
        assert_eq!(paths(&expanded.repositories), expected, "{patterns:?}");
        for repository in &expanded.repositories {
            assert_eq!((&*repository.host, &*repository.upstream), (HOST, "local"));
        }
    }
}

#[test]
fn what_no_job_cleans_is_said_and_so_is_a_pattern_that_matches_nothing() {
    let io = stocked(Profile::zot());
    let patterns = ["local/acme/**", "local/acmee/**"];
    let all = configuration(&patterns, &["local/acme/bsae", "local/acme/w*"], &[]);
    let expanded = expand(&io, &all).unwrap();
    assert_eq!(paths(&expanded.unmanaged), ["acme/web", "other/base-x"]);
    assert_eq!(expanded.unmatched, ["local/acmee/**", "local/acme/bsae"]);
    // what the upstream's `allow` leaves out is neither cleaned nor told of
    let all = configuration(&["local/acme/**"], &[], &["acme/app", "other/**"]);
    let expanded = expand(&io, &all).unwrap();
    assert_eq!(paths(&expanded.repositories), ["acme/app"]);
    assert_eq!(paths(&expanded.unmanaged), ["other/base-x"]);
}

#[test]
fn names_alone_cost_no_request() {
    let io = stocked(Profile::distribution_3());
    let all = configuration(&["local/acme/web", "elsewhere/acme/**"], &[], &[]);
    let expanded = expand(&io, &all).unwrap();
    assert_eq!(paths(&expanded.repositories), ["acme/web"]);
    assert!(io.requests().is_empty());
}

#[test]
fn a_second_job_that_matches_is_refused() {
    let io = stocked(Profile::distribution_3());
    let text = serde_json::json!({
        "version": 1,
        "upstreams": { "local": { "host": HOST }, "same": { "host": "localhost:5555" } },
        "policies": { "old": { "delete": [
            { "name": "old", "tags": "pr-*", "olderThan": { "firstSeen": "7d" } }] } },
        "jobs": {
            "apps": { "repositories": ["local/acme/*"], "policy": "old" },
            "webs": { "repositories": ["same/**/web"], "policy": "old" },
        },
    });
    let all = Configuration::parse(&text.to_string()).unwrap();
    let error = expand(&io, &all).unwrap_err();
    assert_eq!(error.code(), Code::InvalidConfiguration);
    assert_eq!(error.path(), Some("$.jobs.apps.repositories[0]"));
    assert!(error.found().contains("127.0.0.1:5555/acme/web"), "{error}");
    assert!(error.found().contains("`webs`"), "{error}");
}

#[test]
fn a_catalog_that_is_refused_or_not_whole_says_what_to_write_instead() {
    let instead = "instead of local/acme/**, write each repository by its whole name";
    let refused = |status| {
        let io = stocked(Profile::distribution_3());
        io.fault(Fault::on("GET", "/v2/_catalog").status(status).times(0));
        io
    };
    let mut cut = Profile::distribution_3();
    cut.link = Link::Missing;
    let cut = {
        let mut state = State::default();
        for number in 0..1001 {
            state.repository(&format!("acme/r{number:04}"));
        }
        MemoryIo::new(cut, state, NOON)
    };
    for (name, io, code) in [
        ("no catalog", stocked(Profile::ghcr()), Code::Unsupported),
        ("for administrators", refused(403), Code::Denied),
        ("cut short", cut, Code::IncompleteListing),
    ] {
        let error = expand(&io, &configuration(&["local/acme/**"], &[], &[])).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert_eq!(error.path(), Some("$.jobs.apps.repositories[0]"), "{name}");
        assert!(
            error.advice().unwrap().starts_with(instead),
            "{name}: {error}"
        );
    }
    // what may pass says so itself
    let error = expand(&refused(503), &configuration(&["local/acme/**"], &[], &[])).unwrap_err();
    assert!(error.is_retryable(), "{error}");
}
