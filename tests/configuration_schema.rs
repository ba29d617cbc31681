//! The published JSON Schema says what the reader says.

use std::collections::BTreeSet;

use portreeve::configuration::Configuration;
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
