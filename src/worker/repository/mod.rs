//! `CleanupRepository`: the Durable Object that plans one repository, cleans it and can undo that.
//!
//! It works by alarms. A step counts its attempt and sets the next alarm before it begins, so that
//! neither a crash nor an eviction ends the chain; after [`ATTEMPTS`] in a row it gives up.
//!
//! ```text
//! plan:     planning ──▶ ready ──▶ expired        run, restore:  running ──▶ done
//!               └──────▶ failed                                      ├─────▶ partial
//!                                                                    ├─────▶ stopped
//!                                                                    └─────▶ failed
//! ```

mod asked;
mod message;
mod reports;
mod step;
mod store;
mod task;

pub(super) use asked::Due;
pub(super) use message::{
    Message, Owner, of_id, of_reports, of_repository, of_schedule, read, send, stream,
};
pub(super) use reports::{Kept, ReportView};
pub(super) use task::{Kind, Trigger};

use std::time::Duration;

use futures_util::{StreamExt as _, future, stream};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::environment;
use crate::{
    configuration::problem,
    error::{Code, Error, Result},
    io::Io,
    web::FetchIo,
};
use asked::Answer;
use message::Failure;
use step::Outcome;
use store::SqlStore;
use task::Task;

/// How often in a row one step is begun.
const ATTEMPTS: u8 = 6;
/// The pause after a first failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(10);
/// The pause before a lease is looked at again. One that a crashed step left behind runs out
/// within a minute, which is less than [`ATTEMPTS`] of these.
const LEASE_PAUSE: Duration = Duration::from_secs(15);

/// One repository's cleanup: its plans, runs, journal and back-ups.
#[durable_object(alarm)]
pub struct CleanupRepository {
    state: State,
    env: Env,
}

impl DurableObject for CleanupRepository {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let asked = async {
            let text = request.text().await.map_err(|problem| internal(&problem))?;
            let message =
                serde_json::from_slice(text.as_bytes()).map_err(|problem| internal(&problem))?;
            self.asked(message).await
        };
        match asked.await {
            Ok(answer) => self.answered(answer),
            Err(error) => Ok(Response::from_json(&Failure::from(&error))?
                .with_status(error.code().http_status())),
        }
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.go_on()
            .await
            .map_err(|error| worker::Error::RustError(error.to_string()))?;
        Response::empty()
    }
}

impl CleanupRepository {
    /// The answer's JSON, with the field that stays in the store until it is its turn.
    fn answered(&self, answer: Answer) -> worker::Result<Response> {
        let status = answer.status.as_u16();
        let Some((name, path)) = answer.field else {
            return Ok(Response::from_json(&answer.body)?.with_status(status));
        };
        let head = answer.body.get().strip_suffix('}').unwrap_or_default();
        let head = format!("{head},\"{name}\":");
        let store = self
            .store()
            .map_err(|error| worker::Error::RustError(error.to_string()))?;
        let pieces = stream::once(future::ready(Ok(head)))
            .chain(store.stream(path))
            .chain(stream::once(future::ready(Ok("}".to_owned()))));
        Ok(Response::from_stream(pieces)?.with_status(status))
    }

    fn store(&self) -> Result<SqlStore> {
        SqlStore::open(self.state.storage().sql())
    }

    /// Works on the first task that waits.
    async fn go_on(&self) -> Result<()> {
        let store = self.store()?;
        let Some(mut task) = Task::next(&store)? else {
            return Ok(());
        };
        task.attempt += 1;
        if task.attempt > ATTEMPTS {
            let last = task.error.as_ref().map(|problem| problem.message.as_str());
            let found = format!(
                "given up after {ATTEMPTS} attempts: {}",
                last.unwrap_or("the Worker's log says more")
            );
            step::fail(&mut task, &Error::new(Code::Internal, found));
            task.dequeue(&store)?;
            return self.wake_if_asked(&store).await;
        }
        task.save(&store)?;
        let pause = FIRST_PAUSE.saturating_mul(1 << (task.attempt - 1));
        self.wake_in(pause).await?;
        match self.step(&store, &mut task).await {
            Ok(Outcome::Over) => {
                task.attempt = 0;
                task.dequeue(&store)?;
                self.wake_if_asked(&store).await
            }
            Ok(Outcome::GoOn { after }) => {
                task.attempt = 0;
                task.save(&store)?;
                self.wake_in(after).await
            }
            Err(error) if error.code() == Code::Locked => {
                worker::console_warn!("{} {}: {error}", task.repository(), task.id);
                task.error = Some((&error).into());
                task.save(&store)?;
                self.wake_in(LEASE_PAUSE).await
            }
            Err(error) if error.is_retryable() => {
                worker::console_warn!("{} {}: {error}", task.repository(), task.id);
                task.error = Some((&error).into());
                task.save(&store)
            }
            Err(error) => {
                worker::console_error!("{} {}: {error}", task.repository(), task.id);
                step::fail(&mut task, &error);
                task.dequeue(&store)?;
                self.wake_if_asked(&store).await
            }
        }
    }

    async fn wake_if_asked(&self, store: &SqlStore) -> Result<()> {
        if Task::next(store)?.is_some() {
            self.wake_in(Duration::ZERO).await
        } else {
            let storage = self.state.storage();
            storage
                .delete_alarm()
                .await
                .map_err(|problem| storage_failed(&problem))
        }
    }

    async fn wake_in(&self, pause: Duration) -> Result<()> {
        let storage = self.state.storage();
        storage
            .set_alarm(pause)
            .await
            .map_err(|problem| storage_failed(&problem))
    }

    /// Sees to it that an alarm comes: one that is set already ends up at every task that waits.
    async fn wake(&self) -> Result<()> {
        let alarm = self.state.storage().get_alarm().await;
        match alarm.map_err(|problem| storage_failed(&problem))? {
            Some(_) => Ok(()),
            None => self.wake_in(Duration::ZERO).await,
        }
    }

    fn configuration(&self) -> Result<environment::Loaded> {
        let loaded = environment::configuration(&self.env);
        match &*loaded {
            Ok(_) => Ok(loaded),
            Err(problems) => Err(problem::error(problems)),
        }
    }

    fn now() -> crate::timestamp::Timestamp {
        FetchIo::new().now()
    }
}

fn internal(problem: &dyn std::fmt::Display) -> Error {
    Error::new(Code::Internal, problem.to_string())
}

fn storage_failed(problem: &dyn std::fmt::Display) -> Error {
    Error::new(Code::StorageFailed, problem.to_string())
}
