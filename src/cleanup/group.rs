//! The groups that a plan deletes, each in the order in which its manifests go. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::journal::Step;
use crate::{
    oci::Digest,
    plan::{
        Role, Verdict,
        document::{PlannedImage, Repository},
        inventory::Inventory,
    },
    registries::profile::DeleteBy,
    sorted,
};

/// A root and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) root: Digest,
    /// In the order of deletion: parents before children, the root before what speaks of it.
    pub(super) members: Vec<Member>,
    /// What its indexes list and what does not go with it: roots of their own. Backed up too,
    /// because an index cannot be put back before its children.
    pub(super) also: BTreeSet<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) digest: Digest,
    pub(super) tags: Vec<String>,
}

impl Group {
    /// The tags of the root.
    pub(super) fn tags(&self) -> &[String] {
        self.members.first().map_or(&[], |root| &root.tags)
    }

    /// How it is deleted. A member that another group shares stays when its turn comes, and goes
    /// with the last of them.
    pub(super) fn steps(&self, by: DeleteBy) -> Vec<Step> {
        let mut steps = Vec::new();
        for member in &self.members {
            let tags = if by == DeleteBy::UntagThenDigest {
                let untag = |tag: &String| Step::Untag {
                    tag: tag.clone(),
                    shows: member.digest,
                };
                steps.extend(member.tags.iter().map(untag));
                Vec::new()
            } else {
                member.tags.clone()
            };
            steps.push(Step::Delete {
                digest: member.digest,
                tags,
            });
        }
        steps
    }
}

/// The groups that the plan deletes. Where one root is below another (a platform's image with a
/// tag of its own), the other's group comes first; a tagged referrer comes before its subject.
pub(super) fn groups(planned: &Repository, inventory: &Inventory) -> Vec<Group> {
    let deleted = |image: &&PlannedImage| image.verdict == Verdict::Delete;
    let mut members: BTreeMap<Digest, Vec<&PlannedImage>> = BTreeMap::new();
    for image in planned.images.iter().filter(deleted) {
        let groups = image.facts.shared_with.iter().chain([&image.group]);
        for group in sorted::set(groups) {
            members.entry(*group).or_default().push(image);
        }
    }
    members.retain(|root, members| members.iter().any(|member| member.digest == *root));
    let image = |digest: &Digest| inventory.image(inventory.find(digest)?);
    let children = |digest: &Digest| {
        let image = image(digest).into_iter();
        image.flat_map(|image| image.children())
    };
    let mut depths = sorted::map(members.keys().map(|root| (*root, 0)));
    relax(members.len(), || {
        let mut moved = false;
        for (root, members) in &members {
            let next = depths.get(root).copied().unwrap_or_default() + 1;
            let subject = image(root).and_then(|image| image.subject());
            let below = members.iter().flat_map(|member| children(&member.digest));
            for other in below.chain(subject).filter(|other| other != root) {
                if let Some(depth) = depths.get_mut(&other).filter(|depth| **depth < next) {
                    *depth = next;
                    moved = true;
                }
            }
        }
        moved
    });
    let mut groups: Vec<Group> = members
        .into_iter()
        .map(|(root, members)| {
            let members = in_order(root, members, &children);
            let mut also = BTreeSet::new();
            let mut open: Vec<Digest> = members.iter().map(|member| member.digest).collect();
            while let Some(digest) = open.pop() {
                open.extend(children(&digest).filter(|child| also.insert(*child)));
            }
            also.retain(|digest| members.iter().all(|member| member.digest != *digest));
            Group {
                root,
                members,
                also,
            }
        })
        .collect();
    // one that shares something with what stays comes early: it shows whether the registry takes
    // more than it is asked to
    let place = |group: &Group| {
        let depth = depths.get(&group.root).copied();
        (depth, group.also.is_empty(), group.root)
    };
    sorted::sort_by(&mut groups, |one, other| place(one).cmp(&place(other)));
    groups
}

/// Repeats until nothing moves; content cannot name itself, and should it, this ends all the same.
fn relax(most: usize, mut once: impl FnMut() -> bool) {
    for _ in 0..=most {
        if !once() {
            break;
        }
    }
}

fn in_order<C: Iterator<Item = Digest>>(
    root: Digest,
    mut members: Vec<&PlannedImage>,
    children: &impl Fn(&Digest) -> C,
) -> Vec<Member> {
    // (whether it only speaks of the group, how deep it lies): pushed down along every edge, so
    // that a parent's place is always before its children's
    let mut places = sorted::map(members.iter().map(|member| {
        let speaks = matches!(member.role, Role::Referrer | Role::Fallback);
        (member.digest, (speaks, 0))
    }));
    relax(members.len(), || {
        let mut moved = false;
        for member in &members {
            let (speaks, depth) = places.get(&member.digest).copied().unwrap_or_default();
            for child in children(&member.digest) {
                if let Some(place) = places.get_mut(&child) {
                    let below = (speaks || place.0, place.1.max(depth + 1));
                    moved |= *place != below;
                    *place = below;
                }
            }
        }
        moved
    });
    let place = |member: &&PlannedImage| {
        let place = places.get(&member.digest).copied().unwrap_or_default();
        (member.digest != root, place, member.digest)
    };
    sorted::sort_by(&mut members, |one, other| place(one).cmp(&place(other)));
    let member = |image: &PlannedImage| Member {
        digest: image.digest,
        tags: image.tags.clone(),
    };
    members.into_iter().map(member).collect()
}
