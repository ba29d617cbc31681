//! Jobs: which repositories are cleaned, by which policy, when and how much at once.

use std::fmt;

use serde_json::json;

use super::policy::Policy;
use super::problem::Problem;
use super::reader::{Fields, Findings, Node};
use super::upstream::is_same_registry;
use super::{
    ReportKind, ReportRule, RepositoryPattern, Schedule, Upstream, canonical_json, ensure_supported,
};
use crate::error::Result;
use crate::oci::is_repository;

/// A cleanup job, with everything it refers to resolved.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Job {
    /// Its name.
    pub name: String,
    /// The repositories it names by their whole name, without those that `except` takes away,
    /// sorted. What its patterns mean, the registries' catalogs tell.
    pub repositories: Vec<JobRepository>,
    /// The patterns as written.
    pub patterns: Vec<RepositoryPattern>,
    /// What is taken away.
    pub except: Vec<RepositoryPattern>,
    /// The name of its policy.
    pub policy_name: String,
    /// Its policy.
    pub policy: Policy,
    /// When it runs by itself.
    pub schedule: Option<Schedule>,
    /// What it does then.
    pub mode: Mode,
    /// How much may go at once.
    pub caps: Caps,
    /// The names of the reports that must be there and good, or nothing is deleted: every report
    /// unless the author names fewer, sorted.
    pub requires: Vec<String>,
    /// What else the hash covers: where patterns reach, and what is asked of reports.
    resolved: Resolved,
    pub(super) unsupported: Vec<Problem>,
}

/// What a job means of the rest of its configuration.
#[derive(Debug, Clone)]
struct Resolved {
    /// Host and path of every wildcard pattern and of every exception, sorted.
    patterns: Vec<(String, String)>,
    except: Vec<(String, String)>,
    /// The rules of the reports that it requires or that its policy looks texts up in.
    reports: Vec<ReportRule>,
}

/// A repository of a job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct JobRepository {
    /// The upstream's host.
    pub host: String,
    /// The path on it.
    pub path: String,
    /// The upstream's name.
    pub upstream: String,
}

impl JobRepository {
    /// Whether both are one place, whatever the upstream is called.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.path == other.path && is_same_registry(&self.host, &other.host)
    }
}

impl fmt::Display for JobRepository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.host, self.path)
    }
}

/// What a scheduled run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// It plans.
    Plan,
    /// It plans and carries the plan out.
    Apply,
}

/// How much may go at once: in groups, of one repository and of a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caps {
    /// The share of a repository's groups, in percent, that may go within seven days.
    pub share: u32,
    /// How many groups of a repository stay at least.
    pub survivors: u32,
    /// How many groups may go in one run over all repositories.
    pub deletions: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            share: 25,
            survivors: 1,
            deletions: 1000,
        }
    }
}

impl Caps {
    /// Reads a job's `limits` from a document of its own.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let code = crate::error::Code::InvalidConfiguration;
        let (value, findings) = super::reader::document(code, text)?;
        let caps = Self::read(&Node::root(&value, &findings));
        match findings.into_problems() {
            problems if problems.is_empty() => Ok(caps),
            problems => Err(problems),
        }
    }

    fn read(node: &Node<'_>) -> Self {
        let mut caps = Self::default();
        let Some(fields) = node.fields() else {
            return caps;
        };
        if let Some(repository) = fields.get("repository").and_then(|node| node.fields()) {
            let share = repository.get("share").and_then(|node| node.percentage());
            caps.share = share.unwrap_or(caps.share);
            let survivors = repository
                .get("survivors")
                .and_then(|node| node.integer(1, 1_000_000));
            caps.survivors = survivors.unwrap_or(caps.survivors);
            repository.finish();
        }
        if let Some(run) = fields.get("run").and_then(|node| node.fields()) {
            let deletions = run
                .get("deletions")
                .and_then(|node| node.integer(1, 1_000_000));
            caps.deletions = deletions.unwrap_or(caps.deletions);
            run.finish();
        }
        fields.finish();
        caps
    }

    /// The limits as `portreeve.json` writes them, defaults filled in.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        json!({
            "repository": { "share": format!("{}%", self.share), "survivors": self.survivors },
            "run": { "deletions": self.deletions },
        })
    }
}

impl Mode {
    /// The word that `portreeve.json` uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// What jobs refer to.
pub(super) struct Surroundings<'s> {
    pub(super) upstreams: &'s [Upstream],
    pub(super) policies: &'s [(String, Policy)],
    /// All names, of those too that have problems of their own: a mention of them is none.
    pub(super) upstream_names: &'s [&'s str],
    pub(super) policy_names: &'s [&'s str],
    pub(super) reports: &'s [ReportRule],
    pub(super) known_reports: &'s [(&'s str, Option<ReportKind>)],
    pub(super) findings: &'s Findings,
}

impl Job {
    /// The hash over the job as resolved: a plan made under another one is not carried out. It
    /// covers patterns, not what they meet: a new repository changes no plan of another one.
    #[must_use]
    pub fn hash(&self) -> String {
        let Resolved {
            patterns,
            except,
            reports,
        } = &self.resolved;
        let repositories: Vec<_> = self
            .repositories
            .iter()
            .map(|part| json!({ "host": part.host, "path": part.path }))
            .collect();
        canonical_json::hash(&json!({
            "name": self.name,
            "repositories": repositories,
            "patterns": patterns,
            "except": except,
            "requires": self.requires,
            "reports": reports.iter().map(ReportRule::canonical).collect::<Vec<_>>(),
            "policyHash": self.policy.hash(),
            "schedule": self.schedule.as_ref().map(Schedule::as_str),
            "mode": self.mode.as_str(),
            "limits": [self.caps.share, self.caps.survivors, self.caps.deletions],
        }))
    }

    /// What is understood and not carried out by this release, in the job itself, its policy, its
    /// upstreams and its reports.
    #[must_use]
    pub fn unsupported(&self) -> &[Problem] {
        &self.unsupported
    }

    /// Refuses a job of which a part would not be carried out.
    ///
    /// # Errors
    ///
    /// `unsupported` with the path of every such part.
    pub fn ensure_supported(&self) -> Result<()> {
        ensure_supported(&self.unsupported)
    }

    pub(super) fn read(name: &str, node: &Node<'_>, around: &Surroundings<'_>) -> Option<Self> {
        let fields = node.fields()?;
        let names = || around.upstream_names.iter().copied();
        let given = fields
            .require("repositories")
            .map(|node| node.items())
            .unwrap_or_default();
        let patterns: Vec<(Node<'_>, RepositoryPattern)> = given
            .into_iter()
            .filter_map(|item| {
                let pattern = RepositoryPattern::read(&item, names())?;
                Some((item, pattern))
            })
            .collect();
        let except: Vec<RepositoryPattern> = fields
            .get("except")
            .map(|node| node.items())
            .unwrap_or_default()
            .iter()
            .filter_map(|item| RepositoryPattern::read(item, names()))
            .collect();
        let repositories = resolve(&patterns, &except, around.upstreams);
        let policy_name = fields.require("policy").and_then(|node| {
            let name = node.string()?;
            let known = around.policy_names.contains(&name);
            if !known {
                node.problem(format!("no policy is called `{name}`"));
            }
            known.then_some(name)
        });
        let schedule = read_schedule(&fields);
        let mode = fields
            .get("mode")
            .and_then(|node| node.word(&[("plan", Mode::Plan), ("apply", Mode::Apply)]))
            .unwrap_or(Mode::Plan);
        let caps = fields
            .get("limits")
            .map(|node| Caps::read(&node))
            .unwrap_or_default();
        let requires = read_requires(&fields, around);
        read_approval(&fields, mode);
        read_later(&fields);
        fields.finish();
        if repositories.is_empty()
            && patterns
                .iter()
                .all(|(_, pattern)| pattern.path.is_literal())
            && !patterns.is_empty()
        {
            node.problem("`except` takes every repository away");
        }

        let mut unsupported = around.findings.take_unsupported();
        let policy = around
            .policies
            .iter()
            .find(|(known, _)| Some(known.as_str()) == policy_name);
        let policy = policy.map(|(_, policy)| policy.clone())?;
        unsupported.extend_from_slice(policy.unsupported());
        for upstream in around.upstreams {
            if !patterns
                .iter()
                .any(|(_, pattern)| pattern.upstream == upstream.name)
            {
                continue;
            }
            unsupported.extend_from_slice(upstream.unsupported());
            if mode == Mode::Apply && !upstream.can_delete() {
                node.problem(format!(
                    "mode `apply` needs `credentials: {{ read, delete }}` on the upstream `{}`; an anonymous registry is written \"delete\": \"anonymous\"",
                    upstream.name
                ));
            }
        }
        let resolved = Resolved {
            patterns: places(
                patterns
                    .iter()
                    .map(|(_, pattern)| pattern)
                    .filter(|one| !one.path.is_literal()),
                around.upstreams,
            ),
            except: places(except.iter(), around.upstreams),
            reports: relied_on(&requires, &policy, around.reports),
        };
        Some(Self {
            name: name.to_owned(),
            repositories,
            patterns: patterns.into_iter().map(|(_, pattern)| pattern).collect(),
            except,
            policy_name: policy_name?.to_owned(),
            policy,
            schedule,
            mode,
            caps,
            requires,
            resolved,
            unsupported,
        })
    }

    /// Whether the job means the repository at `path` of `upstream`.
    #[must_use]
    pub fn matches(&self, upstream: &str, path: &str) -> bool {
        let any = |patterns: &[RepositoryPattern]| {
            patterns
                .iter()
                .any(|pattern| pattern.matches(upstream, path))
        };
        any(&self.patterns) && !any(&self.except)
    }
}

/// The repositories that patterns name. Wildcards need the registry's catalog, which is asked
/// when the job runs.
fn resolve(
    patterns: &[(Node<'_>, RepositoryPattern)],
    except: &[RepositoryPattern],
    upstreams: &[Upstream],
) -> Vec<JobRepository> {
    let mut repositories = Vec::new();
    for (node, pattern) in patterns {
        let path = pattern.path.as_str();
        if !pattern.path.is_literal() {
            continue;
        }
        if !is_repository(path) {
            node.problem(format!("`{path}` is no repository"));
            continue;
        }
        let Some(upstream) = upstreams
            .iter()
            .find(|upstream| upstream.name == pattern.upstream)
        else {
            continue;
        };
        if !upstream.allows(path) {
            node.problem(format!(
                "contradiction: `allow` of `{}` leaves it out",
                upstream.name
            ));
        }
        if !except
            .iter()
            .any(|taken| taken.matches(&upstream.name, path))
        {
            repositories.push(JobRepository {
                upstream: upstream.name.clone(),
                host: upstream.host.clone(),
                path: path.to_owned(),
            });
        }
    }
    crate::sorted::sort(&mut repositories);
    repositories.dedup();
    repositories
}

fn read_schedule(fields: &Fields<'_>) -> Option<Schedule> {
    let node = fields.get("schedule")?;
    match node.string()?.parse() {
        Ok(schedule) => Some(schedule),
        Err(problem) => {
            let problem: super::InvalidSchedule = problem;
            node.problem(problem.to_string());
            None
        }
    }
}

/// Approving is for a later release. Until then an applying job says that nobody is asked, because
/// the default would have a changed policy wait; in a planning job nothing waits.
fn read_approval(fields: &Fields<'_>, mode: Mode) {
    let words = [("always", false), ("policyChange", false), ("never", true)];
    let Some(node) = fields.get("approval") else {
        if mode == Mode::Apply {
            fields.unsupported_default("approval");
        }
        return;
    };
    if node.word(&words) == Some(false) {
        node.unsupported();
    }
}

/// The reports that must be good: those that are named, or every one. An empty list is explicit.
fn read_requires(fields: &Fields<'_>, around: &Surroundings<'_>) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(requires) = fields.get("requires") {
        for item in requires.list() {
            let Some(name) = item.string() else { continue };
            if !around.known_reports.iter().any(|(known, _)| *known == name) {
                item.problem(format!("no report is called `{name}`"));
            }
            names.push(name.to_owned());
        }
    } else {
        names.extend(around.reports.iter().map(|rule| rule.name.clone()));
    }
    crate::sorted::sort(&mut names);
    names.dedup();
    names
}

/// Host and path of patterns, sorted: what they mean, whatever their upstream is called.
fn places<'p>(
    patterns: impl Iterator<Item = &'p RepositoryPattern>,
    upstreams: &[Upstream],
) -> Vec<(String, String)> {
    let host = |name: &str| upstreams.iter().find(|one| one.name == name);
    let mut places: Vec<(String, String)> = patterns
        .filter_map(|one| {
            let upstream = host(&one.upstream)?;
            Some((upstream.host.clone(), one.path.to_string()))
        })
        .collect();
    crate::sorted::sort(&mut places);
    places.dedup();
    places
}

/// The reports that decide about a job, by name.
fn relied_on(requires: &[String], policy: &Policy, reports: &[ReportRule]) -> Vec<ReportRule> {
    let looked_up = |name: &str| {
        let mut captured = policy.rules().flat_map(|rule| &rule.captured);
        captured.any(|condition| condition.report == name)
    };
    let relied_on = reports
        .iter()
        .filter(|rule| requires.contains(&rule.name) || looked_up(&rule.name));
    let mut relied_on: Vec<ReportRule> = relied_on.cloned().collect();
    crate::sorted::sort_by(&mut relied_on, |one, two| one.name.cmp(&two.name));
    relied_on
}

/// Fields of later releases: read for their form, noted as not carried out.
fn read_later(fields: &Fields<'_>) {
    if let Some(notify) = fields.get("notify") {
        for item in notify.items() {
            for (_, secret) in item.entries() {
                secret.string();
            }
        }
        notify.unsupported();
    }
}
