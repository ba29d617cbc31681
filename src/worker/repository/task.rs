//! What a repository was asked to do, as it is kept between two events.

use serde::{Deserialize, Serialize};

use super::store::SqlStore;
use crate::{
    cleanup::Problem,
    error::{Code, Error, Result},
    sorted,
    timestamp::Timestamp,
};

/// The order of tasks that wait, as a list of paths.
const QUEUE: &str = "queue.json";
/// How many plans are kept; with an older one goes what its task says, and never its journal or
/// back-ups.
const PLANS_KEPT: usize = 50;

/// A plan, a run or a restore.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Task {
    pub(super) kind: Kind,
    /// Twelve hex digits: of what was asked for a plan, of the plan's hash for the others.
    pub(super) id: String,
    pub(super) state: State,
    pub(super) job: String,
    /// The repository as the job names it: `<upstream>/<path>`.
    pub(super) upstream: String,
    pub(super) path: String,
    pub(super) trigger: Trigger,
    pub(super) created_at: Timestamp,
    /// The time that a plan is made for.
    pub(super) now: Timestamp,
    /// How often in a row the present step was begun.
    pub(super) attempt: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Problem>,
    /// The plan that a run carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<String>,
    /// The whole hash of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<Timestamp>,
    /// The name that cleanup gave the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<String>,
    /// Whether a plan was made for another time than the clock's.
    #[serde(default)]
    pub(super) simulated: bool,
}

/// What kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::worker) enum Kind {
    /// Read the repository and plan.
    Plan,
    /// Carry a plan out.
    Run,
    /// Undo a run.
    Restore,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// A plan is being made.
    Planning,
    /// A plan can be read, and carried out.
    Ready,
    /// A plan is too old to be carried out.
    Expired,
    /// A run or restore is under way.
    Running,
    /// It is over.
    Done,
    /// It is over, and some groups were skipped or failed.
    Partial,
    /// It ended early.
    Stopped,
    /// It came to nothing.
    Failed,
}

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::worker) enum Trigger {
    /// A client of `/api/v1`.
    Api,
    /// A job's schedule.
    Cron,
}

impl Kind {
    const fn folder(self) -> &'static str {
        match self {
            Self::Plan => "tasks/plan",
            Self::Run => "tasks/run",
            Self::Restore => "tasks/restore",
        }
    }

    /// Where the document lies that came out of it.
    pub(super) fn document(self, id: &str) -> String {
        format!("documents/{}/{id}.json", self.folder())
    }
}

impl Task {
    fn place(&self) -> String {
        place(self.kind, &self.id)
    }

    /// Where a reading lies that is not whole yet.
    pub(super) fn reading(&self) -> String {
        format!("readings/{}.json", self.id)
    }

    pub(super) fn document(&self) -> String {
        self.kind.document(&self.id)
    }

    pub(super) fn repository(&self) -> String {
        format!("{}/{}", self.upstream, self.path)
    }

    /// The state as it is at `now`.
    pub(super) fn state_at(&self, now: Timestamp) -> State {
        match (self.state, self.expires_at) {
            (State::Ready, Some(expires)) if now > expires => State::Expired,
            (state, _) => state,
        }
    }

    pub(super) fn load(store: &SqlStore, kind: Kind, id: &str) -> Result<Option<Self>> {
        read(store, &place(kind, id))
    }

    pub(super) fn save(&self, store: &SqlStore) -> Result<()> {
        store.put(&self.place(), &write(self)?)
    }

    /// Saves it and puts it at the end of the queue.
    pub(super) fn enqueue(&self, store: &SqlStore) -> Result<()> {
        self.save(store)?;
        let mut queue = queue(store)?;
        queue.push(self.place());
        store.put(QUEUE, &write(&queue)?)
    }

    /// Saves it and takes it out of the queue.
    pub(super) fn dequeue(&self, store: &SqlStore) -> Result<()> {
        self.save(store)?;
        store.remove(&self.reading())?;
        let mut queue = queue(store)?;
        let own = self.place();
        queue.retain(|place| *place != own);
        store.put(QUEUE, &write(&queue)?)
    }

    /// The first task that waits.
    pub(super) fn next(store: &SqlStore) -> Result<Option<Self>> {
        match queue(store)?.first() {
            Some(place) => read(store, place),
            None => Ok(None),
        }
    }

    /// Every plan that is kept, newest first.
    pub(super) fn plans(store: &SqlStore) -> Result<Vec<Self>> {
        let mut plans = Vec::new();
        for place in store.paths(&format!("{}/", Kind::Plan.folder()))? {
            plans.extend(read::<Self>(store, &place)?);
        }
        sorted::sort_by(&mut plans, |one, two| {
            (two.created_at, &two.id).cmp(&(one.created_at, &one.id))
        });
        Ok(plans)
    }

    /// Forgets the oldest plans above [`PLANS_KEPT`].
    pub(super) fn forget_old_plans(store: &SqlStore) -> Result<()> {
        let waiting = queue(store)?;
        for plan in Self::plans(store)?.iter().skip(PLANS_KEPT) {
            if !waiting.contains(&plan.place()) {
                store.remove(&plan.place())?;
                store.remove(&plan.document())?;
            }
        }
        Ok(())
    }
}

fn place(kind: Kind, id: &str) -> String {
    format!("{}/{id}.json", kind.folder())
}

fn queue(store: &SqlStore) -> Result<Vec<String>> {
    Ok(read(store, QUEUE)?.unwrap_or_default())
}

/// A JSON text of the store.
pub(super) fn read<T: for<'de> Deserialize<'de>>(
    store: &SqlStore,
    path: &str,
) -> Result<Option<T>> {
    let Some(text) = store.get(path)? else {
        return Ok(None);
    };
    serde_json::from_slice(text.as_bytes())
        .map(Some)
        .map_err(|problem| Error::new(Code::StorageFailed, format!("{path} is broken: {problem}")))
}

/// A value as JSON text.
pub(super) fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|problem| Error::new(Code::Internal, problem.to_string()))
}
