//! `portreeve.json`: what is refused, what is understood, and what is carried out.

use portreeve::configuration::{Action, Configuration, Credential, Mode, Problem, Purpose};
use portreeve::error::Code;
use serde_json::{Value, json};

/// A configuration of which every part is carried out.
fn whole() -> Value {
    json!({
        "version": 1,
        "upstreams": { "demo": {
            "host": "127.0.0.1:5000",
            "allow": ["shop/**"],
            "credentials": { "read": { "username": "R", "password": "RP" },
                             "delete": { "username": "D", "password": "DP" } }
        } },
        "clients": { "laptops": {
            "tokenSha256": ["dd96db4c60be89ef794daddc49dc84cf3f3159b046218553ae4f276456bbc34d"],
            "grants": [{ "actions": ["pull", "plan", "apply"], "repositories": ["demo/**"] }]
        } },
        "policies": { "app": {
            "kinds": ["image"],
            "minimumAge": "48h",
            "keep": [{ "name": "releases", "tags": "v*", "newest": { "count": 3, "by": "pushed" } }],
            "delete": [{ "name": "prs", "tags": { "regex": "pr-(?<pr>[0-9]+)" }, "olderThan": { "pushed": "7d" } }]
        } },
        "jobs": { "apps": {
            "repositories": ["demo/shop/web", "demo/shop/api"], "except": ["demo/shop/a*"],
            "policy": "app", "schedule": "15 3 * * *", "mode": "apply", "approval": "never",
            "limits": { "repository": { "share": "20%", "survivors": 5 }, "run": { "deletions": 2000 } }
        } }
    })
}

/// [`whole`] with `value` at the place that a JSON pointer names.
fn with(pointer: &str, value: Value) -> String {
    let mut document = whole();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) => {
            fields.insert(name.replace("~1", "/"), value);
        }
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        scalar => panic!("{parent} is {scalar}"),
    }
    document.to_string()
}

fn problems(text: &str) -> Vec<String> {
    match Configuration::parse(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_carried_out_reads_as_it_is_written() {
    let configuration = Configuration::parse(&whole().to_string()).unwrap();
    assert!(configuration.unsupported().is_empty());
    assert!(configuration.warnings().is_empty());
    let upstream = configuration.upstream("demo").unwrap();
    assert_eq!(upstream.host, "127.0.0.1:5000");
    assert!(upstream.allows("shop/web") && !upstream.allows("shops/web"));
    let Some(Credential::Password { username, password }) =
        upstream.credential(Purpose::Delete).unwrap()
    else {
        panic!("a password");
    };
    assert_eq!((username.as_str(), password.as_str()), ("D", "DP"));
    let job = configuration.job_of("demo", "shop/web").unwrap();
    assert_eq!(job.repositories.len(), 1);
    assert_eq!(
        (
            job.mode,
            job.caps.share,
            job.caps.survivors,
            job.caps.deletions
        ),
        (Mode::Apply, 20, 5, 2000)
    );
    assert!(
        configuration.job_of("demo", "shop/api").is_err(),
        "`except` takes it away"
    );
    let client = &configuration.clients()[0];
    assert!(client.allows(Action::Apply, "demo", "shop/web"));
    assert!(!client.allows(Action::Push, "demo", "shop/web"));
    assert!(!client.allows(Action::Pull, "demos", "shop/web"));
}

#[test]
fn what_is_left_out_has_its_default() {
    let configuration = Configuration::parse(
        r#"{ "version": 1, "upstreams": { "registry.example": {} }, "policies": { "p": {} },
             "jobs": { "j": { "repositories": ["registry.example/a"], "policy": "p" } } }"#,
    )
    .unwrap();
    let job = configuration.job("j").unwrap();
    assert_eq!(
        (
            job.mode,
            job.caps.share,
            job.caps.survivors,
            job.caps.deletions
        ),
        (Mode::Plan, 25, 1, 1000)
    );
    assert!(job.schedule.is_none());
    let upstream = configuration.upstream("registry.example").unwrap();
    assert_eq!(upstream.host, "registry.example");
    assert_eq!(
        upstream.credential(Purpose::Read).unwrap(),
        Some(&Credential::Anonymous)
    );
    assert_eq!(
        upstream.delete_credential().unwrap_err().code(),
        Code::Denied
    );
}

/// Every field that this release understands and does not carry out, and who uses it.
#[expect(clippy::too_many_lines, reason = "a table, one row a line of it")]
fn unsupported() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (upstream, client, job, default) = ("upstream", "client", "job", "default");
    vec![
        (
            upstream,
            "/upstreams/demo/kind",
            json!("ecr"),
            "$.upstreams.demo.kind",
        ),
        (
            upstream,
            "/upstreams/demo/kind",
            json!("distribution"),
            "$.upstreams.demo.kind",
        ),
        (
            upstream,
            "/upstreams/demo/tagFreshness",
            json!("5m"),
            "$.upstreams.demo.tagFreshness",
        ),
        (
            upstream,
            "/upstreams/demo/staleIfError",
            json!("7d"),
            "$.upstreams.demo.staleIfError",
        ),
        (
            upstream,
            "/upstreams/demo/blobs",
            json!("redirect"),
            "$.upstreams.demo.blobs",
        ),
        (
            upstream,
            "/upstreams/demo/budget",
            json!({ "requestsPerHour": 3000 }),
            "$.upstreams.demo.budget",
        ),
        (
            upstream,
            "/upstreams/demo/headers",
            json!({ "X-Id": "CF_ID" }),
            "$.upstreams.demo.headers",
        ),
        (
            upstream,
            "/upstreams/demo/alsoKnownAs",
            json!(["mirror.example/x"]),
            "$.upstreams.demo.alsoKnownAs",
        ),
        (
            upstream,
            "/upstreams/demo/pullsSeen",
            json!("some"),
            "$.upstreams.demo.pullsSeen",
        ),
        (
            upstream,
            "/upstreams/demo/credentials/read",
            json!({ "awsAccessKeyId": "A", "awsSecretAccessKey": "B" }),
            "$.upstreams.demo.credentials.read",
        ),
        (
            upstream,
            "/upstreams/demo/credentials/delete",
            json!({ "awsAccessKeyId": "A", "awsSecretAccessKey": "B", "assumeRole": "arn:x" }),
            "$.upstreams.demo.credentials.delete",
        ),
        (
            upstream,
            "/upstreams/demo/credentials/push",
            json!({ "username": "P", "password": "PP" }),
            "$.upstreams.demo.credentials.push",
        ),
        (
            default,
            "/defaultUpstream",
            json!("demo"),
            "$.defaultUpstream",
        ),
        (
            client,
            "/clients/laptops",
            json!({ "oidc": { "issuer": "https://i.example", "audience": "a", "claims": { "repository_owner_id": "1" } }, "grants": [{ "actions": ["pull"], "repositories": ["demo/**"] }] }),
            "$.clients.laptops.oidc",
        ),
        (
            client,
            "/clients/laptops/grants/0/actions",
            json!(["pull", "push"]),
            "$.clients.laptops.grants[0].actions[1]",
        ),
        (
            client,
            "/clients/laptops/grants/0/actions",
            json!(["delete"]),
            "$.clients.laptops.grants[0].actions[0]",
        ),
        (
            client,
            "/clients/laptops/grants/0/actions",
            json!(["approve"]),
            "$.clients.laptops.grants[0].actions[0]",
        ),
        (
            client,
            "/clients/laptops/grants/0/actions",
            json!(["metrics"]),
            "$.clients.laptops.grants[0].actions[0]",
        ),
        (
            job,
            "/policies/app/import",
            json!({ "format": "ecr", "file": "lifecycle.json", "times": { "pushed": "created" } }),
            "$.policies.app.import",
        ),
        (
            job,
            "/jobs/apps/approval",
            json!("always"),
            "$.jobs.apps.approval",
        ),
        (
            job,
            "/jobs/apps/approval",
            json!("policyChange"),
            "$.jobs.apps.approval",
        ),
        (
            job,
            "/jobs/apps/notify",
            json!([{ "slack": "SLACK_URL" }]),
            "$.jobs.apps.notify",
        ),
    ]
}

#[test]
fn what_is_understood_and_not_carried_out_is_unsupported_never_ignored() {
    for (user, pointer, value, path) in unsupported() {
        let text = with(pointer, value.clone());
        let configuration = Configuration::parse(&text)
            .unwrap_or_else(|problems| panic!("{pointer} {value} is understood: {problems:?}"));
        let refused = match user {
            "upstream" => {
                let job = configuration.job("apps").map(drop);
                assert_eq!(
                    job.unwrap_err().code(),
                    Code::Unsupported,
                    "the job of {pointer}"
                );
                configuration.upstream("demo").map(drop)
            }
            "client" => configuration.clients()[0].ensure_supported(),
            "default" => configuration.upstream("other").map(drop),
            _ => configuration.job("apps").map(drop),
        };
        let error = refused.expect_err(pointer);
        assert_eq!(
            (error.code(), error.path()),
            (Code::Unsupported, Some(path)),
            "{pointer} {value}"
        );
        assert!(
            configuration
                .unsupported()
                .iter()
                .any(|problem| problem.path == path),
            "{pointer}"
        );
    }
}

#[test]
fn an_applying_job_says_that_nobody_approves() {
    let mut document = whole();
    document["jobs"]["apps"]
        .as_object_mut()
        .unwrap()
        .remove("approval");
    let configuration = Configuration::parse(&document.to_string()).unwrap();
    let error = configuration.job("apps").unwrap_err();
    assert_eq!(
        (error.code(), error.path()),
        (Code::Unsupported, Some("$.jobs.apps.approval"))
    );
    document["jobs"]["apps"]["mode"] = json!("plan");
    let configuration = Configuration::parse(&document.to_string()).unwrap();
    assert!(
        configuration.job("apps").is_ok(),
        "nothing waits in a job that only plans"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a line of it")]
fn what_is_wrong_is_said_with_its_path() {
    for (pointer, value, path, message) in [
        ("/version", json!(2), "$.version", "expected 1"),
        ("/upstream", json!({}), "$.upstream", "unknown field"),
        (
            "/upstreams/demo/hosts",
            json!("x"),
            "$.upstreams.demo.hosts",
            "unknown field",
        ),
        (
            "/upstreams/Demo",
            json!({}),
            "$.upstreams.Demo",
            "path segment",
        ),
        (
            "/upstreams/demo/host",
            json!("https://demo"),
            "$.upstreams.demo.host",
            "without a scheme",
        ),
        (
            "/upstreams/demo/host",
            json!("demo/shop"),
            "$.upstreams.demo.host",
            "without a scheme",
        ),
        (
            "/upstreams/demo/kind",
            json!("ecrr"),
            "$.upstreams.demo.kind",
            "expected one of acr",
        ),
        (
            "/upstreams/demo/allow",
            json!(["!a"]),
            "$.upstreams.demo.allow[0]",
            "not allowed",
        ),
        (
            "/upstreams/demo/allow",
            json!([]),
            "$.upstreams.demo.allow",
            "at least one",
        ),
        (
            "/upstreams/demo/allow",
            json!(["other/**"]),
            "$.jobs.apps.repositories[0]",
            "contradiction",
        ),
        (
            "/upstreams/demo/credential",
            json!("anonymous"),
            "$.upstreams.demo.credential",
            "contradiction",
        ),
        (
            "/upstreams/demo/credentials/read",
            json!("docker"),
            "$.upstreams.demo.credentials.read",
            "docker-config",
        ),
        (
            "/upstreams/demo/credentials/read",
            json!({ "username": "R" }),
            "$.upstreams.demo.credentials.read.password",
            "required",
        ),
        (
            "/upstreams/demo/credentials/read",
            json!({ "username": "R", "password": "dckr_pat-abc" }),
            "$.upstreams.demo.credentials.read.password",
            "never the secret itself",
        ),
        (
            "/upstreams/demo/credentials",
            json!({ "read": "anonymous" }),
            "$.jobs.apps",
            "needs `credentials",
        ),
        (
            "/upstreams/demo/tagFreshness",
            json!("0m"),
            "$.upstreams.demo.tagFreshness",
            "at least one second",
        ),
        (
            "/defaultUpstream",
            json!("nowhere"),
            "$.defaultUpstream",
            "no upstream is called `nowhere`",
        ),
        (
            "/clients/laptops/tokenSha256",
            json!(["secret"]),
            "$.clients.laptops.tokenSha256[0]",
            "token create",
        ),
        (
            "/clients/laptops/anonymousFrom",
            json!(["10.0.0.0/8"]),
            "$.clients.laptops",
            "exactly one of",
        ),
        (
            "/clients/nodes",
            json!({ "grants": [{ "actions": ["pull"], "repositories": ["demo/a"] }] }),
            "$.clients.nodes",
            "exactly one of",
        ),
        (
            "/clients/nodes",
            json!({ "anonymousFrom": ["10.0.0.1/8"], "grants": [{ "actions": ["pull"], "repositories": ["demo/a"] }] }),
            "$.clients.nodes.anonymousFrom[0]",
            "write 10.0.0.0/8",
        ),
        (
            "/clients/nodes",
            json!({ "anonymousFrom": ["10.0.0.0/8"], "grants": [{ "actions": ["pull"], "repositories": ["demo/**"] }] }),
            "$.clients.nodes.grants[0].repositories[0]",
            "not given to anonymous",
        ),
        (
            "/clients/nodes",
            json!({ "anonymousFrom": ["10.0.0.0/8"], "grants": [{ "actions": ["pull"], "repositories": ["demo/*/**"] }] }),
            "$.clients.nodes.grants[0].repositories[0]",
            "not given to anonymous",
        ),
        (
            "/clients/again",
            json!({ "tokenSha256": ["dd96db4c60be89ef794daddc49dc84cf3f3159b046218553ae4f276456bbc34d"], "grants": [{ "actions": ["pull"], "repositories": ["demo/a"] }] }),
            "$.clients.laptops",
            "shares a token",
        ),
        (
            "/clients/laptops/grants/0/actions",
            json!(["report", "apply"]),
            "$.clients.laptops",
            "never holds both",
        ),
        (
            "/clients/laptops/grants/0/actions",
            json!(["pul"]),
            "$.clients.laptops.grants[0].actions[0]",
            "expected one of pull",
        ),
        (
            "/clients/laptops/grants/0/repositories",
            json!(["ghcr/**"]),
            "$.clients.laptops.grants[0].repositories[0]",
            "no upstream is called `ghcr`",
        ),
        (
            "/clients/laptops/grants/0/repositories",
            json!(["*/shop"]),
            "$.clients.laptops.grants[0].repositories[0]",
            "no upstream is called `*`",
        ),
        (
            "/clients/laptops/grants/0/repositories",
            json!(["demo"]),
            "$.clients.laptops.grants[0].repositories[0]",
            "a slash and a pattern",
        ),
        (
            "/policies/app/kinds",
            json!(["images"]),
            "$.policies.app.kinds[0]",
            "expected one of image",
        ),
        (
            "/policies/app/minimumAge",
            json!("2 days"),
            "$.policies.app.minimumAge",
            "no duration",
        ),
        (
            "/policies/app/minimumAge",
            json!({ "pushed": "48h" }),
            "$.policies.app.minimumAge.created",
            "required",
        ),
        (
            "/policies/app/keep/0/tags",
            json!([]),
            "$.policies.app.keep[0].tags",
            "at least one",
        ),
        (
            "/policies/app/keep/0/tags",
            json!({ "regex": "a)|(?:b" }),
            "$.policies.app.keep[0].tags.regex",
            "cannot be run",
        ),
        (
            "/policies/app/keep/0/tags",
            json!({ "regex": ["v1"] }),
            "$.policies.app.keep[0].tags.regex",
            "expected a text",
        ),
        (
            "/policies/app/keep/0/tags",
            json!("v[0-9]"),
            "$.policies.app.keep[0].tags",
            "not allowed",
        ),
        (
            "/policies/app/keep/0/tags",
            json!("a/b"),
            "$.policies.app.keep[0].tags",
            "no slash",
        ),
        (
            "/policies/app/keep/0/newest",
            json!({ "count": 0, "by": "pushed" }),
            "$.policies.app.keep[0].newest.count",
            "whole number from 1",
        ),
        (
            "/policies/app/keep/0/newest",
            json!({ "count": 5 }),
            "$.policies.app.keep[0].newest.by",
            "required",
        ),
        (
            "/policies/app/keep/0/newest",
            json!({ "count": 5, "by": "pulled" }),
            "$.policies.app.keep[0].newest.by",
            "expected one of",
        ),
        (
            "/policies/app/keep/0/newest",
            json!({ "count": 5, "by": "pushed", "per": "branch" }),
            "$.policies.app.keep[0].newest.per",
            "no group `branch`",
        ),
        (
            "/policies/app/keep/0/beyondNewest",
            json!({ "count": 5, "by": "pushed" }),
            "$.policies.app.keep[0].beyondNewest",
            "opposite",
        ),
        (
            "/policies/app/keep/0/ifUnknown",
            json!("keep"),
            "$.policies.app.keep[0].ifUnknown",
            "expected one of ignore",
        ),
        (
            "/policies/app/delete/0/newest",
            json!({ "count": 5, "by": "pushed" }),
            "$.policies.app.delete[0].newest",
            "opposite",
        ),
        (
            "/policies/app/delete/0/ifUnknown",
            json!("ignore"),
            "$.policies.app.delete[0].ifUnknown",
            "belongs to keep rules",
        ),
        (
            "/policies/app/delete/0/optional",
            json!(true),
            "$.policies.app.delete[0].optional",
            "belongs to keep rules",
        ),
        (
            "/policies/app/delete/0/tagged",
            json!(false),
            "$.policies.app.delete[0]",
            "contradiction",
        ),
        (
            "/policies/app/delete/0/olderThan",
            json!("7d"),
            "$.policies.app.delete[0].olderThan",
            "expected an object",
        ),
        (
            "/policies/app/delete/0/olderThan",
            json!({}),
            "$.policies.app.delete[0].olderThan",
            "exactly one of",
        ),
        (
            "/policies/app/delete/0/olderThan",
            json!({ "pushed": "7d", "created": "7d" }),
            "$.policies.app.delete[0].olderThan",
            "exactly one of",
        ),
        (
            "/policies/app/delete/0/youngerThan",
            json!({ "pushed": "7d" }),
            "$.policies.app.delete[0]",
            "contradiction",
        ),
        (
            "/policies/app/delete/0/where",
            json!({ "branch": { "in": "x" } }),
            "$.policies.app.delete[0].where.branch",
            "no group `branch`",
        ),
        (
            "/policies/app/delete/0/name",
            json!("releases"),
            "$.policies.app",
            "two rules are called",
        ),
        (
            "/policies/app/delete/0",
            json!({ "name": "everything" }),
            "$.policies.app.delete[0]",
            "names no condition",
        ),
        (
            "/policies/app/delete/0",
            json!({ "tags": "x" }),
            "$.policies.app.delete[0].name",
            "required",
        ),
        (
            "/policies/app/grace",
            json!("soon"),
            "$.policies.app.grace",
            "no duration",
        ),
        (
            "/jobs/apps/policy",
            json!("ap"),
            "$.jobs.apps.policy",
            "no policy is called `ap`",
        ),
        (
            "/jobs/apps/schedule",
            json!("15 3 * *"),
            "$.jobs.apps.schedule",
            "expected five fields",
        ),
        (
            "/jobs/apps/mode",
            json!("delete"),
            "$.jobs.apps.mode",
            "expected one of plan, apply",
        ),
        (
            "/jobs/apps/except",
            json!(["demo/shop/*"]),
            "$.jobs.apps",
            "takes every repository away",
        ),
        (
            "/jobs/apps/repositories",
            json!(["demo/Shop"]),
            "$.jobs.apps.repositories[0]",
            "capital letters",
        ),
        (
            "/jobs/apps/requires",
            json!(["k8s"]),
            "$.jobs.apps.requires[0]",
            "no report is called `k8s`",
        ),
        (
            "/jobs/apps/limits",
            json!({ "repository": { "share": "20" } }),
            "$.jobs.apps.limits.repository.share",
            "whole percentage",
        ),
        (
            "/jobs/apps/limits",
            json!({ "repository": { "survivors": 0 } }),
            "$.jobs.apps.limits.repository.survivors",
            "whole number from 1",
        ),
        (
            "/jobs/apps/limits",
            json!({ "runs": {} }),
            "$.jobs.apps.limits.runs",
            "unknown field",
        ),
        (
            "/jobs/more",
            json!({ "repositories": ["demo/shop/web"], "policy": "app" }),
            "$.jobs.more",
            "belongs to one job",
        ),
        (
            "/jobs/more",
            json!({ "repositories": ["demo/shop/**"], "policy": "app" }),
            "$.jobs.more",
            "belongs to one job",
        ),
    ] {
        let found = problems(&with(pointer, value.clone()));
        assert!(
            found
                .iter()
                .any(|problem| problem.starts_with(&format!("{path}: "))
                    && problem.contains(message)),
            "{pointer} {value}: {found:?}"
        );
    }
}

#[test]
fn the_usual_names_of_one_registry_are_one_registry() {
    for (one, other, is_one) in [
        ("127.0.0.1:5555", "localhost:5555", true),
        ("localhost:5555", "[::1]:5555", true),
        ("localhost", "127.0.0.1:80", true),
        ("docker.io", "registry-1.docker.io", true),
        ("registry.example", "registry.example:443", true),
        ("127.0.0.1:5555", "127.0.0.2:5555", false),
        ("localhost:5555", "localhost:5556", false),
        ("registry.example", "registry.example:80", false),
    ] {
        let text = json!({
            "version": 1,
            "upstreams": { "one": { "host": one }, "other": { "host": other } },
            "policies": { "p": {} },
            "jobs": { "a": { "repositories": ["one/x"], "policy": "p" },
                      "b": { "repositories": ["other/x"], "policy": "p" } }
        });
        match Configuration::parse(&text.to_string()) {
            Ok(_) => assert!(!is_one, "{one} {other}"),
            Err(problems) => {
                assert!(is_one, "{one} {other}");
                let message = problems[0].to_string();
                assert!(message.contains("belongs to one job"), "{message}");
            }
        }
    }
}

#[test]
fn one_registry_under_two_names_is_one_registry() {
    let text = json!({
        "version": 1,
        "upstreams": { "one": { "host": "registry.example" }, "registry.example": {} },
        "policies": { "p": {} },
        "jobs": { "a": { "repositories": ["one/x"], "policy": "p" },
                  "b": { "repositories": ["registry.example/x"], "policy": "p" } }
    });
    assert_eq!(
        problems(&text.to_string()),
        [
            "$.jobs.b: registry.example/x belongs to the job `a`; a repository belongs to one job (line 1, column 58)"
        ]
    );
}

#[test]
fn all_problems_are_said_at_once_and_a_secret_is_not_repeated() {
    let text = with(
        "/upstreams/demo/credentials/read/password",
        json!("s3cr3t-value"),
    )
    .replace("15 3 * * *", "never")
    .replace("\"48h\"", "\"0h\"");
    let found = problems(&text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(!found.concat().contains("s3cr3t"));
}

#[test]
fn broken_json_says_where() {
    let problems: Vec<Problem> =
        Configuration::parse("{ \"version\": 1,\n  \"jobs\": {}, }").unwrap_err();
    assert_eq!(problems.len(), 1);
    let position = problems[0].position.unwrap();
    assert_eq!((position.line, position.column), (2, 15));
    assert_eq!(problems[0].code, Code::InvalidConfiguration);
}

#[test]
fn the_same_meaning_hashes_the_same_and_another_one_does_not() {
    let hash = |text: &str| {
        Configuration::parse(text)
            .unwrap()
            .job("apps")
            .unwrap()
            .hash()
    };
    let same = hash(&whole().to_string());
    assert_eq!(hash(&with("/policies/app/minimumAge", json!("2d"))), same);
    assert_eq!(
        hash(&with("/policies/unused", json!({}))),
        same,
        "other policies are none of its business"
    );
    assert_eq!(
        hash(&with(
            "/jobs/apps/repositories",
            json!(["demo/shop/api", "demo/shop/web"])
        )),
        same
    );
    for (pointer, value) in [
        ("/policies/app/minimumAge", json!("49h")),
        ("/policies/app/minimumAge", json!({ "created": "48h" })),
        (
            "/policies/app/delete/0/olderThan",
            json!({ "pushed": "8d" }),
        ),
        (
            "/policies/app/delete/0/olderThan",
            json!({ "created": "7d" }),
        ),
        ("/jobs/apps/limits/repository/survivors", json!(6)),
        ("/jobs/apps/mode", json!("plan")),
        (
            "/jobs/apps/repositories",
            json!(["demo/shop/web", "demo/shop/db"]),
        ),
        ("/upstreams/demo/host", json!("127.0.0.1:5001")),
    ] {
        assert_ne!(hash(&with(pointer, value)), same, "{pointer}");
    }
}

#[test]
fn the_checked_in_examples_are_understood() {
    for (name, text, job) in [
        (
            "proxy-only",
            include_str!("../examples/proxy-only.json"),
            None,
        ),
        (
            "fleet",
            include_str!("../examples/fleet.json"),
            Some("apps"),
        ),
        ("cli", include_str!("../examples/cli.json"), Some("web")),
    ] {
        let configuration =
            Configuration::parse(text).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert!(
            !configuration.unsupported().is_empty(),
            "{name} shows what is still to come"
        );
        if let Some(job) = job {
            assert_eq!(
                configuration.job(job).unwrap_err().code(),
                Code::Unsupported,
                "{name}"
            );
        }
    }
    let proxy = Configuration::parse(include_str!("../examples/proxy-only.json")).unwrap();
    assert!(
        proxy
            .clients()
            .iter()
            .filter(|client| client.ensure_supported().is_ok())
            .count()
            >= 2
    );
}

#[test]
fn the_checked_in_configuration_is_carried_out_whole() {
    let configuration = Configuration::parse(include_str!("../portreeve.json")).unwrap();
    assert!(configuration.unsupported().is_empty());
    assert!(configuration.warnings().is_empty());
    let job = configuration.job("shop").unwrap();
    assert_eq!(job.repositories[0].to_string(), "127.0.0.1:5555/shop/web");
    assert!(
        configuration
            .upstream("demo")
            .unwrap()
            .delete_credential()
            .is_ok()
    );
    let client = &configuration.clients()[0];
    assert!(
        client.allows(Action::Plan, "demo", "shop/web")
            && !client.allows(Action::Apply, "demo", "shop/web")
    );
    let from = |address: &str| {
        client
            .anonymous_from
            .iter()
            .any(|network| network.contains(address.parse().unwrap()))
    };
    assert!(from("127.0.0.1") && from("::1") && !from("192.0.2.1"));
}

#[test]
fn an_upstream_is_found_by_any_name_of_its_host_and_nothing_else_is() {
    let upstreams = json!({
        "team": { "host": "docker.io", "credential": "anonymous", "allow": ["team/**"] },
        "hub": { "host": "docker.io", "credential": "anonymous" },
        "here": { "host": "127.0.0.1:5000", "credential": "anonymous" },
    });
    let text = json!({ "version": 1, "upstreams": upstreams }).to_string();
    let configuration = Configuration::parse(&text).unwrap();
    let at = |host, repository| {
        let found = configuration.upstream_at(host, repository);
        found
            .map(|upstream| upstream.name.as_str())
            .map_err(|error| error.code())
    };
    assert_eq!(at("registry-1.docker.io", "library/alpine"), Ok("hub"));
    assert_eq!(
        at("docker.io", "team/web"),
        at("index.docker.io", "team/web")
    );
    assert_eq!(at("localhost:5000", "a"), Ok("here"));
    for host in ["ghcr.io", "127.0.0.1:5001", "docker.io.evil.example", ""] {
        assert_eq!(at(host, "team/web"), Err(Code::NotFound), "{host}");
    }
}
