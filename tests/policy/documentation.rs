//! docs/policy.md holds nothing that is not so.

use std::collections::BTreeSet;

use portreeve::configuration::{Configuration, policy::Policy};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/policy.md");

/// Every example with what it is (`policy`, `keep`, `delete`, `configuration`) and the quoted
/// sentence behind it.
fn examples() -> Vec<(&'static str, &'static str, Option<&'static str>)> {
    let mut examples = Vec::new();
    for part in PAGE.split("\n```json").skip(1) {
        let (kind, rest) = part.split_once('\n').unwrap();
        let (text, behind) = rest.split_once("\n```\n").unwrap();
        let quoted = behind
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("> "));
        examples.push((kind.trim(), text, quoted));
    }
    examples
}

#[test]
fn every_example_is_understood_and_means_what_is_written_below_it() {
    let mut rules = 0;
    for (kind, text, quoted) in examples() {
        let policy = match kind {
            "configuration" => {
                let configuration = Configuration::parse(text).unwrap();
                assert!(configuration.unsupported().is_empty(), "{text}");
                continue;
            }
            "policy" => text.to_owned(),
            "keep" | "delete" => {
                rules += 1;
                format!(r#"{{ "{kind}": [{text}] }}"#)
            }
            other => panic!("an example of {other:?}: {text}"),
        };
        let policy = Policy::parse(&policy).unwrap_or_else(|found| panic!("{text}: {found:?}"));
        assert!(policy.unsupported().is_empty(), "{text}");
        if kind != "policy" {
            assert_eq!(
                quoted,
                policy.explain().last().map(String::as_str),
                "{text}"
            );
        }
    }
    assert!(rules >= 10, "{rules} rules");
}

#[test]
fn every_field_has_a_row() {
    let schema: Value = serde_json::from_str(include_str!("../../portreeve.schema.json")).unwrap();
    let mut fields = BTreeSet::new();
    for name in [
        "policy",
        "keepRule",
        "deleteRule",
        "counting",
        "bound",
        "report",
    ] {
        let properties = schema["$defs"][name]["properties"].as_object().unwrap();
        fields.extend(properties.keys());
    }
    for field in fields {
        let mut rows = PAGE.lines().filter(|line| line.starts_with("| "));
        let quoted = format!("`{field}`");
        assert!(
            rows.any(|row| row.split('|').nth(1).unwrap().contains(&quoted)),
            "no row for {field}"
        );
    }
}

#[test]
fn every_rule_and_policy_field_has_an_example() {
    for field in [
        "kinds",
        "minimumAge",
        "grace",
        "keep",
        "delete",
        "tags",
        "tagged",
        "annotations",
        "labels",
        "platform",
        "where",
        "olderThan",
        "youngerThan",
        "newest",
        "beyondNewest",
        "optional",
        "ifUnknown",
        "regex",
        "semver",
        "range",
        "prereleases",
        "per",
        "pushed",
        "created",
        "pulled",
        "firstSeen",
    ] {
        let quoted = format!("\"{field}\":");
        assert!(
            examples().iter().any(|(_, text, _)| text.contains(&quoted)),
            "{field}"
        );
    }
}
