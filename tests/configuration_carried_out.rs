//! Reports, patterns and state of `portreeve.json`: read as they are written, and part of a job's
//! hash.

use portreeve::configuration::{Configuration, ReportKind};
use serde_json::{Value, json};

fn fleet() -> Value {
    json!({
        "version": 1,
        "upstreams": { "demo": { "host": "registry.example" }, "other": { "host": "mirror.example" } },
        "reports": {
            "k8s": { "kind": "images", "maxAge": "6h", "min": 300, "maxShrink": "30%" },
            "open-prs": { "kind": "strings", "maxAge": "2h" },
            "unused": { "kind": "strings", "maxAge": "2h" }
        },
        "policies": { "app": {
            "kinds": ["image", "chart"], "grace": "7d",
            "keep": [{ "name": "open", "tags": { "regex": "pr-(?<pr>[0-9]+)" },
                       "where": { "pr": { "in": "open-prs" } }, "optional": true },
                     { "name": "versions", "tags": { "semver": ">=1.0.0" }, "newest": { "count": 9, "by": "semver" } }],
            "delete": [{ "name": "prs", "tags": "pr-*", "olderThan": { "firstSeen": "7d" } }]
        } },
        "jobs": { "apps": { "repositories": ["demo/app/**", "demo/web"], "except": ["demo/app/base-*"],
                            "policy": "app", "requires": ["k8s"] } }
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut document = fleet();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let fields = document
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap();
    fields.insert(name.to_owned(), value);
    document
}

fn read(document: &Value) -> Configuration {
    Configuration::parse(&document.to_string()).unwrap_or_else(|found| panic!("{found:?}"))
}

fn hash(document: &Value) -> String {
    read(document).job("apps").unwrap().hash()
}

#[test]
fn reports_patterns_and_state_are_carried_out() {
    let configuration = read(&fleet());
    assert!(configuration.unsupported().is_empty());
    let [k8s, prs, _] = configuration.reports() else {
        panic!("three reports");
    };
    assert_eq!((k8s.name.as_str(), k8s.kind), ("k8s", ReportKind::Images));
    assert_eq!(
        (k8s.max_age.seconds(), k8s.min, k8s.max_shrink),
        (21_600, 300, Some(30))
    );
    assert_eq!(
        (prs.kind, prs.min, prs.max_shrink),
        (ReportKind::Strings, 0, None)
    );
    let job = configuration.job("apps").unwrap();
    assert_eq!(job.requires, ["k8s"]);
    assert_eq!(
        job.repositories.len(),
        1,
        "the catalog tells what a pattern means"
    );
    assert!(job.matches("demo", "app/web") && !job.matches("demo", "app/base-debian"));
    assert_eq!(configuration.state(), ".portreeve");
    assert_eq!(read(&with("/state", json!("../kept"))).state(), "../kept");
}

#[test]
fn a_job_requires_every_report_unless_it_names_fewer() {
    let mut document = fleet();
    let job = document["jobs"]["apps"].as_object_mut().unwrap();
    job.remove("requires");
    let requires = |document: &Value| read(document).job("apps").unwrap().requires.clone();
    assert_eq!(requires(&document), ["k8s", "open-prs", "unused"]);
    assert!(requires(&with("/jobs/apps/requires", json!([]))).is_empty());
}

#[test]
fn a_captured_text_is_looked_up_in_a_report_of_texts_that_there_is() {
    for (report, message) in [
        ("k8s", "lists images"),
        ("none", "no report is called `none`"),
    ] {
        let mut document = fleet();
        document["policies"]["app"]["keep"][0]["where"]["pr"]["in"] = json!(report);
        let problems = Configuration::parse(&document.to_string()).unwrap_err();
        assert_eq!(problems[0].path, "$.policies.app.keep[0].where.pr.in");
        assert!(problems[0].message.contains(message), "{problems:?}");
    }
}

#[test]
fn what_is_wrong_with_a_report_is_said_with_its_place() {
    for (report, path, message) in [
        (
            json!({ "kind": "image", "maxAge": "1h" }),
            "kind",
            "one of images, strings",
        ),
        (json!({ "kind": "images" }), "maxAge", "required"),
        (
            json!({ "kind": "images", "maxAge": "0h" }),
            "maxAge",
            "at least one second",
        ),
        (
            json!({ "kind": "images", "maxAge": "1h", "min": -1 }),
            "min",
            "whole number",
        ),
        (
            json!({ "kind": "images", "maxAge": "1h", "maxShrink": 30 }),
            "maxShrink",
            "percentage",
        ),
        (
            json!({ "kind": "images", "maxAge": "1h", "minImages": 1 }),
            "minImages",
            "unknown field",
        ),
    ] {
        let problems = Configuration::parse(&with("/reports/bad", report).to_string()).unwrap_err();
        let path = format!("$.reports.bad.{path}");
        assert!(
            problems
                .iter()
                .any(|one| one.path == path && one.message.contains(message)),
            "{path}: {problems:?}"
        );
    }
    let slash = with(
        "/reports",
        json!({ "a/b": { "kind": "images", "maxAge": "1h" } }),
    );
    assert!(
        Configuration::parse(&slash.to_string()).is_err(),
        "a name is a file's"
    );
}

#[test]
fn patterns_of_two_jobs_that_meet_are_refused() {
    for (patterns, except, meet) in [
        (json!(["demo/app/**"]), None, true),
        (json!(["demo/app/*"]), None, true),
        (json!(["demo/**"]), None, true),
        (json!(["demo/app/x*"]), None, true),
        (json!(["demo/app/base-*"]), None, false),
        (json!(["demo/tools/**"]), None, false),
        (json!(["other/app/**"]), None, false),
        (
            json!(["demo/**"]),
            Some(json!(["demo/app/**", "demo/web"])),
            false,
        ),
    ] {
        let mut job = json!({ "repositories": patterns, "policy": "app" });
        if let Some(except) = &except {
            job["except"] = except.clone();
        }
        let parsed = Configuration::parse(&with("/jobs/more", job).to_string());
        assert_eq!(
            parsed.is_err(),
            meet,
            "{patterns} {except:?}: {:?}",
            parsed.err()
        );
    }
}

#[test]
fn a_jobs_hash_covers_what_is_new_and_only_what_concerns_it() {
    let same = hash(&fleet());
    assert_eq!(
        hash(&with(
            "/reports/unused",
            json!({ "kind": "images", "maxAge": "9h" })
        )),
        same
    );
    assert_eq!(hash(&with("/state", json!("elsewhere"))), same);
    assert_eq!(
        hash(&with(
            "/jobs/apps/repositories",
            json!(["demo/web", "demo/app/**"])
        )),
        same
    );
    let mut renamed = fleet().to_string().replace("demo", "renamed");
    assert_eq!(
        hash(&serde_json::from_str(&renamed).unwrap()),
        same,
        "an upstream's name is none"
    );
    renamed = fleet()
        .to_string()
        .replace("registry.example", "elsewhere.example");
    assert_ne!(
        hash(&serde_json::from_str(&renamed).unwrap()),
        same,
        "its host is"
    );
    for (pointer, value) in [
        (
            "/reports/k8s",
            json!({ "kind": "images", "maxAge": "7h", "min": 300, "maxShrink": "30%" }),
        ),
        (
            "/reports/k8s",
            json!({ "kind": "images", "maxAge": "6h", "min": 301, "maxShrink": "30%" }),
        ),
        (
            "/reports/k8s",
            json!({ "kind": "images", "maxAge": "6h", "min": 300, "maxShrink": "31%" }),
        ),
        (
            "/reports/k8s",
            json!({ "kind": "images", "maxAge": "6h", "min": 300 }),
        ),
        (
            "/reports/open-prs",
            json!({ "kind": "strings", "maxAge": "3h" }),
        ),
        ("/jobs/apps/requires", json!([])),
        ("/jobs/apps/requires", json!(["k8s", "open-prs"])),
        ("/jobs/apps/repositories", json!(["demo/app/*", "demo/web"])),
        (
            "/jobs/apps/except",
            json!(["demo/app/base-*", "demo/app/x"]),
        ),
        ("/policies/app/grace", json!("8d")),
        ("/policies/app/kinds", json!(["image"])),
    ] {
        assert_ne!(
            hash(&with(pointer, value.clone())),
            same,
            "{pointer} {value}"
        );
    }
}
