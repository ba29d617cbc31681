//! The verdicts of one repository, and how they are written.

use super::decision::Decision;
use super::document::{
    AgeSource, Deletion, Facts, PlannedImage, Proof, Reason, Repository, RepositoryHash, Role,
    Step, Summary, Undo,
};
use super::explain::explain;
use super::graph::{Graph, Node};
use super::inventory::Inventory;
use super::policy::Policy;
use super::scene::Scene;
use super::select::{self, Selected};
use super::steps::{self, Group, Order, Tops};
use crate::configuration::policy::TimeFact;
use crate::oci::Digest;
use crate::sorted;
use crate::timestamp::Timestamp;

/// So many further groups of a shared manifest are named.
const SHARED: usize = 100;

/// One repository of a plan.
pub(super) struct Part<'i> {
    pub(super) inventory: &'i Inventory,
    pub(super) graph: Graph<'i>,
    pub(super) selected: Selected,
    /// What the cap said, if one was breached.
    pub(super) cap: Option<String>,
    ages: Summary,
    tops: Tops,
}

/// The oldest and the newest of the roots that go.
pub(super) fn ages(scene: &Scene<'_>, decisions: &[Decision]) -> Summary {
    let mut ages = Summary::default();
    let inventory = scene.inventory;
    for ((node, image), decision) in scene.graph.images().zip(decisions) {
        if !decision.deletes() || !scene.graph.is_root(node) {
            continue;
        }
        let known = [
            (TimeFact::Pushed, AgeSource::Pushed),
            (TimeFact::Created, AgeSource::Created),
            (TimeFact::FirstSeen, AgeSource::FirstSeen),
        ];
        let known = known.into_iter().find_map(|(fact, by)| {
            let time = scene.clock.time(node, None, fact)?;
            Some((time, by))
        });
        let Some((time, by)) = known else { continue };
        let digest = image.digest();
        ages.reach((time, digest), || Deletion {
            repository: format!("{}/{}", inventory.host, inventory.repository),
            digest,
            tag: image.tags().next().map(|tag| tag.name.to_owned()),
            time,
            by,
        });
    }
    ages
}

impl<'i> Part<'i> {
    pub(super) fn new(
        inventory: &'i Inventory,
        graph: Graph<'i>,
        selected: Selected,
        ages: Summary,
    ) -> Self {
        let tops = Tops::new(&graph, &selected.decisions);
        Self {
            inventory,
            graph,
            selected,
            cap: None,
            ages,
            tops,
        }
    }

    /// `host/path`.
    pub(super) fn place(&self) -> String {
        format!("{}/{}", self.inventory.host, self.inventory.repository)
    }

    pub(super) fn decisions(&self) -> &[Decision] {
        &self.selected.decisions
    }

    /// How many groups there are.
    pub(super) fn roots(&self) -> u64 {
        let nodes = self.graph.nodes();
        nodes.filter(|node| self.graph.is_root(*node)).count() as u64
    }

    /// How many of them go.
    pub(super) fn deleted_roots(&self) -> u64 {
        let decided = self.graph.nodes().zip(self.decisions());
        let deleted =
            decided.filter(|(node, decision)| decision.deletes() && self.graph.is_root(*node));
        deleted.count() as u64
    }

    /// Takes all deletions back: a breach of a cap never trims.
    pub(super) fn block(&mut self, cap: String) {
        select::block(&mut self.selected.decisions, Reason::Cap);
        self.cap = Some(cap);
        self.ages = Summary::default();
    }

    /// Everything about the repository but its steps and images.
    pub(super) fn head(&self, policy: &Policy, now: Timestamp, policy_hash: &str) -> Repository {
        let mut summary = Summary {
            warnings: self.warnings(policy),
            ..self.ages.clone()
        };
        let mut hash = RepositoryHash::new(&self.inventory.host);
        let mut tags: Vec<&str> = Vec::new();
        for ((node, image), decision) in self.graph.images().zip(self.decisions()) {
            let reason = decision.ruling.reason;
            let rule = decision.ruling.rule(policy).map(|rule| rule.name.as_str());
            tags.clear();
            tags.extend(image.tags().map(|tag| tag.name));
            hash.image(&Proof {
                digest: image.digest(),
                reason,
                rule,
                tags: &tags,
                verdict: reason.verdict(),
            });
            summary.count((reason, rule), self.graph.role(node), || {
                let tag = tags.first().map(|tag| (*tag).to_owned());
                tag.unwrap_or_else(|| image.digest().to_string())
            });
        }
        summary.order();
        Repository {
            host: self.inventory.host.clone(),
            name: self.inventory.repository.clone(),
            hash: hash.finish(&self.inventory.repository, now, policy_hash),
            inventory_hash: self.inventory.hash(),
            summary,
            steps: Vec::new(),
            images: Vec::new(),
        }
    }

    /// Hands every step of the deletions over, in order.
    pub(super) fn steps(&self, each: &mut dyn FnMut(Step)) {
        if let Some(by) = self.inventory.deletes_by {
            Order::new(&self.graph, self.decisions()).steps(&self.graph, by, each);
        }
    }

    /// The deletions, group by group.
    pub(super) fn groups(&self) -> Vec<Group> {
        let order = Order::new(&self.graph, self.decisions());
        steps::groups(&self.graph, &order)
    }

    /// Hands every verdict over, by digest.
    pub(super) fn images(&self, scene: &Scene<'_>, each: &mut dyn FnMut(PlannedImage)) {
        for ((node, image), decision) in self.graph.images().zip(self.decisions()) {
            let digest = |node: Node| self.graph.digest(node);
            let ruling = &decision.ruling;
            each(PlannedImage {
                digest: image.digest(),
                tags: steps::tag_names(image),
                group: digest(decision.group).unwrap_or_else(|| image.digest()),
                role: self.graph.role(node),
                verdict: decision.verdict(),
                reason: ruling.reason,
                rule: ruling.rule(scene.policy).map(|rule| rule.name.clone()),
                facts: self.facts(scene, node, decision),
                explanation: explain(scene, &self.selected, node, self.cap.as_deref()),
                // the blobs stay until the registry collects them, which none announces
                undo: decision.deletes().then_some(Undo::Unknown),
            });
        }
    }

    fn facts(&self, scene: &Scene<'_>, node: Node, decision: &Decision) -> Facts {
        let digest = |node: Node| self.graph.digest(node);
        let missing = decision.missing().and_then(|id| self.inventory.digest(id));
        let time = |fact| scene.clock.time(node, None, fact);
        let image = self.graph.image(node);
        let ruling = &decision.ruling;
        Facts {
            pushed: time(TimeFact::Pushed),
            created: time(TimeFact::Created),
            pulled: time(TimeFact::Pulled),
            first_seen: time(TimeFact::FirstSeen),
            tag: image
                .and_then(|image| ruling.tag(image))
                .map(|tag| tag.name.to_owned()),
            place: ruling.place(),
            per: image
                .and_then(|image| ruling.per(scene.policy, image))
                .map(str::to_owned),
            through: missing.or_else(|| digest(decision.through()?)),
            shared_with: self.shared_with(node, decision),
        }
    }

    fn shared_with(&self, node: Node, decision: &Decision) -> Vec<Digest> {
        if !decision.deletes() || self.graph.role(node) == Role::Root {
            return Vec::new();
        }
        let (graph, decisions) = (&self.graph, self.decisions());
        let roots = self.tops.roots_above(graph, decisions, node, SHARED + 1);
        let others = roots.into_iter().filter(|root| *root != decision.group);
        let digest = |root| self.graph.digest(root);
        others.filter_map(digest).take(SHARED).collect()
    }

    fn warnings(&self, policy: &Policy) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.inventory.complete {
            let reason = self.inventory.incomplete_reason.as_deref();
            let reason = reason.unwrap_or("no reason was given");
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
            let untagged = |rule: &&_| is_of_untagged(rule);
            for rule in policy.delete.iter().filter(untagged) {
                warnings.push(format!(
                    "the rule `{}` has no effect: this registry does not list what has no tag",
                    rule.name
                ));
            }
        }
        let cap = self.cap.as_ref();
        warnings.extend(cap.map(|cap| format!("all deletions are blocked: {cap}")));
        warnings
    }
}

fn is_of_untagged(rule: &crate::configuration::policy::Rule) -> bool {
    rule.tagged == Some(false)
}
