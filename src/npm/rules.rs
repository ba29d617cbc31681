//! What decides over a repository: a job of a configuration, or a policy by itself.

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use wasm_bindgen::JsValue;

use super::{exception::thrown, problems::problems};
use crate::{
    configuration::{Caps, Configuration, JobRepository, Problem, canonical_json},
    error::{Code, Error},
    plan::policy::Policy,
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
}

/// The same, read.
pub(super) struct Rules {
    pub(super) job: String,
    pub(super) configuration_hash: String,
    /// What the job cleans; `None` for a policy by itself.
    pub(super) repositories: Option<Vec<JobRepository>>,
    pub(super) policy: Policy,
    pub(super) caps: Caps,
}

impl Given {
    pub(super) fn read(&self) -> Result<Rules, JsValue> {
        let limits = self.limits.as_deref();
        match (&self.configuration, &self.job, &self.policy, &self.policy_text) {
            (Some(configuration), Some(job), None, None) => of_job(configuration, job),
            (None, None, None, Some(text)) => of_policy(Policy::parse(text), limits),
            (None, None, Some(policy), None) => {
                of_policy(Policy::parse(policy.get()).map_err(without_positions), limits)
            }
            _ => Err(thrown(&Error::new(
                Code::InvalidArgument,
                "expected `configuration` and `job`, or `policy`",
            ))),
        }
    }
}

fn of_job(configuration: &str, job: &str) -> Result<Rules, JsValue> {
    let configuration = Configuration::parse(configuration).map_err(|found| problems(&found))?;
    let job = configuration.job(job).map_err(|error| thrown(&error))?;
    Ok(Rules {
        job: job.name.clone(),
        configuration_hash: job.hash(),
        repositories: Some(job.repositories.clone()),
        policy: job.policy.clone(),
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
) -> Result<Rules, JsValue> {
    let policy = policy.map_err(|found| problems(&found))?;
    policy.ensure_supported().map_err(|error| thrown(&error))?;
    let caps = match limits {
        Some(limits) => Caps::parse(limits.get()).map_err(|found| problems(&found))?,
        None => Caps::default(),
    };
    let resolved = json!({ "policyHash": policy.hash(), "limits": caps.to_json() });
    Ok(Rules {
        job: AD_HOC.to_owned(),
        configuration_hash: canonical_json::hash(&resolved),
        repositories: None,
        policy,
        caps,
    })
}
