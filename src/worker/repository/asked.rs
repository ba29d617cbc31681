//! The object's answers to messages. None of them waits for a registry.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    CleanupRepository, Message, Owner, reports,
    store::SqlStore,
    task::{self, Kind, State, Task, Trigger},
};
use crate::{
    cleanup::{self, Problem},
    configuration::{Configuration, Job, JobRepository},
    error::{Code, Error, Result},
    oci::Digest,
    timestamp::Timestamp,
    worker::{environment, place::of_job},
};

/// How far a tick's time and the clock may be apart, in seconds. Beyond that the tick was fired by
/// hand for another time, and its plan is one to look at.
const SKEW: u64 = 300;

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Box<RawValue>,
    /// Where a further field of the body lies, which is too long to be held: its name and its
    /// path.
    pub(super) field: Option<(&'static str, String)>,
}

/// A plan as `/api/v1` shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanView {
    id: String,
    state: State,
    job: String,
    repository: String,
    trigger: Trigger,
    created_at: Timestamp,
    now: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

#[derive(Serialize)]
struct PlansView {
    plans: Vec<PlanView>,
}

/// A run as `/api/v1` shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunView {
    id: String,
    plan: Option<String>,
    state: State,
    job: String,
    repository: String,
    trigger: Trigger,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore: Option<RestoreView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreView {
    state: State,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<Box<RawValue>>,
}

/// When a job's schedule last led to a plan, and as what it was written then.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticked {
    schedule: String,
    last_run: Timestamp,
}

/// What a schedule says at a tick.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::worker) struct Due {
    pub(in crate::worker) due: bool,
    /// Whether this tick is the first that it was asked at.
    pub(in crate::worker) first: bool,
}

impl CleanupRepository {
    pub(super) async fn asked(&self, message: Message) -> Result<Answer> {
        let store = self.store()?;
        match message {
            Message::Plan {
                job,
                upstream,
                path,
                trigger,
                now,
            } => {
                let configuration = self.configuration()?;
                let (job, place) = of_job(loaded(&configuration)?, &job, &upstream, &path)?;
                let plan = self.plan(&store, job, &place, trigger, now).await?;
                accepted(&self.plan_view(plan))
            }
            Message::Tick {
                job,
                upstream,
                path,
                now,
            } => {
                let configuration = self.configuration()?;
                let (job, place) = of_job(loaded(&configuration)?, &job, &upstream, &path)?;
                let planned = self.tick(&store, job, &place, now).await?;
                ok(&serde_json::json!({ "planned": planned }))
            }
            Message::Due { job, now } => {
                let configuration = self.configuration()?;
                let job = loaded(&configuration)?.job(&job)?;
                ok(&is_due(&store, job, now)?)
            }
            Message::Ran { job, now } => {
                let configuration = self.configuration()?;
                remember(&store, loaded(&configuration)?.job(&job)?, now)?;
                ok(&())
            }
            Message::KeepReport { name, document } => {
                let configuration = self.configuration()?;
                let rules = loaded(&configuration)?.reports();
                let rule = rules.iter().find(|rule| rule.name == name);
                let rule = rule.ok_or_else(|| Error::new(Code::NotFound, "no such report"))?;
                ok(&reports::keep(&store, rule, &document, Self::now())?)
            }
            Message::Reports => {
                let configuration = self.configuration()?;
                ok(&reports::kept(&store, loaded(&configuration)?.reports())?)
            }
            Message::Plans => {
                let plans = Task::plans(&store)?.into_iter();
                ok(&PlansView {
                    plans: plans.map(|plan| self.plan_view(plan)).collect(),
                })
            }
            Message::Owner { kind, id } => {
                let task = existing(&store, kind, &id)?;
                ok(&Owner {
                    upstream: task.upstream,
                    path: task.path,
                })
            }
            Message::ReadPlan { id } => {
                let plan = existing(&store, Kind::Plan, &id)?;
                let document = plan.document();
                let mut answer = ok(&self.plan_view(plan))?;
                if store.has(&document)? {
                    answer.field = Some(("plan", document));
                }
                Ok(answer)
            }
            Message::Run { plan, hash } => {
                let run = self.run(&store, &plan, &hash).await?;
                accepted(&self.run_view(&store, run)?)
            }
            Message::ReadRun { id } => {
                let run = existing(&store, Kind::Run, &id)?;
                ok(&self.run_view(&store, run)?)
            }
            Message::Restore { id } => {
                self.restore(&store, &id).await?;
                let run = existing(&store, Kind::Run, &id)?;
                accepted(&self.run_view(&store, run)?)
            }
        }
    }

    /// Has a plan made. The same question has the same id, and is asked once.
    async fn plan(
        &self,
        store: &SqlStore,
        job: &Job,
        place: &JobRepository,
        trigger: Trigger,
        now: Timestamp,
    ) -> Result<Task> {
        let question = format!("{} {place} {now} {}", job.name, job.hash());
        let id = Digest::of(question.as_bytes()).hex();
        let id = id.get(..12).unwrap_or(&id).to_owned();
        if let Some(task) = Task::load(store, Kind::Plan, &id)? {
            return Ok(task);
        }
        let task = Task {
            kind: Kind::Plan,
            id,
            state: State::Planning,
            job: job.name.clone(),
            upstream: place.upstream.clone(),
            path: place.path.clone(),
            trigger,
            created_at: Self::now(),
            now,
            attempt: 0,
            error: None,
            plan: None,
            hash: None,
            expires_at: None,
            run: None,
            simulated: false,
        };
        task.enqueue(store)?;
        Task::forget_old_plans(store)?;
        self.wake().await?;
        Ok(task)
    }

    /// Plans if the schedule says so. A tick that was fired by hand for another time leaves no
    /// trace in the schedule.
    async fn tick(
        &self,
        store: &SqlStore,
        job: &Job,
        place: &JobRepository,
        now: Timestamp,
    ) -> Result<bool> {
        let Due { due, first } = is_due(store, job, now)?;
        if due {
            self.plan(store, job, place, Trigger::Cron, now).await?;
        }
        if due || first {
            remember(store, job, now)?;
        }
        Ok(due)
    }

    async fn run(&self, store: &SqlStore, plan: &str, hash: &str) -> Result<Task> {
        let task = existing(store, Kind::Plan, plan)?;
        match task.state_at(Self::now()) {
            State::Ready => {}
            State::Expired => {
                return Err(Error::new(Code::Expired, "the plan is too old")
                    .next("plan again and review that plan"));
            }
            State::Planning => {
                return Err(Error::new(Code::Conflict, "the plan is still being made")
                    .next("wait until its state is `ready`"));
            }
            _ => return Err(Error::new(Code::Conflict, "there is no plan to carry out")),
        }
        if task.hash.as_deref() != Some(hash) {
            return Err(
                Error::new(Code::Conflict, "the hash is not that of the plan")
                    .next("read the plan again and send the hash of what was reviewed"),
            );
        }
        let configuration = self.configuration()?;
        let configuration = loaded(&configuration)?;
        let (_, place) = of_job(configuration, &task.job, &task.upstream, &task.path)?;
        let id = hash.get(..12).unwrap_or(hash);
        if let Some(run) = Task::load(store, Kind::Run, id)?
            && matches!(run.state, State::Running | State::Done)
        {
            return Ok(run);
        }
        if environment::is_cleanup_off(&self.env) {
            return Err(Error::new(Code::Refused, "cleanup is switched off")
                .next("set the variable CLEANUP to `on` to let runs begin"));
        }
        cleanup::ensure_may_apply(&place.host)?;
        configuration
            .upstream(&place.upstream)?
            .delete_credential()?;
        if task.simulated {
            let found = "the plan was made for another time than the clock's";
            return Err(Error::new(Code::Refused, found).next("plan for the present time"));
        }
        self.begin(store, &task, Kind::Run, id).await
    }

    async fn restore(&self, store: &SqlStore, id: &str) -> Result<Task> {
        let run = existing(store, Kind::Run, id)?;
        if run.state == State::Running {
            return Err(Error::new(Code::Conflict, "the run is still under way")
                .next("wait until it has ended"));
        }
        if let Some(restore) = Task::load(store, Kind::Restore, id)?
            && restore.state == State::Running
        {
            return Ok(restore);
        }
        self.begin(store, &run, Kind::Restore, id).await
    }

    /// Queues what follows from `cause`: a run from a plan, a restore from a run.
    pub(super) async fn begin(
        &self,
        store: &SqlStore,
        cause: &Task,
        kind: Kind,
        id: &str,
    ) -> Result<Task> {
        let task = Task {
            kind,
            id: id.to_owned(),
            state: State::Running,
            created_at: Self::now(),
            attempt: 0,
            error: None,
            plan: Some(match kind {
                Kind::Plan | Kind::Run => cause.id.clone(),
                Kind::Restore => cause.plan.clone().unwrap_or_default(),
            }),
            expires_at: None,
            ..cause.clone()
        };
        store.remove(&task.document())?;
        task.enqueue(store)?;
        self.wake().await?;
        Ok(task)
    }

    /// An id as it is handed out.
    fn public(&self, id: &str) -> String {
        format!("{}-{id}", self.state.id())
    }

    fn plan_view(&self, task: Task) -> PlanView {
        PlanView {
            id: self.public(&task.id),
            state: task.state_at(Self::now()),
            repository: task.repository(),
            job: task.job,
            trigger: task.trigger,
            created_at: task.created_at,
            now: task.now,
            expires_at: task.expires_at,
            hash: task.hash,
            error: task.error,
        }
    }

    fn run_view(&self, store: &SqlStore, task: Task) -> Result<RunView> {
        let restore = match Task::load(store, Kind::Restore, &task.id)? {
            None => None,
            Some(restore) => Some(RestoreView {
                state: restore.state,
                created_at: restore.created_at,
                restored: document(store, &restore)?,
                error: restore.error,
            }),
        };
        Ok(RunView {
            id: self.public(&task.id),
            plan: task.plan.as_deref().map(|plan| self.public(plan)),
            state: task.state,
            repository: task.repository(),
            run: document(store, &task)?,
            job: task.job,
            trigger: task.trigger,
            created_at: task.created_at,
            error: task.error,
            restore,
        })
    }
}

/// Whether two times are too far apart to be the same moment on two clocks.
pub(super) fn is_apart(one: Timestamp, other: Timestamp) -> bool {
    one.since(other).max(other.since(one)).as_secs() > SKEW
}

/// Whether a job's schedule says so at `now`. A tick that was fired by hand for another time is
/// looked at alone.
fn is_due(store: &SqlStore, job: &Job, now: Timestamp) -> Result<Due> {
    let Some(schedule) = &job.schedule else {
        return Ok(Due::default());
    };
    let by_hand = is_apart(now, CleanupRepository::now());
    let ticked: Option<Ticked> = task::read(store, &memory(job))?;
    let last_run = ticked
        .filter(|ticked| !by_hand && ticked.schedule == schedule.as_str())
        .map(|ticked| ticked.last_run);
    Ok(Due {
        due: schedule.due(last_run, now),
        first: last_run.is_none(),
    })
}

/// Remembers that a job was planned, or first looked at. A tick that was fired by hand leaves no
/// trace.
fn remember(store: &SqlStore, job: &Job, now: Timestamp) -> Result<()> {
    let Some(schedule) = &job.schedule else {
        return Ok(());
    };
    if is_apart(now, CleanupRepository::now()) {
        return Ok(());
    }
    let ticked = Ticked {
        schedule: schedule.as_str().to_owned(),
        last_run: now,
    };
    store.put(&memory(job), &task::write(&ticked)?)
}

fn memory(job: &Job) -> String {
    format!("ticks/{}.json", job.name)
}

/// The configuration behind what was loaded; the problems of a broken one were answered before.
pub(super) fn loaded(loaded: &environment::Loaded) -> Result<&Configuration> {
    loaded
        .as_ref()
        .as_ref()
        .map_err(|problems| crate::configuration::problem::error(problems))
}

fn existing(store: &SqlStore, kind: Kind, id: &str) -> Result<Task> {
    Task::load(store, kind, id)?.ok_or_else(|| {
        let what = match kind {
            Kind::Plan => "plan",
            Kind::Run | Kind::Restore => "run",
        };
        Error::new(Code::NotFound, format!("there is no {what} of this id"))
    })
}

fn document(store: &SqlStore, task: &Task) -> Result<Option<Box<RawValue>>> {
    let Some(text) = store.get(&task.document())? else {
        return Ok(None);
    };
    RawValue::from_string(text)
        .map(Some)
        .map_err(|problem| Error::new(Code::StorageFailed, problem.to_string()))
}

fn ok(body: &impl Serialize) -> Result<Answer> {
    answer(StatusCode::OK, body)
}

fn accepted(body: &impl Serialize) -> Result<Answer> {
    answer(StatusCode::ACCEPTED, body)
}

fn answer(status: StatusCode, body: &impl Serialize) -> Result<Answer> {
    let body = serde_json::value::to_raw_value(body)
        .map_err(|problem| Error::new(Code::Internal, problem.to_string()))?;
    Ok(Answer {
        status,
        body,
        field: None,
    })
}
