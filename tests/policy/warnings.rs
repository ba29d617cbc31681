//! What is allowed, and seldom meant.

use portreeve::configuration::policy::Policy;

fn warnings(text: &str) -> Vec<String> {
    let policy = Policy::parse(text).unwrap_or_else(|found| panic!("{text}: {found:?}"));
    policy.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn a_rule_that_can_never_do_anything_is_warned_about() {
    for (text, path, message) in [
        (
            r#"{ "delete": [{ "name": "a", "kinds": ["chart"], "tags": "*" }] }"#,
            "$.delete[0]",
            "speaks of image only",
        ),
        (
            r#"{ "keep": [{ "name": "k", "kinds": ["sbom"], "tags": "*" }], "delete": [{ "name": "a", "tags": "*" }] }"#,
            "$.keep[0]",
            "can never select",
        ),
        (
            r#"{ "delete": [{ "name": "a", "youngerThan": { "pushed": "2d" } }] }"#,
            "$.delete[0]",
            "has not the minimum age",
        ),
        (
            r#"{ "minimumAge": { "created": "7d" }, "delete": [{ "name": "a", "youngerThan": { "created": "6d" } }] }"#,
            "$.delete[0]",
            "has not the minimum age",
        ),
        (
            r#"{ "keep": [{ "name": "k", "tags": "*", "ifUnknown": "ignore" }], "delete": [{ "name": "a", "tagged": false }] }"#,
            "$.keep[0]",
            "gives up this protection",
        ),
        (
            r#"{ "keep": [{ "name": "k", "tagged": true, "optional": true }], "delete": [{ "name": "a", "tagged": false }] }"#,
            "$.keep[0]",
            "names none",
        ),
        (
            r#"{ "keep": [{ "name": "k", "tags": "*" }] }"#,
            "line 1",
            "nothing is ever deleted",
        ),
    ] {
        let found = warnings(text);
        assert!(
            found
                .iter()
                .any(|one| one.starts_with(path) && one.contains(message)),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_delete_rule_that_a_keep_rule_covers_whole_is_a_contradiction() {
    for (keep, delete, covered) in [
        (r#""tags": "v*""#, r#""tags": "v1.*""#, true),
        (r#""tags": "v*""#, r#""tags": ["v1", "w1"]"#, false),
        (r#""tags": ["w*", "v*"]"#, r#""tags": ["v1", "w1"]"#, true),
        (r#""tags": "v1.*""#, r#""tags": "v*""#, false),
        (r#""tags": "*""#, r#""tags": { "regex": "a+" }"#, true),
        (r#""tags": "*""#, r#""tagged": true"#, true),
        (r#""tags": "*""#, r#""tagged": false"#, false),
        (
            r#""tags": "*""#,
            r#""olderThan": { "pushed": "9d" }"#,
            false,
        ),
        (r#""tagged": true"#, r#""tags": "a""#, true),
        (
            r#""tagged": false"#,
            r#""tagged": false, "olderThan": { "pushed": "9d" }"#,
            true,
        ),
        (
            r#""tags": { "regex": "v.+" }"#,
            r#""tags": ["v1", "v2"]"#,
            true,
        ),
        (r#""tags": { "regex": "v.+" }"#, r#""tags": "v*""#, false),
        (
            r#""tags": { "regex": "v.+" }"#,
            r#""tags": { "regex": "v.+" }"#,
            true,
        ),
        (
            r#""tags": { "semver": ">=1.0.0" }"#,
            r#""tags": { "semver": "^1.2" }"#,
            true,
        ),
        (
            r#""tags": { "semver": ">=1.0.0" }"#,
            r#""tags": { "semver": "<2.0.0" }"#,
            false,
        ),
        (
            r#""tags": { "semver": { "range": "*", "prereleases": false } }"#,
            r#""tags": { "semver": { "range": "^1", "prereleases": true } }"#,
            false,
        ),
        (
            r#""tags": "v*", "youngerThan": { "pushed": "9d" }"#,
            r#""tags": "v1""#,
            false,
        ),
        (
            r#""tags": "v*", "newest": { "count": 1, "by": "pushed" }"#,
            r#""tags": "v1""#,
            false,
        ),
        (
            r#""tags": "v*", "kinds": ["chart"]"#,
            r#""tags": "v1""#,
            false,
        ),
        (
            r#""labels": { "a": "b" }"#,
            r#""labels": { "a": "b", "c": "d" }"#,
            true,
        ),
        (
            r#""labels": { "a": "b" }"#,
            r#""labels": { "a": "*" }"#,
            false,
        ),
        (
            r#""platform": "linux/*""#,
            r#""platform": "linux/*", "tags": "a""#,
            true,
        ),
        (r#""platform": "linux/*""#, r#""tags": "a""#, false),
    ] {
        let text = format!(
            r#"{{ "kinds": ["image", "chart"], "keep": [{{ "name": "k", {keep} }}], "delete": [{{ "name": "d", {delete} }}] }}"#
        );
        let found = warnings(&text);
        let is_said = found
            .iter()
            .any(|one| one.contains("because `k` keeps all"));
        assert_eq!(is_said, covered, "{keep} / {delete}: {found:?}");
    }
}

#[test]
fn a_policy_without_fault_is_not_warned_about() {
    assert!(warnings(
        r#"{ "keep": [{ "name": "k", "tags": "v*" }], "delete": [{ "name": "d", "tags": "*", "olderThan": { "pushed": "9d" } }] }"#
    )
    .is_empty());
}
