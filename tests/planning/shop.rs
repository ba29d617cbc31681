//! The checked-in job over the demo registry's content: what `portreeve plan shop` shows.

use std::collections::BTreeSet;

use portreeve::configuration::Configuration;
use portreeve::plan::{self, Plan, Reason, Verdict};

use crate::cleanup::{WEB, read};
use crate::registry::Profile;
use crate::support::memory_io::{MemoryIo, NOON};

fn plan_shop(profile: Profile) -> Plan {
    let configuration = Configuration::parse(include_str!("../../portreeve.json")).unwrap();
    let job = configuration.job("shop").unwrap();
    let inventory = read(&MemoryIo::shop(profile), WEB, None).unwrap();
    let (inventories, hash) = ([inventory], job.hash());
    let made = plan::make(&plan::Input {
        configuration_hash: &hash,
        caps: job.caps,
        ..plan::Input::new("shop", &job.policy, &inventories, NOON)
    });
    made.unwrap().document()
}

#[test]
fn the_checked_in_job_deletes_old_builds_and_keeps_every_release() {
    let plan = plan_shop(Profile::demo());
    let images = &plan.repositories[0].images;
    assert!(plan.summary.delete.groups >= 10, "{:?}", plan.summary);
    assert!(plan.summary.warnings.is_empty() && plan.repositories[0].summary.warnings.is_empty());
    let releases: BTreeSet<&str> = images
        .iter()
        .flat_map(|image| image.tags.iter().map(move |tag| (image, tag)))
        .filter(|(_, tag)| tag.starts_with('v') || *tag == "latest")
        .map(|(image, tag)| {
            assert_eq!(image.verdict, Verdict::Keep, "{tag}: {}", image.explanation);
            tag.as_str()
        })
        .collect();
    assert_eq!(releases.len(), 11);
    // the signatures and the SBOM of releases stay with them
    let signed = images
        .iter()
        .filter(|image| image.reason == Reason::Reachable && !image.tags.is_empty());
    assert!(signed.count() >= 1);
    for image in images
        .iter()
        .filter(|image| image.verdict == Verdict::Delete)
    {
        assert!(image.undo.is_some() && !image.explanation.is_empty());
    }
}

#[test]
fn a_first_scan_of_a_plain_registry_deletes_nothing_and_says_why() {
    let plan = plan_shop(Profile::distribution_3());
    assert_eq!(plan.summary.delete.manifests, 0);
    let by_reason = |reason| {
        plan.repositories[0]
            .images
            .iter()
            .filter(|image| image.reason == reason)
            .count()
    };
    assert!(
        by_reason(Reason::Pushed) > 10,
        "no push times to be older than"
    );
    assert!(plan.repositories[0].summary.warnings[0].contains("`untagged` has no effect"));
}
