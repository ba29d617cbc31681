//! Every problem with its place: path, line and column.

use portreeve::configuration::Position;
use portreeve::configuration::policy::Policy;

use super::wrong;

#[test]
fn a_problem_names_path_line_and_column() {
    let text = "{\n  \"keep\": [],\n  \"delete\": [\n    {\n      \"name\": \"prs\",\n      \"tags\": {\n        \"regex\": \"a)|(?:b\"\n      }\n    }\n  ]\n}";
    let problems = Policy::parse(text).unwrap_err();
    let [problem] = problems.as_slice() else {
        panic!("{problems:?}");
    };
    assert_eq!(problem.path, "$.delete[0].tags.regex");
    let Position { line, column, .. } = problem.position.unwrap();
    assert_eq!((line, column), (7, 18));
    assert!(
        problem.to_string().ends_with("(line 7, column 18)"),
        "{problem}"
    );
}

#[test]
fn all_problems_are_said_at_once() {
    let found = wrong(
        r#"{ "keeps": [],
  "keep": [{ "name": "ä", "tags": "[a]" }, { "tags": "x" }],
  "delete": [{ "name": "ä", "olderThan": { "pushed": "0d" } }] }"#,
    );
    assert_eq!(
        found,
        [
            "$.keep[0].tags: `[` is not allowed in the pattern `[a]`: only * and ** are wildcards (line 2, column 35)",
            "$.keep[1].name: missing; this field is required (line 2, column 44)",
            "$.delete[0].olderThan.pushed: `0d` is no time at all: a duration is at least one second (line 3, column 54)",
            "$.keeps: unknown field (line 1, column 12)",
            "line 1, column 1: two rules are called `ä`; proofs quote the name",
        ]
    );
}

#[test]
fn what_is_wrong_with_a_rule_is_said_at_the_field() {
    for (rule, path, message) in [
        (
            r#""tags": { "regex": "a", "semver": "*" }"#,
            ".tags",
            "exactly one of regex, semver",
        ),
        (r#""tags": {}"#, ".tags", "exactly one of"),
        (r#""tags": null"#, ".tags", "expected a pattern"),
        (
            r#""tags": { "semver": "1.2.3" }"#,
            ".tags.semver",
            "write =1.2.3 or ^1.2.3",
        ),
        (
            r#""tags": { "semver": [] }"#,
            ".tags.semver",
            "at least one",
        ),
        (
            r#""tags": { "semver": [">=1", "x"] }"#,
            ".tags.semver[1]",
            "no range",
        ),
        (
            r#""tags": { "semver": { "range": ">2, <1" } }"#,
            ".tags.semver.range",
            "contradiction",
        ),
        (
            r#""tags": { "semver": { "prereleases": true } }"#,
            ".tags.semver.range",
            "required",
        ),
        (
            r#""tags": { "semver": { "range": "*", "pre": true } }"#,
            ".tags.semver.pre",
            "unknown field",
        ),
        (
            r#""tags": { "semver": 1 }"#,
            ".tags.semver",
            "expected a range",
        ),
        (r#""tags": "v?""#, ".tags", "not allowed"),
        (r#""kinds": ["index"]"#, ".kinds[0]", "write image"),
        (
            r#""kinds": ["images"]"#,
            ".kinds[0]",
            "expected one of image",
        ),
        (r#""kinds": []"#, ".kinds", "at least one"),
        (r#""annotations": {}"#, ".annotations", "at least one key"),
        (
            r#""annotations": { "": "a" }"#,
            ".annotations[\"\"]",
            "not empty",
        ),
        (
            r#""annotations": { "a": [] }"#,
            ".annotations.a",
            "at least one",
        ),
        (
            r#""annotations": { "a": true }"#,
            ".annotations.a",
            "a text or an array",
        ),
        (
            r#""labels": { "a.b": "" }"#,
            ".labels[\"a.b\"]",
            "not empty",
        ),
        (r#""labels": ["a"]"#, ".labels", "expected an object"),
        (r#""platform": "arm64""#, ".platform", "no platform"),
        (
            r#""platform": ["linux/*", "linux/*/v8"]"#,
            ".platform[1]",
            "a variant belongs",
        ),
        (
            r#""platforms": "linux/*", "tags": "a""#,
            ".platforms",
            "unknown field",
        ),
        (
            r#""tags": { "regex": "(?<pr>a)" }, "where": {}"#,
            ".where",
            "at least one captured",
        ),
        (
            r#""tags": { "regex": "(?<pr>a)" }, "where": { "pr": { "in": "a", "x": 1 } }"#,
            ".where.pr.x",
            "unknown field",
        ),
        (
            r#""tags": "a", "where": { "pr": { "in": "a" } }"#,
            ".where.pr",
            "no group `pr`",
        ),
        (
            r#""tagged": false, "newest": { "count": 1, "by": "semver" }"#,
            "",
            "contradiction",
        ),
        (r#""tagged": false, "tags": "a""#, "", "contradiction"),
        (
            r#""tags": "a", "newest": { "count": 1, "by": "pulled" }"#,
            ".newest.by",
            "expected one of",
        ),
        (
            r#""tags": "a", "newest": { "count": 1.5, "by": "pushed" }"#,
            ".newest.count",
            "whole number",
        ),
        (
            r#""tags": "a", "newest": { "count": 1000001, "by": "pushed" }"#,
            ".newest.count",
            "to 1000000",
        ),
        (
            r#""tags": "a", "newest": { "count": 1, "by": "pushed", "per": "x" }"#,
            ".newest.per",
            "no group",
        ),
        (
            r#""tags": "a", "optional": "yes""#,
            ".optional",
            "true or false",
        ),
        (r#""optional": true"#, "", "names no condition"),
    ] {
        let found = wrong(&format!(r#"{{ "keep": [{{ "name": "a", {rule} }}] }}"#));
        let place = format!("$.keep[0]{path}: ");
        assert!(
            found
                .iter()
                .any(|problem| problem.starts_with(&place) && problem.contains(message)),
            "{rule}: {found:?}"
        );
    }
}

#[test]
fn a_byte_order_mark_and_unicode_do_not_move_the_column() {
    let problems = Policy::parse("\u{feff}{ \"ü\": 1, }").unwrap_err();
    let Position { line, column, .. } = problems[0].position.unwrap();
    assert_eq!((line, column), (1, 11));
    assert_eq!(
        wrong("\u{feff}{ \"ü\": 1 }"),
        [r#"$["ü"]: unknown field (line 1, column 8)"#,]
    );
}
