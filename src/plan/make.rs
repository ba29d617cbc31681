//! Inventories, a policy and a time in; verdicts out.

use std::time::Duration;

use super::caps::{self, History};
use super::clock::Clock;
use super::condemned::Condemned;
use super::document::{Plan, PlannedImage, Reason};
use super::graph::Graph;
use super::in_use::InUse;
use super::inert;
use super::inventory::Inventory;
use super::made::Made;
use super::part::Part;
use super::policy::Policy;
use super::reported::{GivenReport, Reported};
use super::scene::Scene;
use super::select;
use crate::configuration::Caps;
use crate::error::{Code, Error, Result};
use crate::sorted;
use crate::timestamp::Timestamp;

/// How long a plan can be carried out.
pub(super) const LIFE: Duration = Duration::from_hours(24);

/// Everything a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The job's name.
    pub job: &'a str,
    /// The hash over the resolved job.
    pub configuration_hash: &'a str,
    /// What to keep and what to delete.
    pub policy: &'a Policy,
    /// How much may go at once.
    pub caps: Caps,
    /// The job's repositories, in any order.
    pub inventories: &'a [Inventory],
    /// What is in use, and the texts that rules ask for, in any order.
    pub reports: &'a [GivenReport<'a>],
    /// What earlier scans condemned, for a policy with a grace; in any order.
    pub condemned: &'a [Condemned],
    /// What earlier runs deleted from them, in any order.
    pub history: &'a [History],
    /// Host and path of repositories that no job cleans, to be told of; in any order.
    pub unmanaged: &'a [(String, String)],
    /// The time that ages are reckoned from.
    pub now: Timestamp,
    /// Whether time or inventory are not the present ones.
    pub simulated: bool,
}

impl<'a> Input<'a> {
    /// The least that a plan can be made from: default caps, and no reports, history or earlier
    /// condemnations.
    #[must_use]
    pub fn new(
        job: &'a str,
        policy: &'a Policy,
        inventories: &'a [Inventory],
        now: Timestamp,
    ) -> Self {
        Self {
            job,
            configuration_hash: "",
            policy,
            caps: Caps::default(),
            inventories,
            reports: &[],
            condemned: &[],
            history: &[],
            unmanaged: &[],
            now,
            simulated: false,
        }
    }
}

/// Plans a job.
///
/// Pure and deterministic: the order of inventories, images and tags changes nothing.
///
/// # Examples
///
/// ```
/// use portreeve::oci::Digest;
/// use portreeve::plan::inventory::{Entry, Inventory, Kind, Tag};
/// use portreeve::plan::{self, Reason, policy::Policy};
/// use portreeve::timestamp::Timestamp;
///
/// let now: Timestamp = "2026-11-24T08:00:00Z".parse()?;
/// let mut inventory = Inventory::new("registry.example", "shop/web", now);
/// inventory.complete = true;
/// inventory.records_pushed = true;
/// let mut entries = Vec::new();
/// for (tag, pushed) in [("v1", "2026-01-01T00:00:00Z"), ("pr-7", "2026-02-01T00:00:00Z")] {
///     let mut entry = Entry::new(Digest::of(tag.as_bytes()), Kind::Image);
///     entry.tags.push(Tag::new(tag));
///     entry.times.pushed = Some(pushed.parse()?);
///     entries.push(entry);
/// }
/// inventory.fill(entries)?;
/// let policy = Policy::parse(
///     r#"{ "delete": [{ "name": "prs", "tags": "pr-*", "olderThan": { "pushed": "7d" } }] }"#,
/// )
/// .unwrap();
/// let inventories = [inventory];
/// let made = plan::make(&plan::Input::new("shop", &policy, &inventories, now))?;
/// assert_eq!(made.summary().delete.groups, 1);
/// let plan = made.document();
/// let kept = plan.repositories[0].images.iter().find(|image| image.tags == ["v1"]).unwrap();
/// assert_eq!(kept.reason, Reason::NotSelected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// `unsupported` for a policy of which a part would not be carried out, `refused` for a keep rule
/// whose tags match nothing in the whole job, `invalid_argument` for inventories that contradict
/// themselves.
pub fn make<'i>(input: &Input<'i>) -> Result<Made<'i>> {
    input.policy.ensure_supported()?;
    inert::refuse(input)?;
    make_within(input, None)
}

/// Plans, allowing only the deletions of `approved` where it is given.
pub(super) fn make_within<'i>(input: &Input<'i>, approved: Option<&Plan>) -> Result<Made<'i>> {
    let inventories = in_order(input.inventories)?;
    let graphs: Vec<Graph<'i>> = inventories
        .iter()
        .map(|inventory| Graph::new(inventory))
        .collect();
    let reported = Reported::new(input.reports, input.now);
    let repositories: Vec<_> = inventories.iter().copied().zip(&graphs).collect();
    let in_use = InUse::new(&reported, &repositories);
    let breach = reported.breach();
    let policy_hash = input.policy.hash();
    let mut parts: Vec<Part<'i>> = Vec::with_capacity(graphs.len());
    for ((inventory, graph), in_use) in inventories
        .into_iter()
        .zip(graphs)
        .zip(&in_use.repositories)
    {
        let clock = Clock::new(&graph, inventory, input.now);
        let scene = Scene {
            policy: input.policy,
            inventory,
            graph: &graph,
            clock: &clock,
            in_use,
            reported: &reported,
            condemned: condemned(input, &policy_hash, inventory),
        };
        let approved = approved.map(|plan| approved_images(plan, inventory));
        let mut selected = select::select(scene, approved);
        if breach.is_some() {
            select::block(&mut selected.decisions, Reason::Report);
        }
        let ages = super::part::ages(&scene, &selected.decisions);
        let mut part = Part::new(inventory, graph, selected, ages);
        let history = input.history.iter();
        let history = history
            .filter(|run| run.host == inventory.host && run.repository == inventory.repository);
        let (groups, deleting) = (part.roots(), part.deleted_roots());
        if let Some(cap) = caps::breach(&input.caps, groups, deleting, history, input.now) {
            part.block(cap);
        }
        parts.push(part);
    }
    let deleting = parts.iter().map(Part::deleted_roots).sum();
    if let Some(cap) = caps::run_breach(&input.caps, deleting) {
        for part in parts.iter_mut().filter(|part| part.deleted_roots() > 0) {
            part.block(cap.clone());
        }
    }
    Ok(Made::new(*input, policy_hash, reported, in_use, parts))
}

/// The inventories, sorted by host and name, each repository once.
fn in_order(inventories: &[Inventory]) -> Result<Vec<&Inventory>> {
    fn key(inventory: &Inventory) -> (&str, &str) {
        (&inventory.host, &inventory.repository)
    }
    let mut inventories: Vec<&Inventory> = inventories.iter().collect();
    sorted::sort_by(&mut inventories, |one, two| key(one).cmp(&key(two)));
    for pair in inventories.windows(2) {
        if let [one, two] = pair
            && key(one) == key(two)
        {
            let found = format!("the inventories hold {} twice", one.repository);
            return Err(Error::new(Code::InvalidArgument, found).at(&*one.host));
        }
    }
    Ok(inventories)
}

/// What earlier scans of a repository condemned by the same policy.
pub(super) fn condemned<'i>(
    input: &Input<'i>,
    policy_hash: &str,
    inventory: &Inventory,
) -> Option<&'i Condemned> {
    input.condemned.iter().find(|record| {
        (&record.host, &record.repository) == (&inventory.host, &inventory.repository)
            && record.policy_hash == policy_hash
    })
}

fn approved_images<'p>(plan: &'p Plan, inventory: &Inventory) -> &'p [PlannedImage] {
    let found = plan.repositories.iter().find(|repository| {
        repository.host == inventory.host && repository.name == inventory.repository
    });
    found.map_or(&[], |repository| &repository.images)
}
