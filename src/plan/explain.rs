//! A verdict in plain words, for those who review a plan.

use super::decision::Ruling;
use super::document::Reason;
use super::grace;
use super::graph::Node;
use super::scene::Scene;
use super::select::Selected;
use crate::configuration::policy::{MinimumAge, Rule, TimeFact};

/// Says why a manifest has its verdict. `cap` is what the cap said, if one was breached.
pub(super) fn explain(
    scene: &Scene<'_>,
    selected: &Selected,
    node: Node,
    cap: Option<&str>,
) -> String {
    let Some(decision) = selected.decision(node) else {
        return String::new();
    };
    let ruling = decision.ruling;
    match ruling.reason {
        Reason::KeepRule => format!("the rule {} keeps it", rule_text(scene, node, ruling)),
        Reason::DeleteRule => format!("the rule {} selects it", rule_text(scene, node, ruling)),
        Reason::NotSelected => match tag(scene, node, ruling) {
            Some(tag) => format!("no delete rule selects its tag {tag}"),
            None => "no delete rule selects it".to_owned(),
        },
        Reason::Reachable => {
            let from = decision.through().map(|node| name(scene, node));
            format!(
                "it belongs together with {}, which stays",
                from.unwrap_or_default()
            )
        }
        Reason::Kind => of_another_kind(scene, node),
        Reason::Member => {
            let root = name(scene, decision.group);
            format!("it goes with {root}; nothing that stays leads to it")
        }
        Reason::Grace => in_grace(scene, selected, node),
        Reason::Report => scene
            .reported
            .breach()
            .unwrap_or_else(|| "a report that the job requires cannot be relied on".to_owned()),
        Reason::Cap => cap.unwrap_or("too much would go at once").to_owned(),
        Reason::NotPlanned => {
            "the plan that is carried out does not delete it with these tags".to_owned()
        }
        Reason::Pushed => unknown(scene, ruling, "nobody knows when it was pushed"),
        Reason::Created => unknown(
            scene,
            ruling,
            "it does not say plausibly when it was created",
        ),
        Reason::Pulled => unknown(scene, ruling, "nobody knows when it was last pulled"),
        Reason::FirstSeen => unknown(scene, ruling, "no scan recorded when it was first seen"),
        Reason::Version => {
            let tag = tag(scene, node, ruling).unwrap_or("it");
            unknown(scene, ruling, &format!("{tag} is no version"))
        }
        Reason::Platform => unknown(scene, ruling, "nobody knows its platform"),
        Reason::Annotation => unknown(scene, ruling, "its annotations were not read"),
        Reason::Label => unknown(scene, ruling, "its labels were not read"),
        Reason::ReportMissing => without_report(scene, ruling),
        Reason::Unrooted => "it has a parent or a subject, but no root leads to it".to_owned(),
        reason => {
            // a restraint that comes from a member speaks of that member
            let member = decision.through();
            let whose = member.map_or_else(String::new, |member| {
                format!("its member {}: ", name(scene, member))
            });
            let text = forbidden(scene, member.unwrap_or(node), reason, decision.missing());
            format!("{whose}{text}")
        }
    }
}

/// What forbids the deletion of a manifest, whatever the rules say.
pub(super) fn forbidden(
    scene: &Scene<'_>,
    node: Node,
    reason: Reason,
    missing: Option<u32>,
) -> String {
    let missing = || {
        let digest = missing.and_then(|id| scene.inventory.digest(id));
        digest.map_or_else(|| "something".to_owned(), |digest| digest.to_string())
    };
    match reason {
        Reason::IncompleteListing => "the repository was not read to its end".to_owned(),
        Reason::MissingChild => {
            format!("it names {}, which the registry does not have", missing())
        }
        Reason::MissingSubject => {
            format!(
                "it refers to {}, which is not in this repository",
                missing()
            )
        }
        Reason::Unreadable => "its content could not be read".to_owned(),
        Reason::UnreadableElsewhere => {
            "it has no tag, and something unreadable in this repository may name it".to_owned()
        }
        Reason::InUse => in_use(scene, node),
        Reason::Locked => "the registry forbids its deletion".to_owned(),
        Reason::TooYoung => too_young(scene, node),
        other => other.as_str().to_owned(),
    }
}

/// A manifest by a tag where it has one, by its digest otherwise.
pub(super) fn name(scene: &Scene<'_>, node: Node) -> String {
    let Some(image) = scene.graph.image(node) else {
        return String::new();
    };
    match image.tag(0) {
        Some(tag) => format!("{} ({})", tag.name, image.digest()),
        None => image.digest().to_string(),
    }
}

fn tag<'a>(scene: &Scene<'a>, node: Node, ruling: Ruling) -> Option<&'a str> {
    Some(ruling.tag(scene.graph.image(node)?)?.name)
}

fn rule_text(scene: &Scene<'_>, node: Node, ruling: Ruling) -> String {
    let Some((rule, image)) = ruling.rule(scene.policy).zip(scene.graph.image(node)) else {
        return String::new();
    };
    let tag = ruling.tag(image);
    let mut facts = vec![match tag {
        Some(tag) => format!("tag {}", tag.name),
        None => "untagged".to_owned(),
    }];
    if let (Some(place), Some(counting)) = (ruling.place(), &rule.counting) {
        let of = ruling
            .per(scene.policy, image)
            .map_or_else(String::new, |value| format!(" of {value}"));
        let (by, count) = (counting.by.as_str(), counting.count);
        facts.push(format!("number {place}{of} by {by} where {count} stay"));
    }
    for fact in times_of(rule) {
        if let Some(time) = scene.clock.time(node, tag, fact) {
            facts.push(format!("{fact} {time}"));
        }
    }
    format!("`{}` ({})", rule.name, facts.join(", "))
}

/// The times a rule compares, each once.
fn times_of(rule: &Rule) -> impl Iterator<Item = TimeFact> {
    let facts = [
        TimeFact::Pushed,
        TimeFact::Created,
        TimeFact::Pulled,
        TimeFact::FirstSeen,
    ];
    facts.into_iter().filter(|fact| rule.asks(*fact))
}

fn unknown(scene: &Scene<'_>, ruling: Ruling, what: &str) -> String {
    match ruling.rule(scene.policy) {
        Some(rule) => format!("{what}, which the rule `{}` needs to decide", rule.name),
        None => what.to_owned(),
    }
}

fn without_report(scene: &Scene<'_>, ruling: Ruling) -> String {
    let rule = ruling.rule(scene.policy);
    let mut asked = rule.into_iter().flat_map(|rule| &rule.captured);
    let missing = asked.find_map(|captured| {
        let breach = scene.reported.missing(&captured.report)?;
        Some(format!(
            "the report `{}` cannot be relied on, {breach}",
            captured.report
        ))
    });
    unknown(
        scene,
        ruling,
        missing.as_deref().unwrap_or("a report cannot be relied on"),
    )
}

fn of_another_kind(scene: &Scene<'_>, node: Node) -> String {
    let kind = scene.graph.image(node).map(|image| image.kind());
    let kinds: Vec<&str> = (scene.policy.kinds.iter())
        .map(|kind| kind.as_str())
        .collect();
    format!(
        "it is of the kind {}; the policy speaks about the kinds {}",
        kind.map_or("other", |kind| kind.as_str()),
        kinds.join(", ")
    )
}

fn in_use(scene: &Scene<'_>, node: Node) -> String {
    let used = scene.in_use.origin(node);
    let found = used.and_then(|used| scene.in_use.of(used).next());
    match (used, found) {
        (Some(used), Some(found)) if used == node => format!("it is in use: {found}"),
        (Some(used), Some(found)) => {
            format!(
                "it leads to {}, which is in use: {found}",
                name(scene, used)
            )
        }
        _ => match scene.in_use.blockers().first() {
            Some(found) => {
                format!("it may be what is in use, because nothing here explains {found}")
            }
            None => "it is in use".to_owned(),
        },
    }
}

fn in_grace(scene: &Scene<'_>, selected: &Selected, node: Node) -> String {
    let age = scene
        .policy
        .grace
        .map_or_else(String::new, |age| age.to_string());
    match grace::since(&selected.sentences, node) {
        Some(since) if since < scene.inventory.taken_at => {
            format!("it has been condemned as it is since {since}, less than the grace of {age}")
        }
        _ => format!("this scan is the first to condemn it as it is; it waits the grace of {age}"),
    }
}

fn too_young(scene: &Scene<'_>, node: Node) -> String {
    let clock = scene.clock;
    let (age, arrived) = match scene.policy.minimum_age {
        MinimumAge::Recorded(age) => (age, clock.arrived(node)),
        MinimumAge::Created(age) => (age, clock.time(node, None, TimeFact::Created)),
    };
    match clock.with_moves(node, arrived) {
        Some(since) => format!("it is there since {since}, less than the minimum age of {age}"),
        None => format!("nobody knows whether it has the minimum age of {age}"),
    }
}
