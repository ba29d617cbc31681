//! A plan as it was made: verdicts by the million, as numbers, until somebody reads them.

use std::fmt;

use serde::Serialize;

use super::clock::Clock;
use super::condemned::Condemned;
use super::document::{FORMAT, Largest, Plan, ReportState, Repository, Summary, Unmanaged};
use super::freed::freed;
use super::grace;
use super::in_use::InUse;
use super::inert;
use super::make::{Input, LIFE, condemned};
use super::part::Part;
use super::reported::Reported;
use super::reports::Report;
use super::scene::Scene;
use super::steps::Group;
use super::why::{self, Why};
use crate::error::{Code, Error, Result};
use crate::sorted;

/// So many repositories are named as the largest.
const LARGEST: usize = 10;

/// The verdicts on everything, with what they rest on.
///
/// A million manifests are a gigabyte as a document; here they are a few bytes each. Totals and
/// hashes are known; [`Made::write`] streams the document, [`Made::document`] holds it whole.
pub struct Made<'i> {
    pub(super) input: Input<'i>,
    pub(super) reported: Reported<'i>,
    pub(super) in_use: InUse<'i>,
    /// Sorted by host and name, as the repositories of `head`.
    pub(super) parts: Vec<Part<'i>>,
    head: Plan,
}

impl<'i> Made<'i> {
    pub(super) fn new(
        input: Input<'i>,
        policy_hash: String,
        reported: Reported<'i>,
        in_use: InUse<'i>,
        parts: Vec<Part<'i>>,
    ) -> Self {
        let mut head = Plan {
            format: FORMAT.to_owned(),
            job: input.job.to_owned(),
            now: input.now,
            expires_at: input.now.plus(LIFE),
            simulated: input.simulated,
            policy_hash,
            configuration_hash: input.configuration_hash.to_owned(),
            hash: String::new(),
            summary: Summary::default(),
            largest: Vec::new(),
            unmanaged: unmanaged(&input),
            reports: reports(&reported),
            repositories: Vec::new(),
        };
        let decided = parts.iter().map(|part| (part.inventory, part.decisions()));
        let (each, total) = freed(decided);
        for (part, freed) in parts.iter().zip(each) {
            let mut repository = part.head(input.policy, input.now, &head.policy_hash);
            repository.summary.freed = freed;
            head.summary.add(&part.place(), &repository.summary);
            head.repositories.push(repository);
        }
        head.summary.order();
        head.summary.freed = total;
        head.summary.warnings = reported.warnings();
        head.summary.warnings.extend(in_use.warnings());
        head.summary.warnings.extend(inert::warnings(&input));
        head.largest = largest(&head.repositories);
        head.seal();
        Self {
            input,
            reported,
            in_use,
            parts,
            head,
        }
    }

    /// Totals over all repositories.
    #[must_use]
    pub const fn summary(&self) -> &Summary {
        &self.head.summary
    }

    /// The hash over the plan.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.head.hash
    }

    /// Whether anything would be deleted.
    #[must_use]
    pub const fn has_deletions(&self) -> bool {
        self.head.has_deletions()
    }

    /// The document without steps and images: small, however many there are.
    #[must_use]
    pub const fn head(&self) -> &Plan {
        &self.head
    }

    /// The whole document.
    #[must_use]
    pub fn document(&self) -> Plan {
        let mut plan = self.head.clone();
        for (place, repository) in plan.repositories.iter_mut().enumerate() {
            self.in_scene(place, |scene, part| {
                part.steps(&mut |step| repository.steps.push(step));
                part.images(scene, &mut |image| repository.images.push(image));
            });
        }
        plan
    }

    /// Writes the document of [`Made::document`] piece by piece: one step and one manifest a line.
    pub fn write(&self, emit: &mut dyn FnMut(&str)) {
        let head = Plan {
            repositories: Vec::new(),
            ..self.head.clone()
        };
        emit(before(&text(&head), "]}"));
        for (place, repository) in self.head.repositories.iter().enumerate() {
            emit(if place == 0 { "\n" } else { ",\n" });
            emit(before(&text(repository), "[],\"images\":[]}"));
            self.write_steps(place, emit);
            emit(",\"images\":");
            self.write_images(place, emit);
            emit("}");
        }
        emit("]}\n");
    }

    /// Writes the images of one repository, by its place in the document, as an array: one a line.
    pub fn write_images(&self, repository: usize, emit: &mut dyn FnMut(&str)) {
        let mut list = List::new(emit);
        self.in_scene(repository, |scene, part| {
            part.images(scene, &mut |image| list.item(&text(&image)));
        });
        list.end();
    }

    /// Writes the steps of one repository, by its place in the document, as an array: one a line.
    pub fn write_steps(&self, repository: usize, emit: &mut dyn FnMut(&str)) {
        let mut list = List::new(emit);
        if let Some(part) = self.parts.get(repository) {
            part.steps(&mut |step| list.item(&text(&step)));
        }
        list.end();
    }

    /// Why one manifest has its verdict, with everything that was asked and the way through the
    /// graph from what decides it.
    ///
    /// The target is a tag or a digest, with as much of the repository's name before it as it
    /// takes: `v1`, `web:v1`, `registry.example/shop/web@sha256:…`.
    ///
    /// # Errors
    ///
    /// `not_found` for what no repository of the plan holds, `invalid_argument` for what several
    /// of them hold.
    pub fn why(&self, target: &str) -> Result<Why> {
        let inventories = self.parts.iter().map(|part| part.inventory);
        let (place, node) = why::find(inventories, target)?;
        let why = self.in_scene(place, |scene, part| {
            why::why(scene, &part.selected, node, target, part.cap.as_deref())
        });
        // what was found is there
        let lost = || Error::new(Code::Internal, "a manifest that was found is not there");
        why.flatten().ok_or_else(lost)
    }

    /// What this plan condemns in every repository that was read to its end, to be given to the
    /// next one; nothing where the policy has no grace. Not to be kept of a simulated plan.
    #[must_use]
    pub fn condemned(&self) -> Vec<Condemned> {
        let complete = (0..self.parts.len()).filter_map(|place| {
            self.in_scene(place, |scene, part| {
                let hash = &self.head.policy_hash;
                let record = || grace::record(scene, hash, &part.selected.sentences);
                (scene.policy.grace.is_some() && part.inventory.complete).then(record)
            })
        });
        complete.flatten().collect()
    }

    /// The deletions of every repository, group by group, in their order.
    pub(crate) fn groups(&self) -> Vec<Group> {
        self.parts.iter().flat_map(Part::groups).collect()
    }

    /// Looks at one repository, by its place, with everything that its verdicts rest on.
    pub(super) fn in_scene<R>(
        &self,
        place: usize,
        look: impl FnOnce(&Scene<'_>, &Part<'i>) -> R,
    ) -> Option<R> {
        let part = self.parts.get(place)?;
        let clock = Clock::new(&part.graph, part.inventory, self.input.now);
        let scene = Scene {
            policy: self.input.policy,
            inventory: part.inventory,
            graph: &part.graph,
            clock: &clock,
            in_use: self.in_use.repositories.get(place)?,
            reported: &self.reported,
            condemned: condemned(&self.input, &self.head.policy_hash, part.inventory),
        };
        Some(look(&scene, part))
    }
}

impl fmt::Debug for Made<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Made")
            .field("head", &self.head)
            .finish_non_exhaustive()
    }
}

/// An array, written one item a line.
struct List<'e> {
    emit: &'e mut dyn FnMut(&str),
    is_empty: bool,
}

impl<'e> List<'e> {
    fn new(emit: &'e mut dyn FnMut(&str)) -> Self {
        emit("[");
        Self {
            emit,
            is_empty: true,
        }
    }

    fn item(&mut self, text: &str) {
        (self.emit)(if self.is_empty { "\n" } else { ",\n" });
        (self.emit)(text);
        self.is_empty = false;
    }

    fn end(self) {
        (self.emit)(if self.is_empty { "]" } else { "\n]" });
    }
}

fn unmanaged(input: &Input<'_>) -> Vec<Unmanaged> {
    let unmanaged = input.unmanaged.iter().map(|(host, name)| Unmanaged {
        host: host.clone(),
        name: name.clone(),
    });
    let mut unmanaged: Vec<Unmanaged> = unmanaged.collect();
    sorted::sort(&mut unmanaged);
    unmanaged.dedup();
    unmanaged
}

fn reports(reported: &Reported<'_>) -> Vec<ReportState> {
    let state = reported.all().iter().map(|(given, breach)| ReportState {
        name: given.rule.name.clone(),
        kind: given.rule.kind,
        required: given.required,
        taken_at: given.report.map(|report| report.taken_at),
        size: given.report.map(Report::size),
        breach: breach.as_ref().map(|breach| breach.as_str().to_owned()),
        explanation: breach.as_ref().map(ToString::to_string),
    });
    let mut states: Vec<ReportState> = state.collect();
    sorted::sort_by(&mut states, |one, two| one.name.cmp(&two.name));
    states
}

fn largest(repositories: &[Repository]) -> Vec<Largest> {
    let losing = repositories
        .iter()
        .filter(|repository| repository.summary.delete.manifests > 0);
    let mut largest: Vec<Largest> = losing
        .map(|repository| Largest {
            host: repository.host.clone(),
            name: repository.name.clone(),
            groups: repository.summary.delete.groups,
            manifests: repository.summary.delete.manifests,
            freed: repository.summary.freed,
        })
        .collect();
    let size = |one: &Largest| (one.freed.map(|freed| freed.most), one.groups);
    sorted::sort_by(&mut largest, |one, two| size(two).cmp(&size(one)));
    largest.truncate(LARGEST);
    largest
}

fn text<T: Serialize>(value: &T) -> String {
    // strings, numbers and lists of them always serialise
    serde_json::to_string(value).unwrap_or_default()
}

/// What stands before the end of a document of which the last lists are empty.
fn before<'t>(text: &'t str, end: &str) -> &'t str {
    text.strip_suffix(end).unwrap_or(text)
}
