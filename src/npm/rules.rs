//! What decides over a repository: a job of a configuration, or a policy by itself.

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use wasm_bindgen::JsValue;

use super::{exception::thrown, problems::problems};
use crate::{
    configuration::{Caps, Configuration, JobRepository, canonical_json},
    error::{Code, Error},
    plan::policy::Policy,
};

/// The name of the job where there is none.
const AD_HOC: &str = "ad-hoc";

/// `Rules` of the package's types: a job and its configuration, or a policy and its limits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    configuration: Option<String>,
    job: Option<String>,
    policy: Option<Box<RawValue>>,
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
        match (&self.configuration, &self.job, &self.policy) {
            (Some(configuration), Some(job), None) => of_job(configuration, job),
            (None, None, Some(policy)) => of_policy(policy, self.limits.as_deref()),
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

fn of_policy(policy: &RawValue, limits: Option<&RawValue>) -> Result<Rules, JsValue> {
    let policy = Policy::parse(policy.get()).map_err(|found| problems(&found))?;
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
