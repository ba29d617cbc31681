//! Grace: condemned twice, far enough apart, and unchanged in between.

use portreeve::plan::inventory::{Entry, Inventory, Tag};
use portreeve::plan::{self, Condemned, Plan, Reason};
use serde_json::{Value, json};

use super::snapshot::*;

fn week() -> Value {
    json!({ "grace": "7d", "delete": [{ "name": "prs", "tags": "pr-*" }] })
}

fn groups() -> Vec<Entry> {
    vec![
        index("index", &["pr-1"], &["child"]),
        image("child", &[]),
        image("plain", &["pr-2"]),
        image("survivor", &["survivor"]),
    ]
}

/// Plans an inventory taken so many days ago, and gives what the next scan is told.
fn scan(
    document: &Value,
    days: u64,
    images: Vec<Entry>,
    earlier: &[Condemned],
) -> (Plan, Vec<Condemned>) {
    let mut inventory = repository(images);
    inventory.taken_at = days_ago(days);
    plan_at(document, &inventory, days, earlier)
}

fn plan_at(
    document: &Value,
    inventory: &Inventory,
    days: u64,
    earlier: &[Condemned],
) -> (Plan, Vec<Condemned>) {
    let policy = policy(document);
    let inventories = std::slice::from_ref(inventory);
    let input = plan::Input {
        condemned: earlier,
        now: days_ago(days),
        ..input(&policy, inventories)
    };
    let made = plan::make(&input).unwrap();
    (made.document(), made.condemned())
}

#[test]
fn a_group_goes_when_scans_a_week_apart_condemn_it() {
    let (first, condemned) = scan(&week(), 10, groups(), &[]);
    assert_eq!(first.summary.delete.manifests, 0);
    assert_eq!(
        [reason(&first, "index"), reason(&first, "plain")],
        [Reason::Grace; 2]
    );
    assert_eq!(reason(&first, "child"), Reason::Reachable);
    let (soon, condemned) = scan(&week(), 4, groups(), &condemned);
    assert_eq!(reason(&soon, "index"), Reason::Grace);
    let entry = |plan: &Plan, name: &str| {
        let mut images = plan.repositories[0].images.iter();
        images
            .find(|image| image.digest == digest(name))
            .unwrap()
            .explanation
            .clone()
    };
    assert_eq!(
        entry(&first, "index"),
        "this scan is the first to condemn it as it is; it waits the grace of 7d"
    );
    assert_eq!(
        entry(&soon, "index"),
        format!(
            "it has been condemned as it is since {}, less than the grace of 7d",
            days_ago(10)
        )
    );
    let (last, _) = scan(&week(), 3, groups(), &condemned);
    assert_eq!(
        deleted(&last, &["index", "child", "plain"]),
        ["index", "child", "plain"]
    );
}

#[test]
fn rule_19_whatever_changes_about_a_group_starts_its_grace_anew() {
    type Change = fn(&mut Vec<Entry>);
    let changes: [(&str, Change); 7] = [
        ("a further tag", |images| images[0].tags.push(tag("pr-9"))),
        ("another tag", |images| images[0].tags[0] = tag("pr-9")),
        ("an index that names it", |images| {
            images.push(index("outer", &["pr-8"], &["index"]));
        }),
        ("an index that names its child", |images| {
            images.push(index("beside", &["pr-8"], &["child"]));
        }),
        ("a signature", |images| images.push(signature("s", "index"))),
        ("an SBOM of its child", |images| {
            images.push(referrer("sbom", &[], "child"));
        }),
        ("a tag on its child", |images| {
            images[1].tags.push(tag("pr-1-amd64"));
        }),
    ];
    let (_, condemned) = scan(&week(), 10, groups(), &[]);
    for (what, change) in changes {
        let mut images = groups();
        change(&mut images);
        let (plan, _) = scan(&week(), 0, images, &condemned);
        assert_eq!(reason(&plan, "index"), Reason::Grace, "{what}");
        assert_eq!(reason(&plan, "plain"), Reason::DeleteRule, "{what}");
    }
}

#[test]
fn a_scan_that_does_not_condemn_a_group_forgets_it() {
    let (_, condemned) = scan(&week(), 20, groups(), &[]);
    let mut released = groups();
    released[2].tags[0] = tag("v2");
    let (_, condemned) = scan(&week(), 10, released, &condemned);
    let (plan, _) = scan(&week(), 0, groups(), &condemned);
    assert_eq!(reason(&plan, "plain"), Reason::Grace);
    assert_eq!(reason(&plan, "index"), Reason::DeleteRule);
}

#[test]
fn what_something_forbids_to_delete_is_not_yet_condemned() {
    let mut locked = groups();
    locked[2].locks.no_delete = true;
    let (first, condemned) = scan(&week(), 10, locked, &[]);
    assert_eq!(reason(&first, "plain"), Reason::Locked);
    let (second, _) = scan(&week(), 0, groups(), &condemned);
    assert_eq!(reason(&second, "plain"), Reason::Grace);
}

#[test]
fn the_inventories_are_what_lies_apart_and_not_the_plans() {
    let mut inventory = repository(groups());
    inventory.taken_at = days_ago(10);
    let (_, condemned) = plan_at(&week(), &inventory, 10, &[]);
    let (again, _) = plan_at(&week(), &inventory, 0, &condemned);
    assert_eq!(reason(&again, "plain"), Reason::Grace);
}

#[test]
fn another_policy_begins_anew_and_an_incomplete_scan_says_nothing() {
    let (_, condemned) = scan(&week(), 10, groups(), &[]);
    let mut other = week();
    other["delete"][0]["name"] = json!("pull requests");
    let (plan, _) = scan(&other, 0, groups(), &condemned);
    assert_eq!(reason(&plan, "plain"), Reason::Grace);
    let mut incomplete = repository(groups());
    incomplete.complete = false;
    let (plan, said) = plan_at(&week(), &incomplete, 0, &condemned);
    assert_eq!(reason(&plan, "plain"), Reason::IncompleteListing);
    assert_eq!(said, []);
    let without = json!({ "delete": [{ "name": "prs", "tags": "pr-*" }] });
    let (_, said) = scan(&without, 0, groups(), &condemned);
    assert_eq!(said, [], "a policy without grace has nothing to remember");
}

fn tag(name: &str) -> Tag {
    Tag::new(name)
}
