//! Inventories, a policy and a time in; a plan out.

use std::time::Duration;

use super::caps::{self, History};
use super::clock::Clock;
use super::condemned::Condemned;
use super::decision::Decision;
use super::document::{
    FORMAT, Facts, Plan, PlannedImage, Reason, Repository, Role, Summary, Undo, Verdict,
};
use super::explain::explain;
use super::graph::{Graph, Node};
use super::in_use::InUse;
use super::inventory::{Image, Inventory};
use super::policy::Policy;
use super::reported::{GivenReport, Reported};
use super::scene::Scene;
use super::select::{self, Selected};
use crate::configuration::Caps;
use crate::configuration::policy::{Rule, TagSelector, TimeFact};
use crate::error::{Code, Error, Result};
use crate::sorted;
use crate::timestamp::Timestamp;

/// How long a plan can be carried out.
const LIFE: Duration = Duration::from_hours(24);

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
    /// The job's reports, and those that are missing.
    pub reports: &'a [GivenReport<'a>],
    /// What earlier scans condemned, in any order.
    pub condemned: &'a [Condemned],
    /// What earlier runs deleted from them, in any order.
    pub history: &'a [History],
    /// The time that ages are reckoned from.
    pub now: Timestamp,
    /// Whether time or inventory are not the present ones.
    pub simulated: bool,
}

/// Plans a job.
///
/// Pure and deterministic: the order of inventories, images and tags changes nothing.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Caps;
/// use portreeve::oci::Digest;
/// use portreeve::plan::inventory::{Entry, Inventory, Kind, Tag};
/// use portreeve::plan::{self, Reason, policy::Policy};
/// use portreeve::timestamp::Timestamp;
///
/// let now: Timestamp = "2026-11-24T08:00:00Z".parse()?;
/// let mut inventory = Inventory::new("registry.example", "shop/web", now);
/// inventory.complete = true;
/// inventory.records_pushed = true;
/// for (tag, pushed) in [("v1", "2026-01-01T00:00:00Z"), ("pr-7", "2026-02-01T00:00:00Z")] {
///     let mut image = Entry::new(Digest::of(tag.as_bytes()), Kind::Image);
///     image.tags.push(Tag::new(tag));
///     image.times.pushed = Some(pushed.parse()?);
///     inventory.fill([image])?;
/// }
/// let policy = Policy::parse(
///     r#"{ "delete": [{ "name": "prs", "tags": "pr-*", "olderThan": { "pushed": "7d" } }] }"#,
/// )
/// .unwrap();
/// let plan = plan::make(&plan::Input {
///     job: "shop",
///     configuration_hash: "",
///     policy: &policy,
///     caps: Caps::default(),
///     inventories: &[inventory],
///     reports: &[],
///     condemned: &[],
///     history: &[],
///     now,
///     simulated: false,
/// })?;
/// assert_eq!(plan.summary.delete.groups, 1);
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
pub fn make(input: &Input<'_>) -> Result<Plan> {
    input.policy.ensure_supported()?;
    refuse_inert_protection(input)?;
    make_within(input, None)
}

/// Plans, allowing only the deletions of `approved` where it is given.
pub(super) fn make_within(input: &Input<'_>, approved: Option<&Plan>) -> Result<Plan> {
    let mut plan = Plan {
        format: FORMAT.to_owned(),
        job: input.job.to_owned(),
        now: input.now,
        expires_at: input.now.plus(LIFE),
        simulated: input.simulated,
        policy_hash: input.policy.hash(),
        configuration_hash: input.configuration_hash.to_owned(),
        hash: String::new(),
        summary: Summary::default(),
        repositories: Vec::new(),
    };
    let graphs: Vec<Graph<'_>> = input.inventories.iter().map(Graph::new).collect();
    let placed: Vec<_> = input.inventories.iter().zip(&graphs).collect();
    let reported = Reported::new(input.reports, input.now);
    let in_use = InUse::new(&reported, &placed);
    let mut clocks = Vec::new();
    for (inventory, graph) in &placed {
        clocks.push(Clock::new(graph, inventory, input.now));
    }
    let mut chosen = Vec::new();
    for (((inventory, graph), clock), in_use) in
        placed.into_iter().zip(&clocks).zip(&in_use.repositories)
    {
        let scene = Scene {
            policy: input.policy,
            inventory,
            graph,
            clock,
            in_use,
            reported: &reported,
            condemned: condemned(input, inventory),
        };
        let approved = approved.map(|plan| approved_images(plan, inventory));
        let mut selected = select::select(scene, approved);
        if reported.breach().is_some() {
            select::block(&mut selected.decisions, Reason::Report);
        }
        let cap = repository_cap(input, inventory, graph, &selected.decisions);
        if cap.is_some() {
            select::block(&mut selected.decisions, Reason::Cap);
        }
        chosen.push((scene, selected, cap));
    }
    let deleting = chosen
        .iter()
        .map(|(scene, selected, _)| deleted_roots(scene.graph, &selected.decisions))
        .sum();
    let run_cap = caps::run_breach(&input.caps, deleting);
    for (scene, mut selected, mut cap) in chosen {
        if run_cap.is_some() && deleted_roots(scene.graph, &selected.decisions) > 0 {
            select::block(&mut selected.decisions, Reason::Cap);
            cap.clone_from(&run_cap);
        }
        let draft = Draft {
            scene,
            selected: &selected,
            cap: cap.as_deref(),
        };
        plan.repositories.push(draft.repository());
    }
    plan.summary.warnings = reported.warnings();
    plan.summary.warnings.extend(in_use.warnings());
    plan.summary.warnings.extend(inert_rules(input));
    plan.seal();
    for pair in plan.repositories.windows(2) {
        if let [one, two] = pair
            && (&one.host, &one.name) == (&two.host, &two.name)
        {
            let found = format!("the inventories hold {} twice", one.name);
            return Err(Error::new(Code::InvalidArgument, found).at(&*one.host));
        }
    }
    Ok(plan)
}

/// The verdicts of one repository, on their way into the document.
struct Draft<'a> {
    scene: Scene<'a>,
    selected: &'a Selected,
    cap: Option<&'a str>,
}

impl Draft<'_> {
    fn repository(&self) -> Repository {
        let Scene {
            graph,
            inventory,
            policy,
            ..
        } = self.scene;
        let mut summary = Summary {
            warnings: self.warnings(),
            ..Summary::default()
        };
        let groups = deleting_groups(graph, &self.selected.decisions);
        let digest = |node: &Node| graph.digest(*node);
        let mut images = Vec::with_capacity(graph.len());
        for ((node, image), decision) in graph.images().zip(&self.selected.decisions) {
            let mut facts = self.facts(image, decision);
            let is_member = graph.role(node) != Role::Root;
            if let Some(groups) = groups
                .get(node as usize)
                .filter(|groups| is_member && groups.len() > 1)
            {
                let others = groups.iter().filter(|group| **group != decision.group);
                facts.shared_with = others.filter_map(digest).collect();
            }
            let planned = PlannedImage {
                digest: image.digest(),
                tags: image.tags().map(|tag| tag.name.to_owned()).collect(),
                group: digest(&decision.group).unwrap_or(image.digest()),
                role: graph.role(node),
                verdict: decision.verdict(),
                reason: decision.ruling.reason,
                rule: decision.ruling.rule(policy).map(|rule| rule.name.clone()),
                facts,
                explanation: explain(&self.scene, self.selected, node, self.cap),
                // the blobs stay until the registry collects them, which none announces
                undo: decision.deletes().then_some(Undo::Unknown),
            };
            summary.count(&planned);
            images.push(planned);
        }
        Repository {
            host: inventory.host.clone(),
            name: inventory.repository.clone(),
            hash: String::new(),
            inventory_hash: inventory.hash(),
            summary,
            images,
        }
    }

    fn facts(&self, image: Image<'_>, decision: &Decision) -> Facts {
        let Scene {
            policy,
            clock,
            graph,
            ..
        } = self.scene;
        let time = |fact| clock.time(image.row(), None, fact);
        let ruling = decision.ruling;
        Facts {
            pushed: time(TimeFact::Pushed),
            created: time(TimeFact::Created),
            pulled: time(TimeFact::Pulled),
            first_seen: time(TimeFact::FirstSeen),
            tag: ruling.tag(image).map(|tag| tag.name.to_owned()),
            place: ruling.place(),
            per: ruling.per(policy, image).map(str::to_owned),
            through: decision
                .missing()
                .or(decision.through())
                .and_then(|id| graph.digest(id)),
            shared_with: Vec::new(),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.scene.inventory.complete {
            let reason = self
                .scene
                .inventory
                .incomplete_reason
                .as_deref()
                .unwrap_or("no reason was given");
            warnings.push(format!(
                "not read to its end, so nothing is deleted: {reason}"
            ));
        }
        let mut unreadable = self.scene.inventory.unreadable_tags.clone();
        sorted::sort(&mut unreadable);
        for tag in unreadable {
            warnings.push(format!(
                "the tag {tag} could not be read, so nothing untagged is deleted"
            ));
        }
        if !self.scene.inventory.lists_untagged {
            for rule in self
                .scene
                .policy
                .delete
                .iter()
                .filter(|rule| rule.tagged == Some(false))
            {
                warnings.push(format!(
                    "the rule `{}` has no effect: this registry does not list what has no tag",
                    rule.name
                ));
            }
        }
        warnings.extend(
            self.cap
                .map(|cap| format!("all deletions are blocked: {cap}")),
        );
        warnings
    }
}

fn approved_images<'p>(plan: &'p Plan, inventory: &Inventory) -> &'p [PlannedImage] {
    let found = plan.repositories.iter().find(|repository| {
        repository.host == inventory.host && repository.name == inventory.repository
    });
    found.map_or(&[], |repository| &repository.images)
}

fn repository_cap(
    input: &Input<'_>,
    inventory: &Inventory,
    graph: &Graph<'_>,
    decisions: &[Decision],
) -> Option<String> {
    let groups = graph.nodes().filter(|node| graph.is_root(*node)).count() as u64;
    let history = input
        .history
        .iter()
        .filter(|run| run.host == inventory.host && run.repository == inventory.repository);
    caps::breach(
        &input.caps,
        groups,
        deleted_roots(graph, decisions),
        history,
        input.now,
    )
}

fn deleted_roots(graph: &Graph<'_>, decisions: &[Decision]) -> u64 {
    let deleted = graph.nodes().zip(decisions).filter(|(node, decision)| {
        graph.role(*node) == Role::Root && decision.verdict() == Verdict::Delete
    });
    deleted.count() as u64
}

fn condemned<'a>(input: &Input<'a>, inventory: &Inventory) -> Option<&'a Condemned> {
    let hash = input.policy.hash();
    input.condemned.iter().find(|record| {
        (&record.host, &record.repository) == (&inventory.host, &inventory.repository)
            && record.policy_hash == hash
    })
}

/// For each manifest that goes, the deleted roots that lead to it, ascending.
fn deleting_groups(graph: &Graph<'_>, decisions: &[Decision]) -> Vec<Vec<Node>> {
    let deletes = |node: Node| decisions.get(node as usize).is_some_and(Decision::deletes);
    let mut owners: Vec<Vec<Node>> = vec![Vec::new(); graph.len()];
    for root in graph
        .nodes()
        .filter(|node| graph.is_root(*node) && deletes(*node))
    {
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            let Some(known) = owners.get_mut(node as usize) else {
                continue;
            };
            if known.last() != Some(&root) && deletes(node) {
                known.push(root);
                waiting.extend(graph.leads_to(node));
            }
        }
    }
    owners
}

/// A protect pattern that matches nothing is a typo until its author says otherwise; three tools
/// that shrugged deleted what it should have kept.
fn refuse_inert_protection(input: &Input<'_>) -> Result<()> {
    if input.inventories.iter().all(Inventory::is_empty) {
        return Ok(());
    }
    let inert = input
        .policy
        .keep
        .iter()
        .find(|rule| !rule.optional && !matches_any_tag(rule, input));
    let Some(rule) = inert else { return Ok(()) };
    let selector = rule
        .tags
        .as_ref()
        .map(TagSelector::describe)
        .unwrap_or_default();
    let found = format!(
        "the keep rule `{}` ({selector}) matches no tag in the whole job",
        rule.name
    );
    Err(Error::new(Code::Refused, found)
        .doing(format!("planning the job {}", input.job))
        .next("correct its tags, or say \"optional\": true in the rule"))
}

/// Rules that are allowed to match nothing, and do: a reviewer wants to know.
fn inert_rules(input: &Input<'_>) -> Vec<String> {
    let inert = input
        .policy
        .rules()
        .filter(|rule| !matches_any_tag(rule, input));
    inert
        .map(|rule| format!("the rule `{}` matches no tag", rule.name))
        .collect()
}

/// Whether a rule's tag selector alone matches something; a rule without one needs no tag.
fn matches_any_tag(rule: &Rule, input: &Input<'_>) -> bool {
    let Some(tags) = &rule.tags else { return true };
    input.inventories.iter().any(|inventory| {
        let own_tags = inventory.images().flat_map(|image| image.own_tags());
        own_tags
            .map(|tag| tag.name)
            .chain(inventory.unreadable_tags.iter().map(String::as_str))
            .any(|tag| tags.matches(tag))
    })
}
