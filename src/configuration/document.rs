//! The whole of `portreeve.json`.

use super::policy::Policy;
use super::problem::Problem;
use super::reader::{self, Fields, Findings, Node};
use super::upstream::is_same_registry;
use super::{Age, ClientAccess, Job, JobRepository, Surroundings, Upstream, ensure_supported};
use crate::error::{Code, Error, Result};
use crate::sorted;

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
    policies: Vec<(String, Policy)>,
    jobs: Vec<Job>,
    unsupported: Vec<Problem>,
}

impl Configuration {
    /// Reads `portreeve.json`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let value =
            reader::json(Code::InvalidConfiguration, text).map_err(|problem| vec![problem])?;
        let findings = Findings::new(Code::InvalidConfiguration);
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
        let upstreams: Vec<Upstream> = entries("upstreams")
            .iter()
            .filter_map(|(name, node)| Upstream::read(name, node, findings))
            .collect();
        // those with problems of their own count as known, or every mention of them would be one
        let upstream_names: Vec<&str> =
            entries("upstreams").iter().map(|(name, _)| *name).collect();
        let clients: Vec<ClientAccess> = entries("clients")
            .iter()
            .filter_map(|(name, node)| ClientAccess::read(name, node, &upstream_names, findings))
            .collect();
        let report_names: Vec<&str> = entries("reports").iter().map(|(name, _)| *name).collect();
        read_reports(&fields);
        let reports_unsupported = findings.take_unsupported();
        let policies: Vec<(String, Policy)> = entries("policies")
            .iter()
            .filter_map(|(name, node)| Some(((*name).to_owned(), Policy::read(node, findings)?)))
            .collect();
        let state = fields.get("state");
        if let Some(state) = &state
            && state
                .string()
                .is_some_and(|path| path.trim_end_matches('/') != ".portreeve")
        {
            state.unsupported();
        }
        let state_unsupported = findings.take_unsupported();
        let policy_names: Vec<&str> = entries("policies").iter().map(|(name, _)| *name).collect();
        let around = Surroundings {
            upstreams: &upstreams,
            upstream_names: &upstream_names,
            policies: &policies,
            policy_names: &policy_names,
            reports: &report_names,
            findings,
        };
        let mut jobs: Vec<Job> = entries("jobs")
            .iter()
            .filter_map(|(name, node)| Job::read(name, node, &around))
            .collect();
        for job in &mut jobs {
            job.unsupported.extend_from_slice(&reports_unsupported);
            job.unsupported.extend_from_slice(&state_unsupported);
        }
        if let Some(default) = fields.get("defaultUpstream") {
            match default.string() {
                Some(name) if upstream_names.contains(&name) => default.unsupported(),
                Some(name) => default.problem(format!("no upstream is called `{name}`")),
                None => {}
            }
        }
        fields.finish();
        let configuration = Self {
            upstreams,
            clients,
            policies,
            jobs,
            unsupported: findings.take_unsupported(),
        };
        configuration.check(findings);
        Some(configuration)
    }

    /// What only shows when everything has been read.
    fn check(&self, findings: &Findings) {
        for (position, job) in self.jobs.iter().enumerate() {
            let path = reader::member("$.jobs", &job.name);
            for (position, one) in job.repositories.iter().enumerate() {
                let mut earlier = job.repositories.iter().take(position);
                if earlier.any(|earlier| earlier.is_same(one)) {
                    let message = format!("{one} comes twice, by two names of one registry");
                    findings.problem(&*path, message);
                }
            }
            for earlier in self.jobs.iter().take(position) {
                let claimed = |job: &Job, repositories: &[JobRepository]| -> Vec<String> {
                    let claimed = repositories.iter().filter(|one| self.claims(job, one));
                    claimed.map(ToString::to_string).collect()
                };
                let mut both = claimed(earlier, &job.repositories);
                both.extend(claimed(job, &earlier.repositories));
                sorted::sort(&mut both);
                both.dedup();
                for repository in both {
                    let message = format!(
                        "{repository} belongs to the job `{}`; a repository belongs to one job",
                        earlier.name
                    );
                    findings.problem(&*path, message);
                }
            }
        }
        let mut tokens: Vec<(&[u8; 32], &str)> = Vec::new();
        for client in &self.clients {
            for token in &client.token_sha256 {
                if let Some((_, other)) = tokens.iter().find(|(known, _)| *known == token) {
                    let path = reader::member("$.clients", &client.name);
                    findings.problem(path, format!("shares a token with the client `{other}`"));
                }
                tokens.push((token, &client.name));
            }
        }
    }

    /// The jobs that mean a repository, by whatever name of its registry: one, where nothing is
    /// wrong with the configuration.
    #[must_use]
    pub fn jobs_of(&self, repository: &JobRepository) -> Vec<&Job> {
        let means = |job: &&Job| self.claims(job, repository);
        self.jobs.iter().filter(means).collect()
    }

    /// Whether `job` means a repository, by whatever name of its registry.
    fn claims(&self, job: &Job, repository: &JobRepository) -> bool {
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
    pub fn warnings(&self) -> Vec<Problem> {
        let mut warnings = Vec::new();
        let mut warn = |path: String, message: &str| {
            warnings.push(Problem::new(Code::InvalidConfiguration, path, message));
        };
        if self.clients.is_empty() && !self.upstreams.is_empty() {
            warn(
                "$.clients".to_owned(),
                "without clients the Worker serves nothing",
            );
        }
        for (name, policy) in &self.policies {
            let path = reader::member("$.policies", name);
            if !self.jobs.iter().any(|job| job.policy_name == *name) {
                warn(path.clone(), "no job uses this policy");
            }
            for (position, rule) in policy.keep.iter().enumerate() {
                if rule.ignores_unknown {
                    warn(
                        format!("{path}.keep[{position}]"),
                        "`ifUnknown: ignore` gives up this protection wherever the fact is missing",
                    );
                }
            }
            if policy.delete.is_empty() && policy.unsupported().is_empty() {
                warn(path, "without delete rules nothing is ever deleted");
            }
        }
        warnings
    }
}

/// `reports` of a later release: read for their form, noted as not carried out.
fn read_reports(fields: &Fields<'_>) {
    let Some(reports) = fields.get("reports") else {
        return;
    };
    for (_, report) in reports.entries() {
        let Some(fields) = report.fields() else {
            continue;
        };
        if let Some(kind) = fields.require("kind") {
            kind.word(&[("images", ()), ("strings", ())]);
        }
        if let Some(node) = fields.require("maxAge")
            && let Some(Err(problem)) = node.string().map(str::parse::<Age>)
        {
            node.problem(problem.to_string());
        }
        if let Some(least) = fields.get("min") {
            least.integer(0, 100_000_000);
        }
        if let Some(shrink) = fields.get("maxShrink") {
            shrink.percentage();
        }
        fields.finish();
    }
    reports.unsupported();
}
