//! What must hold of every plan, on random graphs: indexes, nested and shared children, cycles,
//! referrers, fallback tags, several tags a digest, missing facts.

use std::collections::{BTreeMap, BTreeSet};

use portreeve::oci::Digest;
use portreeve::plan::document::Step;
use portreeve::plan::inventory::{DeleteBy, Entry, Inventory, Kind, Tag};
use portreeve::plan::{self, Plan, Role, Verdict};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::snapshot::*;

/// One manifest, before its neighbours are known.
#[derive(Debug, Clone)]
struct Sketch {
    tags: Vec<&'static str>,
    children: Vec<Index>,
    subject: Option<Index>,
    fallback: Option<Index>,
    kind: Kind,
    times: [Option<u64>; 4],
    tag_seen: Option<u64>,
    /// Seldom things: locked, unreadable, a child or a subject that is missing.
    mishap: u8,
}

fn time() -> impl Strategy<Value = Option<u64>> {
    prop::option::weighted(0.85, 0..60_u64)
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let tags = prop::sample::subsequence(vec!["v", "pr", "main", "next"], 0..=2);
    let kind = prop::sample::select(vec![
        Kind::Image,
        Kind::Image,
        Kind::Index,
        Kind::Index,
        Kind::Attestation,
        Kind::Chart,
    ]);
    (
        prop_oneof![2 => Just(Vec::new()), 3 => tags],
        prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(any::<Index>(), 1..4)],
        prop::option::weighted(0.2, any::<Index>()),
        prop::option::weighted(0.1, any::<Index>()),
        kind,
        [time(), time(), time(), time()],
        time(),
        0..60_u8,
    )
        .prop_map(
            |(tags, children, subject, fallback, kind, times, tag_seen, mishap)| Sketch {
                tags,
                children,
                subject,
                fallback,
                kind,
                times,
                tag_seen,
                mishap,
            },
        )
}

fn draw(
    sketches: &[Sketch],
    lists_untagged: bool,
    records_pushed: bool,
    watched: bool,
) -> Inventory {
    let digest = |position: usize| Digest::of(&position.to_le_bytes());
    let gone = Digest::of(b"gone");
    let images = sketches.iter().enumerate().map(|(position, sketch)| {
        let other = |index: &Index| digest(index.index(sketches.len()));
        let mut image = Entry::new(digest(position), sketch.kind);
        image.children = sketch.children.iter().map(other).collect();
        image.subject = sketch.subject.as_ref().map(other);
        image.fallback_for = sketch.fallback.as_ref().map(other);
        let [created, first_seen, pulled, pushed] = sketch.times.map(|days| days.map(days_ago));
        image.times.created = created;
        image.times.first_seen = first_seen;
        image.times.pulled = pulled;
        image.times.pushed = pushed;
        image.tags = sketch
            .tags
            .iter()
            .map(|tag| Tag::new(format!("{tag}-{position}")))
            .collect();
        if let Some(subject) = image.fallback_for {
            image
                .tags
                .push(Tag::new(format!("sha256-{}.sig", subject.hex())));
        }
        for tag in &mut image.tags {
            tag.first_seen = sketch.tag_seen.map(days_ago);
        }
        match sketch.mishap {
            0 => image.unreadable = Some("404".to_owned()),
            1 => image.children.push(gone),
            2 => image.subject = Some(gone),
            3..8 => image.locks.no_delete = true,
            _ => {}
        }
        image
    });
    let mut inventory = repository(images.collect());
    inventory.lists_untagged = lists_untagged;
    inventory.records_pushed = records_pushed;
    if watched {
        inventory.watched_since = days_ago(50);
    }
    // stays under every policy, so that no cap plays a part
    let mut survivor = image("survivor", &["survivor"]);
    survivor.kind = Kind::Chart;
    inventory.fill([survivor]).unwrap();
    inventory
}

fn inventory() -> impl Strategy<Value = Inventory> {
    (
        prop::collection::vec(sketch(), 1..16),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.7),
        any::<bool>(),
    )
        .prop_map(|(sketches, untagged, pushed, watched)| {
            draw(&sketches, untagged, pushed, watched)
        })
}

fn rule(keeps: bool) -> impl Strategy<Value = Value> {
    let fact = || prop::sample::select(vec!["pushed", "created", "pulled", "firstSeen"]);
    let by = prop::sample::select(vec!["pushed", "created", "firstSeen"]);
    let tags = prop::sample::select(vec![
        json!("*"),
        json!("pr-*"),
        json!(["main-*", "next-*"]),
        json!({ "regex": "v-[0-9]+" }),
        json!({ "regex": "(?<branch>[a-z]+)-[0-9]+" }),
    ]);
    let selector = prop_oneof![
        5 => tags.prop_map(|tags| ("tags", tags)),
        2 => Just(("tagged", json!(false))),
        1 => Just(("tagged", json!(true))),
        1 => Just(("none", Value::Null)),
    ];
    let bound = move || prop::option::weighted(0.5, (fact(), 1..50_u64));
    (
        selector,
        bound(),
        bound(),
        prop::option::weighted(0.4, (0..4_u64, by, any::<bool>())),
    )
        .prop_map(move |((field, value), older, younger, counting)| {
            let mut rule = json!({});
            if field != "none" {
                rule[field] = value;
            }
            let per_branch = rule["tags"]["regex"]
                .as_str()
                .is_some_and(|regex| regex.contains("branch"));
            if let Some((fact, days)) = older {
                rule["olderThan"] = json!({ fact: format!("{days}d") });
            }
            // never both of one fact: they would contradict each other
            if let (Some((fact, days)), None) = (younger, older) {
                rule["youngerThan"] = json!({ fact: format!("{days}d") });
            }
            if let Some((count, by, per)) = counting {
                let field = if keeps { "newest" } else { "beyondNewest" };
                rule[field] = json!({ "count": count + 1, "by": by });
                if per && per_branch {
                    rule[field]["per"] = json!("branch");
                }
            }
            let empty: Vec<&str> = vec![
                "tags",
                "tagged",
                "olderThan",
                "youngerThan",
                "newest",
                "beyondNewest",
            ];
            if empty.iter().all(|field| rule.get(field).is_none()) {
                rule["olderThan"] = json!({ "pushed": "10d" });
            }
            if rule["tags"].is_null() {
                rule.as_object_mut().unwrap().remove("tags");
            }
            if keeps {
                rule["optional"] = json!(true);
            }
            rule
        })
}

fn retention_policy() -> impl Strategy<Value = Value> {
    let age = prop::sample::select(vec![json!("48h"), json!("1s"), json!({ "created": "5d" })]);
    let keep = prop::collection::vec(rule(true), 0..3);
    let delete = prop::collection::vec(rule(false), 1..4);
    (age, keep, delete).prop_map(|(age, mut keep, mut delete)| {
        for (number, rule) in keep.iter_mut().chain(&mut delete).enumerate() {
            rule["name"] = json!(format!("rule {number}"));
        }
        json!({ "minimumAge": age, "keep": keep, "delete": delete })
    })
}

fn verdicts(plan: &Plan) -> BTreeMap<Digest, Verdict> {
    let images = plan
        .repositories
        .iter()
        .flat_map(|repository| &repository.images);
    images.map(|image| (image.digest, image.verdict)).collect()
}

fn deletions(plan: &Plan) -> Vec<Digest> {
    let all = verdicts(plan).into_iter();
    all.filter(|(_, verdict)| *verdict == Verdict::Delete)
        .map(|(digest, _)| digest)
        .collect()
}

/// What the steps delete, each once.
fn steps(repository: &plan::document::Repository) -> BTreeSet<Digest> {
    let steps = repository.steps.iter();
    let deleted = steps.filter_map(|step| match step {
        Step::Delete(delete) => Some(delete.digest),
        _ => None,
    });
    deleted.collect()
}

fn make(document: &Value, inventory: &Inventory) -> Plan {
    let mut inventory = inventory.clone();
    inventory.deletes_by = Some(DeleteBy::Digest);
    try_plan(document, inventory).unwrap()
}

/// Takes one fact away, if the image at `at` has it.
fn without_fact(inventory: &Inventory, at: Index, which: u8) -> Inventory {
    let mut inventory = inventory.clone();
    let mut images = inventory.entries();
    let count = images.len();
    let image = &mut images[at.index(count)];
    match which {
        0 => image.times.created = None,
        1 => image.times.first_seen = None,
        2 => image.times.pulled = None,
        3 => image.times.pushed = None,
        4 => image.tags.iter_mut().for_each(|tag| tag.first_seen = None),
        5 => image.unreadable = Some("403".to_owned()),
        6 => inventory.complete = false,
        _ => inventory.unreadable_tags.push("lost".to_owned()),
    }
    changed(&inventory, |all| *all = images)
}

proptest! {
    // `PROPTEST_CASES` in the environment asks for more of them
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_kept_reaches_a_deleted_digest(inventory in inventory(), document in retention_policy()) {
        let plan = make(&document, &inventory);
        let verdicts = verdicts(&plan);
        let stays = |digest: &Digest| verdicts.get(digest).is_none_or(|verdict| *verdict != Verdict::Delete);
        let images = inventory.entries();
        for image in images.iter().filter(|image| stays(&image.digest)) {
            for child in &image.children {
                prop_assert!(stays(child), "{} keeps its child {child}", image.digest);
            }
            for subject in image.subject.iter().chain(&image.fallback_for) {
                prop_assert!(stays(subject), "{} keeps its subject {subject}", image.digest);
            }
            for referrer in &images {
                if referrer.subject.iter().chain(&referrer.fallback_for).any(|subject| *subject == image.digest) {
                    prop_assert!(stays(&referrer.digest), "{} keeps its referrer {}", image.digest, referrer.digest);
                }
            }
        }
        let repository = &plan.repositories[0];
        prop_assert_eq!(repository.images.len(), inventory.len());
        for image in &repository.images {
            prop_assert_eq!(image.reason.verdict(), image.verdict);
            prop_assert!(!image.explanation.is_empty());
        }
        // no member stays behind without anything that leads to it
        for planned in repository.images.iter().filter(|image| stays(&image.digest)) {
            let image = images.iter().find(|image| image.digest == planned.digest).unwrap();
            let leads_here = |other: &&Entry| {
                other.digest != image.digest
                    && (other.children.contains(&image.digest)
                        || image.subject.iter().chain(&image.fallback_for).any(|subject| *subject == other.digest))
            };
            let above: Vec<&Entry> = images.iter().filter(leads_here).collect();
            if planned.role != Role::Root && !above.is_empty() {
                prop_assert!(above.iter().any(|other| stays(&other.digest)), "{} is left behind", image.digest);
            }
        }
        // every deletion is carried out once
        prop_assert_eq!(steps(repository).len(), deletions(&plan).len());
        prop_assert_eq!(Plan::parse(serde_json::to_string(&plan).unwrap().as_bytes()).unwrap(), plan);
    }

    #[test]
    fn planning_the_result_deletes_nothing_more(inventory in inventory(), document in retention_policy()) {
        let first = make(&document, &inventory);
        let gone = deletions(&first);
        let mut rest = inventory.clone();
        rest.retain(|image| !gone.contains(&image.digest()));
        let second = make(&document, &rest);
        prop_assert_eq!(deletions(&second), Vec::new());
    }

    #[test]
    fn the_order_of_the_input_never_changes_the_plan(inventory in inventory(), document in retention_policy(), seed in any::<u64>()) {
        let plan = make(&document, &inventory);
        let shuffled = |digest: &Digest| Digest::of(format!("{seed}{digest}").as_bytes());
        let other = changed(&inventory, |images| {
            images.sort_by_key(|image| shuffled(&image.digest));
            for image in images {
                image.tags.reverse();
                image.children.reverse();
            }
        });
        prop_assert_eq!(make(&document, &other), plan);
    }

    #[test]
    fn a_further_keep_rule_never_adds_a_deletion(inventory in inventory(), document in retention_policy(), mut further in rule(true)) {
        let before = deletions(&make(&document, &inventory));
        further["name"] = json!("further");
        let mut document = document;
        document["keep"].as_array_mut().unwrap().push(further);
        let after = deletions(&make(&document, &inventory));
        prop_assert!(after.iter().all(|digest| before.contains(digest)));
    }

    #[test]
    fn a_missing_fact_never_adds_a_deletion(inventory in inventory(), document in retention_policy(), at in any::<Index>(), which in 0..8_u8) {
        let before = deletions(&make(&document, &inventory));
        let after = deletions(&make(&document, &without_fact(&inventory, at, which)));
        prop_assert!(after.iter().all(|digest| before.contains(digest)), "{after:?} was {before:?}");
    }

    #[test]
    fn an_intersection_deletes_what_both_plans_delete_and_no_more(
        inventory in inventory(), document in retention_policy(), other in sketch(), at in any::<Index>()
    ) {
        let policy = policy(&document);
        let before = [inventory.clone()];
        let approved = plan::make(&input(&policy, &before)).unwrap().document();
        // one image changes its tags and neighbours between plan and apply
        let mut now = draw(&[other], inventory.lists_untagged, inventory.records_pushed, false).entries();
        let survivor = super::snapshot::digest("survivor");
        now.retain(|image| image.digest != survivor);
        let after = [changed(&inventory, |images| {
            let mut others: Vec<&mut Entry> =
                images.iter_mut().filter(|image| image.digest != survivor).collect();
            let count = others.len();
            let place = &mut *others[at.index(count)];
            now[0].digest = place.digest;
            *place = now.remove(0);
        })];
        let fresh = plan::make(&input(&policy, &after)).unwrap().document();
        let both = plan::intersection(&approved, &input(&policy, &after)).unwrap().document();
        let (approved, fresh) = (deletions(&approved), deletions(&fresh));
        for digest in deletions(&both) {
            prop_assert!(approved.contains(&digest) && fresh.contains(&digest));
        }
    }
}
