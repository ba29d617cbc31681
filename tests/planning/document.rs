//! The plan as a document: totals, bytes, steps, and what changed between two of them.

use portreeve::oci::Digest;
use portreeve::plan::document::{Freed, Step};
use portreeve::plan::inventory::{DeleteBy, Entry, Inventory, Layer};
use portreeve::plan::{self, FoundIn, Input, Plan};
use serde_json::{Value, json};

use super::snapshot::*;

fn pull_requests() -> Value {
    json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] })
}

fn layered(mut image: Entry, layers: &[(&str, u64)]) -> Entry {
    let layer = |(name, size): &(&str, u64)| Layer::new(digest(name), *size);
    image.layers = Some(layers.iter().map(layer).collect());
    image
}

fn named(name: &str, images: Vec<Entry>) -> Inventory {
    let mut inventory = repository(images);
    name.clone_into(&mut inventory.repository);
    inventory
}

fn made(document: &Value, inventories: &[Inventory]) -> Plan {
    let policy = policy(document);
    let made = plan::make(&input(&policy, inventories)).unwrap();
    made.document()
}

/// A change of a plan's document, and its name.
type Edit<'a> = (&'a str, &'a dyn Fn(&mut Value));

/// From at least to at most, in bytes.
type Range = Option<(u64, u64)>;

/// What each repository frees, by name, and what all of them free together.
fn freed(inventories: &[Inventory]) -> (Vec<Range>, Range) {
    let plan = made(&pull_requests(), inventories);
    let range = |freed: Option<Freed>| freed.map(|freed| (freed.least, freed.most));
    let repositories = plan.repositories.iter();
    (
        repositories.map(|one| range(one.summary.freed)).collect(),
        range(plan.summary.freed),
    )
}

#[test]
fn rule_33_bytes_are_counted_by_layer_and_only_those_that_nothing_kept_has() {
    let inventory = repository(vec![
        layered(
            image("one", &["pr-1"]),
            &[("base", 100), ("one", 10), ("prs", 7)],
        ),
        layered(
            image("two", &["pr-2"]),
            &[("base", 100), ("two", 20), ("prs", 7)],
        ),
        layered(image("kept", &["v1"]), &[("base", 100)]),
    ]);
    assert_eq!(freed(&[inventory]), (vec![Some((37, 37))], Some((37, 37))));
}

#[test]
fn rule_33_what_another_scanned_repository_has_frees_nothing_for_certain() {
    let pr = |tag: &str, layers| layered(image(tag, &[tag]), layers);
    let survivor = layered(image("v1", &["v1"]), &[("kept", 1000)]);
    let a = named(
        "a",
        vec![
            pr(
                "pr-1",
                &[("only a", 1), ("both go", 10), ("stays in b", 100)],
            ),
            survivor.clone(),
        ],
    );
    let b = named(
        "b",
        vec![
            pr("pr-2", &[("both go", 10), ("only b", 2)]),
            layered(image("v2", &["v2"]), &[("stays in b", 100)]),
        ],
    );
    assert_eq!(
        freed(&[a.clone(), b.clone()]),
        (vec![Some((1, 111)), Some((2, 12))], Some((13, 123)))
    );
    // another registry shares nothing with this one
    let mut elsewhere = b;
    elsewhere.host = "registry.other".to_owned();
    assert_eq!(
        freed(&[a, elsewhere]),
        (vec![Some((111, 111)), Some((12, 12))], Some((123, 123)))
    );
}

#[test]
fn rule_33_layers_that_were_not_read_leave_the_bytes_open() {
    let gone = layered(image("pr", &["pr-1"]), &[("layer", 10)]);
    let kept = image("kept", &["v1"]);
    assert_eq!(
        freed(&[repository(vec![gone.clone(), kept.clone()])]).1,
        Some((0, 10)),
        "what stays may have the layer"
    );
    let index = index("index", &["v1"], &["kept"]);
    let child = layered(image("kept", &[]), &[("other", 5)]);
    assert_eq!(
        freed(&[repository(vec![gone.clone(), index, child])]).1,
        Some((10, 10)),
        "an index has no layers of its own"
    );
    let unread = image("pr", &["pr-1"]);
    let read = layered(kept, &[("other", 5)]);
    let plain = named("plain", vec![unread, read.clone()]);
    assert_eq!(freed(std::slice::from_ref(&plain)), (vec![None], None));
    let other = named("other", vec![gone, read.clone()]);
    assert_eq!(freed(&[plain, other]), (vec![Some((0, 10)), None], None));
    assert_eq!(freed(&[repository(vec![read])]).1, Some((0, 0)));
}

fn steps(plan: &Plan) -> Vec<String> {
    let steps = plan.repositories[0].steps.iter();
    let text = |step: &Step| match step {
        Step::Delete(delete) => format!("delete {} {:?}", delete.digest, delete.tags),
        Step::Untag(untag) => format!("untag {} {}", untag.tag, untag.shows),
        _ => panic!("a new kind of step"),
    };
    steps.map(text).collect()
}

fn delete(name: &str, tags: &[&str]) -> String {
    format!("delete {} {tags:?}", digest(name))
}

fn untag(tag: &str, name: &str) -> String {
    format!("untag {tag} {}", digest(name))
}

fn plan_by(deletes_by: Option<DeleteBy>, images: Vec<Entry>) -> Plan {
    let mut inventory = repository(images);
    inventory.deletes_by = deletes_by;
    inventory.fill([image("survivor", &["survivor"])]).unwrap();
    let (policy, inventories) = (policy(&pull_requests()), [inventory]);
    let mut input = input(&policy, &inventories);
    input.caps.deletions = 20_000;
    plan::make(&input).unwrap().document()
}

#[test]
fn steps_are_those_of_the_registrys_way_of_deletion() {
    let images = || {
        vec![
            index("index", &["pr-1", "pr-2"], &["child"]),
            image("child", &[]),
        ]
    };
    let by = |by| steps(&plan_by(Some(by), images()));
    assert_eq!(
        by(DeleteBy::Digest),
        [delete("index", &["pr-1", "pr-2"]), delete("child", &[])]
    );
    assert_eq!(
        by(DeleteBy::UntagThenDigest),
        [
            untag("pr-1", "index"),
            untag("pr-2", "index"),
            delete("index", &[]),
            delete("child", &[]),
        ]
    );
    assert_eq!(
        by(DeleteBy::TagsOnly),
        [
            untag("pr-1", "index"),
            untag("pr-2", "index"),
            delete("child", &[]),
        ],
        "the last tag takes the image"
    );
    assert!(steps(&plan_by(None, images())).is_empty());
}

#[test]
fn steps_go_from_indexes_to_children_and_to_what_several_share_last() {
    let plan = plan_by(
        Some(DeleteBy::Digest),
        vec![
            index("outer", &["pr-1"], &["inner", "tagged"]),
            index("inner", &[], &["shared", "own"]),
            image("own", &[]),
            image("tagged", &["pr-2"]),
            signature("signature", "tagged"),
            index("other", &["pr-3"], &["shared"]),
            image("shared", &[]),
            referrer("sbom", &[], "outer"),
        ],
    );
    let steps = steps(&plan);
    let place = |name: &str| {
        let found = steps
            .iter()
            .position(|step| step.contains(&digest(name).to_string()));
        found.unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(steps.len(), 8);
    for (before, after) in [
        ("outer", "inner"),
        ("inner", "own"),
        ("inner", "shared"),
        ("other", "shared"),
        ("outer", "tagged"),
        ("tagged", "signature"),
        ("outer", "sbom"),
        ("own", "sbom"),
    ] {
        assert!(place(before) < place(after), "{before} before {after}");
    }
    let shared = plan.repositories[0].images.iter();
    let shared = shared.filter(|image| !image.facts.shared_with.is_empty());
    let shared: Vec<Digest> = shared.map(|image| image.digest).collect();
    assert_eq!(shared, [digest("shared")]);
}

#[test]
fn nests_ten_thousand_deep_and_circles_have_their_order() {
    let name = |depth: usize| format!("nest {depth}");
    let mut images: Vec<Entry> = (0..10_000)
        .map(|depth| {
            let tag = format!("pr-{depth}");
            index(&name(depth), &[&tag], &[&name(depth + 1)])
        })
        .collect();
    images.push(image(&name(10_000), &[]));
    let deep = plan_by(Some(DeleteBy::Digest), images);
    let steps_of_nest = steps(&deep);
    assert_eq!(steps_of_nest.len(), 10_001);
    for depth in [0, 17, 9_999, 10_000] {
        assert!(steps_of_nest[depth].contains(&digest(&name(depth)).to_string()));
    }
    // no content can name itself; an inventory that says so is planned all the same
    let circle = plan_by(
        Some(DeleteBy::Digest),
        vec![
            index("a", &["pr-1"], &["b"]),
            index("b", &["pr-2"], &["a", "b"]),
        ],
    );
    let deletions = circle.summary.delete.manifests;
    assert_eq!(steps(&circle).len() as u64, deletions);
}

fn two_repositories() -> [Inventory; 2] {
    let aged = |name: &str, tag: &str, days| aged(image(name, &[tag]), days);
    [
        named(
            "b",
            vec![
                layered(aged("old", "pr-1", 90), &[("x", 1)]),
                layered(aged("new", "pr-2", 20), &[("y", 2)]),
                layered(aged("kept", "v1", 300), &[]),
            ],
        ),
        named(
            "a",
            vec![
                layered(aged("large", "pr-3", 40), &[("z", 50)]),
                layered(aged("chart", "v2", 10), &[]),
            ],
        ),
    ]
}

#[test]
fn totals_say_how_much_goes_why_the_rest_stays_and_where_most_goes() {
    let inventories = two_repositories();
    let policy = policy(&pull_requests());
    let unmanaged = [
        ("registry.example".to_owned(), "z".to_owned()),
        ("registry.example".to_owned(), "y".to_owned()),
    ];
    let made = plan::make(&Input {
        unmanaged: &unmanaged,
        ..input(&policy, &inventories)
    });
    let made = made.unwrap();
    let plan = made.document();
    assert_eq!(made.summary(), &plan.summary);
    assert_eq!(made.hash(), plan.hash);
    let summary = serde_json::to_value(&plan.summary).unwrap();
    let expected = json!({
        "keep": { "groups": 2, "manifests": 2 },
        "delete": { "groups": 3, "manifests": 3 },
        "blocked": { "groups": 0, "manifests": 0 },
        "unknown": { "groups": 0, "manifests": 0 },
        "causes": [
            {
                "verdict": "delete", "reason": "delete_rule", "rule": "prs",
                "groups": 3, "manifests": 3,
                "examples": examples(&plan, &["a:pr-3", "b:pr-1", "b:pr-2"]),
            },
            {
                "verdict": "keep", "reason": "not_selected", "rule": null,
                "groups": 2, "manifests": 2,
                "examples": ["registry.example/a:v2", "registry.example/b:v1"],
            },
        ],
        "freed": { "least": 53, "most": 53 },
        "oldest": {
            "repository": "registry.example/b", "digest": digest("old"), "tag": "pr-1",
            "time": days_ago(90), "by": "pushed",
        },
        "newest": {
            "repository": "registry.example/b", "digest": digest("new"), "tag": "pr-2",
            "time": days_ago(20), "by": "pushed",
        },
    });
    assert_eq!(summary, expected);
    let largest: Vec<_> = plan
        .largest
        .iter()
        .map(|one| (&*one.name, one.groups))
        .collect();
    assert_eq!(largest, [("a", 1), ("b", 2)], "by bytes");
    let unmanaged: Vec<&str> = plan.unmanaged.iter().map(|one| &*one.name).collect();
    assert_eq!(unmanaged, ["y", "z"]);
}

/// The examples in the order of their manifests' digests, as the plan has them.
fn examples(plan: &Plan, references: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for repository in &plan.repositories {
        for image in &repository.images {
            let reference = format!("{}:{}", repository.name, image.tags[0]);
            if references.contains(&reference.as_str()) {
                found.push(format!("{}/{reference}", repository.host));
            }
        }
    }
    found
}

#[test]
fn the_streamed_plan_is_the_documents_text_with_one_manifest_a_line() {
    let mut inventories = two_repositories();
    inventories[0].deletes_by = Some(DeleteBy::Digest);
    let policy = policy(&pull_requests());
    for inventories in [&inventories[..], &[]] {
        let made = plan::make(&input(&policy, inventories)).unwrap();
        let mut written = String::new();
        made.write(&mut |piece| written.push_str(piece));
        let document = made.document();
        assert_eq!(
            written.replace('\n', ""),
            serde_json::to_string(&document).unwrap()
        );
        assert_eq!(Plan::parse(written.as_bytes()).unwrap(), document);
        assert!(written.ends_with('\n'));
        for image in document.repositories.iter().flat_map(|one| &one.images) {
            let line = serde_json::to_string(image).unwrap();
            assert!(
                written
                    .lines()
                    .any(|written| written.trim_end_matches(',') == line)
            );
        }
        let mut head = document.clone();
        for repository in &mut head.repositories {
            repository.images.clear();
            repository.steps.clear();
        }
        assert_eq!(made.head(), &head);
    }
}

#[test]
fn the_order_of_the_input_changes_nothing() {
    let inventories = two_repositories();
    let mut others: Vec<Inventory> = inventories
        .iter()
        .rev()
        .map(|inventory| changed(inventory, |images| images.reverse()))
        .collect();
    let one = made(&pull_requests(), &inventories);
    assert_eq!(one, made(&pull_requests(), &others));
    others.reverse();
    assert_eq!(one, made(&pull_requests(), &others));
}

#[test]
fn a_repository_given_twice_is_refused() {
    let policy = policy(&pull_requests());
    let inventories = [named("a", Vec::new()), named("a", Vec::new())];
    let error = plan::make(&input(&policy, &inventories))
        .map(drop)
        .unwrap_err();
    assert_eq!(error.code(), portreeve::error::Code::InvalidArgument);
}

#[test]
fn a_plan_whose_totals_or_steps_say_something_else_than_its_verdicts_is_refused() {
    let plan = plan_by(
        Some(DeleteBy::UntagThenDigest),
        vec![
            index("index", &["pr-1"], &["child"]),
            image("child", &[]),
            image("kept", &["v1"]),
        ],
    );
    let read = |edit: &dyn Fn(&mut Value)| {
        let mut value = serde_json::to_value(&plan).unwrap();
        edit(&mut value);
        Plan::parse(value.to_string().as_bytes())
    };
    assert_eq!(read(&|_| ()).unwrap(), plan);
    let kept = json!(digest("kept"));
    let edits: [Edit<'_>; 9] = [
        ("cause", &|plan| {
            plan["summary"]["causes"][0]["rule"] = json!("another");
        }),
        ("total", &|plan| {
            plan["summary"]["delete"]["groups"] = json!(0);
        }),
        ("count", &|plan| {
            plan["repositories"][0]["summary"]["keep"]["manifests"] = json!(7);
        }),
        ("a kept digest", &|plan| {
            plan["repositories"][0]["steps"][1]["delete"] = kept.clone();
        }),
        ("a kept tag", &|plan| {
            plan["repositories"][0]["steps"][0]["untag"] = json!("v1");
        }),
        ("a kept image's tag", &|plan| {
            plan["repositories"][0]["steps"][0] = json!({ "untag": "v1", "shows": kept });
        }),
        ("twice", &|plan| {
            let step = plan["repositories"][0]["steps"][1].clone();
            plan["repositories"][0]["steps"]
                .as_array_mut()
                .unwrap()
                .push(step);
        }),
        ("one less", &|plan| {
            plan["repositories"][0]["steps"]
                .as_array_mut()
                .unwrap()
                .pop();
        }),
        ("another kind of step", &|plan| {
            plan["repositories"][0]["steps"][0] = json!({ "untag": "pr-1" });
        }),
    ];
    for (what, edit) in edits {
        assert!(read(edit).is_err(), "{what}");
    }
}

#[test]
fn a_plan_of_an_earlier_release_is_read_as_one_without_causes_and_steps() {
    let plan = plan_by(Some(DeleteBy::Digest), vec![image("one", &["pr-1"])]);
    let mut value = serde_json::to_value(&plan).unwrap();
    let without = |part: &mut Value, names: &[&str]| {
        for name in names {
            assert!(
                part.as_object_mut().unwrap().remove(*name).is_some(),
                "{name}"
            );
        }
    };
    let totals = ["causes", "freed", "oldest", "newest"];
    without(&mut value, &["largest", "unmanaged", "reports"]);
    without(&mut value["summary"], &totals);
    without(&mut value["repositories"][0], &["steps"]);
    without(&mut value["repositories"][0]["summary"], &totals);
    let read = Plan::parse(value.to_string().as_bytes()).unwrap();
    assert_eq!(read.hash, plan.hash);
    assert!(read.repositories[0].steps.is_empty() && read.summary.causes.is_empty());
}

#[test]
fn changes_tell_what_is_newly_deleted_no_longer_deleted_changed_appeared_and_gone() {
    let old = made(
        &pull_requests(),
        &[
            named(
                "a",
                vec![
                    image("stays", &["v1"]),
                    image("condemned", &["x-1"]),
                    image("spared", &["pr-2"]),
                    image("retagged", &["v2"]),
                    image("gone", &["pr-3"]),
                ],
            ),
            named("only old", vec![image("one", &["v1"])]),
            named("same", vec![image("one", &["v1"])]),
        ],
    );
    let new = made(
        &json!({ "delete": [{ "name": "x", "tags": "x-*" }] }),
        &[
            named(
                "a",
                vec![
                    image("stays", &["v1"]),
                    image("condemned", &["x-1"]),
                    image("spared", &["pr-2"]),
                    image("retagged", &["v2", "v3"]),
                    image("appeared", &["v4"]),
                    image("condemned at once", &["x-2"]),
                ],
            ),
            named("only new", vec![image("one", &["v1"])]),
            named("same", vec![image("one", &["v1"])]),
        ],
    );
    let changes = plan::changes(&old, &new);
    assert_eq!(
        (&changes.old.hash, &changes.new.hash),
        (&old.hash, &new.hash)
    );
    assert_ne!(changes.old.policy_hash, changes.new.policy_hash);
    let places: Vec<_> = changes
        .repositories
        .iter()
        .map(|one| (&*one.name, one.found_in))
        .collect();
    assert_eq!(
        places,
        [
            ("a", FoundIn::Both),
            ("only new", FoundIn::New),
            ("only old", FoundIn::Old),
        ]
    );
    let names = [
        "stays",
        "condemned",
        "spared",
        "retagged",
        "gone",
        "appeared",
        "condemned at once",
    ];
    let listed = |list: &[plan::Change]| -> Vec<&str> {
        let is_listed = |name: &&&str| list.iter().any(|change| change.digest == digest(name));
        names.iter().filter(is_listed).copied().collect()
    };
    let both = &changes.repositories[0];
    assert_eq!(
        listed(&both.newly_deleted),
        ["condemned", "condemned at once"]
    );
    assert_eq!(listed(&both.no_longer_deleted), ["spared"]);
    assert_eq!(listed(&both.changed), ["retagged"]);
    assert_eq!(listed(&both.appeared), ["appeared"]);
    assert_eq!(listed(&both.gone), ["gone"]);
    let spared = &both.no_longer_deleted[0];
    let rule = |judgement: &Option<plan::Judgement>| judgement.clone().unwrap().rule;
    assert_eq!(rule(&spared.before), Some("prs".to_owned()));
    assert_eq!(rule(&spared.after), None);
    assert_eq!(spared.explanation, "no delete rule selects its tag pr-2");
    assert_eq!(both.changed[0].tags, ["v2", "v3"]);
    assert!(both.appeared[0].before.is_none() && both.gone[0].after.is_none());
    assert!(plan::changes(&new, &new).is_empty());
    let text = serde_json::to_string(&changes).unwrap();
    let read: plan::Changes = serde_json::from_str(&text).unwrap();
    assert_eq!(read, changes);
}
