//! `GET /api/v1/jobs`: the configured jobs with their policies, as far as the caller may plan.

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::{
    configuration::{Action, Configuration, Job, Mode},
    proxy::access::Caller,
    worker::answer::{self, Answer},
};

#[derive(Serialize)]
struct Jobs {
    jobs: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    repositories: Vec<String>,
    /// Where the job's repositories are looked up: patterns such as `ghcr/acme/**`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<String>,
    mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    policy_name: String,
    policy: Value,
    limits: Value,
}

pub(super) fn list(configuration: &Configuration, caller: &Caller<'_>) -> Answer {
    let jobs = configuration
        .jobs()
        .iter()
        .filter_map(|job| entry(job, caller))
        .collect();
    answer::json(StatusCode::OK, &Jobs { jobs })
}

fn entry(job: &Job, caller: &Caller<'_>) -> Option<Entry> {
    let repositories: Vec<String> = job
        .repositories
        .iter()
        .filter(|repository| caller.allows(Action::Plan, &repository.upstream, &repository.path))
        .map(|repository| format!("{}/{}", repository.upstream, repository.path))
        .collect();
    let patterns: Vec<String> = job
        .patterns
        .iter()
        .filter(|pattern| !pattern.path.is_literal())
        .filter(|pattern| caller.holds_on(Action::Plan, &pattern.upstream))
        .map(ToString::to_string)
        .collect();
    (!repositories.is_empty() || !patterns.is_empty()).then(|| Entry {
        name: job.name.clone(),
        repositories,
        patterns,
        mode: match job.mode {
            Mode::Plan => "plan",
            Mode::Apply => "apply",
        },
        schedule: job.schedule.as_ref().map(ToString::to_string),
        policy_name: job.policy_name.clone(),
        policy: job.policy.source().clone(),
        limits: job.caps.to_json(),
    })
}
