//! What only shows when everything has been read.

use super::reader::{Findings, member};
use super::{Configuration, Job, JobRepository};
use crate::sorted;

/// Notes what contradicts each other.
pub(super) fn check(configuration: &Configuration, findings: &Findings) {
    for (position, job) in configuration.jobs().iter().enumerate() {
        for_one_registry_once(job, findings);
        for earlier in configuration.jobs().iter().take(position) {
            for_one_job_only(configuration, (earlier, job), findings);
        }
    }
    tokens(configuration, findings);
}

/// Warns about what is allowed, and seldom meant.
pub(super) fn warn(configuration: &Configuration, findings: &Findings) {
    if configuration.clients().is_empty() && !configuration.upstreams().is_empty() {
        let message = "without clients the Worker serves nothing";
        findings.warn("$.clients", message);
    }
    for (name, policy) in configuration.policies() {
        let path = member("$.policies", name);
        if !configuration
            .jobs()
            .iter()
            .any(|job| job.policy_name == name)
        {
            findings.warn(path, "no job uses this policy");
        }
        findings.add_warnings(policy.warnings());
    }
}

fn for_one_registry_once(job: &Job, findings: &Findings) {
    for (position, one) in job.repositories.iter().enumerate() {
        let mut earlier = job.repositories.iter().take(position);
        if earlier.any(|earlier| earlier.is_same(one)) {
            let message = format!("{one} comes twice, by two names of one registry");
            findings.problem(member("$.jobs", &job.name), message);
        }
    }
}

/// A repository of two jobs would lose in one what the other keeps. Of a pattern a sample is
/// looked at; what only the catalog shows is looked at again when it is expanded.
fn for_one_job_only(
    configuration: &Configuration,
    (earlier, job): (&Job, &Job),
    findings: &Findings,
) {
    let claimed = |by: &Job, of: &Job| -> Vec<String> {
        let samples = samples(configuration, of);
        let claimed = of.repositories.iter().chain(&samples);
        let claimed = claimed.filter(|one| configuration.claims(by, one));
        claimed.map(ToString::to_string).collect()
    };
    let mut both = claimed(earlier, job);
    both.extend(claimed(job, earlier));
    sorted::sort(&mut both);
    both.dedup();
    for repository in both {
        let message = format!(
            "{repository} belongs to the job `{}`; a repository belongs to one job",
            earlier.name
        );
        findings.problem(member("$.jobs", &job.name), message);
    }
}

/// One repository for each wildcard pattern that the job itself would clean.
fn samples(configuration: &Configuration, job: &Job) -> Vec<JobRepository> {
    let patterns = job.patterns.iter().filter(|one| !one.path.is_literal());
    let samples = patterns.filter_map(|pattern| {
        let upstreams = configuration.upstreams();
        let upstream = upstreams.iter().find(|one| one.name == pattern.upstream)?;
        let path = pattern.path.as_str().replace("**", "*").replace('*', "a");
        job.matches(&upstream.name, &path).then(|| JobRepository {
            host: upstream.host.clone(),
            path,
            upstream: upstream.name.clone(),
        })
    });
    samples.collect()
}

fn tokens(configuration: &Configuration, findings: &Findings) {
    let mut tokens: Vec<(&[u8; 32], &str)> = Vec::new();
    for client in configuration.clients() {
        for token in &client.token_sha256 {
            if let Some((_, other)) = tokens.iter().find(|(known, _)| *known == token) {
                let path = member("$.clients", &client.name);
                findings.problem(path, format!("shares a token with the client `{other}`"));
            }
            tokens.push((token, &client.name));
        }
    }
}
