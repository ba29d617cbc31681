//! The published JSON Schema says what the reader says.

use std::collections::BTreeSet;

use portreeve::configuration::{Configuration, policy::Policy};
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../portreeve.schema.json")).unwrap()
}

/// The part of JSON Schema that ours uses.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    let fields = schema.as_object().unwrap();
    fields.iter().all(|(word, rule)| match word.as_str() {
        "$schema" | "$defs" | "title" | "description" | "properties" | "pattern" => true,
        "$ref" => {
            let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
            accepts(root, root.pointer(pointer).unwrap(), value)
        }
        "type" => match rule.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            other => panic!("type {other}"),
        },
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => value.as_i64().unwrap() >= rule.as_i64().unwrap(),
        "maximum" => value.as_i64().unwrap() <= rule.as_i64().unwrap(),
        "maxLength" => value.as_str().unwrap().len() as u64 <= rule.as_u64().unwrap(),
        "minLength" => value.as_str().unwrap().len() as u64 >= rule.as_u64().unwrap(),
        "minItems" => value.as_array().unwrap().len() as u64 >= rule.as_u64().unwrap(),
        "minProperties" => value.as_object().unwrap().len() as u64 >= rule.as_u64().unwrap(),
        "maxProperties" => value.as_object().unwrap().len() as u64 <= rule.as_u64().unwrap(),
        "items" => value
            .as_array()
            .unwrap()
            .iter()
            .all(|item| accepts(root, rule, item)),
        "required" => rule
            .as_array()
            .unwrap()
            .iter()
            .all(|name| value.get(name.as_str().unwrap()).is_some()),
        "oneOf" => {
            rule.as_array()
                .unwrap()
                .iter()
                .filter(|one| is_of_type(root, one, value) && accepts(root, one, value))
                .count()
                == 1
        }
        "additionalProperties" => value.as_object().unwrap().iter().all(|(name, member)| {
            match schema.get("properties").and_then(|known| known.get(name)) {
                Some(known) => is_of_type(root, known, member) && accepts(root, known, member),
                None => {
                    rule.is_object()
                        && is_of_type(root, rule, member)
                        && accepts(root, rule, member)
                }
            }
        }),
        other => panic!("this test does not know `{other}`"),
    })
}

/// `accepts` reads on as if the type fitted; this says whether it does.
fn is_of_type(root: &Value, schema: &Value, value: &Value) -> bool {
    let mut schema = schema;
    while let Some(pointer) = schema.get("$ref") {
        schema = root
            .pointer(pointer.as_str().unwrap().strip_prefix('#').unwrap())
            .unwrap();
    }
    schema
        .get("type")
        .is_none_or(|kind| accepts(root, &json!({ "type": kind }), value))
}

#[test]
fn the_schema_accepts_what_is_checked_in() {
    let schema = schema();
    for (name, text) in [
        ("portreeve.json", include_str!("../portreeve.json")),
        ("proxy-only", include_str!("../examples/proxy-only.json")),
        ("fleet", include_str!("../examples/fleet.json")),
        ("cli", include_str!("../examples/cli.json")),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        assert!(accepts(&schema, &schema, &value), "{name}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let schema = schema();
    let text = include_str!("../portreeve.json");
    for (from, to) in [
        ("\"version\": 1", "\"version\": 2"),
        ("\"upstreams\"", "\"upstream\""),
        ("\"pull\"", "\"pul\""),
        ("\"policy\": \"shop\",", ""),
        ("\"count\": 10,", ""),
        ("\"count\": 10,", "\"count\": 1000001,"),
        ("\"survivors\": 10", "\"survivors\": 0"),
        ("{ \"pushed\": \"7d\" }", "{}"),
        (
            "{ \"pushed\": \"7d\" }",
            "{ \"pushed\": \"7d\", \"created\": \"7d\" }",
        ),
        ("\"tagged\": false", "\"tagged\": \"no\""),
        ("\"read\": \"anonymous\"", "\"read\": \"nobody\""),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let value: Value = serde_json::from_str(&changed).unwrap();
        assert!(
            !accepts(&schema, &schema, &value),
            "the schema: {from} -> {to}"
        );
        assert!(
            Configuration::parse(&changed).is_err(),
            "the reader: {from} -> {to}"
        );
    }
}

/// Every object of the schema whose members are fixed, with the place of one in a configuration.
#[test]
fn the_reader_knows_every_field_of_the_schema() {
    let schema = schema();
    let mut places = BTreeSet::new();
    for (name, place) in [
        ("upstream", "upstreams"),
        ("client", "clients"),
        ("report", "reports"),
        ("policy", "policies"),
        ("job", "jobs"),
    ] {
        let fields = schema["$defs"][name]["properties"].as_object().unwrap();
        let mut members = serde_json::Map::new();
        for field in fields.keys() {
            members.insert(field.clone(), Value::Null);
            places.insert(format!("$.{place}.x.{field}: unknown field"));
        }
        let text = json!({ "version": 1, place: { "x": members } }).to_string();
        for problem in Configuration::parse(&text).unwrap_err() {
            assert!(!places.contains(&problem.to_string()), "{problem}");
        }
    }
    for (list, name) in [("keep", "keepRule"), ("delete", "deleteRule")] {
        let fields = schema["$defs"][name]["properties"].as_object().unwrap();
        let rule: serde_json::Map<_, _> = fields
            .keys()
            .map(|field| (field.clone(), Value::Null))
            .collect();
        let text = json!({ "version": 1, "policies": { "x": { list: [rule] } } }).to_string();
        for problem in Configuration::parse(&text).unwrap_err() {
            assert!(!problem.message.contains("unknown field"), "{problem}");
            assert!(!problem.message.contains("belongs to"), "{problem}");
        }
    }
}

const POLICY: &str = r#"{ "$schema": "./policy.schema.json", "kinds": ["image", "chart"], "grace": "7d",
  "minimumAge": { "created": "1d" },
  "keep": [
    { "name": "a", "tags": ["x", "y-*"], "optional": true, "ifUnknown": "ignore" },
    { "name": "b", "tags": { "semver": ["^1", "=2.0.0"] }, "newest": { "count": 3, "by": "semver" } },
    { "name": "c", "tags": { "regex": "pr-(?<pr>[0-9]+)" }, "where": { "pr": { "in": "open" } } },
    { "name": "d", "annotations": { "team": ["web-*", "shop"] }, "labels": { "keep": "*" },
      "platform": ["linux/*", "*/arm64"], "kinds": ["chart"], "youngerThan": { "pulled": "9d" } } ],
  "delete": [
    { "name": "e", "tags": { "semver": { "range": "<1.0.0", "prereleases": true } } },
    { "name": "f", "tagged": false, "platform": "windows/amd64", "olderThan": { "firstSeen": "2w" } } ] }"#;

/// The schema for a policy in a file of its own, which refers into the other one.
fn policy_accepts(value: &Value) -> bool {
    let own: Value = serde_json::from_str(include_str!("../policy.schema.json")).unwrap();
    let (file, pointer) = own["$ref"].as_str().unwrap().split_once('#').unwrap();
    assert_eq!(file, "portreeve.schema.json");
    let schema = schema();
    let policy = schema.pointer(pointer).unwrap();
    is_of_type(&schema, policy, value) && accepts(&schema, policy, value)
}

#[test]
fn the_schema_says_of_a_policy_what_the_reader_says() {
    let whole: Value = serde_json::from_str(POLICY).unwrap();
    assert!(policy_accepts(&whole) && Policy::parse(POLICY).is_ok());
    for (from, to) in [
        ("\"chart\"]", "\"charts\"]"),
        ("\"chart\"]", "\"index\"]"),
        ("\"kinds\": [\"chart\"]", "\"kinds\": []"),
        ("{ \"created\": \"1d\" }", "{ \"pushed\": \"1d\" }"),
        ("[\"^1\", \"=2.0.0\"]", "[]"),
        ("\"range\": \"<1.0.0\", ", ""),
        ("\"prereleases\": true", "\"prereleases\": 1"),
        ("\"semver\" }", "\"version\" }"),
        ("{ \"in\": \"open\" }", "{ \"on\": \"open\" }"),
        ("{ \"in\": \"open\" }", "\"open\""),
        ("{ \"pr\": { \"in\": \"open\" } }", "{}"),
        ("[\"web-*\", \"shop\"]", "[]"),
        ("[\"web-*\", \"shop\"]", "true"),
        ("{ \"keep\": \"*\" }", "{}"),
        ("[\"linux/*\", \"*/arm64\"]", "[]"),
        ("\"platform\": \"windows", "\"platforms\": \"windows"),
        ("\"tagged\": false", "\"tagged\": false, \"optional\": true"),
        ("\"firstSeen\"", "\"seen\""),
        ("\"ignore\"", "\"keep\""),
        ("\"name\": \"f\", ", ""),
    ] {
        let changed = POLICY.replacen(from, to, 1);
        assert_ne!(changed, POLICY, "{from}");
        let value: Value = serde_json::from_str(&changed).unwrap();
        assert!(!policy_accepts(&value), "the schema: {from} -> {to}");
        assert!(
            Policy::parse(&changed).is_err(),
            "the reader: {from} -> {to}"
        );
    }
}
