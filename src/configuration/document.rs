//! The whole of `portreeve.json`.

use super::policy::Policy;
use super::problem::Problem;
use super::reader::{self, Findings, Node};
use super::upstream::is_same_registry;
use super::{
    ClientAccess, Job, JobRepository, ReportKind, ReportRule, Surroundings, Upstream, consistency,
    ensure_supported,
};
use crate::error::{Code, Error, Result};
use crate::sorted;

/// Where state is kept unless the author says otherwise.
const STATE: &str = ".portreeve";

/// A configuration without problems. Parts that this release understands and does not carry out
/// are noted; the checked accessors ([`upstream`](Self::upstream), [`job`](Self::job)) refuse what
/// uses them.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::Configuration;
/// let configuration = Configuration::parse(
///     r#"{ "version": 1,
///          "upstreams": { "registry.example": { "credential": "docker-config" } },
///          "policies": { "web": { "delete": [
///              { "name": "untagged", "tagged": false, "olderThan": { "firstSeen": "14d" } }] } },
///          "jobs": { "web": { "repositories": ["registry.example/team/web"], "policy": "web" } } }"#,
/// )?;
/// let job = configuration.job("web").unwrap();
/// assert_eq!(job.repositories[0].path, "team/web");
/// assert!(configuration.job("app").is_err());
/// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Configuration {
    upstreams: Vec<Upstream>,
    clients: Vec<ClientAccess>,
    reports: Vec<ReportRule>,
    policies: Vec<(String, Policy)>,
    jobs: Vec<Job>,
    state: String,
    warnings: Vec<Problem>,
    unsupported: Vec<Problem>,
}

impl Configuration {
    /// Reads `portreeve.json`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (value, findings) = reader::document(Code::InvalidConfiguration, text)?;
        let configuration = Self::read(&Node::root(&value, &findings), &findings);
        match (configuration, findings.into_problems()) {
            (Some(configuration), problems) if problems.is_empty() => Ok(configuration),
            (_, problems) => Err(problems),
        }
    }

    fn read(node: &Node<'_>, findings: &Findings) -> Option<Self> {
        let fields = node.fields()?;
        if let Some(schema) = fields.get("$schema") {
            schema.string();
        }
        if let Some(version) = fields.require("version")
            && version.value().as_u64() != Some(1)
        {
            version.problem("expected 1, the version of this format");
        }
        let entries = |name| {
            fields
                .get(name)
                .map(|node| node.entries())
                .unwrap_or_default()
        };
        // those with problems of their own count as known, or every mention of them would be one
        let given = entries("upstreams");
        let upstream_names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
        let upstreams: Vec<Upstream> = given
            .iter()
            .filter_map(|(name, node)| Upstream::read(name, node, findings))
            .collect();
        let clients: Vec<ClientAccess> = entries("clients")
            .iter()
            .filter_map(|(name, node)| ClientAccess::read(name, node, &upstream_names, findings))
            .collect();
        let given = entries("reports");
        let reports: Vec<ReportRule> = given
            .iter()
            .filter_map(|(name, node)| ReportRule::read(name, node))
            .collect();
        let kind = |name: &str| reports.iter().find(|rule| rule.name == name);
        let known_reports: Vec<(&str, Option<ReportKind>)> = given
            .iter()
            .map(|(name, _)| (*name, kind(name).map(|rule| rule.kind)))
            .collect();
        let given = entries("policies");
        let policy_names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
        let policies: Vec<(String, Policy)> = given
            .iter()
            .filter_map(|(name, node)| {
                let policy = Policy::read(node, findings, Some(&known_reports))?;
                Some(((*name).to_owned(), policy))
            })
            .collect();
        let state = fields.get("state").and_then(|node| node.string());
        let around = Surroundings {
            upstreams: &upstreams,
            upstream_names: &upstream_names,
            policies: &policies,
            policy_names: &policy_names,
            reports: &reports,
            known_reports: &known_reports,
            findings,
        };
        let jobs: Vec<Job> = entries("jobs")
            .iter()
            .filter_map(|(name, node)| Job::read(name, node, &around))
            .collect();
        if let Some(default) = fields.get("defaultUpstream") {
            match default.string() {
                Some(name) if upstream_names.contains(&name) => default.unsupported(),
                Some(name) => default.problem(format!("no upstream is called `{name}`")),
                None => {}
            }
        }
        fields.finish();
        let mut configuration = Self {
            upstreams,
            clients,
            reports,
            policies,
            jobs,
            state: state.unwrap_or(STATE).to_owned(),
            warnings: Vec::new(),
            unsupported: findings.take_unsupported(),
        };
        consistency::check(&configuration, findings);
        consistency::warn(&configuration, findings);
        configuration.warnings = findings.take_warnings();
        Some(configuration)
    }

    /// The jobs that mean a repository, by whatever name of its registry: one, where nothing is
    /// wrong with the configuration.
    #[must_use]
    pub fn jobs_of(&self, repository: &JobRepository) -> Vec<&Job> {
        let means = |job: &&Job| self.claims(job, repository);
        self.jobs.iter().filter(means).collect()
    }

    /// Whether `job` means a repository, by whatever name of its registry.
    pub(super) fn claims(&self, job: &Job, repository: &JobRepository) -> bool {
        self.upstreams.iter().any(|upstream| {
            job.matches(&upstream.name, &repository.path)
                && is_same_registry(&upstream.host, &repository.host)
        })
    }

    /// The upstream of this name.
    ///
    /// # Errors
    ///
    /// `not_found`; `unsupported` where a part of it would not be carried out, or where the name
    /// is unknown and `defaultUpstream` would have to decide.
    pub fn upstream(&self, name: &str) -> Result<&Upstream> {
        if let Some(upstream) = self.upstreams.iter().find(|known| known.name == name) {
            return upstream.ensure_supported().map(|()| upstream);
        }
        ensure_supported(&self.unsupported)?;
        let found = format!("no upstream is called `{name}`");
        Err(Error::new(Code::NotFound, found).next("name one of `upstreams` in portreeve.json"))
    }

    /// The upstream at this host, by whatever name of its registry. The one that is called so
    /// comes before others, and one that passes the repository before one whose `allow` does not.
    ///
    /// # Errors
    ///
    /// `not_found`; `unsupported` where a part of it would not be carried out.
    pub fn upstream_at(&self, host: &str, repository: &str) -> Result<&Upstream> {
        let found = self
            .upstreams
            .iter()
            .filter(|known| is_same_registry(&known.host, host))
            .min_by_key(|known| (!known.allows(repository), known.name != host));
        if let Some(upstream) = found {
            return upstream.ensure_supported().map(|()| upstream);
        }
        ensure_supported(&self.unsupported)?;
        let found = format!("no upstream is at `{host}`");
        Err(Error::new(Code::NotFound, found)
            .next("name the host of one of `upstreams` in portreeve.json"))
    }

    /// The job of this name.
    ///
    /// # Errors
    ///
    /// `not_found`, or `unsupported` where a part of it would not be carried out.
    pub fn job(&self, name: &str) -> Result<&Job> {
        let Some(job) = self.jobs.iter().find(|job| job.name == name) else {
            return Err(
                Error::new(Code::NotFound, format!("no job is called `{name}`"))
                    .next("name one of `jobs` in portreeve.json"),
            );
        };
        job.ensure_supported().map(|()| job)
    }

    /// The job that the repository at `path` of `upstream` belongs to.
    ///
    /// # Errors
    ///
    /// As [`Configuration::job`].
    pub fn job_of(&self, upstream: &str, path: &str) -> Result<&Job> {
        match self.jobs.iter().find(|job| job.matches(upstream, path)) {
            Some(job) => job.ensure_supported().map(|()| job),
            None => Err(
                Error::new(Code::NotFound, format!("no job cleans {upstream}/{path}"))
                    .next("add it to a job in portreeve.json"),
            ),
        }
    }

    /// Every upstream, unchecked; see [`Upstream::ensure_supported`].
    #[must_use]
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// Every client, unchecked; see [`ClientAccess::ensure_supported`].
    #[must_use]
    pub fn clients(&self) -> &[ClientAccess] {
        &self.clients
    }

    /// Every job, unchecked; see [`Job::ensure_supported`].
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Every report, in the order of their names.
    #[must_use]
    pub fn reports(&self) -> &[ReportRule] {
        &self.reports
    }

    /// Every policy with its name.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &Policy)> {
        let named = self.policies.iter();
        named.map(|(name, policy)| (name.as_str(), policy))
    }

    /// The folder for what is remembered from scan to scan, as written: relative to the
    /// configuration's own folder.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    /// The policy of this name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, policy)| policy)
    }

    /// Everything that is understood and not carried out by this release.
    #[must_use]
    pub fn unsupported(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.unsupported.iter().collect();
        all.extend(self.upstreams.iter().flat_map(Upstream::unsupported));
        all.extend(self.clients.iter().flat_map(ClientAccess::unsupported));
        all.extend(
            self.policies
                .iter()
                .flat_map(|(_, policy)| policy.unsupported()),
        );
        all.extend(self.jobs.iter().flat_map(Job::unsupported));
        sorted::sort_by(&mut all, |one, two| one.path.cmp(&two.path));
        all.dedup();
        all
    }

    /// What is allowed, and seldom meant.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}
