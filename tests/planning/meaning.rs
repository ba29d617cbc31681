//! What a policy means, case by case, and what a plan promises to those who carry it out.

use portreeve::error::Code;
use portreeve::oci::Digest;
use portreeve::plan::inventory::{Entry, Kind};
use portreeve::plan::{self, Plan, Reason, Verdict};
use serde_json::json;

use super::snapshot::*;

#[test]
fn an_undecided_rule_keeps() {
    let mut unknown = image("unknown", &["pr-1"]);
    unknown.times.pulled = None;
    let mut pulled = image("pulled", &["pr-2"]);
    pulled.times.pulled = Some(days_ago(50));
    let delete =
        json!({ "delete": [{ "name": "cold", "tags": "pr-*", "olderThan": { "pulled": "30d" } }] });
    let plan_delete = plan(&delete, vec![unknown.clone(), pulled.clone()]);
    assert_eq!(
        (
            reason(&plan_delete, "unknown"),
            reason(&plan_delete, "pulled")
        ),
        (Reason::Pulled, Reason::DeleteRule)
    );
    let keep = |if_unknown: &[(&str, &str)]| {
        let mut rule = json!({ "name": "hot", "tags": "pr-*", "youngerThan": { "pulled": "30d" } });
        for (field, value) in if_unknown {
            rule[*field] = json!(value);
        }
        json!({ "keep": [rule], "delete": [{ "name": "prs", "tags": "pr-*" }] })
    };
    let images = vec![unknown, pulled];
    assert_eq!(
        deleted(&plan(&keep(&[]), images.clone()), &["unknown", "pulled"]),
        ["pulled"]
    );
    let ignoring = keep(&[("ifUnknown", "ignore")]);
    assert_eq!(
        deleted(&plan(&ignoring, images), &["unknown", "pulled"]).len(),
        2
    );
}

#[test]
fn a_rule_that_selects_for_certain_does_not_wait_for_another() {
    let document = json!({ "delete": [
        { "name": "cold", "tags": "pr-*", "olderThan": { "pulled": "30d" } },
        { "name": "old", "tags": "pr-*", "olderThan": { "pushed": "30d" } } ] });
    let plan = plan(&document, vec![image("a", &["pr-1"])]);
    assert_eq!(reason(&plan, "a"), Reason::DeleteRule);
}

#[test]
fn times_count_beside_the_newest_and_not_before_them() {
    // ten days apart: of main-0 (youngest) to main-5, two are the newest, and only what is also
    // older than 35 days goes
    let document = json!({ "delete": [{ "name": "builds", "tags": "main-*",
        "beyondNewest": { "count": 2, "by": "pushed" }, "olderThan": { "pushed": "35d" } }] });
    let names: Vec<String> = (0..6).map(|n| format!("main-{n}")).collect();
    let images = names
        .iter()
        .zip(0..)
        .map(|(name, n)| aged(image(name, &[name]), 10 + 10 * n))
        .collect();
    let plan = plan(&document, images);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(deleted(&plan, &names), ["main-3", "main-4", "main-5"]);
    let planned = plan.repositories[0]
        .images
        .iter()
        .find(|image| image.tags == ["main-3"])
        .unwrap();
    assert_eq!(
        planned.explanation,
        "the rule `builds` (tag main-3, number 4 by pushed where 2 stay, \
         pushed 2026-10-15T08:00:00Z) selects it"
    );
    assert_eq!(
        (planned.facts.place, planned.rule.as_deref()),
        (Some(4), Some("builds"))
    );
}

#[test]
fn a_group_whose_time_is_unknown_takes_no_place() {
    let document = json!({ "keep": [{ "name": "two", "tags": "m-*", "newest": { "count": 2, "by": "created" } }],
                           "delete": [{ "name": "rest", "tags": "m-*" }] });
    let mut images: Vec<Entry> = (0..4)
        .map(|n| aged(image(&format!("m-{n}"), &[&format!("m-{n}")]), 10 + n))
        .collect();
    images[0].times.created = None;
    let plan = plan(&document, images);
    assert_eq!(reason(&plan, "m-0"), Reason::Created);
    assert_eq!(deleted(&plan, &["m-0", "m-1", "m-2", "m-3"]), ["m-3"]);
}

#[test]
fn newest_counts_each_value_of_a_captured_group_for_itself() {
    let document = json!({ "delete": [{ "name": "builds", "tags": { "regex": "(?<branch>[a-z]+)-[0-9]+" },
        "beyondNewest": { "count": 1, "by": "pushed", "per": "branch" } }] });
    let images = [("a-1", 10), ("a-2", 20), ("b-1", 30), ("b-2", 40)]
        .map(|(name, days)| aged(image(name, &[name]), days));
    let mut images = images.to_vec();
    // the newest of b by one tag, beyond the newest of a by the other: not every tag is selected
    images.push(aged(image("both", &["a-3", "b-3"]), 25));
    let plan = plan(&document, images);
    assert_eq!(
        deleted(&plan, &["a-1", "a-2", "b-1", "b-2", "both"]),
        ["a-2", "b-1", "b-2"]
    );
}

#[test]
fn a_tag_seen_to_move_is_as_young_as_its_move() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let mut moved = image("moved", &["pr-1"]);
    moved.tags[0].first_seen = Some(days_ago(1));
    let mut inventory = repository(vec![moved]);
    let first = plan_of(&document, inventory.clone());
    assert_eq!(
        reason(&first, "moved"),
        Reason::DeleteRule,
        "a first scan has seen no move"
    );
    inventory.watched_since = days_ago(30);
    let second = plan_of(&document, inventory.clone());
    assert_eq!(reason(&second, "moved"), Reason::TooYoung);
    let unseen = changed(&inventory, |images| images[0].tags[0].first_seen = None);
    assert_eq!(
        reason(&plan_of(&document, unseen), "moved"),
        Reason::TooYoung
    );
}

#[test]
fn a_minimum_age_by_creation_goes_by_a_first_scan_and_heeds_the_moves_that_later_ones_see() {
    let document = json!({
        "minimumAge": { "created": "48h" },
        "delete": [{ "name": "prs", "tags": "pr-*" }],
    });
    let mut seen_now = image("old", &["pr-1"]);
    seen_now.times.pushed = None;
    seen_now.times.first_seen = Some(days_ago(0));
    seen_now.tags[0].first_seen = Some(days_ago(0));
    let mut inventory = repository(vec![seen_now]);
    inventory.records_pushed = false;
    let first = plan_of(&document, inventory.clone());
    assert_eq!(reason(&first, "old"), Reason::DeleteRule);
    inventory.watched_since = days_ago(30);
    let later = plan_of(&document, inventory);
    assert_eq!(reason(&later, "old"), Reason::TooYoung, "the tag has moved");
}

#[test]
fn untagged_is_without_effect_where_it_is_not_listed() {
    let document = json!({ "delete": [{ "name": "untagged", "tagged": false, "olderThan": { "pushed": "7d" } }] });
    let mut inventory = repository(vec![image("known from before", &[])]);
    inventory.lists_untagged = false;
    let plan = plan_of(&document, inventory);
    assert_eq!(plan.summary.delete.manifests, 0);
    assert_eq!(
        plan.repositories[0].summary.warnings,
        ["the rule `untagged` has no effect: this registry does not list what has no tag"]
    );
}

#[test]
fn cycles_and_deep_nests_survive_or_go_as_others_do() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }, { "name": "untagged", "tagged": false }] });
    let mut images = vec![
        index("self", &[], &["self"]),
        index("one", &[], &["two"]),
        index("two", &[], &["one"]),
    ];
    let names: Vec<String> = (0..10_000).map(|depth| format!("nest {depth}")).collect();
    images.push(index("nest 0", &["pr-1"], &["nest 1"]));
    for pair in names.windows(2).skip(1) {
        images.push(index(&pair[0], &[], &[&pair[1]]));
    }
    images.push(image("nest 9999", &[]));
    let plan = plan(&document, images);
    assert_eq!(reason(&plan, "one"), Reason::Unrooted);
    assert_eq!(
        reason(&plan, "self"),
        Reason::DeleteRule,
        "naming oneself is no parent"
    );
    assert_eq!(reason(&plan, "nest 9999"), Reason::Member);
}

fn two_prs() -> (portreeve::plan::policy::Policy, Vec<Entry>) {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let images = vec![
        index("one", &["pr-1"], &["child"]),
        image("child", &[]),
        image("two", &["pr-2"]),
        image("v1", &["v1"]),
    ];
    (policy(&document), images)
}

#[test]
fn only_what_both_plans_delete_may_go() {
    let (policy, images) = two_prs();
    let before = [repository(images.clone())];
    let approved = plan::make(&input(&policy, &before)).unwrap().document();
    let now = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut images = images.clone();
        change(&mut images);
        plan::intersection(&approved, &input(&policy, &[repository(images)]))
            .unwrap()
            .document()
    };
    assert_eq!(
        now(&|_| ()).repositories[0].hash,
        approved.repositories[0].hash
    );
    let retagged = now(&|images| images[2].tags[0].name = "pr-9".to_owned());
    assert_eq!(reason(&retagged, "two"), Reason::NotPlanned);
    assert_eq!(
        deleted(&retagged, &["one", "child", "two"]),
        ["one", "child"]
    );
    let added = now(&|images| images.push(image("three", &["pr-3"])));
    assert_eq!(reason(&added, "three"), Reason::NotPlanned);
    let signed = now(&|images| images.push(referrer("sbom", &[], "one")));
    assert_eq!(reason(&signed, "sbom"), Reason::NotPlanned);
    assert_eq!(
        (reason(&signed, "one"), reason(&signed, "child")),
        (Reason::Reachable, Reason::Reachable)
    );
    let adopted = now(&|images| images.push(index("new", &["v2"], &["child"])));
    assert_eq!(deleted(&adopted, &["one", "child", "two"]), ["one", "two"]);
}

#[test]
fn a_plan_that_is_not_of_now_and_here_is_not_carried_out() {
    let (policy, images) = two_prs();
    let inventories = [repository(images)];
    let fresh = input(&policy, &inventories);
    let approved = plan::make(&fresh).unwrap().document();
    let code = |approved: &Plan, fresh: &plan::Input<'_>| {
        plan::intersection(approved, fresh)
            .map_err(|error| error.code())
            .err()
    };
    assert_eq!(code(&approved, &fresh), None);
    let simulated = plan::make(&plan::Input {
        simulated: true,
        ..fresh
    })
    .unwrap()
    .document();
    assert_eq!(code(&simulated, &fresh), Some(Code::Refused));
    let late = approved.expires_at;
    assert_eq!(
        code(&approved, &plan::Input { now: late, ..fresh }),
        Some(Code::Expired)
    );
    assert_eq!(
        code(
            &approved,
            &plan::Input {
                now: days_ago(1),
                ..fresh
            }
        ),
        Some(Code::ClockSkew)
    );
    assert_eq!(
        code(
            &approved,
            &plan::Input {
                job: "other",
                ..fresh
            }
        ),
        Some(Code::Conflict)
    );
    assert_eq!(
        code(
            &approved,
            &plan::Input {
                configuration_hash: "d",
                ..fresh
            }
        ),
        Some(Code::Conflict)
    );
    let other = super::snapshot::policy(&json!({ "delete": [{ "name": "prs", "tags": "pr*" }] }));
    assert_eq!(
        code(
            &approved,
            &plan::Input {
                policy: &other,
                ..fresh
            }
        ),
        Some(Code::Conflict)
    );
}

#[test]
fn a_plan_reads_back_and_an_edited_one_does_not() {
    let (policy, images) = two_prs();
    let inventories = [repository(images)];
    let plan = plan::make(&input(&policy, &inventories))
        .unwrap()
        .document();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(Plan::parse(text.as_bytes()).unwrap(), plan);
    let v1 = serde_json::to_string(&Digest::of(b"v1")).unwrap();
    for (from, to) in [
        ("\"simulated\":false", "\"simulated\":true"),
        ("\"verdict\":\"keep\"", "\"verdict\":\"delete\""),
        ("\"expiresAt\":\"2026", "\"expiresAt\":\"2027"),
        ("\"tags\":[\"pr-1\"]", "\"tags\":[\"pr-1\",\"v1\"]"),
        ("\"job\":\"shop\"", "\"job\":\"other\""),
        ("\"job\":\"shop\"", "\"job\":\"shop\",\"force\":true"),
        ("portreeve.plan/1", "portreeve.plan/2"),
        (
            v1.as_str(),
            &serde_json::to_string(&Digest::of(b"v9")).unwrap(),
        ),
    ] {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        let error = Plan::parse(edited.as_bytes()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{from}");
    }
}

#[test]
fn how_a_repository_was_read_is_not_in_its_hash() {
    let (policy, images) = two_prs();
    let mut one = repository(images);
    let plan_one = plan::make(&input(&policy, std::slice::from_ref(&one)))
        .unwrap()
        .document();
    one.taken_at = days_ago(0);
    let one = changed(&one, |images| images[0].size = Some(17));
    let plan_two = plan::make(&plan::Input {
        simulated: true,
        ..input(&policy, std::slice::from_ref(&one))
    })
    .unwrap()
    .document();
    assert_eq!(plan_one.repositories[0].hash, plan_two.repositories[0].hash);
    assert_ne!(
        plan_one.repositories[0].inventory_hash,
        plan_two.repositories[0].inventory_hash
    );
    assert_ne!(
        plan_one.hash, plan_two.hash,
        "a simulated plan is another plan"
    );
}

#[test]
fn an_inventory_with_a_digest_twice_is_refused() {
    let (_, mut images) = two_prs();
    images.push(image("v1", &["v2"]));
    let mut inventory = repository(Vec::new());
    assert_eq!(
        inventory.fill(images).unwrap_err().code(),
        Code::InvalidArgument
    );
    assert!(inventory.is_empty());
}

#[test]
fn every_reason_says_its_verdict_and_reads_back() {
    for reason in Reason::ALL {
        let text = serde_json::to_value(reason).unwrap();
        assert_eq!(text, reason.as_str());
        assert_eq!(serde_json::from_value::<Reason>(text).unwrap(), *reason);
        let is_delete = matches!(reason, Reason::DeleteRule | Reason::Member);
        assert_eq!(reason.verdict() == Verdict::Delete, is_delete, "{reason:?}");
    }
}

#[test]
fn very_many_tags_on_one_digest_take_no_longer_than_they_must() {
    let document = json!({ "delete": [{ "name": "builds", "tags": { "regex": "(?<branch>.+)-x" },
        "beyondNewest": { "count": 1, "by": "firstSeen", "per": "branch" } }] });
    let tags: Vec<String> = (0..50_000).map(|n| format!("{n}-x")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let plan = plan(
        &document,
        vec![image("all", &tags), aged(image("newer", &["7-x"]), 5)],
    );
    // the second newest of branch 7, and the newest of every other
    assert_eq!(deleted(&plan, &["all", "newer"]), Vec::<&str>::new());
}

#[test]
fn several_tags_of_one_group_place_it_by_the_newest_and_not_at_all_if_one_is_unknown() {
    let document = json!({ "delete": [{ "name": "builds", "tags": "m-*",
        "beyondNewest": { "count": 1, "by": "firstSeen" } }] });
    let images = |second_tag| {
        let mut two_tags = aged(image("two tags", &["m-1", "m-2"]), 40);
        two_tags.tags[1].first_seen = second_tag;
        vec![two_tags, aged(image("one tag", &["m-3"]), 20)]
    };
    let names = ["two tags", "one tag"];
    assert_eq!(
        deleted(&plan(&document, images(Some(days_ago(10)))), &names),
        ["one tag"]
    );
    assert_eq!(
        deleted(&plan(&document, images(Some(days_ago(30)))), &names),
        ["two tags"]
    );
    let unknown = plan(&document, images(None));
    assert_eq!(reason(&unknown, "two tags"), Reason::FirstSeen);
    assert_eq!(deleted(&unknown, &names), Vec::<&str>::new());
}

#[test]
fn an_age_is_reached_by_its_last_second() {
    let document = json!({ "minimumAge": "1s", "delete": [{ "name": "old", "tags": "a-*", "olderThan": { "pushed": "7d" } },
                                     { "name": "young", "tags": "b-*", "youngerThan": { "pushed": "7d" } }] });
    let second = std::time::Duration::from_secs(1);
    let mut images = ["a-1", "a-2", "b-1", "b-2"]
        .map(|name| aged(image(name, &[name]), 7))
        .to_vec();
    for younger in [1, 3] {
        images[younger].times.pushed = Some(days_ago(7).plus(second));
    }
    let plan = plan(&document, images);
    assert_eq!(
        deleted(&plan, &["a-1", "a-2", "b-1", "b-2"]),
        ["a-1", "b-2"]
    );
}

#[test]
fn what_forbids_a_member_forbids_every_group_above_it() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let mut locked = image("locked", &[]);
    locked.locks.no_delete = true;
    let mut locked_and_tagged = image("locked and tagged", &["arm64"]);
    locked_and_tagged.locks.no_delete = true;
    let plan = plan(
        &document,
        vec![
            index("outer", &["pr-1"], &["inner"]),
            index("inner", &[], &["locked"]),
            index("beside", &["pr-2"], &["locked", "other"]),
            image("other", &[]),
            index("above a tag", &["pr-3"], &["locked and tagged"]),
            locked,
            locked_and_tagged,
        ],
    );
    let names = [
        "outer",
        "inner",
        "locked",
        "beside",
        "other",
        "above a tag",
        "locked and tagged",
    ];
    assert_eq!(
        deleted(&plan, &names),
        ["above a tag"],
        "a tagged member outlives its index"
    );
    assert_eq!(
        (reason(&plan, "outer"), reason(&plan, "beside")),
        (Reason::Locked, Reason::Locked)
    );
    let outer = plan.repositories[0]
        .images
        .iter()
        .find(|image| image.tags == ["pr-1"])
        .unwrap();
    assert_eq!(outer.facts.through, Some(digest("locked")));
    assert_eq!(
        outer.explanation,
        format!(
            "its member {}: the registry forbids its deletion",
            digest("locked")
        )
    );
}

#[test]
fn no_member_is_left_behind_without_its_group() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let mut in_index = referrer("sbom in an index", &[], "second child");
    in_index.kind = Kind::Attestation;
    let plan = plan(
        &document,
        vec![
            // a tagged SBOM keeps its subject, an untagged child, and so the child's index
            index("first", &["pr-1"], &["first child", "first other"]),
            image("first child", &[]),
            image("first other", &[]),
            referrer("tagged sbom", &["sbom"], "first child"),
            // an index that stays names a referrer of a child of another index
            index("second", &["pr-2"], &["second child"]),
            image("second child", &[]),
            index("keeper", &["v1"], &["sbom in an index"]),
            in_index,
            // a referrer that is kept by its subject holds nothing else
            index("third", &["pr-3"], &["shared"]),
            index("fourth", &["v2"], &["shared"]),
            image("shared", &[]),
            referrer("sbom of shared", &[], "shared"),
        ],
    );
    let names = [
        "first",
        "first child",
        "first other",
        "second",
        "second child",
        "third",
    ];
    assert_eq!(deleted(&plan, &names), ["third"]);
}
