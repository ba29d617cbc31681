//! Why one manifest has its verdict: every rule that was asked, every fact, and the way through
//! the graph from what protects it.

mod document;
mod paths;
mod target;
mod tried;

pub(super) use target::find;

pub use document::{Asked, Forbidden, Outcome, Relation, Source, Step, TriedRule, Why};

use super::decision::Decision;
use super::document::Reason;
use super::explain::{self, explain};
use super::graph::Node;
use super::restraint::{self, Restraint, Restraints};
use super::scene::Scene;
use super::select::{self, Selected};
use target::Target;

/// Explains the verdict on a manifest of one repository; `target` is how it was asked about.
pub(super) fn why(
    scene: &Scene<'_>,
    selected: &Selected,
    node: Node,
    target: &str,
    cap: Option<&str>,
) -> Option<Why> {
    let image = scene.graph.image(node)?;
    let decision = selected.decision(node)?;
    let path = path(scene, selected, node, &decision, cap);
    // rules speak about roots: for a member, about the one that it goes or stays with
    let first = path
        .first()
        .and_then(|step| scene.inventory.find(&step.digest));
    let root = [Some(node), first, Some(decision.group)];
    let mut root = root.into_iter().flatten().filter(|root| {
        let image = scene.graph.image(*root);
        scene.graph.is_root(*root) && image.is_some_and(|image| select::is_judged(scene, image))
    });
    let root = root.next();
    let (rules, tags_left_out) = match root {
        Some(root) => tried::rules(scene, root, Target::new(target).name),
        None => (Vec::new(), 0),
    };
    let digest = |node| scene.graph.image(node).map(|image| image.digest());
    Some(Why {
        format: document::FORMAT.to_owned(),
        host: scene.inventory.host.clone(),
        repository: scene.inventory.repository.clone(),
        target: target.to_owned(),
        digest: image.digest(),
        tags: image.tags().map(|tag| tag.name.to_owned()).collect(),
        role: scene.graph.role(node),
        group: digest(decision.group).unwrap_or_else(|| image.digest()),
        verdict: decision.verdict(),
        reason: decision.ruling.reason,
        explanation: explain(scene, selected, node, cap),
        asked_about: root.and_then(digest),
        rules,
        tags_left_out,
        forbidden: forbidden(scene, selected, node, &decision, cap),
        uses: uses(scene, node),
        path,
    })
}

/// Everything that forbids the deletion of the manifest, or of its group.
fn forbidden(
    scene: &Scene<'_>,
    selected: &Selected,
    node: Node,
    decision: &Decision,
    cap: Option<&str>,
) -> Vec<Forbidden> {
    let told = |restraint: Restraint| {
        let Restraint {
            reason,
            origin,
            missing,
        } = restraint;
        let image = scene.graph.image(origin)?;
        Some(Forbidden {
            reason,
            digest: image.digest(),
            explanation: explain::forbidden(scene, origin, reason, missing),
        })
    };
    let own = restraint::all(scene, node);
    let members = Restraints::new(*scene).of(node);
    let members = members.filter(|restraint| restraint.origin != node);
    let mut all: Vec<Forbidden> = own.chain(members).filter_map(told).collect();
    let afterwards = [
        Reason::Grace,
        Reason::Report,
        Reason::Cap,
        Reason::NotPlanned,
    ];
    let image = scene.graph.image(node);
    if let (true, Some(image)) = (afterwards.contains(&decision.ruling.reason), image) {
        all.push(Forbidden {
            reason: decision.ruling.reason,
            digest: image.digest(),
            explanation: explain(scene, selected, node, cap),
        });
    }
    all
}

/// What says that the manifest, or something that it leads to, is in use.
fn uses(scene: &Scene<'_>, node: Node) -> Vec<Source> {
    let used = scene.in_use.origin(node);
    let named = used.into_iter().flat_map(|used| {
        let digest = scene.graph.image(used).map(|image| image.digest());
        scene.in_use.of(used).map(move |found| (digest, found))
    });
    let may_mean_it = scene.in_use.blockers().iter().map(|found| (None, *found));
    named
        .chain(may_mean_it)
        .map(|(digest, found)| Source {
            report: found.report.to_owned(),
            names: found.used.used.to_string(),
            digest,
            sources: found.used.sources.clone(),
            more: found.used.more,
        })
        .collect()
}

/// From what protects the manifest, forbids its deletion or takes it along, to the manifest.
fn path(
    scene: &Scene<'_>,
    selected: &Selected,
    node: Node,
    decision: &Decision,
    cap: Option<&str>,
) -> Vec<Step> {
    let nodes = match decision.ruling.reason {
        Reason::Reachable => paths::of_protection(selected, node),
        Reason::Member => paths::down(scene, decision.group, node),
        Reason::InUse => {
            let member = decision.through().unwrap_or(node);
            let used = scene.in_use.origin(member).unwrap_or(member);
            paths::up(scene, used, node)
        }
        _ => match decision.through() {
            Some(member) => paths::up(scene, member, node),
            None => Vec::new(),
        },
    };
    let mut before = None;
    let step = |node: Node| {
        let image = scene.graph.image(node)?;
        let decision = selected.decision(node)?;
        let by = before.and_then(|before| paths::relation(scene, before, node));
        before = Some(node);
        Some(Step {
            digest: image.digest(),
            tags: image.tags().map(|tag| tag.name.to_owned()).collect(),
            by,
            verdict: decision.verdict(),
            reason: decision.ruling.reason,
            explanation: explain(scene, selected, node, cap),
        })
    };
    nodes.into_iter().filter_map(step).collect()
}
