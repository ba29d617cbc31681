//! Input that somebody wrote to hurt, or that only a machine could write: each has its defined
//! answer, and none takes longer than it must.

use portreeve::error::Code;
use portreeve::plan::inventory::{self, Entry, Inventory, Kind, Tag};
use portreeve::plan::policy::Policy;
use portreeve::plan::{self, Reason, Verdict};
use portreeve::timestamp::Timestamp;
use serde_json::{Value, json};

use super::snapshot::*;

/// Deletes by one more condition than the name of a pull request.
fn prs(field: &str, condition: Value) -> Value {
    let mut rule = json!({ "name": "prs", "tags": "pr-*" });
    rule[field] = condition;
    json!({ "delete": [rule] })
}

#[test]
fn a_pattern_that_takes_exponential_time_elsewhere_selects_as_any_other() {
    let long = "a".repeat(128);
    let nearly = format!("{}b", "a".repeat(127));
    for pattern in ["(a+)+b", "(a|a)*b", "(a*)*b", "((a?){64}){2}b"] {
        let document = json!({ "delete": [{ "name": "as", "tags": { "regex": pattern } }] });
        let images = vec![image("long", &[&long]), image("nearly", &[&nearly])];
        assert_eq!(
            deleted(&plan(&document, images), &["long", "nearly"]),
            ["nearly"],
            "{pattern}"
        );
    }
}

#[test]
fn a_pattern_that_would_break_out_of_its_anchors_or_grow_without_end_is_refused() {
    for pattern in [
        "a)|(?:b",
        "a)|(b",
        "(((a{99}){99}){99}){99}",
        "a{4294967295}",
        "(?=a)",
        "(",
    ] {
        for field in ["keep", "delete"] {
            let document = json!({ field: [{ "name": "a", "tags": { "regex": pattern } }] });
            let problems = Policy::parse(&document.to_string()).unwrap_err();
            assert_eq!(problems[0].code, Code::InvalidPolicy, "{pattern}");
            assert_eq!(
                problems[0].path,
                format!("$.{field}[0].tags.regex"),
                "{pattern}"
            );
        }
    }
}

#[test]
fn a_million_tags_on_one_digest_are_judged_one_by_one() {
    let mut many = image("many", &[]);
    many.tags = (0..1_000_000)
        .map(|number| Tag::new(format!("pr-{number}")))
        .collect();
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    many.tags[999_999].name = "stable".to_owned();
    let plan = plan(&document, vec![many]);
    assert_eq!(reason(&plan, "many"), Reason::NotSelected);
}

#[test]
fn what_is_asked_of_a_root_is_answered_through_ten_thousand_indexes() {
    let names: Vec<String> = (0..10_000).map(|depth| format!("nest {depth}")).collect();
    let mut nest = vec![index(&names[0], &["pr-1"], &[&names[1]])];
    nest.extend(
        names
            .windows(2)
            .skip(1)
            .map(|pair| index(&pair[0], &[], &[&pair[1]])),
    );
    let mut leaf = image(names.last().unwrap(), &[]);
    leaf.platform = Some("linux/amd64".to_owned());
    nest.push(leaf);
    // by the counts: the whole document is another test's
    let counts = |condition: &Value, nest: &[Entry]| {
        let (policy, mut inventory) = (policy(condition), repository(nest.to_vec()));
        inventory.fill([image("survivor", &["survivor"])]).unwrap();
        let inventories = [inventory];
        let made = plan::make(&input(&policy, &inventories)).unwrap();
        let summary = made.summary();
        (
            summary.delete.manifests,
            summary.unknown.groups,
            summary.blocked.groups,
        )
    };
    for (condition, expected) in [
        (prs("platform", json!("linux/*")), (10_000, 0, 0)),
        (prs("platform", json!("windows/*")), (0, 0, 0)),
        (
            prs("olderThan", json!({ "created": "99d" })),
            (10_000, 0, 0),
        ),
        (prs("olderThan", json!({ "created": "101d" })), (0, 0, 0)),
        (prs("labels", json!({ "team": "*" })), (0, 1, 0)),
    ] {
        assert_eq!(counts(&condition, &nest), expected, "{condition}");
    }
    nest.last_mut().unwrap().locks.no_delete = true;
    assert_eq!(counts(&prs("tagged", json!(true)), &nest), (0, 0, 1));
}

#[test]
fn a_hundred_thousand_referrers_go_and_stay_with_their_subject() {
    let referrers =
        || (0..100_000).map(|number| referrer(&format!("sbom {number}"), &[], "subject"));
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    for (tag, going) in [("pr-1", 100_001), ("v1", 0)] {
        let mut images = vec![image("subject", &[tag])];
        images.extend(referrers());
        let plan = plan(&document, images);
        assert_eq!(plan.summary.delete.manifests, going, "{tag}");
    }
    // one that is too young holds all of them
    let mut images = vec![image("subject", &["pr-1"])];
    images.extend(referrers());
    images.push(aged(referrer("pushed now", &[], "subject"), 0));
    let held = plan(&document, images);
    assert_eq!(reason(&held, "subject"), Reason::TooYoung);
    assert_eq!(held.summary.delete.manifests, 0);
}

#[test]
fn durations_of_nothing_and_of_more_than_there_is_are_refused() {
    for duration in [
        "0s",
        "0d",
        "000w",
        "36526d",
        "18446744073709551615s",
        "9999999999999999999999w",
        "-1d",
        "1e9d",
    ] {
        for document in [
            json!({ "minimumAge": duration }),
            json!({ "minimumAge": { "created": duration } }),
            json!({ "grace": duration }),
            prs("olderThan", json!({ "pushed": duration })),
            prs("youngerThan", json!({ "created": duration })),
        ] {
            let problems = Policy::parse(&document.to_string()).unwrap_err();
            assert_eq!(problems[0].code, Code::InvalidPolicy, "{document}");
        }
    }
}

#[test]
fn times_of_1970_and_2100_are_unknown_and_neither_old_nor_the_newest() {
    let at = |name: &str, tag: &str, seconds: i64| {
        let mut image = image(name, &[tag]);
        let time = Some(Timestamp::from_seconds(seconds));
        image.times.pushed = time;
        image.times.created = time;
        image.times.pulled = time;
        image.times.first_seen = time;
        image.tags[0].first_seen = time;
        image
    };
    let images = || {
        vec![
            at("1970", "pr-1", 0),
            at("2100", "pr-2", 4_102_444_800),
            at("before time", "pr-3", i64::MIN),
            at("after time", "pr-4", i64::MAX),
            aged(image("old", &["pr-5"]), 200),
            aged(image("new", &["pr-6"]), 50),
        ]
    };
    let names = ["1970", "2100", "before time", "after time", "old", "new"];
    for (fact, expected) in [
        ("pushed", Reason::Pushed),
        ("created", Reason::Created),
        ("pulled", Reason::Pulled),
        ("firstSeen", Reason::FirstSeen),
    ] {
        let plan = plan(&prs("olderThan", json!({ fact: "30d" })), images());
        for name in &names[..4] {
            assert_eq!(reason(&plan, name), expected, "{name} by {fact}");
        }
    }
    for by in ["pushed", "created", "firstSeen"] {
        let newest = prs("beyondNewest", json!({ "count": 1, "by": by }));
        assert_eq!(deleted(&plan(&newest, images()), &names), ["old"], "{by}");
    }
    let plain = plan(&prs("tagged", json!(true)), images());
    assert_eq!(deleted(&plain, &names), ["old", "new"]);
    assert_eq!(
        reason(&plain, "1970"),
        Reason::TooYoung,
        "nobody knows how old it is"
    );
}

#[test]
fn a_digest_twice_is_refused_whatever_its_facts_say() {
    let twice = |change: &dyn Fn(&mut Entry)| {
        let mut other = image("twice", &["pr-1"]);
        change(&mut other);
        let mut inventory = repository(vec![image("twice", &["pr-1"])]);
        inventory.fill([other]).unwrap_err()
    };
    for error in [
        twice(&|_| ()),
        twice(&|other| other.times.pushed = Some(days_ago(0))),
        twice(&|other| other.kind = Kind::Index),
        twice(&|other| other.locks.no_delete = true),
    ] {
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(
            error.to_string().contains(&digest("twice").to_string()),
            "{error}"
        );
    }
}

#[test]
fn a_manifest_that_names_itself_has_neither_parent_nor_more_children() {
    let document = json!({ "delete": [{ "name": "a", "tags": "a" }, { "name": "untagged", "tagged": false }] });
    let mut own_subject = image("own subject", &[]);
    own_subject.subject = Some(digest("own subject"));
    let images = vec![
        index("tagged", &["a"], &["tagged"]),
        index("untagged", &[], &["untagged"]),
        own_subject,
    ];
    let plan = plan(&document, images);
    assert_eq!(
        deleted(&plan, &["tagged", "untagged", "own subject"]),
        ["tagged", "untagged"]
    );
    assert_eq!(reason(&plan, "own subject").verdict(), Verdict::Unknown);
}

#[test]
fn no_plan_is_made_from_a_document_with_a_field_that_nobody_knows() {
    let text = inventory::write(&repository(vec![image("a", &["pr-1"])]));
    assert!(inventory::parse(&text).is_ok());
    for (from, to) in [
        ("{\"complete\"", "{\"force\":true,\"complete\""),
        ("\"kind\":\"image\"", "\"kind\":\"image\",\"keep\":false"),
        ("\"name\":\"pr-1\"", "\"name\":\"pr-1\",\"protected\":true"),
        ("{\"images\"", "{\"force\":true,\"images\""),
    ] {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text, "{from}");
        let found: Result<Inventory, _> = inventory::parse(&edited);
        assert_eq!(found.unwrap_err().code(), Code::InvalidArgument, "{to}");
    }
    for document in [
        json!({ "delete": [], "force": true }),
        json!({ "delete": [{ "name": "a", "tags": "*", "force": true }] }),
        json!({ "delete": [{ "name": "a", "olderThan": { "pushed": "1d", "modified": "1d" } }] }),
    ] {
        assert!(Policy::parse(&document.to_string()).is_err(), "{document}");
    }
}
