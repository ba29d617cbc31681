//! What the Worker asks a repository's Durable Object, and how.

use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use worker::{Env, RequestInit, Response, ResponseBody, Stub};

use super::task::{Kind, Trigger};
use crate::{
    configuration::JobRepository,
    error::{Code, Error, Result},
    timestamp::Timestamp,
};

/// The name of the binding in `wrangler.toml`.
const BINDING: &str = "CLEANUP_REPOSITORY";
/// Hex digits of an object's id, before the `-` of a plan's.
const OBJECT: usize = 64;
/// Hex digits of a task's id, behind it.
const TASK: usize = 12;

/// A request to a repository's object. The Worker has checked that its client may make it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::worker) enum Message {
    /// Plan the repository for a job.
    Plan {
        job: String,
        upstream: String,
        path: String,
        trigger: Trigger,
        /// The time to plan for.
        now: Timestamp,
    },
    /// The scheduler's tick: plan if the job's schedule says so.
    Tick {
        job: String,
        upstream: String,
        path: String,
        /// The tick's time.
        now: Timestamp,
    },
    /// Whether the schedule of a job says so, for a job whose repositories are looked up only then.
    Due { job: String, now: Timestamp },
    /// A job of which [`Message::Due`] said so was planned.
    Ran { job: String, now: Timestamp },
    /// Keep a report: the text of its document.
    KeepReport { name: String, document: String },
    /// Every report that is kept.
    Reports,
    /// The plans that are kept.
    Plans,
    /// The repository that a plan or run belongs to.
    Owner { kind: Kind, id: String },
    /// A plan, with its document once it is ready.
    ReadPlan { id: String },
    /// Carry out a plan that was read.
    Run { plan: String, hash: String },
    /// A run, with its document once there is one, and what undid it.
    ReadRun { id: String },
    /// Undo a run.
    Restore { id: String },
}

/// The answer to [`Message::Owner`].
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::worker) struct Owner {
    pub(in crate::worker) upstream: String,
    pub(in crate::worker) path: String,
}

/// An error on its way out of the object.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    code: String,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().as_str().to_owned(),
            message: error.to_string(),
            path: error.path().map(str::to_owned),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        // the message has the path in it already
        Self::new(
            failure.code.parse().unwrap_or(Code::Internal),
            failure.message,
        )
    }
}

/// The object of a repository.
pub(in crate::worker) fn of_repository(env: &Env, repository: &JobRepository) -> Result<Stub> {
    env.durable_object(BINDING)
        .and_then(|objects| objects.get_by_name(&repository.to_string()))
        .map_err(unbound)
}

/// The object that keeps the reports, for all repositories. No repository has a name without a
/// slash.
pub(in crate::worker) fn of_reports(env: &Env) -> Result<Stub> {
    env.durable_object(BINDING)
        .and_then(|objects| objects.get_by_name("reports"))
        .map_err(unbound)
}

/// The object that remembers when a job was planned whose repositories are looked up. No
/// repository has a space in its name.
pub(in crate::worker) fn of_schedule(env: &Env, job: &str) -> Result<Stub> {
    env.durable_object(BINDING)
        .and_then(|objects| objects.get_by_name(&format!("job {job}")))
        .map_err(unbound)
}

/// The object in a plan's or run's id, and the rest of the id.
///
/// # Errors
///
/// `not_found` for what cannot be such an id.
pub(in crate::worker) fn of_id(env: &Env, id: &str) -> Result<(Stub, String)> {
    let unknown = || {
        let found = format!("`{id}` is no id of a plan or run");
        Error::new(Code::NotFound, found)
    };
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (object, task) = id
        .split_once('-')
        .filter(|(object, task)| object.len() == OBJECT && task.len() == TASK)
        .filter(|(object, task)| hex(object) && hex(task))
        .ok_or_else(unknown)?;
    let objects = env.durable_object(BINDING).map_err(unbound)?;
    let stub = objects
        .id_from_string(object)
        .and_then(|object| object.get_stub())
        .map_err(|_| unknown())?;
    Ok((stub, task.to_owned()))
}

/// Sends a message; the answer's JSON is passed on unread.
pub(in crate::worker) async fn send(
    object: &Stub,
    message: &Message,
) -> Result<(StatusCode, Box<RawValue>)> {
    let (status, mut response) = ask(object, message).await?;
    let text = response.text().await.map_err(|problem| failed(&problem))?;
    let json = RawValue::from_string(text).map_err(|problem| failed(&problem))?;
    Ok((status, json))
}

/// [`send`], whose answer may be longer than what fits here: it stays a stream of the platform's.
pub(in crate::worker) async fn stream(
    object: &Stub,
    message: &Message,
) -> Result<(StatusCode, ResponseBody)> {
    let (status, response) = ask(object, message).await?;
    Ok((status, response.into_parts().1))
}

/// [`send`], and reads the answer.
pub(in crate::worker) async fn read<T: DeserializeOwned>(
    object: &Stub,
    message: &Message,
) -> Result<T> {
    let (_, answer) = send(object, message).await?;
    serde_json::from_slice(answer.get().as_bytes())
        .map_err(|problem| Error::new(Code::Internal, problem.to_string()))
}

fn failed(problem: &dyn std::fmt::Display) -> Error {
    Error::new(Code::StorageFailed, problem.to_string())
        .doing("asking the repository's Durable Object")
}

async fn ask(object: &Stub, message: &Message) -> Result<(StatusCode, Response)> {
    let body = serde_json::to_string(message).map_err(|problem| failed(&problem))?;
    let mut init = RequestInit::new();
    init.with_method(worker::Method::Post)
        .with_body(Some(body.into()));
    let request = worker::Request::new_with_init("http://repository/", &init)
        .map_err(|problem| failed(&problem))?;
    let mut response = object
        .fetch_with_request(request)
        .await
        .map_err(|problem| failed(&problem))?;
    let status =
        StatusCode::from_u16(response.status_code()).map_err(|problem| failed(&problem))?;
    if !status.is_success() {
        let text = response.text().await.map_err(|problem| failed(&problem))?;
        let failure: Failure =
            serde_json::from_slice(text.as_bytes()).map_err(|problem| failed(&problem))?;
        return Err(failure.into());
    }
    Ok((status, response))
}

fn unbound(_: worker::Error) -> Error {
    let found = format!("the Worker has no Durable Objects: the binding {BINDING} is missing");
    Error::new(Code::Unsupported, found)
        .next("deploy with the wrangler.toml of this release, or plan on the command line")
}
