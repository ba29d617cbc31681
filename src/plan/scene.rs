//! Everything that the verdicts of one repository rest on.

use super::clock::Clock;
use super::condemned::Condemned;
use super::graph::Graph;
use super::in_use::RepositoryInUse;
use super::inventory::Inventory;
use super::policy::Policy;
use super::reported::Reported;

/// One repository, as rules, restraints and explanations see it.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) policy: &'a Policy,
    pub(super) inventory: &'a Inventory,
    pub(super) graph: &'a Graph<'a>,
    pub(super) clock: &'a Clock<'a>,
    pub(super) in_use: &'a RepositoryInUse<'a>,
    pub(super) reported: &'a Reported<'a>,
    /// What earlier scans of this repository condemned by this policy.
    pub(super) condemned: Option<&'a Condemned>,
}
