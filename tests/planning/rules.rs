//! One test for each way of losing data that planning can close (numbers: the project's list).

use portreeve::error::Code;
use portreeve::plan::inventory::Kind;
use portreeve::plan::{Reason, Verdict};
use serde_json::{Value, json};

use super::snapshot::*;

/// Deletes every tag but `v*` and every untagged image, when a week old.
fn everything_but_releases() -> Value {
    json!({
        "keep": [{ "name": "releases", "tags": "v*", "optional": true }],
        "delete": [
            { "name": "tagged", "tags": "*", "olderThan": { "pushed": "7d" } },
            { "name": "untagged", "tagged": false, "olderThan": { "pushed": "7d" } },
        ],
    })
}

/// Deletes pull requests only; their tags begin with `pr-`.
fn pull_requests() -> Value {
    json!({ "delete": [{ "name": "prs", "tags": "pr-*", "olderThan": { "pushed": "7d" } }] })
}

#[test]
fn rule_1_untagged_is_not_unreferenced() {
    let plan = plan(
        &everything_but_releases(),
        vec![
            index(
                "kept",
                &["v1"],
                &["kept amd64", "kept attestation", "nested"],
            ),
            index("nested", &[], &["nested arm64"]),
            image("kept amd64", &[]),
            image("kept attestation", &[]),
            image("nested arm64", &[]),
            referrer("kept sbom", &[], "kept amd64"),
            signature("kept signature", "kept"),
            index("gone", &["main"], &["gone amd64"]),
            image("gone amd64", &[]),
            referrer("gone sbom", &[], "gone"),
            signature("gone signature", "gone"),
            image("leftover", &[]),
        ],
    );
    for name in [
        "kept amd64",
        "kept attestation",
        "nested",
        "nested arm64",
        "kept sbom",
        "kept signature",
    ] {
        assert_eq!(reason(&plan, name), Reason::Reachable, "{name}");
    }
    for name in ["gone amd64", "gone sbom", "gone signature"] {
        assert_eq!(reason(&plan, name), Reason::Member, "{name}");
    }
    assert_eq!(reason(&plan, "leftover"), Reason::DeleteRule);
}

#[test]
fn rule_1_a_tag_on_any_member_roots_it() {
    let plan = plan(
        &pull_requests(),
        vec![
            index("index", &["pr-1"], &["child", "tagged child"]),
            image("child", &[]),
            image("tagged child", &["stable-amd64"]),
            image("below", &[]),
        ],
    );
    assert_eq!(
        deleted(&plan, &["index", "child", "tagged child"]),
        ["index", "child"]
    );
    assert_eq!(reason(&plan, "tagged child"), Reason::NotSelected);
}

#[test]
fn rule_1_a_child_of_two_indexes_goes_only_with_both() {
    let images = |second: &str| {
        vec![
            index("one", &["pr-1"], &["shared", "own"]),
            index("two", &[second], &["shared"]),
            image("shared", &[]),
            image("own", &[]),
        ]
    };
    let plan_kept = plan(&pull_requests(), images("v1"));
    assert_eq!(
        deleted(&plan_kept, &["one", "two", "shared", "own"]),
        ["one", "own"]
    );
    let plan_both = plan(&pull_requests(), images("pr-2"));
    assert_eq!(
        deleted(&plan_both, &["one", "two", "shared", "own"]).len(),
        4
    );
    // it belongs to both, and goes with the last of them
    let images = &plan_both.repositories[0].images;
    let shared = images.iter().find(|image| image.digest == digest("shared"));
    let shared = shared.unwrap();
    let groups = [shared.group, shared.facts.shared_with[0]];
    assert!(groups.contains(&digest("one")) && groups.contains(&digest("two")));
}

#[test]
fn rule_2_a_digest_goes_only_if_every_tag_on_it_is_selected() {
    let plan = plan(
        &json!({ "delete": [
            { "name": "prs", "tags": "pr-*" },
            { "name": "branches", "tags": "main-*" },
        ] }),
        vec![
            image("both rules", &["pr-1", "main-1"]),
            image("one tag free", &["pr-2", "stable"]),
        ],
    );
    assert_eq!(
        deleted(&plan, &["both rules", "one tag free"]),
        ["both rules"]
    );
    assert_eq!(reason(&plan, "one tag free"), Reason::NotSelected);
}

#[test]
fn rule_2_any_protected_tag_protects_the_digest() {
    let plan = plan(
        &everything_but_releases(),
        vec![image("promoted", &["main", "v1"])],
    );
    assert_eq!(reason(&plan, "promoted"), Reason::KeepRule);
}

#[test]
fn rule_3_nothing_goes_from_a_listing_cut_short() {
    let mut inventory = repository(vec![
        image("gone", &["pr-1"]),
        index("index", &["pr-2"], &["child"]),
        image("child", &[]),
    ]);
    inventory.complete = false;
    inventory.incomplete_reason = Some("the page after pr-2 answered 500".to_owned());
    let plan = plan_of(&pull_requests(), inventory);
    assert_eq!(plan.summary.delete.manifests, 0);
    assert_eq!(reason(&plan, "gone"), Reason::IncompleteListing);
    assert_eq!(reason(&plan, "child"), Reason::Reachable);
    assert_eq!(
        plan.repositories[0].summary.warnings[0],
        "not read to its end, so nothing is deleted: the page after pr-2 answered 500"
    );
}

#[test]
fn rule_4_a_protection_that_matches_nothing_stops_the_job() {
    let typo = |optional| {
        json!({ "keep": [{ "name": "releases", "tags": "release-*", "optional": optional }],
                "delete": [{ "name": "prs", "tags": "pr-*" }] })
    };
    let images = || repository(vec![image("a", &["pr-1"]), image("b", &["v1"])]);
    let error = try_plan(&typo(false), images()).unwrap_err();
    assert_eq!(error.code(), Code::Refused);
    assert!(
        error
            .to_string()
            .contains("`releases` (release-*) matches no tag"),
        "{error}"
    );
    let plan = try_plan(&typo(true), images()).unwrap();
    assert_eq!(
        plan.summary.warnings,
        ["the rule `releases` matches no tag"]
    );
    // a digest, or a signature's fallback tag, is no match
    let hex = digest("a").hex();
    let digest_rule =
        json!({ "keep": [{ "name": "by digest", "tags": format!("sha256-{hex}*") }] });
    let signed = repository(vec![image("a", &["pr-1"]), signature("s", "a")]);
    assert_eq!(
        try_plan(&digest_rule, signed).unwrap_err().code(),
        Code::Refused
    );
}

#[test]
fn rule_5_durations_that_read_as_nothing_are_refused() {
    for duration in ["0d", "d7", "-7d", "99999999999999999d", "7"] {
        let document = json!({ "delete": [{ "name": "a", "olderThan": { "pushed": duration } }] });
        assert!(
            portreeve::plan::policy::Policy::parse(&document.to_string()).is_err(),
            "{duration}"
        );
    }
}

#[test]
fn rule_6_created_in_1970_is_unknown_not_old() {
    let document = json!({
        "minimumAge": { "created": "48h" },
        "delete": [{ "name": "old", "tags": "*", "olderThan": { "created": "30d" } }],
    });
    let mut images = vec![
        image("fine", &["a"]),
        image("1970", &["b"]),
        image("1980", &["c"]),
        image("2100", &["d"]),
        image("none", &["e"]),
    ];
    let times = [
        Some(days_ago(60).seconds()),
        Some(0),
        Some(315_532_800),
        Some(4_102_444_800),
        None,
    ];
    for (image, time) in images.iter_mut().zip(times) {
        image.times.created = time.map(portreeve::timestamp::Timestamp::from_seconds);
    }
    let mut inventory = repository(images);
    inventory.fill([aged(image("young", &["f"]), 1)]).unwrap();
    let plan = try_plan(&document, inventory).unwrap();
    assert_eq!(
        deleted(&plan, &["fine", "1970", "1980", "2100", "none", "young"]),
        ["fine"]
    );
    assert_eq!(reason(&plan, "1970"), Reason::Created);
}

#[test]
fn rule_7_nothing_younger_than_the_minimum_age_goes() {
    let document = json!({ "delete": [
        { "name": "all", "tags": "pr-*" }, { "name": "untagged", "tagged": false } ] });
    let plan = plan(
        &document,
        vec![
            aged(image("young", &["pr-1"]), 1),
            aged(image("push in progress", &[]), 0),
            aged(image("old", &["pr-2"]), 3),
            index("old index", &["pr-3"], &["pushed again"]),
            aged(image("pushed again", &[]), 1),
        ],
    );
    assert_eq!(reason(&plan, "young"), Reason::TooYoung);
    assert_eq!(reason(&plan, "push in progress"), Reason::TooYoung);
    // the unit is the group: no index goes without its children
    assert_eq!(reason(&plan, "old index"), Reason::TooYoung);
    assert_eq!(reason(&plan, "pushed again"), Reason::Reachable);
    assert_eq!(deleted(&plan, &["old", "old index"]), ["old"]);
}

#[test]
fn rule_7_a_first_scan_of_a_plain_registry_deletes_nothing() {
    let mut images = vec![image("a", &["pr-1"]), image("b", &["pr-2"])];
    for image in &mut images {
        *image = aged(image.clone(), 0);
        image.times.pushed = None;
    }
    let document = json!({ "delete": [{ "name": "all", "tags": "pr-*" }] });
    let mut inventory = repository(images);
    inventory.records_pushed = false;
    let plan = plan_of(&document, inventory);
    assert_eq!(
        (reason(&plan, "a"), reason(&plan, "b")),
        (Reason::TooYoung, Reason::TooYoung)
    );
}

#[test]
fn rule_10_caps_block_everything_and_trim_nothing() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let images = |prs: usize, others: usize| {
        let prs = (0..prs).map(|n| index(&format!("pr {n}"), &[&format!("pr-{n}")], &["child"]));
        let others = (0..others).map(|n| image(&format!("v {n}"), &[&format!("v{n}")]));
        let mut images: Vec<_> = prs.chain(others).collect();
        images.push(image("child", &[]));
        repository(images)
    };
    let policy = policy(&document);
    let plan = |inventories: &[_], share, survivors, deletions| {
        let mut input = input(&policy, inventories);
        input.caps.share = share;
        input.caps.survivors = survivors;
        input.caps.deletions = deletions;
        portreeve::plan::make(&input).unwrap().summary().clone()
    };
    assert_eq!(plan(&[images(6, 18)], 25, 1, 1000).delete.groups, 6);
    let blocked = plan(&[images(7, 18)], 25, 1, 1000);
    assert_eq!(
        (
            blocked.delete.manifests,
            blocked.blocked.groups,
            blocked.blocked.manifests
        ),
        (0, 7, 8)
    );
    assert_eq!(
        plan(&[images(5, 1)], 25, 1, 1000).delete.groups,
        5,
        "five never are a share too much"
    );
    assert_eq!(
        plan(&[images(5, 1)], 100, 2, 1000).delete.groups,
        0,
        "survivors"
    );
    let mut other = images(6, 18);
    other.repository = "shop/api".to_owned();
    assert_eq!(
        plan(&[images(6, 18), other.clone()], 25, 1, 12)
            .delete
            .groups,
        12
    );
    assert_eq!(
        plan(&[images(6, 18), other], 25, 1, 11).delete.groups,
        0,
        "one run over all repositories"
    );
}

#[test]
fn rule_11_the_order_of_the_newest_is_total() {
    let document = json!({ "delete": [{
        "name": "builds", "tags": { "regex": "(?<branch>.+)-[0-9]+" },
        "beyondNewest": { "count": 2, "by": "pushed", "per": "branch" } }] });
    let names: Vec<String> = (0..6).map(|n| format!("main-{n}")).collect();
    let images: Vec<_> = names.iter().map(|name| image(name, &[name])).collect();
    let mut expected: Vec<_> = images.iter().map(|image| image.digest).collect();
    expected.sort();
    for rotation in 0..images.len() {
        let mut images = images.clone();
        images.rotate_left(rotation);
        let plan = plan(&document, images);
        let kept: Vec<_> = plan.repositories[0]
            .images
            .iter()
            .filter(|image| image.verdict == Verdict::Keep && image.digest != digest("survivor"))
            .map(|image| image.digest)
            .collect();
        assert_eq!(
            kept,
            expected[..2],
            "same time: the smaller digests are the newer ones"
        );
    }
}

#[test]
fn rule_14_a_locked_index_protects_its_children() {
    let mut locked = index("locked", &["pr-1"], &["child"]);
    locked.locks.no_delete = true;
    let plan = plan(&pull_requests(), vec![locked, image("child", &[])]);
    assert_eq!(reason(&plan, "locked"), Reason::Locked);
    assert_eq!(reason(&plan, "child"), Reason::Reachable);
}

#[test]
fn rule_15_patterns_match_whole_segments() {
    let glob: portreeve::configuration::Glob = "p/app".parse().unwrap();
    assert!(glob.matches("p/app") && !glob.matches("p/app-prod") && !glob.matches("p/app/web"));
}

#[test]
fn rule_16_a_second_run_deletes_nothing() {
    let images = vec![
        index("kept", &["v1"], &["shared"]),
        index("gone", &["main"], &["shared", "gone child"]),
        image("shared", &[]),
        image("gone child", &[]),
        image("leftover", &[]),
    ];
    let first = plan(&everything_but_releases(), images.clone());
    assert_eq!(
        first.summary.delete.manifests, 4,
        "with the survivor of the test's own"
    );
    let stays = |image: &portreeve::plan::inventory::Entry| {
        let planned = &first.repositories[0].images;
        planned
            .iter()
            .any(|planned| planned.digest == image.digest && planned.verdict != Verdict::Delete)
    };
    let rest = images.into_iter().filter(stays).collect();
    let second = try_plan(&everything_but_releases(), repository(rest)).unwrap();
    assert_eq!(second.summary.delete.manifests, 0);
}

#[test]
fn rule_17_groups_are_counted_not_signatures() {
    let document = json!({ "keep": [{ "name": "three", "tags": "*", "newest": { "count": 3, "by": "pushed" } }],
                           "delete": [{ "name": "rest", "tags": "*" }] });
    let mut images = Vec::new();
    for (days, name) in [(10, "a"), (20, "b"), (30, "c"), (40, "d")] {
        images.push(aged(image(name, &[name]), days));
        images.push(aged(signature(&format!("{name} signature"), name), days));
        images.push(aged(referrer(&format!("{name} sbom"), &[], name), days));
    }
    let mut inventory = repository(images);
    inventory.retain(|image| image.digest() != digest("survivor"));
    let plan = try_plan(&document, inventory).unwrap();
    assert_eq!(deleted(&plan, &["a", "b", "c", "d"]), ["d"]);
    assert_eq!(
        (plan.summary.keep.groups, plan.summary.keep.manifests),
        (3, 9)
    );
    assert_eq!(
        (plan.summary.delete.groups, plan.summary.delete.manifests),
        (1, 3)
    );
}

#[test]
fn rule_21_verified_fallback_tags_never_root_and_unverified_ones_do() {
    let signed = |verified: bool| {
        let mut signature = signature("signature", "signed");
        if !verified {
            signature.fallback_for = None;
        }
        vec![image("signed", &["pr-1"]), signature]
    };
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    assert_eq!(
        deleted(&plan(&document, signed(true)), &["signed", "signature"]).len(),
        2
    );
    let unverified = plan(&document, signed(false));
    assert_eq!(deleted(&unverified, &["signed", "signature"]), ["signed"]);
}

#[test]
fn rule_21_a_tagged_child_outlives_its_index() {
    let plan = plan(
        &pull_requests(),
        vec![
            index("index", &["pr-1"], &["child"]),
            image("child", &["abc-amd64"]),
        ],
    );
    assert_eq!(deleted(&plan, &["index", "child"]), ["index"]);
}

#[test]
fn rule_21_what_refers_to_a_missing_subject_is_kept() {
    let plan = plan(
        &everything_but_releases(),
        vec![
            referrer("untagged", &[], "elsewhere"),
            referrer("tagged", &["sbom"], "elsewhere"),
            signature("signature", "elsewhere"),
        ],
    );
    assert_eq!(reason(&plan, "untagged"), Reason::MissingSubject);
    assert_eq!(reason(&plan, "signature"), Reason::MissingSubject);
    assert_eq!(
        reason(&plan, "tagged").verdict(),
        Verdict::Keep,
        "its kind is none of the policy's"
    );
}

#[test]
fn rule_21_a_referrer_kept_for_itself_keeps_its_subject() {
    let plan = plan(
        &pull_requests(),
        vec![
            index("signed", &["pr-1"], &["child"]),
            image("child", &[]),
            referrer("sbom", &["sbom-of-pr-1"], "signed"),
        ],
    );
    assert_eq!(reason(&plan, "signed"), Reason::Reachable);
    assert_eq!(reason(&plan, "child"), Reason::Reachable);
}

#[test]
fn rule_27_what_forbids_overwriting_does_not_forbid_deletion() {
    let mut immutable = image("immutable", &["pr-1"]);
    immutable.locks.no_overwrite = true;
    let mut protected = image("protected", &["pr-2"]);
    protected.locks.no_delete = true;
    let plan = plan(&pull_requests(), vec![immutable, protected]);
    assert_eq!(reason(&plan, "immutable"), Reason::DeleteRule);
    assert_eq!(reason(&plan, "protected"), Reason::Locked);
}

#[test]
fn rule_28_an_archived_image_is_kept_and_a_chart_has_no_creation_time() {
    let document = json!({ "kinds": ["image", "chart"], "minimumAge": "1s", "delete": [
        { "name": "old", "tags": "pr-*", "olderThan": { "created": "7d" } }] });
    let mut archived = image("archived", &["pr-1"]);
    archived.unreadable = Some("404: archived".to_owned());
    let mut chart = image("chart", &["pr-2"]);
    chart.kind = Kind::Chart;
    chart.times.created = None;
    let plan = plan(&document, vec![archived, chart, image("plain", &["pr-3"])]);
    assert_eq!(reason(&plan, "archived"), Reason::Unreadable);
    assert_eq!(reason(&plan, "chart"), Reason::Created);
    assert_eq!(reason(&plan, "plain"), Reason::DeleteRule);
}

#[test]
fn rule_28_other_kinds_are_touched_only_when_named() {
    let images = [
        Kind::Chart,
        Kind::Cache,
        Kind::Signature,
        Kind::Attestation,
        Kind::Sbom,
        Kind::Other,
    ]
    .map(|kind| {
        let mut image = image(kind.as_str(), &[kind.as_str()]);
        image.kind = kind;
        image
    });
    let plan = plan(&everything_but_releases(), images.to_vec());
    assert_eq!(
        plan.summary.delete.groups, 1,
        "only the survivor of the test's own, which is an image"
    );
    assert_eq!(reason(&plan, "chart"), Reason::Kind);
}

#[test]
fn rule_31_a_missing_child_keeps_its_group_and_no_other() {
    let plan = plan(
        &pull_requests(),
        vec![
            index("broken", &["pr-1"], &["inner", "child"]),
            index("inner", &[], &["gone"]),
            image("child", &[]),
            image("whole", &["pr-2"]),
        ],
    );
    assert_eq!(reason(&plan, "broken"), Reason::MissingChild);
    assert_eq!(reason(&plan, "child"), Reason::Reachable);
    assert_eq!(
        deleted(&plan, &["broken", "inner", "child", "whole"]),
        ["whole"]
    );
}

#[test]
fn rule_31_an_unreadable_index_keeps_everything_untagged() {
    let mut unreadable = index("unreadable", &["v1"], &[]);
    unreadable.unreadable = Some("404 Not Found".to_owned());
    let images = vec![
        unreadable,
        index("index", &["pr-1"], &["child"]),
        image("child", &[]),
        image("leftover", &[]),
        image("tagged", &["pr-2"]),
    ];
    let names = ["index", "child", "leftover", "tagged"];
    let plan = plan(&everything_but_releases(), images.clone());
    assert_eq!(reason(&plan, "unreadable"), Reason::Unreadable);
    assert_eq!(deleted(&plan, &names), ["tagged"]);
    assert_eq!(reason(&plan, "leftover"), Reason::UnreadableElsewhere);
    assert_eq!(
        reason(&plan, "index"),
        Reason::UnreadableElsewhere,
        "its child has no tag"
    );
    // a tag whose manifest nobody could get may be such an index
    let mut inventory = repository(images[1..].to_vec());
    inventory.unreadable_tags.push("v2".to_owned());
    let plan = plan_of(&everything_but_releases(), inventory);
    assert_eq!(deleted(&plan, &names), ["tagged"]);
    assert!(plan.repositories[0].summary.warnings[0].contains("the tag v2 could not be read"));
}
