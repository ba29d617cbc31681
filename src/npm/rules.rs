//! What decides over a repository: a job of a configuration, or a policy by itself.

use serde::Deserialize;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use super::exception::{problems, thrown};
use crate::{
    configuration::{Caps, Configuration, canonical_json},
    plan::policy::Policy,
};

/// The name of the job where there is none.
const AD_HOC: &str = "ad-hoc";

/// `Rules` of the package's types.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Given {
    Job {
        configuration: String,
        job: String,
    },
    Policy {
        policy: Value,
        limits: Option<Value>,
    },
}

/// The same, read.
pub(super) struct Rules {
    pub(super) job: String,
    pub(super) configuration_hash: String,
    pub(super) policy: Policy,
    pub(super) caps: Caps,
}

impl Given {
    pub(super) fn read(self) -> Result<Rules, JsValue> {
        match self {
            Self::Job { configuration, job } => {
                let configuration =
                    Configuration::parse(&configuration).map_err(|found| problems(&found))?;
                let job = configuration.job(&job).map_err(|error| thrown(&error))?;
                Ok(Rules {
                    job: job.name.clone(),
                    configuration_hash: job.hash(),
                    policy: job.policy.clone(),
                    caps: job.caps,
                })
            }
            Self::Policy { policy, limits } => {
                let policy =
                    Policy::parse(&policy.to_string()).map_err(|found| problems(&found))?;
                policy.ensure_supported().map_err(|error| thrown(&error))?;
                let caps = limits.map(|limits| Caps::parse(&limits.to_string()));
                let caps = caps
                    .transpose()
                    .map_err(|found| problems(&found))?
                    .unwrap_or_default();
                let resolved = json!({ "policyHash": policy.hash(), "limits": caps.to_json() });
                Ok(Rules {
                    job: AD_HOC.to_owned(),
                    configuration_hash: canonical_json::hash(&resolved),
                    policy,
                    caps,
                })
            }
        }
    }
}
