//! What forbids deletions, whatever the rules say.

use super::clock::Clock;
use super::document::Reason;
use super::graph::{Graph, Node};
use super::inventory::Inventory;
use super::policy::Policy;
use crate::configuration::policy::{MinimumAge, TimeFact};

/// Why a manifest, and every group it is an untagged member of, does not go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Restraint {
    pub(super) reason: Reason,
    /// The manifest that it comes from.
    pub(super) origin: Node,
    /// The id of what that one names and is missing.
    pub(super) missing: Option<u32>,
}

/// The restraint of every manifest that has one, its own or a member's.
///
/// It climbs from untagged members to the roots that lead to them, all of them: a group is not
/// deleted by half, and no untagged manifest is left behind that would be a root of its own next
/// time. A tagged member is a root itself and may outlive its index.
pub(super) fn restraints(
    graph: &Graph<'_>,
    clock: &Clock<'_>,
    policy: &Policy,
    inventory: &Inventory,
) -> Vec<Option<Restraint>> {
    let own: Vec<Option<Restraint>> = graph
        .nodes()
        .map(|node| own_restraint(graph, clock, policy, inventory, node))
        .collect();
    let mut restraints = own.clone();
    for origin in graph.nodes() {
        let Some(restraint) = own.get(origin as usize).copied().flatten() else {
            continue;
        };
        let mut waiting = vec![origin];
        while let Some(node) = waiting.pop() {
            if graph.is_root(node) {
                continue;
            }
            for above in graph.led_by(node) {
                if let Some(place @ None) = restraints.get_mut(above as usize) {
                    *place = Some(restraint);
                    waiting.push(above);
                }
            }
        }
    }
    restraints
}

fn own_restraint(
    graph: &Graph<'_>,
    clock: &Clock<'_>,
    policy: &Policy,
    inventory: &Inventory,
    node: Node,
) -> Option<Restraint> {
    let image = graph.image(node)?;
    let fault = graph.fault(node);
    let reason = if !inventory.complete {
        Reason::IncompleteListing
    } else if let Some(fault) = fault {
        fault.reason
    } else if graph.has_unreadable && image.own_tags().next().is_none() {
        Reason::UnreadableElsewhere
    } else if image.locks().no_delete {
        Reason::Locked
    } else if is_too_young(graph, clock, policy, node) {
        Reason::TooYoung
    } else {
        return None;
    };
    Some(Restraint {
        reason,
        origin: node,
        missing: fault.and_then(|fault| fault.missing),
    })
}

/// Younger than the minimum age, or nobody knows how old.
fn is_too_young(graph: &Graph<'_>, clock: &Clock<'_>, policy: &Policy, node: Node) -> bool {
    let (age, arrived) = match policy.minimum_age {
        MinimumAge::Recorded(age) => (age, clock.arrived(node)),
        // what is no image has no creation time; its root's stands for it
        MinimumAge::Created(_)
            if !graph
                .image(node)
                .is_some_and(|image| image.kind().is_image()) =>
        {
            return false;
        }
        MinimumAge::Created(age) => (age, clock.time(node, None, TimeFact::Created)),
    };
    let newest_allowed = clock.now.minus(age.duration());
    clock
        .with_moves(node, arrived)
        .is_none_or(|time| time > newest_allowed)
}
