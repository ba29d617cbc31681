//! What reports say is in use, and what that protects.

use portreeve::configuration::{ReportKind, ReportRule};
use portreeve::oci::Digest;
use portreeve::plan::inventory::{Entry, Inventory};
use portreeve::plan::reports::{Report, Use, Used};
use portreeve::plan::{self, GivenReport, Plan, Reason};
use serde_json::{Value, json};

use super::snapshot::*;

/// Deletes every pull request, and whatever has no tag.
fn everything_but_releases() -> Value {
    json!({ "delete": [
        { "name": "prs", "tags": "pr-*" }, { "name": "untagged", "tagged": false } ] })
}

fn by_digest(name: &str) -> Used {
    Used::Digest {
        digest: digest(name),
        repository: Some("mirror.example/elsewhere".to_owned()),
    }
}

fn running(reference: &str) -> Used {
    Used::named(reference.parse().unwrap(), true)
}

fn of_template(reference: &str) -> Used {
    Used::named(reference.parse().unwrap(), false)
}

fn report_of(uses: Vec<Used>) -> Report {
    let mut report = Report::new(ReportKind::Images, NOW);
    let source = "deployment/web in shop, container app";
    report.uses = uses
        .into_iter()
        .map(|used| Use::new(used, source))
        .collect();
    report
}

fn rule() -> ReportRule {
    ReportRule::new("k8s-eu", ReportKind::Images, "6h".parse().unwrap())
}

fn plan_in_use(uses: Vec<Used>, inventories: &[Inventory]) -> Plan {
    let (rule, report) = (rule(), report_of(uses));
    let given = [GivenReport {
        rule: &rule,
        report: Some(&report),
        previous_size: None,
        required: true,
    }];
    let policy = policy(&everything_but_releases());
    let input = plan::Input {
        reports: &given,
        ..input(&policy, inventories)
    };
    plan::make(&input).unwrap().document()
}

fn named(repository: &str, images: Vec<Entry>) -> Inventory {
    let mut inventory = super::snapshot::repository(images);
    repository.clone_into(&mut inventory.repository);
    let survivor = format!("{repository} survivor");
    inventory.fill([image(&survivor, &["survivor"])]).unwrap();
    inventory
}

fn two_platforms() -> Vec<Entry> {
    vec![
        index("index", &["pr-1"], &["amd64", "arm64"]),
        image("amd64", &[]),
        image("arm64", &[]),
        referrer("sbom", &[], "index"),
        index("outer", &["pr-2"], &["index", "other"]),
        image("other", &[]),
        index("unrelated", &["pr-3"], &["unrelated amd64"]),
        image("unrelated amd64", &[]),
    ]
}

#[test]
fn rule_13_what_runs_protects_what_it_leads_to_and_what_names_it_in_every_repository() {
    let plan = plan_in_use(
        vec![by_digest("amd64")],
        &[
            named("shop/web", two_platforms()),
            named("mirror/web", two_platforms()),
        ],
    );
    for repository in &plan.repositories {
        let reason = |name: &str| {
            let images = &repository.images;
            let found = images.iter().find(|image| image.digest == digest(name));
            found.unwrap().reason
        };
        assert_eq!(
            [
                reason("index"),
                reason("outer"),
                reason("unrelated"),
                reason("unrelated amd64")
            ],
            [
                Reason::InUse,
                Reason::InUse,
                Reason::DeleteRule,
                Reason::Member
            ],
            "a tagged index that names what runs is in use as well"
        );
        for name in ["amd64", "arm64", "sbom", "other"] {
            assert_eq!(reason(name), Reason::Reachable, "{name}");
        }
        let index = |image: &&plan::document::PlannedImage| image.digest == digest("index");
        let index = repository.images.iter().find(index).unwrap();
        assert_eq!(
            index.explanation,
            format!(
                "it leads to {amd64}, which is in use: mirror.example/elsewhere@{amd64} by \
                 deployment/web in shop, container app (report `k8s-eu`)",
                amd64 = digest("amd64")
            )
        );
    }
}

#[test]
fn rule_13_a_tagged_child_that_runs_protects_its_index() {
    let images = vec![
        index("index", &["pr-1"], &["child", "other"]),
        image("child", &["pr-1-amd64"]),
        image("other", &[]),
    ];
    let plan = plan_in_use(vec![by_digest("child")], &[named("shop/web", images)]);
    assert_eq!(reason(&plan, "index"), Reason::InUse);
    assert_eq!(reason(&plan, "child"), Reason::InUse);
    assert_eq!(reason(&plan, "other"), Reason::Reachable);
}

#[test]
fn rule_13_templates_protect_by_the_end_of_the_path_and_the_tag() {
    let images = || vec![image("one", &["pr-1"]), image("two", &["pr-2"])];
    for (reference, protects) in [
        ("registry.example/shop/web:pr-1", true),
        ("mirror.acme.dev/harbor/shop/web:pr-1", true),
        ("other.example/web:pr-1", true),
        ("registry.example/my-shop/web:pr-1", false),
        ("registry.example/shop/web-admin:pr-1", false),
        ("registry.example/shop/web:pr-9", false),
    ] {
        let plan = plan_in_use(vec![of_template(reference)], &[named("shop/web", images())]);
        let expected = if protects {
            Reason::InUse
        } else {
            Reason::DeleteRule
        };
        assert_eq!(reason(&plan, "one"), expected, "{reference}");
        assert_eq!(reason(&plan, "two"), Reason::DeleteRule, "{reference}");
    }
}

#[test]
fn dockers_short_names_mean_library() {
    let plan = plan_in_use(
        vec![running("nginx:pr-1")],
        &[
            named("hub/library/nginx", vec![image("cached", &["pr-1"])]),
            named("team/nginx", vec![image("ours", &["pr-1"])]),
        ],
    );
    assert_eq!(reason(&plan, "cached"), Reason::InUse);
    assert_eq!(reason(&plan, "ours"), Reason::DeleteRule);
}

#[test]
fn rule_20_a_bare_config_digest_protects_the_manifests_that_have_it() {
    let config = Digest::of(b"config");
    let mut one = image("one", &["pr-1"]);
    one.config = Some(config);
    let mut two = image("two", &["pr-2"]);
    two.config = Some(Digest::of(b"another"));
    let plan = plan_in_use(
        vec![Used::Config(config)],
        &[named("shop/web", vec![one, two])],
    );
    assert_eq!(reason(&plan, "one"), Reason::InUse);
    assert_eq!(reason(&plan, "two"), Reason::DeleteRule);
    // docker's containerd store gives the manifest's digest as the image's id
    let images = vec![image("one", &["pr-1"]), image("two", &["pr-2"])];
    let plan = plan_in_use(
        vec![Used::Config(digest("one"))],
        &[named("shop/web", images)],
    );
    assert_eq!(reason(&plan, "one"), Reason::InUse);
    assert_eq!(reason(&plan, "two"), Reason::DeleteRule);
}

#[test]
fn rule_20_a_config_that_nothing_explains_blocks_where_something_was_not_read() {
    let read = |name: &str| {
        let mut image = image(name, &["pr-1"]);
        image.config = Some(Digest::of(name.as_bytes()));
        image
    };
    let mut all_read = named("shop/web", vec![read("read")]);
    all_read = changed(&all_read, |entries| {
        for entry in entries {
            entry.config = Some(entry.digest);
        }
    });
    let unread = named("shop/api", vec![image("unread", &["pr-1"])]);
    let plan = plan_in_use(vec![Used::Config(Digest::of(b"?"))], &[all_read, unread]);
    assert_eq!(reason(&plan, "read"), Reason::DeleteRule);
    assert_eq!(reason(&plan, "unread"), Reason::InUse);
}

#[test]
fn rule_20_what_runs_and_cannot_be_resolved_blocks_what_it_may_mean() {
    let repositories = || {
        [
            named("shop/web", vec![image("web", &["pr-1"])]),
            named("shop/api", vec![image("api", &["pr-1"])]),
        ]
    };
    for (used, blocked) in [
        (
            running("registry.example/shop/web:gone"),
            ["web"].as_slice(),
        ),
        (of_template("registry.example/shop/web:gone"), &[]),
        (running("registry.example/elsewhere:gone"), &[]),
        (
            Used::Unresolved("registry.example/shop/web".to_owned()),
            &["web"],
        ),
        (Used::Unresolved("web".to_owned()), &["web"]),
        (
            Used::Unresolved("sha256:abcdef".to_owned()),
            &["web", "api"],
        ),
        (
            Used::Unresolved(format!("sha384:{}", "0a".repeat(48))),
            &["web", "api"],
        ),
        (Used::Unresolved("?? what ??".to_owned()), &["web", "api"]),
    ] {
        let plan = plan_in_use(vec![used.clone()], &repositories());
        for name in ["web", "api"] {
            let expected = if blocked.contains(&name) {
                Reason::InUse
            } else {
                Reason::DeleteRule
            };
            assert_eq!(reason(&plan, name), expected, "{used}: {name}");
        }
    }
    let plan = plan_in_use(
        vec![of_template("registry.example/shop/web:gone")],
        &repositories(),
    );
    assert_eq!(
        plan.summary.warnings,
        [
            "a template names a tag that does not exist: registry.example/shop/web:gone by \
          deployment/web in shop, container app (report `k8s-eu`)"
        ]
    );
}

#[test]
fn rule_20_a_name_whose_tag_cannot_be_read_here_blocks() {
    let mut inventory = named("shop/web", vec![image("web", &["pr-1"])]);
    inventory.unreadable_tags.push("v7".to_owned());
    let plan = plan_in_use(
        vec![of_template("registry.example/shop/web:v7")],
        &[inventory],
    );
    assert_eq!(reason(&plan, "web"), Reason::InUse);
}

#[test]
fn rule_20_a_pod_on_last_weeks_main_protects_the_digest_it_runs_and_not_todays() {
    let images = vec![image("last week", &[]), image("today", &["pr-main"])];
    let plan = plan_in_use(vec![by_digest("last week")], &[named("shop/web", images)]);
    assert_eq!(reason(&plan, "last week"), Reason::InUse);
    assert_eq!(reason(&plan, "today"), Reason::DeleteRule);
}

#[test]
fn rule_22_a_required_report_that_cannot_be_relied_on_blocks_the_job() {
    let images = vec![index("index", &["pr-1"], &["child"]), image("child", &[])];
    let inventories = [named("shop/web", images)];
    let policy = policy(&everything_but_releases());
    let mut rule = rule();
    rule.min = 2;
    let empty = report_of(Vec::new());
    let given = |report, required| {
        [GivenReport {
            rule: &rule,
            report,
            previous_size: None,
            required,
        }]
    };
    for (report, says) in [
        (Some(&empty), "it lists 0, and at least 2 are expected"),
        (None, "there is none"),
    ] {
        let reports = given(report, true);
        let made = |reports: &[GivenReport<'_>]| {
            plan::make(&plan::Input {
                reports,
                ..input(&policy, &inventories)
            })
            .unwrap()
            .document()
        };
        let plan = made(&reports);
        assert_eq!(plan.summary.delete.manifests, 0);
        assert_eq!(
            [reason(&plan, "index"), reason(&plan, "child")],
            [Reason::Report; 2]
        );
        assert_eq!(
            plan.summary.warnings,
            [format!(
                "the report `k8s-eu` cannot be relied on, {says}; nothing is deleted"
            )]
        );
        let plan = made(&given(report, false));
        assert_eq!(plan.summary.delete.manifests, 2, "it is not required");
        assert_eq!(plan.summary.warnings.len(), 1);
    }
}

#[test]
fn rule_22_what_a_report_lists_is_kept_even_where_it_cannot_be_relied_on() {
    let images = vec![image("one", &["pr-1"]), image("two", &["pr-2"])];
    let inventories = [named("shop/web", images)];
    let policy = policy(&everything_but_releases());
    let rule = rule();
    let mut stale = report_of(vec![by_digest("one")]);
    stale.taken_at = days_ago(9);
    let reports = [GivenReport {
        rule: &rule,
        report: Some(&stale),
        previous_size: None,
        required: false,
    }];
    let plan = plan::make(&plan::Input {
        reports: &reports,
        ..input(&policy, &inventories)
    })
    .unwrap()
    .document();
    assert_eq!(reason(&plan, "one"), Reason::InUse);
    assert_eq!(reason(&plan, "two"), Reason::DeleteRule);
}

#[test]
fn rule_30_untagged_images_of_a_pull_through_repository_stay_while_pods_use_them() {
    let images = vec![image("used", &[]), image("unused", &[])];
    let plan = plan_in_use(
        vec![Used::Digest {
            digest: digest("used"),
            repository: Some("docker.io/library/nginx".to_owned()),
        }],
        &[named("dockerhub-proxy/library/nginx", images)],
    );
    assert_eq!(reason(&plan, "used"), Reason::InUse);
    assert_eq!(reason(&plan, "unused"), Reason::DeleteRule);
}
