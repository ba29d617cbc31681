//! What rules select: kinds, versions, what an image says of itself, what a report lists.

use portreeve::configuration::{ReportKind, ReportRule};
use portreeve::plan::inventory::{Entry, Inventory, Kind};
use portreeve::plan::reports::Report;
use portreeve::plan::{self, GivenReport, Plan, Reason};
use serde_json::{Value, json};

use super::snapshot::*;

/// One rule that deletes, and the same as one that keeps from being deleted by another.
fn both(selector: &Value) -> [Value; 2] {
    let rule = |name: &str| {
        let mut rule = selector.clone();
        rule["name"] = json!(name);
        rule
    };
    [
        json!({ "delete": [rule("selected")] }),
        json!({ "keep": [rule("selected")], "delete": [{ "name": "all", "tags": "t-*" }] }),
    ]
}

/// Whether each name goes, stays, or is unknown: by a delete rule, and by a keep rule.
fn outcomes(selector: &Value, inventory: &Inventory, name: &str) -> [Reason; 2] {
    both(selector).map(|document| reason(&plan_of(&document, inventory.clone()), name))
}

fn labelled(name: &str, tags: &[&str], team: Option<&str>) -> Entry {
    let mut image = image(name, tags);
    let labels = team.map(|team| ("team".to_owned(), team.to_owned()));
    image.labels = Some(labels.into_iter().collect());
    image
}

fn on(name: &str, platform: &str) -> Entry {
    let mut image = image(name, &[]);
    image.platform = Some(platform.to_owned());
    image
}

fn asking(images: Vec<Entry>) -> Inventory {
    let mut inventory = repository(images);
    inventory.label_keys = vec!["team".to_owned()];
    inventory.annotation_keys = vec!["team".to_owned()];
    inventory
}

const SELECTED: [Reason; 2] = [Reason::DeleteRule, Reason::KeepRule];
const NOT_SELECTED: [Reason; 2] = [Reason::NotSelected, Reason::DeleteRule];

#[test]
fn a_label_is_there_or_known_to_be_absent_or_was_not_read() {
    let selector = json!({ "labels": { "team": ["web-*", "shop"] } });
    let mut unread = image("unread", &["t-4"]);
    unread.labels = None;
    let inventory = asking(vec![
        labelled("fits", &["t-1"], Some("web-frontend")),
        labelled("other", &["t-2"], Some("billing")),
        labelled("absent", &["t-3"], None),
        unread,
    ]);
    assert_eq!(outcomes(&selector, &inventory, "fits"), SELECTED);
    assert_eq!(outcomes(&selector, &inventory, "other"), NOT_SELECTED);
    assert_eq!(outcomes(&selector, &inventory, "absent"), NOT_SELECTED);
    assert_eq!(
        outcomes(&selector, &inventory, "unread"),
        [Reason::Label; 2]
    );
    let mut not_asked = inventory;
    not_asked.label_keys.clear();
    assert_eq!(
        outcomes(&selector, &not_asked, "absent"),
        [Reason::Label; 2],
        "a key that nobody asked for is not absent"
    );
}

#[test]
fn one_image_of_an_index_is_enough_to_keep_it_and_all_are_needed_to_delete_it() {
    let selector = json!({ "platform": ["linux/amd64", "linux/arm64"] });
    let mut attestation = image("attestation", &[]);
    attestation.kind = Kind::Attestation;
    let mut nameless = image("nameless", &[]);
    nameless.platform = None;
    let inventory = asking(vec![
        on("amd64", "linux/amd64"),
        on("arm64", "linux/arm64"),
        on("s390x", "linux/s390x"),
        nameless,
        attestation,
        index("both", &["t-1"], &["amd64", "arm64", "attestation"]),
        index("one of two", &["t-2"], &["amd64", "s390x"]),
        index("none", &["t-3"], &["s390x"]),
        index("one unknown", &["t-4"], &["amd64", "nameless"]),
        index("no other", &["t-5"], &["s390x", "nameless"]),
        index("nested", &["t-6"], &["both", "arm64"]),
        index("empty", &["t-7"], &["attestation"]),
    ]);
    let of = |name| outcomes(&selector, &inventory, name);
    assert_eq!(of("both"), SELECTED);
    assert_eq!(of("nested"), SELECTED);
    assert_eq!(of("one of two"), [Reason::NotSelected, Reason::KeepRule]);
    assert_eq!(of("none"), NOT_SELECTED);
    assert_eq!(of("one unknown"), [Reason::Platform, Reason::KeepRule]);
    assert_eq!(of("no other"), [Reason::NotSelected, Reason::Platform]);
    assert_eq!(
        of("empty"),
        [Reason::Platform; 2],
        "every one of none is not all"
    );
}

#[test]
fn an_index_speaks_for_itself_before_its_images_do() {
    let selector = json!({ "annotations": { "team": "web" } });
    let annotated = |mut image: Entry, team: Option<&str>| {
        let team = team.map(|team| ("team".to_owned(), team.to_owned()));
        image.annotations = Some(team.into_iter().collect());
        image
    };
    let inventory = asking(vec![
        annotated(image("web", &[]), Some("web")),
        annotated(image("api", &[]), Some("api")),
        annotated(index("own", &["t-1"], &["api"]), Some("web")),
        annotated(index("another", &["t-2"], &["web"]), Some("api")),
        annotated(index("by image", &["t-3"], &["web"]), None),
        annotated(index("by neither", &["t-4"], &["api"]), None),
        index("unread", &["t-5"], &["web"]),
        index("unread and not by image", &["t-6"], &["api"]),
    ]);
    let of = |name| outcomes(&selector, &inventory, name);
    assert_eq!(of("own"), SELECTED);
    assert_eq!(of("another"), [Reason::NotSelected, Reason::KeepRule]);
    assert_eq!(of("by image"), SELECTED);
    assert_eq!(of("by neither"), NOT_SELECTED);
    assert_eq!(of("unread"), [Reason::Annotation, Reason::KeepRule]);
    assert_eq!(of("unread and not by image"), [Reason::Annotation; 2]);
}

#[test]
fn what_could_not_be_read_below_an_index_leaves_it_open() {
    let selector = json!({ "platform": "linux/amd64" });
    let mut broken = on("broken", "linux/amd64");
    broken.kind = Kind::Other;
    broken.tags = vec![portreeve::plan::inventory::Tag::new("broken")];
    broken.unreadable = Some("404".to_owned());
    let inventory = asking(vec![
        on("amd64", "linux/amd64"),
        broken,
        index("index", &["t-1"], &["amd64", "broken"]),
        index("cycle", &["t-2"], &["amd64", "cycle back"]),
        index("cycle back", &["t-3"], &["cycle"]),
    ]);
    let delete = &both(&selector)[0];
    let plan = plan_of(delete, inventory);
    for name in ["index", "cycle", "cycle back"] {
        assert_eq!(
            reason(&plan, name).verdict(),
            plan::Verdict::Unknown,
            "{name}"
        );
    }
}

#[test]
fn a_deep_nest_of_tagged_indexes_is_asked_once_each() {
    let selector = json!({ "platform": "linux/amd64" });
    let names: Vec<String> = (0..10_000).map(|depth| format!("t-{depth}")).collect();
    let mut images: Vec<Entry> = names
        .windows(2)
        .map(|pair| index(&pair[0], &[&pair[0]], &[&pair[1]]))
        .collect();
    images.push(on("t-9999", "linux/amd64"));
    let plan = plan_of(&both(&selector)[1], asking(images));
    assert_eq!(reason(&plan, "t-0"), Reason::KeepRule);
}

#[test]
fn kinds_that_the_policy_does_not_name_neither_go_nor_take_a_place() {
    let chart = |name: &str, days| {
        let mut chart = aged(image(name, &[name]), days);
        chart.kind = Kind::Chart;
        chart
    };
    let images = || {
        vec![
            chart("t-chart", 10),
            aged(image("t-new", &["t-new"]), 20),
            aged(image("t-old", &["t-old"]), 30),
        ]
    };
    let document = |kinds: Value, of_rule: Value| {
        let mut rule = json!({ "name": "old", "tags": "t-*",
                               "beyondNewest": { "count": 1, "by": "pushed" } });
        if !of_rule.is_null() {
            rule["kinds"] = of_rule;
        }
        json!({ "kinds": kinds, "delete": [rule] })
    };
    let names = ["t-chart", "t-new", "t-old"];
    let goes = |kinds, of_rule| {
        let plan = plan(&document(kinds, of_rule), images());
        (deleted(&plan, &names), reason(&plan, "t-chart"))
    };
    assert_eq!(
        goes(json!(["image"]), Value::Null),
        (vec!["t-old"], Reason::Kind)
    );
    assert_eq!(
        goes(json!(["image", "chart"]), Value::Null),
        (vec!["t-new", "t-old"], Reason::NotSelected)
    );
    assert_eq!(
        goes(json!(["image", "chart"]), json!(["image"])),
        (vec!["t-old"], Reason::NotSelected)
    );
    let plan = plan(&document(json!(["image"]), Value::Null), images());
    let mut planned = plan.repositories[0].images.iter();
    let chart = planned.find(|image| image.tags == ["t-chart"]).unwrap();
    assert_eq!(
        chart.explanation,
        "it is of the kind chart; the policy speaks about the kinds image"
    );
}

#[test]
fn a_chart_has_no_creation_time_to_be_old_by() {
    let document = json!({ "kinds": ["chart"], "minimumAge": { "created": "48h" },
                           "delete": [{ "name": "charts", "tags": "*" }] });
    let mut chart = image("chart", &["chart"]);
    chart.kind = Kind::Chart;
    chart.times.created = None;
    assert_eq!(
        reason(&plan(&document, vec![chart]), "chart"),
        Reason::TooYoung
    );
}

#[test]
fn rule_30_caches_are_touched_only_when_named() {
    let cache = |name: &str, tags: &[&str]| {
        let mut cache = image(name, tags);
        cache.kind = Kind::Cache;
        cache
    };
    let document = |kinds: Value| {
        json!({ "kinds": kinds, "delete": [
            { "name": "all", "tags": "t-*" }, { "name": "untagged", "tagged": false }] })
    };
    let images = || vec![cache("t-cache", &["t-cache"]), cache("untagged", &[])];
    let names = ["t-cache", "untagged"];
    let kept = plan(&document(json!(["image"])), images());
    assert_eq!(deleted(&kept, &names), Vec::<&str>::new());
    assert_eq!(
        [reason(&kept, "t-cache"), reason(&kept, "untagged")],
        [Reason::Kind; 2]
    );
    let asked = plan(&document(json!(["cache"])), images());
    assert_eq!(deleted(&asked, &names), names);
}

#[test]
fn versions_are_ordered_by_precedence_and_what_is_none_takes_no_place() {
    let document = json!({ "keep": [{ "name": "newest", "tags": "*",
        "newest": { "count": 2, "by": "semver" } }], "delete": [{ "name": "all", "tags": "*" }] });
    let names = ["v1.9.0", "1.10.0", "v1.10.1-rc.1", "latest", "v1.2.0"];
    let mut images: Vec<Entry> = names.iter().map(|name| image(name, &[name])).collect();
    images.push(image("two tags", &["v3.0.0", "stable"]));
    let mut inventory = repository(images);
    inventory.retain(|_| true);
    let plan = try_plan(&document, inventory).unwrap();
    assert_eq!(deleted(&plan, &names), ["v1.9.0", "v1.2.0"]);
    assert_eq!(reason(&plan, "latest"), Reason::Version);
    assert_eq!(
        reason(&plan, "two tags"),
        Reason::Version,
        "one of its tags is no version"
    );
}

fn plan_with_strings(document: &Value, listed: Option<&[&str]>, images: Vec<Entry>) -> Plan {
    let rule = ReportRule::new("open-prs", ReportKind::Strings, "2h".parse().unwrap());
    let report = listed.map(|listed| {
        let mut report = Report::new(ReportKind::Strings, NOW);
        report.strings = listed.iter().map(|text| (*text).to_owned()).collect();
        report
    });
    let given = [GivenReport {
        rule: &rule,
        report: report.as_ref(),
        previous_size: None,
        required: false,
    }];
    let mut inventory = repository(images);
    inventory.fill([image("survivor", &["survivor"])]).unwrap();
    let inventories = [inventory];
    let policy = policy(document);
    let input = plan::Input {
        reports: &given,
        ..input(&policy, &inventories)
    };
    plan::make(&input).unwrap().document()
}

#[test]
fn what_a_tag_captured_is_looked_up_in_a_report() {
    let document = json!({
        "keep": [{ "name": "open prs", "tags": { "regex": "pr-(?<pr>[0-9]+)(-.+)?" },
                   "where": { "pr": { "in": "open-prs" } }, "optional": true }],
        "delete": [{ "name": "prs", "tags": { "regex": "pr-.*" } }] });
    let images = || {
        vec![
            image("open", &["pr-7-abc"]),
            image("closed", &["pr-8"]),
            image("like an open one", &["pr-77"]),
        ]
    };
    let plan = plan_with_strings(&document, Some(&["7"]), images());
    assert_eq!(reason(&plan, "open"), Reason::KeepRule);
    assert_eq!(reason(&plan, "closed"), Reason::DeleteRule);
    assert_eq!(reason(&plan, "like an open one"), Reason::DeleteRule);
    let plan = plan_with_strings(&document, None, images());
    for name in ["open", "closed", "like an open one"] {
        assert_eq!(reason(&plan, name), Reason::ReportMissing, "{name}");
    }
    let mut planned = plan.repositories[0].images.iter();
    let open = planned.find(|image| image.tags == ["pr-7-abc"]).unwrap();
    assert_eq!(
        open.explanation,
        "the report `open-prs` cannot be relied on, there is none, \
         which the rule `open prs` needs to decide"
    );
    // a report that the job was not given at all is missing as well
    let plan = super::snapshot::plan(&document, images());
    assert_eq!(reason(&plan, "open"), Reason::ReportMissing);
}

#[test]
fn what_a_report_cannot_decide_takes_no_place() {
    let document = json!({ "delete": [
        { "name": "closed", "tags": { "regex": "pr-(?<pr>[0-9]+)" },
          "where": { "pr": { "in": "open-prs" } },
          "beyondNewest": { "count": 1, "by": "pushed" } }] });
    let images = || {
        vec![
            aged(image("one", &["pr-1"]), 10),
            aged(image("two", &["pr-2"]), 20),
            aged(image("three", &["pr-3"]), 30),
        ]
    };
    let names = ["one", "two", "three"];
    let listed = plan_with_strings(&document, Some(&["2", "3"]), images());
    assert_eq!(deleted(&listed, &names), ["three"]);
    let missing = plan_with_strings(&document, None, images());
    assert_eq!(reason(&missing, "three"), Reason::ReportMissing);
}

#[test]
fn rule_19_a_tags_own_push_time_makes_a_digest_younger() {
    let document = json!({ "delete": [{ "name": "old", "tags": "t-*",
                                        "olderThan": { "pushed": "30d" } }] });
    let moved = |days: Option<u64>| {
        let mut image = image("moved", &["t-1"]);
        image.tags[0].pushed = days.map(days_ago);
        let mut inventory = repository(vec![image]);
        inventory.records_tag_pushed = true;
        reason(&plan_of(&document, inventory), "moved")
    };
    assert_eq!(moved(Some(40)), Reason::DeleteRule);
    assert_eq!(moved(Some(20)), Reason::NotSelected);
    assert_eq!(moved(None), Reason::Pushed);
    let any_age = json!({ "delete": [{ "name": "all", "tags": "t-*" }] });
    let mut inventory = repository(vec![image("moved", &["t-1"])]);
    inventory.records_tag_pushed = true;
    inventory = changed(&inventory, |entries| {
        entries[0].tags[0].pushed = Some(days_ago(1));
    });
    assert_eq!(
        reason(&plan_of(&any_age, inventory), "moved"),
        Reason::TooYoung
    );
}

#[test]
fn where_only_tags_have_push_times_they_count_alone() {
    let document = json!({ "delete": [{ "name": "old", "tags": "t-*",
                                        "olderThan": { "pushed": "30d" } }] });
    let mut old = image("old", &["t-1"]);
    old.times.pushed = None;
    old.tags[0].pushed = Some(days_ago(40));
    let mut inventory = repository(vec![old]);
    inventory.records_pushed = false;
    inventory.records_tag_pushed = true;
    let plan = try_plan(
        &document,
        changed(&inventory, |entries| {
            let mut survivor = image("survivor", &["survivor"]);
            survivor.times.pushed = None;
            survivor.tags[0].pushed = Some(days_ago(40));
            entries.push(survivor);
        }),
    )
    .unwrap();
    assert_eq!(reason(&plan, "old"), Reason::DeleteRule);
}

#[test]
fn what_the_registry_lists_no_more_takes_nobodys_place() {
    let document =
        json!({ "delete": [{ "name": "old", "beyondNewest": { "count": 1, "by": "pushed" } }] });
    let images = vec![
        aged(image("tagged", &["t-1"]), 20),
        aged(image("leftover", &[]), 10),
        aged(image("survivor", &["survivor"]), 30),
    ];
    let mut inventory = repository(images);
    let names = ["tagged", "leftover", "survivor"];
    let listed = try_plan(&document, inventory.clone()).unwrap();
    assert_eq!(deleted(&listed, &names), ["tagged", "survivor"]);
    inventory.lists_untagged = false;
    let listed_no_more = inventory.clone();
    let unlisted = try_plan(&document, inventory).unwrap();
    assert_eq!(deleted(&unlisted, &names), ["survivor"]);
    let document = json!({ "keep": [{ "name": "newest", "newest": { "count": 1, "by": "pushed" } }],
                           "delete": [{ "name": "all", "tags": "*" }] });
    assert_eq!(
        deleted(&try_plan(&document, listed_no_more).unwrap(), &names),
        ["survivor"],
        "nor that of what a keep rule keeps"
    );
}
