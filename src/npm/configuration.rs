//! `portreeve.json`, read for the command line and for whoever brings one.

use serde_json::{Value, json};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{exception::thrown, expand, problems::problems, value};
use crate::configuration::{
    self, ClientAccess, Credential, Job, JobRepository, Purpose, ReportRule, Upstream,
};

/// A configuration, whose parts are had by methods that refuse what is not carried out.
#[wasm_bindgen]
pub struct Configuration {
    pub(super) inner: configuration::Configuration,
}

#[wasm_bindgen]
impl Configuration {
    /// Reads the text of a `portreeve.json`.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str) -> Result<Configuration, JsValue> {
        let inner = configuration::Configuration::parse(text).map_err(|found| problems(&found))?;
        Ok(Self { inner })
    }

    /// The upstream of this name.
    pub fn upstream(&self, name: &str) -> Result<JsValue, JsValue> {
        let upstream = self.inner.upstream(name).map_err(|error| thrown(&error))?;
        upstream_object(upstream)
    }

    /// The first upstream at this host; `undefined` if there is none.
    #[wasm_bindgen(js_name = upstreamAt)]
    pub fn upstream_at(&self, host: &str) -> Result<JsValue, JsValue> {
        let found = self.inner.upstreams().iter().find(|one| one.host == host);
        found.map_or(Ok(JsValue::UNDEFINED), upstream_object)
    }

    /// The credential to delete with at an upstream; refused where there is none.
    #[wasm_bindgen(js_name = deleteCredential)]
    pub fn delete_credential(&self, upstream: &str) -> Result<JsValue, JsValue> {
        let credential = self
            .inner
            .upstream(upstream)
            .and_then(Upstream::delete_credential)
            .map_err(|error| thrown(&error))?;
        Ok(value::to_js(&credential_names(credential)))
    }

    /// The folder for what is remembered from scan to scan, as written.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> String {
        self.inner.state().to_owned()
    }

    /// The job of this name.
    pub fn job(&self, name: &str) -> Result<JsValue, JsValue> {
        let job = self.inner.job(name).map_err(|error| thrown(&error))?;
        Ok(value::to_js(&job_document(job)))
    }

    /// The names of the jobs that mean a repository.
    #[wasm_bindgen(js_name = jobsOf)]
    pub fn jobs_of(&self, host: &str, path: &str) -> Vec<String> {
        let jobs = self.inner.jobs_of(&JobRepository {
            upstream: String::new(),
            host: host.to_owned(),
            path: path.to_owned(),
        });
        jobs.into_iter().map(|job| job.name.clone()).collect()
    }

    /// Everything in it, also what is not carried out, and what to think about.
    pub fn describe(&self) -> JsValue {
        let inner = &self.inner;
        value::to_js(&json!({
            "upstreams": inner.upstreams().iter().map(upstream_document).collect::<Vec<_>>(),
            "clients": inner.clients().iter().map(client_document).collect::<Vec<_>>(),
            "reports": inner.reports().iter().map(report_document).collect::<Vec<_>>(),
            "jobs": inner.jobs().iter().map(job_document).collect::<Vec<_>>(),
            "unsupported": inner.unsupported(),
            "warnings": inner.warnings(),
        }))
    }
}

fn upstream_object(upstream: &Upstream) -> Result<JsValue, JsValue> {
    upstream
        .ensure_supported()
        .map_err(|error| thrown(&error))?;
    Ok(value::to_js(&upstream_document(upstream)))
}

fn upstream_document(upstream: &Upstream) -> Value {
    // of an upstream that is not supported as a whole no credential is told
    let names = |purpose| {
        upstream
            .credential(purpose)
            .ok()
            .flatten()
            .map(credential_names)
    };
    json!({
        "name": upstream.name,
        "host": upstream.host,
        "credentials": {
            "read": names(Purpose::Read),
            "delete": names(Purpose::Delete),
        },
    })
}

fn credential_names(credential: &Credential) -> Value {
    match credential {
        Credential::Password { username, password } => {
            json!({ "username": username, "password": password })
        }
        Credential::DockerConfig => json!("docker-config"),
        Credential::Anonymous => json!("anonymous"),
    }
}

fn client_document(client: &ClientAccess) -> Value {
    let grants = client.grants.iter().map(|grant| {
        json!({
            "actions": grant.actions.iter().map(|action| action.as_str()).collect::<Vec<_>>(),
            "repositories": texts(&grant.repositories),
        })
    });
    json!({
        "name": client.name,
        "tokens": client.token_sha256.len(),
        "anonymousFrom": texts(&client.anonymous_from),
        "grants": grants.collect::<Vec<_>>(),
    })
}

fn report_document(rule: &ReportRule) -> Value {
    json!({
        "name": rule.name,
        "kind": rule.kind,
        "maxAge": rule.max_age.to_string(),
        "min": rule.min,
        "maxShrink": rule.max_shrink.map(|percent| format!("{percent}%")),
    })
}

fn job_document(job: &Job) -> Value {
    let repositories = job.repositories.iter().map(expand::document);
    json!({
        "name": job.name,
        "repositories": repositories.collect::<Vec<_>>(),
        "patterns": texts(&job.patterns),
        "except": texts(&job.except),
        "requires": job.requires,
        "policyName": job.policy_name,
        "policy": job.policy.source(),
        "limits": job.caps.to_json(),
        "schedule": job.schedule.as_ref().map(configuration::Schedule::as_str),
        "mode": job.mode.as_str(),
    })
}

fn texts<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}
