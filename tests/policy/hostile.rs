//! Documents that nobody means well: each has its defined answer.

use portreeve::configuration::policy::Policy;

use super::wrong;

fn rules(count: usize, rule: impl Fn(usize) -> String) -> String {
    let rules: Vec<String> = (0..count).map(rule).collect();
    format!(r#"{{ "delete": [{}] }}"#, rules.join(","))
}

#[test]
fn ten_thousand_rules_are_read_and_one_more_is_refused() {
    let rule = |number| format!(r#"{{ "name": "r{number}", "tags": "t{number}-*" }}"#);
    assert_eq!(
        Policy::parse(&rules(10_000, rule)).unwrap().delete.len(),
        10_000
    );
    let found = wrong(&rules(10_001, rule));
    assert!(found[0].contains("at most 10000 rules"), "{found:?}");
}

#[test]
fn ten_thousand_rules_of_one_name_are_one_problem() {
    let found = wrong(&rules(10_000, |_| {
        r#"{ "name": "a", "tags": "*" }"#.to_owned()
    }));
    assert_eq!(
        found,
        ["line 1, column 1: two rules are called `a`; proofs quote the name"]
    );
}

#[test]
fn ten_thousand_problems_are_all_said() {
    let found = wrong(&rules(10_000, |number| {
        format!(r#"{{ "name": "{number}", "tags": "?" }}"#)
    }));
    assert_eq!(found.len(), 10_000);
    assert!(found[9_999].starts_with("$.delete[9999].tags: "));
}

#[test]
fn nesting_ends_with_an_error_that_says_where() {
    for depth in [128, 10_000, 1_000_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let found = wrong(&text);
            assert_eq!(found.len(), 1, "{depth}");
            assert!(found[0].starts_with("line 1, column "), "{found:?}");
            assert!(found[0].contains("recursion limit"), "{found:?}");
        }
    }
}

#[test]
fn numbers_beyond_measure_are_no_counts() {
    for number in [
        "1e400",
        "-1",
        "0",
        "1e2",
        "18446744073709551616",
        "1.0",
        "0.5",
        "NaN",
        "007",
    ] {
        let text = format!(
            r#"{{ "delete": [{{ "name": "a", "beyondNewest": {{ "count": {number}, "by": "pushed" }} }}] }}"#
        );
        assert_eq!(wrong(&text).len(), 1, "{number}");
    }
}

#[test]
fn durations_of_nothing_and_of_everything_are_errors() {
    for age in [
        "0d",
        "0s",
        "00h",
        "36526d",
        "9223372036854775807w",
        "18446744073709551616s",
        "-1d",
        "1y",
        "1.5d",
        "",
        " 7d",
        "7d ",
        "٣d",
        "d7",
    ] {
        for field in ["minimumAge", "grace"] {
            let found = wrong(&format!(r#"{{ "{field}": "{age}" }}"#));
            assert_eq!(found.len(), 1, "{field} {age}: {found:?}");
        }
        let rule =
            format!(r#"{{ "delete": [{{ "name": "a", "olderThan": {{ "pushed": "{age}" }} }}] }}"#);
        assert!(!wrong(&rule).is_empty(), "{age}");
    }
}

#[test]
fn a_date_is_no_duration() {
    for date in ["1970-01-01", "2100-01-01T00:00:00Z"] {
        let found = wrong(&format!(r#"{{ "minimumAge": "{date}" }}"#));
        assert!(found[0].contains("is no duration"), "{found:?}");
    }
}

#[test]
fn a_field_that_comes_twice_is_an_error_at_every_depth() {
    for text in [
        r#"{ "keep": [], "keep": [] }"#,
        r#"{ "delete": [{ "name": "a", "name": "b", "tags": "*" }] }"#,
        r#"{ "delete": [{ "name": "a", "olderThan": { "pushed": "1d", "pushed": "2d" } }] }"#,
        r#"{ "delete": [{ "name": "a", "labels": { "k": "a", "\u006b": "b" } }] }"#,
    ] {
        let found = wrong(text);
        assert!(found[0].contains("comes twice"), "{text}: {found:?}");
    }
}

#[test]
fn names_are_bounded_and_of_one_line() {
    let named = |name: &str| {
        let name = serde_json::to_string(name).unwrap();
        wrong(&format!(
            r#"{{ "keep": [{{ "name": {name}, "tags": "*" }}] }}"#
        ))
    };
    assert!(named("größer 🚢").is_empty());
    assert!(named(&"a".repeat(200)).is_empty());
    for name in ["", "a\nb", "\u{1b}[31m", &"a".repeat(201)] {
        assert_eq!(named(name).len(), 1, "{name:?}");
    }
}

#[test]
fn what_is_no_object_is_no_policy() {
    for text in [
        "",
        "null",
        "[]",
        "1",
        "\"a\"",
        "{",
        "{}}",
        "\u{0}",
        "{\"keep\":{}}",
        "{\"delete\":null}",
    ] {
        assert_eq!(wrong(text).len(), 1, "{text}");
    }
}

#[test]
fn patterns_that_multiply_are_refused_with_their_place() {
    for pattern in [
        "((a{100}){100}){100}",
        "[a-z]{99999}",
        "a)|(?:b",
        "(?=a)b",
        "(.)\\\\1",
    ] {
        let text =
            format!(r#"{{ "keep": [{{ "name": "a", "tags": {{ "regex": "{pattern}" }} }}] }}"#);
        let found = wrong(&text);
        assert!(
            found[0].starts_with("$.keep[0].tags.regex: "),
            "{pattern}: {found:?}"
        );
    }
}
