//! What a registry can do, and how that is known.

use portreeve::client::{Capabilities, Finding, Known, RecognisedBy};
use portreeve::error::Code;
use portreeve::registries::profile::{Authentication, Support};

use super::*;
use crate::registry::Fault;

fn asked(profile: Profile, settings: Settings, repository: Option<&str>) -> Capabilities {
    let (client, io) = shop(profile, settings);
    let found = io.run(client.capabilities(repository)).unwrap();
    assert_eq!(found.requests_used, io.requests().len() as u64);
    let methods = io.requests().into_iter().map(|request| request.method);
    assert!(methods.into_iter().all(|method| method == "GET"));
    found
}

fn probed<T>(value: T) -> (T, Known) {
    (value, Known::Probed)
}

fn pair<T: Copy>(finding: &Finding<T>) -> (T, Known) {
    (finding.value, finding.known)
}

#[test]
fn an_unknown_registry_is_known_by_what_it_answers() {
    for (profile, id, authentication) in [
        (Profile::harbor(), "harbor", Authentication::Bearer),
        (Profile::gitlab(), "gitlab", Authentication::Bearer),
        (Profile::gitea(), "gitea", Authentication::Either),
        (Profile::quay(), "quay", Authentication::Bearer),
        (Profile::nexus(), "nexus", Authentication::Basic),
        (Profile::jfrog(), "jfrog", Authentication::Basic),
        (Profile::distribution_3(), "plain", Authentication::None),
    ] {
        let found = asked(profile, as_user("demo", "demo-password"), None);
        assert_eq!(found.registry.id, id);
        assert_eq!(pair(&found.authentication), probed(authentication), "{id}");
        let by = if id == "plain" {
            RecognisedBy::Nothing
        } else {
            RecognisedBy::Answer
        };
        assert_eq!(found.recognised_by, by, "{id}");
    }
}

#[test]
fn what_a_host_is_known_for_is_said_with_its_source() {
    let (client, io) = shop(Profile::ghcr(), Settings::new("ghcr.io"));
    let found = io.run(client.capabilities(None)).unwrap();
    assert_eq!(found.recognised_by, RecognisedBy::Host);
    assert_eq!(found.registry.name, "GitHub Container Registry");
    assert_eq!(pair(&found.untag), (Support::No, Known::Documented));
    assert_eq!(pair(&found.catalog), probed(Support::No));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(
        json["deleteByDigest"],
        serde_json::json!({ "is": "no", "known": "documented" })
    );
    assert_eq!(json["recognisedBy"], "host");
}

#[test]
fn a_repository_tells_of_pages_dates_and_referrers() {
    let web = Some("shop/web");
    let demo = asked(Profile::demo(), settings(), web);
    for finding in [
        demo.paged_list,
        demo.dates_in_list,
        demo.lists_untagged,
        demo.referrers,
    ] {
        assert_eq!(pair(&finding), probed(Support::Yes));
    }
    assert_eq!(demo.requests_used, 4);
    assert_eq!(
        pair(&demo.delete_by_digest),
        (Support::Unknown, Known::Unknown)
    );
    let old = asked(Profile::distribution_2_8(), settings(), web);
    assert_eq!(pair(&old.paged_list), probed(Support::No));
    assert_eq!(pair(&old.referrers), probed(Support::No));
    assert_eq!(pair(&old.dates_in_list), (Support::Unknown, Known::Unknown));
}

#[test]
fn a_catalog_for_others_and_a_moments_trouble_are_told_apart_from_none() {
    for (status, finding) in [
        (403, probed(Support::Depends)),
        (404, probed(Support::No)),
        (418, (Support::Unknown, Known::Unknown)),
    ] {
        let (client, io) = shop(Profile::distribution_3(), settings());
        io.fault(Fault::on("GET", "/v2/_catalog").status(status));
        let found = io.run(client.capabilities(None)).unwrap();
        assert_eq!(pair(&found.catalog), finding, "{status}");
    }
}

#[test]
fn what_is_no_registry_or_no_repository_is_said() {
    let (client, io) = shop(Profile::distribution_3(), settings());
    let error = io.run(client.capabilities(Some("shop/none"))).unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let words = "asking what a registry can do at registry.acme.dev: the registry answered 404";
    assert!(error.to_string().starts_with(words), "{error}");
    io.fault(Fault::on("GET", "/v2/").status(404));
    let error = io.run(client.capabilities(None)).unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}
