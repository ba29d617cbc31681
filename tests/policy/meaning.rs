//! The hash covers what a policy means, all of it, and nothing of how it is written.

use std::collections::BTreeMap;

use portreeve::configuration::policy::Policy;
use portreeve::oci::Kind;

fn hash(text: &str) -> String {
    let policy = Policy::parse(text).unwrap_or_else(|found| panic!("{text}: {found:?}"));
    policy.hash()
}

#[test]
fn two_texts_that_mean_the_same_hash_the_same() {
    for (one, other) in [
        (
            "{}",
            r#"{ "kinds": ["image"], "minimumAge": "2d", "keep": [], "delete": [] }"#,
        ),
        ("{}", "\u{feff}{\n}"),
        ("{}", r#"{ "$schema": "./policy.schema.json" }"#),
        (
            r#"{ "kinds": ["chart", "image"] }"#,
            r#"{ "kinds": ["image", "chart", "image"] }"#,
        ),
        (r#"{ "grace": "7d" }"#, r#"{ "grace": "1w" }"#),
    ] {
        assert_eq!(hash(one), hash(other), "{one} {other}");
    }
    for (one, other) in [
        (r#""tags": "a""#, r#""tags": ["a"]"#),
        (r#""tags": ["a", "b"]"#, r#""tags": ["b", "a", "b"]"#),
        (r#""tags": "a""#, r#""tags": "a", "tagged": true"#),
        (r#""tags": "a""#, r#""tags": "a", "optional": false"#),
        (r#""tags": "a""#, r#""tags": "a", "kinds": ["image"]"#),
        (
            r#""tags": { "semver": "^1.2.3" }"#,
            r#""tags": { "semver": [">=1.2.3, ^1"] }"#,
        ),
        (
            r#""tags": { "semver": ["^1", "^2"] }"#,
            r#""tags": { "semver": { "range": ["^2", "^1"], "prereleases": true } }"#,
        ),
        (
            r#""labels": { "a": "b", "c": "d" }"#,
            r#""labels": { "c": ["d"], "a": ["b", "b"] }"#,
        ),
        (
            r#""labels": { "a": ["*", "b"] }"#,
            r#""labels": { "a": "**" }"#,
        ),
        (
            r#""platform": "linux/arm64/v8""#,
            r#""platform": ["linux/aarch64"]"#,
        ),
        (
            r#""olderThan": { "pushed": "24h" }"#,
            r#""olderThan": { "pushed": "1d" }"#,
        ),
    ] {
        let keep = |rule: &str| format!(r#"{{ "keep": [{{ "name": "a", {rule} }}] }}"#);
        assert_eq!(hash(&keep(one)), hash(&keep(other)), "{one} {other}");
    }
}

#[test]
fn every_change_of_meaning_changes_the_hash() {
    let keep = |rule: &str| format!(r#"{{ "keep": [{{ "name": "a", {rule} }}] }}"#);
    let pattern = r#""tags": { "regex": "(?<a>.+)-(?<b>.+)" }"#;
    let mut seen = BTreeMap::new();
    for text in [
        "{}".to_owned(),
        r#"{ "kinds": ["chart"] }"#.to_owned(),
        r#"{ "minimumAge": "49h" }"#.to_owned(),
        r#"{ "minimumAge": { "created": "48h" } }"#.to_owned(),
        r#"{ "grace": "1d" }"#.to_owned(),
        r#"{ "grace": "2d" }"#.to_owned(),
        r#"{ "keep": [{ "name": "b", "tags": "a" }] }"#.to_owned(),
        r#"{ "delete": [{ "name": "a", "tags": "a" }] }"#.to_owned(),
        r#"{ "keep": [{ "name": "a", "tags": "a" }, { "name": "b", "tags": "a" }] }"#.to_owned(),
        r#"{ "keep": [{ "name": "b", "tags": "a" }, { "name": "a", "tags": "a" }] }"#.to_owned(),
        r#"{ "kinds": ["image", "chart"], "keep": [{ "name": "a", "tags": "a" }] }"#.to_owned(),
        r#"{ "kinds": ["image", "chart"], "keep": [{ "name": "a", "tags": "a", "kinds": ["image"] }] }"#.to_owned(),
        keep(r#""tags": "a""#),
        keep(r#""tags": "b""#),
        keep(r#""tags": { "regex": "a" }"#),
        keep(r#""tags": { "semver": "*" }"#),
        keep(r#""tags": { "semver": "^1" }"#),
        keep(r#""tags": { "semver": ["^1", "^2"] }"#),
        keep(r#""tags": { "semver": { "range": "^1", "prereleases": false } }"#),
        keep(r#""tags": "a", "optional": true"#),
        keep(r#""tags": "a", "ifUnknown": "ignore""#),
        keep(r#""tagged": true"#),
        keep(r#""tagged": false"#),
        keep(r#""annotations": { "a": "b" }"#),
        keep(r#""labels": { "a": "b" }"#),
        keep(r#""labels": { "a": ["b", "c"] }"#),
        keep(r#""labels": { "a": "b", "c": "b" }"#),
        keep(r#""platform": "linux/arm""#),
        keep(r#""platform": "linux/arm/*""#),
        keep(r#""olderThan": { "pushed": "1d" }"#),
        keep(r#""olderThan": { "created": "1d" }"#),
        keep(r#""youngerThan": { "pushed": "1d" }"#),
        keep(r#""newest": { "count": 1, "by": "pushed" }"#),
        keep(r#""newest": { "count": 2, "by": "pushed" }"#),
        keep(r#""newest": { "count": 1, "by": "semver" }"#),
        keep(pattern),
        keep(&format!(r#"{pattern}, "newest": {{ "count": 1, "by": "pushed", "per": "a" }}"#)),
        keep(&format!(r#"{pattern}, "newest": {{ "count": 1, "by": "pushed", "per": "b" }}"#)),
        keep(&format!(r#"{pattern}, "where": {{ "a": {{ "in": "r" }} }}"#)),
        keep(&format!(r#"{pattern}, "where": {{ "b": {{ "in": "r" }} }}"#)),
        keep(&format!(r#"{pattern}, "where": {{ "a": {{ "in": "s" }} }}"#)),
    ] {
        let same = seen.insert(hash(&text), text.clone());
        assert_eq!(same, None, "{text}");
    }
}

#[test]
fn a_policy_reads_as_it_is_written() {
    let policy = Policy::parse(
        r#"{ "kinds": ["chart", "image"], "grace": "7d",
             "keep": [{ "name": "a", "kinds": ["chart"], "platform": "linux/*", "annotations": { "k": "v*" },
                        "tags": { "regex": "pr-(?<pr>[0-9]+)" }, "where": { "pr": { "in": "open" } } }] }"#,
    )
    .unwrap();
    assert_eq!(policy.grace.unwrap().seconds(), 7 * 86_400);
    assert!(policy.speaks_of(Kind::Index) && policy.speaks_of(Kind::Chart));
    assert!(!policy.speaks_of(Kind::Cache));
    let rule = &policy.keep[0];
    assert!(rule.speaks_of(Kind::Chart) && !rule.speaks_of(Kind::Index));
    assert!(rule.platforms[0].matches("linux/arm/v7"));
    assert!(rule.annotations[0].fits("v1") && !rule.annotations[0].fits("w"));
    assert_eq!(
        (
            rule.captured[0].group.as_str(),
            rule.captured[0].report.as_str()
        ),
        ("pr", "open")
    );
    let found = rule.tags.as_ref().unwrap().find("pr-42").unwrap();
    assert_eq!(found.group("pr"), "42");
}
