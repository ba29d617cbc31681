//! Inventories, a policy and a time in; a plan out.

use std::time::Duration;

use super::caps::{self, History};
use super::clock::Clock;
use super::document::{
    FORMAT, Facts, Plan, PlannedImage, Reason, Repository, Role, Summary, Undo, Verdict,
};
use super::explain::explain;
use super::graph::{Graph, Node};
use super::inventory::Inventory;
use super::policy::Policy;
use super::select::{self, Decision};
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
    if input.policy.grace.is_some() {
        let found = "a grace period needs the record of earlier scans";
        return Err(Error::new(Code::Unsupported, found).with_path("$.grace"));
    }
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
    let mut drafts = Vec::new();
    for (inventory, graph) in input.inventories.iter().zip(&graphs) {
        let clock = Clock::new(graph, inventory, input.now);
        drafts.push((inventory, graph, clock));
    }
    let mut chosen = Vec::new();
    for (inventory, graph, clock) in &drafts {
        let approved = approved.map(|plan| approved_images(plan, inventory));
        let mut decisions = select::select(graph, clock, input.policy, inventory, approved);
        let cap = repository_cap(input, inventory, graph, &decisions);
        if cap.is_some() {
            block(&mut decisions);
        }
        chosen.push((decisions, cap));
    }
    let deleting = drafts
        .iter()
        .zip(&chosen)
        .map(|((_, graph, _), (decisions, _))| deleted_roots(graph, decisions))
        .sum();
    let run_cap = caps::run_breach(&input.caps, deleting);
    for ((inventory, graph, clock), (mut decisions, mut cap)) in drafts.iter().zip(chosen) {
        if run_cap.is_some() && deleted_roots(graph, &decisions) > 0 {
            block(&mut decisions);
            cap.clone_from(&run_cap);
        }
        let draft = Draft {
            input,
            inventory,
            graph,
            clock,
            decisions: &decisions,
            cap: cap.as_deref(),
        };
        plan.repositories.push(draft.repository());
    }
    plan.summary.warnings = inert_rules(input);
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
    input: &'a Input<'a>,
    inventory: &'a Inventory,
    graph: &'a Graph<'a>,
    clock: &'a Clock<'a>,
    decisions: &'a [Decision<'a>],
    cap: Option<&'a str>,
}

impl Draft<'_> {
    fn repository(&self) -> Repository {
        let mut summary = Summary {
            warnings: self.warnings(),
            ..Summary::default()
        };
        let groups = select::deleting_groups(self.graph, self.decisions);
        let digest = |node: &Node| self.graph.digest(*node);
        let mut images = Vec::with_capacity(self.graph.len());
        for ((node, image), decision) in self.graph.images().zip(self.decisions) {
            let mut facts = self.facts(node, decision);
            let is_member = self.graph.role(node) != Role::Root;
            if let Some(groups) = groups
                .get(node as usize)
                .filter(|groups| is_member && groups.len() > 1)
            {
                let others = groups.iter().filter(|group| **group != decision.group);
                facts.shared_with = others.filter_map(digest).collect();
            }
            let planned = PlannedImage {
                digest: image.digest(),
                tags: select::tag_names(&image),
                group: digest(&decision.group).unwrap_or(image.digest()),
                role: self.graph.role(node),
                verdict: decision.verdict(),
                reason: decision.ruling.reason,
                rule: decision.ruling.rule.map(|rule| rule.name.clone()),
                facts,
                explanation: explain(
                    (self.graph, self.clock, self.input.policy),
                    node,
                    decision,
                    self.cap,
                ),
                // the blobs stay until the registry collects them, which none announces
                undo: decision.deletes().then_some(Undo::Unknown),
            };
            summary.count(&planned);
            images.push(planned);
        }
        Repository {
            host: self.inventory.host.clone(),
            name: self.inventory.repository.clone(),
            hash: String::new(),
            inventory_hash: self.inventory.hash(),
            summary,
            images,
        }
    }

    fn facts(&self, node: Node, decision: &Decision<'_>) -> Facts {
        let time = |fact| self.clock.time(node, None, fact);
        Facts {
            pushed: time(TimeFact::Pushed),
            created: time(TimeFact::Created),
            pulled: time(TimeFact::Pulled),
            first_seen: time(TimeFact::FirstSeen),
            tag: decision.ruling.tag.map(str::to_owned),
            place: decision.ruling.place,
            per: decision.ruling.per.map(str::to_owned),
            through: decision
                .missing
                .or(decision.through)
                .and_then(|id| self.graph.digest(id)),
            shared_with: Vec::new(),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.inventory.complete {
            let reason = self
                .inventory
                .incomplete_reason
                .as_deref()
                .unwrap_or("no reason was given");
            warnings.push(format!(
                "not read to its end, so nothing is deleted: {reason}"
            ));
        }
        let mut unreadable = self.inventory.unreadable_tags.clone();
        sorted::sort(&mut unreadable);
        for tag in unreadable {
            warnings.push(format!(
                "the tag {tag} could not be read, so nothing untagged is deleted"
            ));
        }
        if !self.inventory.lists_untagged {
            for rule in self
                .input
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
    decisions: &[Decision<'_>],
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

fn deleted_roots(graph: &Graph<'_>, decisions: &[Decision<'_>]) -> u64 {
    let deleted = graph.nodes().zip(decisions).filter(|(node, decision)| {
        graph.role(*node) == Role::Root && decision.verdict() == Verdict::Delete
    });
    deleted.count() as u64
}

fn block(decisions: &mut [Decision<'_>]) {
    for decision in decisions.iter_mut().filter(|decision| decision.deletes()) {
        decision.ruling.reason = Reason::Cap;
    }
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
