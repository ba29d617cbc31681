//! Reports: what is left of Kubernetes' objects, and what is not.
//!
//! The fixtures are written for these tests in the shape of `kubectl get ... -A -o json`: the
//! objects as the Kubernetes API reference (v1.34), Flux' and Argo CD's describe them, `imageID` as
//! containerd 2, CRI-O 1.33 and cri-dockerd fill it in. `hunter2` stands wherever a cluster keeps
//! what must stay there.

use portreeve::error::Code;
use portreeve::plan::reports::{Reducer, Report, ReportKind, Used, reduce};
use portreeve::timestamp::Timestamp;
use serde_json::Value;

const WORKLOADS: &str = include_str!("reports/workloads.json");
const GITOPS: &str = include_str!("reports/gitops.json");
const NOW: Timestamp = Timestamp::from_seconds(1_795_507_200);

fn images(text: &str) -> Report {
    reduce(text, ReportKind::Images, NOW).unwrap()
}

/// One line for each use: `form name <- sources`.
fn lines(report: &Report) -> Vec<String> {
    let shortened = |text: String| {
        let mut text = text;
        for digit in "123456789abcdef".chars() {
            text = text.replace(&digit.to_string().repeat(64), &digit.to_string());
        }
        text
    };
    let uses = report.uses.iter();
    uses.map(|one| {
        let form = match &one.used {
            Used::Digest { .. } => "",
            Used::Reference { running: true, .. } => "running ",
            Used::Reference { .. } => "template ",
            Used::Config(_) => "config ",
            Used::Unresolved(_) => "unresolved ",
            _ => "?",
        };
        shortened(format!("{form}{} <- {}", one.used, one.sources.join("; ")))
    })
    .collect()
}

#[test]
fn rule_13_running_images_their_templates_and_earlier_revisions_are_in_use() {
    assert_eq!(
        lines(&images(WORKLOADS)),
        [
            "cr.acme.dev/shop/web@sha256:1 <- pod/web-7d4b9c-x2k5p in shop, container app",
            "cr.acme.dev/shop/migrate@sha256:2 <- pod/web-7d4b9c-x2k5p in shop, container migrate",
            "docker.io/istio/proxyv2@sha256:3 <- pod/web-7d4b9c-x2k5p in shop, container proxy",
            "docker.io/library/busybox@sha256:4 <- pod/web-7d4b9c-x2k5p in shop, container debugger",
            "cr.acme.dev/old/app@sha256:6 <- pod/legacy-0 in old, container app",
            "docker.io/library/postgres@sha256:8 <- statefulset/db in shop, container postgres",
            "cr.acme.dev/ops/agent@sha256:9 <- daemonset/agent in kube-system, container agent",
            "template cr.acme.dev/old/app:v1 <- pod/legacy-0 in old, container app",
            "template cr.acme.dev/shop/import:v5 <- job/import in shop, container import",
            "template cr.acme.dev/shop/job:v2 <- pod/job-28123-abcde in shop, container work",
            "template cr.acme.dev/shop/migrate:v3 <- pod/web-7d4b9c-x2k5p in shop, container migrate",
            "template cr.acme.dev/shop/model:v7 <- pod/web-7d4b9c-x2k5p in shop",
            "template cr.acme.dev/shop/nightly:2026 <- cronjob/nightly in shop, container report",
            "template cr.acme.dev/shop/odd:v1 <- pod/odd-0 in shop, container app",
            "running cr.acme.dev/shop/odd:v1 <- pod/odd-0 in shop, container app",
            "template cr.acme.dev/shop/pending:v9 <- pod/pending-0 in shop, container app",
            "template cr.acme.dev/shop/unseen:v1 <- pod/odd-0 in shop, container unseen",
            "running cr.acme.dev/shop/unseen:v1 <- pod/odd-0 in shop, container unseen",
            "template cr.acme.dev/shop/web:main <- deployment/web in shop, container app; pod/web-7d4b9c-x2k5p in shop, container app",
            "template cr.acme.dev/shop/web:v1.4.1 <- replicaset/web-5f6d7c in shop (an earlier revision), container app",
            "template docker.io/istio/proxyv2:1.24.0 <- pod/web-7d4b9c-x2k5p in shop, container proxy",
            "template docker.io/library/busybox:1.36 <- pod/web-7d4b9c-x2k5p in shop, container debugger",
            "template docker.io/library/postgres:16.1 <- controllerrevision/db-6c5d in shop, container postgres",
            "template docker.io/local/tool:dev <- pod/legacy-0 in old, container local",
            "config sha256:5 <- pod/job-28123-abcde in shop, container work",
            "config sha256:7 <- pod/legacy-0 in old, container local",
            "unresolved Cr.acme.dev/Broken Image <- pod/odd-0 in shop, container broken",
        ]
    );
}

#[test]
fn rule_29_what_flux_and_argo_take_from_registries_is_in_use() {
    assert_eq!(
        lines(&images(GITOPS)),
        [
            "sha256:a <- helmrelease/byref in shop",
            "ghcr.io/acme/manifests/podinfo@sha256:a <- ocirepository/podinfo in flux-system",
            "sha256:b <- helmrelease/web in shop",
            "ghcr.io/acme/manifests/base@sha256:c <- application/artifact in argocd",
            "cr.acme.dev/shop/web@sha256:f <- kustomization",
            "template cr.acme.dev/shop/api:v1 <- application/shop in argocd",
            "template cr.acme.dev/shop/api:v2 <- application/shop in argocd",
            "template cr.acme.dev/shop/canary:v1 <- rollout/canary in shop, container app",
            "template cr.acme.dev/shop/web:v1.4.2 <- helmrelease/web in shop",
            "template cr.acme.dev/shop/web:v1.4.3 <- kustomization/apps in flux-system",
            "template cr.acme.dev/shop/web:v9 <- application/artifact in argocd",
            "template docker.io/library/redis:7 <- application/shop in argocd",
            "template ghcr.io/acme/charts/shop:3.1.3 <- application/shop in argocd",
            "template ghcr.io/acme/charts/shop:3.1.4 <- application/shop in argocd",
            "template ghcr.io/acme/charts/web:2.3.3_build.7 <- helmrelease/web in shop",
            "template ghcr.io/acme/charts/web:2.3.4 <- helmrelease/web in shop",
            "template ghcr.io/acme/manifests/apps:production <- ocirepository/apps in flux-system",
            "template ghcr.io/acme/manifests/base:v5 <- application/artifact in argocd",
            "unresolved ghcr.io/acme/manifests/unfetched <- ocirepository/unfetched in flux-system",
            "unresolved the chart lost of HelmRepository nowhere in shop, which is not among the objects <- helmrelease/lost in shop",
        ]
    );
}

#[test]
fn no_secret_of_a_workload_survives_reduction() {
    for fixture in [WORKLOADS, GITOPS] {
        assert!(fixture.matches("hunter2").count() > 15);
        let text = images(fixture).to_text();
        let found = text.find("hunter2").map(|at| &text[at..]);
        assert_eq!(found, None);
    }
}

/// Everything but the fields that a report is made of may be a secret.
#[test]
fn no_text_outside_of_names_and_images_survives_reduction() {
    const TAKEN_OVER: [&str; 6] = [
        "apiVersion",
        "image",
        "imageID",
        "kind",
        "phase",
        "reference",
    ];
    fn plant(value: &mut Value, under: &str, planted: &mut u32) {
        match value {
            Value::String(text) if !TAKEN_OVER.contains(&under) => {
                *planted += 1;
                *text = format!("planted.example/{planted}");
            }
            Value::Array(items) => items
                .iter_mut()
                .for_each(|item| plant(item, under, planted)),
            Value::Object(fields) => {
                // of an object its name, its namespace and that it is alive
                let is_metadata = under == "object";
                for (name, value) in fields {
                    let kept = match name.as_str() {
                        "name" => fields_are_named(under),
                        "namespace" | "uid" => is_metadata,
                        _ => false,
                    };
                    if !kept {
                        let below = match (under, name.as_str()) {
                            ("items", "metadata") => "object",
                            (_, name) => name,
                        };
                        plant(value, below, planted);
                    }
                }
            }
            _ => {}
        }
    }
    fn fields_are_named(under: &str) -> bool {
        under == "object" || under.to_lowercase().contains("container")
    }
    let mut document: Value = serde_json::from_str(WORKLOADS).unwrap();
    let mut planted = 0;
    plant(&mut document, "", &mut planted);
    assert!(planted > 300, "{planted}");
    let report = images(&document.to_string());
    assert_eq!(report, images(WORKLOADS));
}

#[test]
fn the_order_of_objects_their_files_and_what_is_reduced_already_make_no_difference() {
    let whole = {
        let mut reducer = Reducer::new(ReportKind::Images);
        reducer.read(WORKLOADS).unwrap();
        reducer.read(GITOPS).unwrap();
        reducer.finish(NOW)
    };
    let mut document: Value = serde_json::from_str(WORKLOADS).unwrap();
    document["items"].as_array_mut().unwrap().reverse();
    let earlier = Timestamp::from_seconds(1_795_500_000);
    let gitops = reduce(GITOPS, ReportKind::Images, earlier).unwrap();
    let mut reducer = Reducer::new(ReportKind::Images);
    reducer.read(&gitops.to_text()).unwrap();
    reducer.read(&document.to_string()).unwrap();
    let report = reducer.finish(NOW);
    assert_eq!(report.taken_at, earlier, "it is as old as its oldest part");
    assert_eq!((report.uses, whole.taken_at), (whole.uses, NOW));
    // several lists in one file, one after the other
    let twice = format!("{WORKLOADS}\n{WORKLOADS}");
    assert_eq!(images(&twice), images(WORKLOADS));
}

#[test]
fn an_object_by_itself_an_array_of_them_and_a_list_in_a_list_are_read() {
    let document: Value = serde_json::from_str(WORKLOADS).unwrap();
    let whole = images(WORKLOADS);
    let items = &document["items"];
    assert_eq!(images(&items.to_string()), whole);
    let nested = serde_json::json!({ "kind": "List", "apiVersion": "v1", "items": [document] });
    assert_eq!(images(&nested.to_string()), whole);
    let deployment = images(&items[5].to_string());
    assert_eq!(lines(&deployment).len(), 1);
}

#[test]
fn plain_lists_name_what_runs() {
    let report =
        images("# what runs on the build hosts\n\n  cr.acme.dev/ci/builder:v3 \r\nalpine\n");
    let expected = [
        "running cr.acme.dev/ci/builder:v3 <- a list",
        "running docker.io/library/alpine:latest <- a list",
    ];
    assert_eq!(lines(&report), expected);
    assert_eq!(images(r#"["alpine", "cr.acme.dev/ci/builder:v3"]"#), report);
    assert_eq!(images("[]").size(), 0);
    let strings = |text| reduce(text, ReportKind::Strings, NOW).unwrap().strings;
    assert_eq!(strings("12\n7\n\n12\n"), ["12", "7"]);
    assert_eq!(strings(r#"[12, "7"]"#), ["12", "7"]);
    assert!(strings("").is_empty(), "no pull request is open");
}

#[test]
fn what_is_no_report_is_refused_and_says_what_to_do() {
    use ReportKind::{Images, Strings};
    let failed =
        r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods is forbidden"}"#;
    for (kind, text, expected) in [
        (Images, "", "a command that failed"),
        (Images, " \n", "a command that failed"),
        (Images, failed, "did the command fail"),
        (
            Images,
            "apiVersion: v1\nitems: []\n",
            "line 1: `apiVersion: v1` is no image",
        ),
        (Images, "NAME READY STATUS", "line 1"),
        (
            Images,
            r#"{"images":["alpine"]}"#,
            "no object of Kubernetes",
        ),
        (Images, "[1]", "expected objects or texts"),
        (Images, r#"["alpine", "not an image"]"#, "no image"),
        (Images, r#"{"kind":"List","items":{}}"#, "invalid type"),
        (Images, r#"{"kind":"List","items":[{"#, "EOF"),
        (
            Images,
            r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"web","uid":"7f0c"},
                "spec":{"containers":[{"name":"app","image":"web:v1"}]}}]}"#,
            "`kubectl get -o json` writes them",
        ),
        (
            Images,
            r#"{"kind":"List","apiVersion":"v1","items":[],"metadata":{"continue":"eyJ2IjoibWV0YSJ9"}}"#,
            "one page of a longer list",
        ),
        (
            Images,
            r#"{"kind":"List","items":[{"kind":"PodList","apiVersion":"v1","metadata":{"continue":"e"},"items":[]}]}"#,
            "one page of a longer list",
        ),
        (Images, "[] x", "expected value"),
        (Images, r#"{"format":"portreeve.plan/1"}"#, "missing field"),
        (Strings, WORKLOADS, "a report of strings is"),
        (Strings, "[null]", "expected objects or texts"),
        (
            Strings,
            r#"{"format":"portreeve.report/1","kind":"images","takenAt":"2026-11-24T08:00:00Z","uses":[]}"#,
            "a report of images, not of strings",
        ),
    ] {
        let error = reduce(text, kind, NOW).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(error.found().contains(expected), "{text}: {error}");
    }
    let long = "x".repeat(1001);
    assert!(reduce(&long, Strings, NOW).is_err(), "a text is never cut");
}

#[test]
fn what_is_by_the_way_in_a_folder_is_passed_over() {
    let list = r#"{"kind":"List","items":[null, {"name":"package.json"}, {"services":{"web":{"image":"web"}}},
        {"resources":["web.yaml"],"images":[{"name":"web","newTag":"v3"}]},
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
         "spec":{"template":{"spec":{"containers":[{"name":"app","image":"$(IMAGE) to come"}]}}}}]}"#;
    assert_eq!(
        lines(&images(list)),
        ["template docker.io/library/web:v3 <- kustomization"]
    );
}
