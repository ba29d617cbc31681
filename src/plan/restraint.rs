//! What forbids deletions, whatever the rules say.

use super::column::Column;
use super::document::Reason;
use super::graph::Node;
use super::scene::Scene;
use crate::configuration::policy::{MinimumAge, TimeFact};

/// Nothing restrains it.
const FREE: Node = Node::MAX;

/// Why a manifest, and every group it is an untagged member of, does not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Restraint {
    pub(super) reason: Reason,
    /// The manifest that it comes from.
    pub(super) origin: Node,
    /// What that one names and is missing.
    pub(super) missing: Option<u32>,
}

/// The restraint of every manifest that has one, its own or a member's.
pub(super) struct Restraints<'a> {
    scene: Scene<'a>,
    /// Where the restraint of each comes from.
    origins: Column<Node>,
}

impl<'a> Restraints<'a> {
    /// Restraints climb from untagged members to the roots that lead to them, all of them: a group
    /// is not deleted by half, and no untagged manifest is left behind that would be a root of its
    /// own next time. A tagged member is a root itself and may outlive its index.
    pub(super) fn new(scene: Scene<'a>) -> Self {
        let graph = scene.graph;
        let mut origins = Column::new(graph.len(), FREE);
        for node in graph.nodes() {
            if own(&scene, node).is_some() {
                origins.set(node, node);
            }
        }
        let mut waiting = Vec::new();
        for origin in graph.nodes() {
            if origins.get(origin) != origin {
                continue;
            }
            waiting.push(origin);
            while let Some(node) = waiting.pop() {
                if graph.is_root(node) {
                    continue;
                }
                for above in graph.led_by(node) {
                    if origins.get(above) == FREE {
                        origins.set(above, origin);
                        waiting.push(above);
                    }
                }
            }
        }
        Self { scene, origins }
    }

    pub(super) fn of(&self, node: Node) -> Option<Restraint> {
        own(&self.scene, self.origins.get(node))
    }
}

/// The first of the restraints that a manifest has for itself.
fn own(scene: &Scene<'_>, node: Node) -> Option<Restraint> {
    all(scene, node).next()
}

/// Every restraint that a manifest has for itself, the weightiest first.
pub(super) fn all<'s>(scene: &'s Scene<'_>, node: Node) -> impl Iterator<Item = Restraint> + 's {
    let restraint = move |reason| Restraint {
        reason,
        origin: node,
        missing: None,
    };
    let image = scene.graph.image(node);
    let holds = move |reason| {
        let (graph, inventory) = (scene.graph, scene.inventory);
        image.is_some_and(|image| match reason {
            Reason::IncompleteListing => !inventory.complete,
            Reason::UnreadableElsewhere => {
                graph.has_unreadable && image.own_tags().next().is_none()
            }
            Reason::InUse => scene.in_use.holds(node),
            Reason::Locked => image.locks().no_delete,
            _ => is_too_young(scene, node),
        })
    };
    let fault = scene.graph.fault(node).map(|fault| Restraint {
        reason: fault.reason,
        origin: node,
        missing: fault.missing,
    });
    let first = Some(Reason::IncompleteListing).filter(|reason| holds(*reason));
    let rest = [
        Reason::UnreadableElsewhere,
        Reason::InUse,
        Reason::Locked,
        Reason::TooYoung,
    ];
    let rest = rest.into_iter().filter(move |reason| holds(*reason));
    first
        .into_iter()
        .map(restraint)
        .chain(fault)
        .chain(rest.map(restraint))
}

/// Younger than the minimum age, or nobody knows how old.
fn is_too_young(scene: &Scene<'_>, node: Node) -> bool {
    let clock = scene.clock;
    let (age, arrived) = match scene.policy.minimum_age {
        MinimumAge::Recorded(age) => (age, clock.arrived(node)),
        // a member that is no image has no creation time; its root's stands for it
        MinimumAge::Created(_) if !scene.graph.is_root(node) && !is_image(scene, node) => {
            return false;
        }
        MinimumAge::Created(age) => (age, clock.time(node, None, TimeFact::Created)),
    };
    let newest_allowed = clock.now.minus(age.duration());
    clock
        .with_moves(node, arrived)
        .is_none_or(|time| time > newest_allowed)
}

fn is_image(scene: &Scene<'_>, node: Node) -> bool {
    let image = scene.graph.image(node);
    image.is_some_and(|image| image.kind().is_image())
}
