//! A verdict in plain words, for those who review a plan.

use super::clock::Clock;
use super::document::Reason;
use super::graph::{Graph, Node};
use super::select::Decision;
use crate::configuration::policy::{MinimumAge, Policy, Rule, TimeFact};

/// Says why a manifest has its verdict. `cap` is what the cap said, if one was breached.
pub(super) fn explain(
    (graph, clock, policy): (&Graph<'_>, &Clock<'_>, &Policy),
    node: Node,
    decision: &Decision<'_>,
    cap: Option<&str>,
) -> String {
    let reason = decision.ruling.reason;
    let through = |node| name(graph, node);
    let missing = decision
        .missing
        .and_then(|id| graph.digest(id))
        .map_or_else(String::new, |digest| digest.to_string());
    // a restraint that comes from a member speaks of that member
    let (subject, whose) = match decision.through {
        Some(member) if reason != Reason::Reachable => {
            (member, format!("its member {}: ", through(member)))
        }
        _ => (node, String::new()),
    };
    let text = match reason {
        Reason::KeepRule => format!("the rule {} keeps it", rule_text(clock, node, decision)),
        Reason::NotSelected => match decision.ruling.tag {
            Some(tag) => format!("no delete rule selects its tag {tag}"),
            None => "no delete rule selects it".to_owned(),
        },
        Reason::Reachable => {
            let from = decision.through.map_or_else(String::new, through);
            format!("it belongs together with {from}, which stays")
        }
        Reason::Kind => {
            let kind = graph
                .image(node)
                .map_or("other", |image| image.kind().as_str());
            format!("it is of the kind {kind}; the policy speaks about images")
        }
        Reason::DeleteRule => format!("the rule {} selects it", rule_text(clock, node, decision)),
        Reason::Member => {
            let root = name(graph, decision.group);
            format!("it goes with {root}; nothing that stays leads to it")
        }
        Reason::Locked => "the registry forbids its deletion".to_owned(),
        Reason::InUse => "a report says that it is in use".to_owned(),
        Reason::Grace => "it has not been condemned for long enough".to_owned(),
        Reason::Report => "a report that the job requires cannot be relied on".to_owned(),
        Reason::TooYoung => too_young(clock, policy, subject),
        Reason::Cap => cap.unwrap_or("too much would go at once").to_owned(),
        Reason::NotPlanned => {
            "the plan that is carried out does not delete it with these tags".to_owned()
        }
        Reason::Pushed => unknown(decision, "nobody knows when it was pushed"),
        Reason::Created => unknown(decision, "it does not say plausibly when it was created"),
        Reason::Pulled => unknown(decision, "nobody knows when it was last pulled"),
        Reason::FirstSeen => unknown(decision, "no scan recorded when it was first seen"),
        Reason::Version => unknown(decision, "its tag is no version"),
        Reason::Platform => unknown(decision, "nobody knows its platform"),
        Reason::Annotation => unknown(decision, "its annotations were not read"),
        Reason::Label => unknown(decision, "its labels were not read"),
        Reason::ReportMissing => unknown(decision, "the report is missing or not to be relied on"),
        Reason::MissingChild => format!("it names {missing}, which the registry does not have"),
        Reason::MissingSubject => {
            format!("it refers to {missing}, which is not in this repository")
        }
        Reason::Unreadable => "its content could not be read".to_owned(),
        Reason::UnreadableElsewhere => {
            "it has no tag, and something unreadable in this repository may name it".to_owned()
        }
        Reason::Unrooted => "it has a parent or a subject, but no root leads to it".to_owned(),
        Reason::IncompleteListing => "the repository was not read to its end".to_owned(),
    };
    format!("{whose}{text}")
}

fn rule_text(clock: &Clock<'_>, node: Node, decision: &Decision<'_>) -> String {
    let ruling = decision.ruling;
    let Some(rule) = ruling.rule else {
        return String::new();
    };
    let mut facts = vec![match ruling.tag {
        Some(tag) => format!("tag {tag}"),
        None => "untagged".to_owned(),
    }];
    if let (Some(place), Some(counting)) = (ruling.place, &rule.counting) {
        let of = ruling
            .per
            .map_or_else(String::new, |value| format!(" of {value}"));
        let (by, count) = (counting.by, counting.count);
        facts.push(format!("number {place}{of} by {by} where {count} stay"));
    }
    for fact in times_of(rule) {
        if let Some(time) = clock.time(node, None, fact) {
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

fn unknown(decision: &Decision<'_>, what: &str) -> String {
    match decision.ruling.rule {
        Some(rule) => format!("{what}, which the rule `{}` needs to decide", rule.name),
        None => what.to_owned(),
    }
}

fn too_young(clock: &Clock<'_>, policy: &Policy, node: Node) -> String {
    let (age, arrived) = match policy.minimum_age {
        MinimumAge::Recorded(age) => (age, clock.arrived(node)),
        MinimumAge::Created(age) => (age, clock.time(node, None, TimeFact::Created)),
    };
    match clock.with_moves(node, arrived) {
        Some(since) => format!("it is there since {since}, less than the minimum age of {age}"),
        None => format!("nobody knows whether it has the minimum age of {age}"),
    }
}

/// A manifest by a tag where it has one, by its digest otherwise.
fn name(graph: &Graph<'_>, node: Node) -> String {
    let Some(image) = graph.image(node) else {
        return String::new();
    };
    match image.tags().next() {
        Some(tag) => format!("{} ({})", tag.name, image.digest()),
        None => image.digest().to_string(),
    }
}
