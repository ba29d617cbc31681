//! What decides over a repository: a job of a configuration, or a policy by itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use wasm_bindgen::JsValue;

use super::{exception::thrown, problems::problems};
use crate::{
    configuration::{Age, Caps, Configuration, JobRepository, Problem, ReportRule, canonical_json},
    error::{Code, Error},
    plan::{GivenReport, Plan, policy::Policy, reports::Report},
};

/// The name of the job where there is none.
const AD_HOC: &str = "ad-hoc";

/// `Rules` of the package's types: a job and its configuration, or a policy and its limits.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Given {
    configuration: Option<String>,
    job: Option<String>,
    policy: Option<Box<RawValue>>,
    /// The same as somebody wrote it, whose lines a person can look at.
    policy_text: Option<String>,
    limits: Option<Box<RawValue>>,
    /// `portreeve.report/1` documents by their names.
    #[serde(default)]
    reports: BTreeMap<String, Box<RawValue>>,
}

/// The same, read.
pub(super) struct Rules {
    pub(super) job: String,
    pub(super) configuration_hash: String,
    /// What says which repositories the job cleans; `None` for a policy by itself.
    configuration: Option<Configuration>,
    pub(super) policy: Policy,
    pub(super) caps: Caps,
    pub(super) reports: Vec<RuledReport>,
}

/// A report, or its absence.
pub(super) struct RuledReport {
    pub(super) rule: ReportRule,
    /// Whether nothing is deleted without it.
    pub(super) required: bool,
    pub(super) report: Option<Report>,
    /// How much the last one listed that was relied on.
    pub(super) previous_size: Option<u64>,
}

impl Rules {
    /// Which of a plan's repositories the job cleans; `None` for a policy by itself.
    pub(super) fn repositories(&self, plan: &Plan) -> Option<Vec<JobRepository>> {
        let configuration = self.configuration.as_ref()?;
        let all = plan.repositories.iter().map(|repository| JobRepository {
            host: repository.host.clone(),
            path: repository.name.clone(),
            upstream: String::new(),
        });
        let is_of_it = |repository: &JobRepository| {
            let jobs = configuration.jobs_of(repository);
            jobs.iter().any(|job| job.name == self.job)
        };
        Some(all.filter(is_of_it).collect())
    }

    /// The reports as a plan takes them.
    pub(super) fn given_reports(&self) -> Vec<GivenReport<'_>> {
        let given = self.reports.iter().map(|one| GivenReport {
            rule: &one.rule,
            report: one.report.as_ref(),
            previous_size: one.previous_size,
            required: one.required,
        });
        given.collect()
    }

    /// Takes over what a store knows of earlier reports.
    pub(super) fn remember_sizes(&mut self, sizes: &BTreeMap<String, u64>) {
        for one in &mut self.reports {
            one.previous_size = sizes.get(&one.rule.name).copied();
        }
    }
}

impl Given {
    pub(super) fn read(&self) -> Result<Rules, JsValue> {
        let reports = self.reports.iter().map(|(name, text)| {
            let read = Report::parse(text.get());
            let read = read.map_err(|error| thrown(&error.with_path(format!("reports.{name}"))))?;
            Ok((name.clone(), read))
        });
        let reports = reports.collect::<Result<BTreeMap<_, _>, JsValue>>()?;
        let limits = self.limits.as_deref();
        match (
            &self.configuration,
            &self.job,
            &self.policy,
            &self.policy_text,
        ) {
            (Some(configuration), Some(job), None, None) => of_job(configuration, job, reports),
            (None, None, None, Some(text)) => of_policy(Policy::parse(text), limits, reports),
            (None, None, Some(policy), None) => {
                let policy = Policy::parse(policy.get()).map_err(without_positions);
                of_policy(policy, limits, reports)
            }
            _ => Err(thrown(&Error::new(
                Code::InvalidArgument,
                "expected `configuration` and `job`, or `policy`",
            ))),
        }
    }
}

fn of_job(
    configuration: &str,
    job: &str,
    mut reports: BTreeMap<String, Report>,
) -> Result<Rules, JsValue> {
    let configuration = Configuration::parse(configuration).map_err(|found| problems(&found))?;
    let job = configuration.job(job).map_err(|error| thrown(&error))?;
    let job = job.clone();
    let ruled = configuration.reports().iter().map(|rule| RuledReport {
        required: job.requires.contains(&rule.name),
        report: reports.remove(&rule.name),
        rule: rule.clone(),
        previous_size: None,
    });
    let ruled = ruled.collect();
    if let Some((name, _)) = reports.pop_first() {
        let found = format!("the configuration says nothing of a report `{name}`");
        let error = Error::new(Code::InvalidArgument, found);
        return Err(thrown(&error.next("name it in `reports`")));
    }
    Ok(Rules {
        reports: ruled,
        configuration_hash: job.hash(),
        job: job.name,
        configuration: Some(configuration),
        policy: job.policy,
        caps: job.caps,
    })
}

/// Nobody ever saw the lines of an object.
fn without_positions(mut found: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut found {
        problem.position = None;
    }
    found
}

fn of_policy(
    policy: Result<Policy, Vec<Problem>>,
    limits: Option<&RawValue>,
    reports: BTreeMap<String, Report>,
) -> Result<Rules, JsValue> {
    let policy = policy.map_err(|found| problems(&found))?;
    policy.ensure_supported().map_err(|error| thrown(&error))?;
    let caps = match limits {
        Some(limits) => Caps::parse(limits.get()).map_err(|found| problems(&found))?,
        None => Caps::default(),
    };
    // whoever gives a report with a policy wants it to be relied on
    let ruled = reports.into_iter().map(|(name, report)| RuledReport {
        rule: ReportRule::new(name, report.kind, Age::from_hours(24)),
        required: true,
        report: Some(report),
        previous_size: None,
    });
    let resolved = json!({ "policyHash": policy.hash(), "limits": caps.to_json() });
    Ok(Rules {
        job: AD_HOC.to_owned(),
        configuration_hash: canonical_json::hash(&resolved),
        configuration: None,
        policy,
        caps,
        reports: ruled.collect(),
    })
}
