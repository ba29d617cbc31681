//! The whole chain behind one verdict.

use portreeve::configuration::{ReportKind, ReportRule};
use portreeve::error::{Code, Error};
use portreeve::plan::inventory::{Entry, Inventory};
use portreeve::plan::reports::{Report, Use, Used};
use portreeve::plan::why::{Outcome, Relation, Why};
use portreeve::plan::{self, GivenReport, Reason, Role, Verdict};
use serde_json::{Value, json};

use super::snapshot::*;

fn ask(document: &Value, inventories: &[Inventory], target: &str) -> Result<Why, Error> {
    let policy = policy(document);
    plan::make(&input(&policy, inventories))?.why(target)
}

fn why(document: &Value, images: Vec<Entry>, target: &str) -> Why {
    let mut inventory = repository(images);
    inventory.fill([image("survivor", &["survivor"])]).unwrap();
    ask(document, &[inventory], target).unwrap()
}

fn policy_of_builds() -> Value {
    json!({
        "keep": [{ "name": "releases", "tags": "v*", "optional": true }],
        "delete": [{ "name": "builds", "tags": { "regex": "(?<branch>[a-z]+)-[0-9]+" },
                     "beyondNewest": { "count": 1, "per": "branch", "by": "pushed" },
                     "olderThan": { "pushed": "30d" } }] })
}

#[test]
fn every_rule_is_told_with_every_condition_and_what_was_found() {
    let images = vec![
        aged(image("new", &["main-2"]), 10),
        aged(image("old", &["main-1"]), 40),
    ];
    let why = why(&policy_of_builds(), images, "main-1");
    assert_eq!(
        (why.verdict, why.reason),
        (Verdict::Delete, Reason::DeleteRule)
    );
    assert_eq!(
        (why.role, why.digest, why.group),
        (Role::Root, digest("old"), digest("old"))
    );
    assert_eq!(why.asked_about, Some(digest("old")));
    assert!(why.path.is_empty() && why.forbidden.is_empty() && why.uses.is_empty());
    let [keep, delete] = why.rules.as_slice() else {
        panic!("{:?}", why.rules);
    };
    assert_eq!(
        (keep.rule.as_str(), keep.keeps, keep.outcome),
        ("releases", true, Outcome::No)
    );
    assert_eq!(
        (delete.tag.as_deref(), delete.outcome),
        (Some("main-1"), Outcome::Yes)
    );
    let told: Vec<(&str, Outcome, Option<&str>)> = delete
        .conditions
        .iter()
        .map(|asked| {
            (
                asked.condition.as_str(),
                asked.outcome,
                asked.found.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "its tag fits /(?<branch>[a-z]+)-[0-9]+/",
                Outcome::Yes,
                Some("main-1")
            ),
            (
                "pushed at least 30d ago",
                Outcome::Yes,
                Some("2026-10-15T08:00:00Z")
            ),
            (
                "it is beyond the newest 1 of each branch by pushed",
                Outcome::Yes,
                Some("it is number 2 of main")
            ),
        ]
    );
    let text = serde_json::to_string(&why).unwrap();
    assert!(text.starts_with(r#"{"format":"portreeve.why/1","host":"registry.example","#));
    assert_eq!(serde_json::from_str::<Why>(&text).unwrap(), why);
}

#[test]
fn an_unknown_fact_is_named() {
    let mut unknown = image("unknown", &["main-1"]);
    unknown.times.pushed = None;
    let why = why(&policy_of_builds(), vec![unknown], "main-1");
    let rule = why.rules.iter().find(|rule| rule.rule == "builds").unwrap();
    assert_eq!(
        (rule.outcome, rule.fact),
        (Outcome::Unknown, Some(Reason::Pushed))
    );
    let time = rule
        .conditions
        .iter()
        .find(|asked| asked.condition.starts_with("pushed"));
    let time = time.unwrap();
    assert_eq!(
        (time.outcome, time.found.as_deref()),
        (Outcome::Unknown, None)
    );
    assert_eq!(
        why.forbidden
            .iter()
            .map(|found| found.reason)
            .collect::<Vec<_>>(),
        [Reason::TooYoung],
        "what else would forbid it is told, too"
    );
}

#[test]
fn the_path_leads_from_what_protects_to_what_was_asked_about() {
    let images = vec![
        index("release", &["v1"], &["nested"]),
        index("nested", &[], &["shared"]),
        image("shared", &[]),
        referrer("sbom", &[], "shared"),
        index("build", &["main-1"], &["shared"]),
        aged(image("newer build", &["main-2"]), 10),
    ];
    let why = why(&policy_of_builds(), images, &digest("sbom").to_string());
    assert_eq!((why.role, why.reason), (Role::Referrer, Reason::Reachable));
    let path: Vec<_> = why.path.iter().map(|step| (step.digest, step.by)).collect();
    assert_eq!(
        path,
        [
            (digest("release"), None),
            (digest("nested"), Some(Relation::Child)),
            (digest("shared"), Some(Relation::Child)),
            (digest("sbom"), Some(Relation::Referrer)),
        ]
    );
    assert_eq!(why.path[0].reason, Reason::KeepRule);
    assert_eq!(
        why.path[0].explanation,
        "the rule `releases` (tag v1) keeps it"
    );
    assert_eq!(
        why.asked_about,
        Some(digest("release")),
        "rules speak about what protects it"
    );
}

#[test]
fn what_goes_along_and_what_is_held_by_a_member_have_their_path() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let mut locked = image("locked", &[]);
    locked.locks.no_delete = true;
    let images = || {
        vec![
            index("gone", &["pr-1"], &["inner"]),
            index("inner", &[], &["member"]),
            image("member", &[]),
            index("held", &["pr-2"], &["below"]),
            index("below", &[], &["locked"]),
            locked.clone(),
        ]
    };
    let by = |why: &Why| -> Vec<_> { why.path.iter().map(|step| (step.digest, step.by)).collect() };
    let member = why(&document, images(), &digest("member").to_string());
    assert_eq!(
        by(&member),
        [
            (digest("gone"), None),
            (digest("inner"), Some(Relation::Child)),
            (digest("member"), Some(Relation::Child)),
        ]
    );
    let held = why(&document, images(), "pr-2");
    assert_eq!(
        by(&held),
        [
            (digest("locked"), None),
            (digest("below"), Some(Relation::Parent)),
            (digest("held"), Some(Relation::Parent)),
        ]
    );
    assert_eq!(held.forbidden.len(), 1);
    assert_eq!(
        (held.forbidden[0].reason, held.forbidden[0].digest),
        (Reason::Locked, digest("locked"))
    );
}

#[test]
fn who_uses_an_image_is_told_with_the_way_up_from_what_runs() {
    let policy = policy(&json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] }));
    let rule = ReportRule::new("k8s-eu", ReportKind::Images, "6h".parse().unwrap());
    let mut report = Report::new(ReportKind::Images, NOW);
    let used = Used::Digest {
        digest: digest("amd64"),
        repository: None,
    };
    report.uses = vec![Use::new(used, "pod/web-7d4 in shop")];
    let given = [GivenReport {
        rule: &rule,
        report: Some(&report),
        previous_size: None,
        required: true,
    }];
    let inventories = [repository(vec![
        index("index", &["pr-1"], &["amd64"]),
        image("amd64", &[]),
        image("survivor", &["survivor"]),
    ])];
    let input = plan::Input {
        reports: &given,
        ..input(&policy, &inventories)
    };
    let why = plan::make(&input).unwrap().why("pr-1").unwrap();
    assert_eq!(why.reason, Reason::InUse);
    let [source] = why.uses.as_slice() else {
        panic!("{:?}", why.uses);
    };
    assert_eq!(
        (source.report.as_str(), source.digest),
        ("k8s-eu", Some(digest("amd64")))
    );
    assert_eq!(source.sources, ["pod/web-7d4 in shop"]);
    let path: Vec<_> = why.path.iter().map(|step| (step.digest, step.by)).collect();
    assert_eq!(
        path,
        [
            (digest("amd64"), None),
            (digest("index"), Some(Relation::Parent))
        ]
    );
}

#[test]
fn a_target_is_found_in_one_repository_or_named_as_in_several() {
    let document = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let mut other = repository(vec![image("b", &["pr-1"]), image("v", &["v1"])]);
    other.repository = "shop/api".to_owned();
    let inventories = [
        repository(vec![
            image("a", &["pr-1"]),
            image("survivor", &["survivor"]),
        ]),
        other,
    ];
    let code = |target: &str| ask(&document, &inventories, target).unwrap_err().code();
    let of = |target: &str| ask(&document, &inventories, target).unwrap().digest;
    assert_eq!(code("pr-1"), Code::InvalidArgument);
    assert_eq!(code("pr-9"), Code::NotFound);
    assert_eq!(code("shop/elsewhere:pr-1"), Code::NotFound);
    assert_eq!(of("v1"), digest("v"));
    assert_eq!(of("api:pr-1"), digest("b"));
    assert_eq!(of("registry.example/shop/web:pr-1"), digest("a"));
    assert_eq!(of(&format!("shop/web@{}", digest("a"))), digest("a"));
    let error = ask(&document, &inventories, "pr-1")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("registry.example/shop/api, registry.example/shop/web"),
        "{error}"
    );
}

#[test]
fn of_very_many_tags_the_one_that_was_asked_about_comes_first() {
    let tags: Vec<String> = (0..150).map(|n| format!("main-{n:03}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let why = why(&policy_of_builds(), vec![image("many", &tags)], "main-140");
    assert_eq!(why.rules.len(), 200);
    assert_eq!(why.rules[0].tag.as_deref(), Some("main-140"));
    assert_eq!(why.tags_left_out, 50);
}
