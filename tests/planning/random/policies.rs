//! Random policies, without what the grammar refuses as a contradiction.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Ranges with and without pre-releases, one or several.
fn versions() -> impl Strategy<Value = Value> {
    let ranges = [
        "*",
        ">=1.0.0",
        "^1.2.0",
        "~1.2",
        "<2.0.0",
        ">1.1, <2.0.0",
        "=1.2.0",
        "<=1",
        "^2.0.3",
    ];
    let range = select(ranges[1..].to_vec());
    let several = subsequence(ranges[1..].to_vec(), 2);
    prop_oneof![
        3 => range.clone().prop_map(|range| json!({ "semver": range })),
        1 => several.prop_map(|ranges| json!({ "semver": ranges })),
        2 => (range, any::<bool>())
            .prop_map(|(range, prereleases)| json!({ "semver": { "range": range, "prereleases": prereleases } })),
    ]
}

fn selector() -> impl Strategy<Value = (&'static str, Value)> {
    let tags = select(vec![
        json!("*"),
        json!("pr-*"),
        json!(["main-*", "next-*", "latest"]),
        json!("*1.*"),
        json!({ "regex": "v[0-9]+|latest" }),
        json!({ "regex": "(?<branch>[a-z]+)-(?<pr>[0-9]+)(-.+)?" }),
        json!({ "regex": "(?<branch>[a-z]+)-(?<pr>[0-9]+)(-.+)?" }),
    ]);
    prop_oneof![
        5 => tags.prop_map(|tags| ("tags", tags)),
        2 => versions().prop_map(|tags| ("tags", tags)),
        2 => Just(("tagged", json!(false))),
        1 => Just(("tagged", json!(true))),
        2 => Just(("", Value::Null)),
    ]
}

/// Conditions that most rules do not have.
fn conditions() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let named = || {
        select(vec![
            json!({ "team": "web-*" }),
            json!({ "team": ["db", "*4"] }),
            json!({ "team": "*" }),
        ])
    };
    let platforms = select(vec![
        json!("linux/*"),
        json!("linux/amd64"),
        json!(["*/arm64", "linux/arm"]),
        json!("linux/amd64/*"),
    ]);
    let kinds = select(vec![
        json!(["image"]),
        json!(["chart", "image"]),
        json!(["chart"]),
    ]);
    let seldom = |field: &'static str, values: BoxedStrategy<Value>| {
        prop::option::weighted(0.08, values.prop_map(move |value| (field, value)))
    };
    (
        seldom("annotations", named().boxed()),
        seldom("labels", named().boxed()),
        seldom("platform", platforms.boxed()),
        seldom("kinds", kinds.boxed()),
    )
        .prop_map(|(one, two, three, four)| [one, two, three, four].into_iter().flatten().collect())
}

/// A rule without its name.
pub(crate) fn rule(keeps: bool) -> impl Strategy<Value = Value> {
    let fact = || select(vec!["pushed", "created", "pulled", "firstSeen"]);
    let by = select(vec!["pushed", "created", "firstSeen", "semver"]);
    let bound = move || prop::option::weighted(0.4, (fact(), 1..50_u64));
    let counting = prop::option::weighted(0.35, (1..4_u64, by, any::<bool>()));
    let reported = prop::option::weighted(
        0.4,
        select(vec!["open-prs", "open-prs", "open-prs", "closed-prs"]),
    );
    (
        selector(),
        conditions(),
        bound(),
        bound(),
        counting,
        reported,
    )
        .prop_map(
            move |((field, value), conditions, older, younger, counting, reported)| {
                let mut rule = json!({});
                let captures = value["regex"]
                    .as_str()
                    .is_some_and(|regex| regex.contains("branch"));
                if !field.is_empty() {
                    rule[field] = value;
                }
                for (field, value) in conditions {
                    rule[field] = value;
                }
                // never both of one fact: they would contradict each other
                let younger =
                    younger.filter(|(fact, _)| older.is_none_or(|(other, _)| other != *fact));
                for (field, bound) in [("olderThan", older), ("youngerThan", younger)] {
                    if let Some((fact, days)) = bound {
                        rule[field] = json!({ fact: format!("{days}d") });
                    }
                }
                // what has no tag is no version
                if let Some((count, by, per)) =
                    counting.filter(|(_, by, _)| *by != "semver" || field == "tags")
                {
                    let counting = if keeps { "newest" } else { "beyondNewest" };
                    rule[counting] = json!({ "count": count, "by": by });
                    if per && captures {
                        rule[counting]["per"] = json!("branch");
                    }
                }
                if let Some(report) = reported.filter(|_| captures) {
                    rule["where"] = json!({ "pr": { "in": report } });
                }
                if rule.as_object().is_some_and(serde_json::Map::is_empty) {
                    rule["olderThan"] = json!({ "pushed": "10d" });
                }
                if keeps {
                    rule["optional"] = json!(true);
                }
                rule
            },
        )
}

/// Without `ifUnknown: ignore`, of which no property holds.
pub(crate) fn policy() -> impl Strategy<Value = Value> {
    let age = select(vec![
        json!("48h"),
        json!("1s"),
        json!("1s"),
        json!({ "created": "5d" }),
    ]);
    let kinds = select(vec![
        json!(["image"]),
        json!(["image"]),
        json!(["image", "chart"]),
        json!(["sbom", "attestation", "other", "image"]),
    ]);
    let grace = prop::option::weighted(0.25, select(vec!["1s", "1d", "2d", "7d"]));
    let keep = prop::collection::vec(rule(true), 0..3);
    let delete = prop::collection::vec(rule(false), 1..4);
    (age, kinds, grace, keep, delete).prop_map(|(age, kinds, grace, mut keep, mut delete)| {
        for (number, rule) in keep.iter_mut().chain(&mut delete).enumerate() {
            rule["name"] = json!(format!("rule {number}"));
        }
        let mut policy =
            json!({ "minimumAge": age, "kinds": kinds, "keep": keep, "delete": delete });
        if let Some(grace) = grace {
            policy["grace"] = json!(grace);
        }
        policy
    })
}
