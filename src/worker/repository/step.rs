//! One alarm's work on a task, within a budget of requests.

use std::time::Duration;

use super::{
    CleanupRepository,
    asked::{is_apart, loaded, of_job},
    store::SqlStore,
    task::{self, Kind, State, Task},
};
use crate::{
    cleanup::{self, Budget, Collect, Reading},
    configuration::{Configuration, Job, JobRepository, Purpose},
    error::{Code, Error, Result},
    plan::{self, inventory::Inventory},
    worker::upstream,
};

/// Requests of one step: below the 50 that the free plan allows an invocation, with room for
/// tokens and retries.
const REQUESTS: u32 = 40;
/// Largest repository that is planned here.
const MOST_IMAGES: usize = 50_000;

/// How a step ended.
pub(super) enum Outcome {
    /// The task is over, one way or another.
    Over,
    /// There is more to do.
    GoOn { after: Duration },
}

impl CleanupRepository {
    pub(super) async fn step(&self, store: &SqlStore, task: &mut Task) -> Result<Outcome> {
        let configuration = self.configuration()?;
        let configuration = loaded(&configuration)?;
        let (job, place) = of_job(configuration, &task.job, &task.upstream, &task.path)?;
        let step = Step {
            object: self,
            store,
            configuration,
            job,
            place,
        };
        match task.kind {
            Kind::Plan => step.plan(task).await,
        }
    }
}

struct Step<'a> {
    object: &'a CleanupRepository,
    store: &'a SqlStore,
    configuration: &'a Configuration,
    job: &'a Job,
    place: &'a JobRepository,
}

impl Step<'_> {
    /// Reads on; plans once all is read.
    async fn plan(&self, task: &mut Task) -> Result<Outcome> {
        let Some(inventory) = self.read(task, None).await? else {
            return Ok(Outcome::GoOn {
                after: Duration::ZERO,
            });
        };
        if inventory.images.len() > MOST_IMAGES {
            let found = format!(
                "the repository has {} manifests, and the Worker plans up to {MOST_IMAGES}",
                inventory.images.len()
            );
            return Err(Error::new(Code::TooLarge, found).next(format!(
                "run `npx portreeve plan {}` in CI instead",
                self.job.name
            )));
        }
        let plan = plan::make(&plan::Input {
            job: &self.job.name,
            configuration_hash: &self.job.hash(),
            policy: &self.job.policy,
            caps: self.job.caps,
            inventories: std::slice::from_ref(&inventory),
            history: &[],
            now: task.now,
            simulated: is_apart(task.now, CleanupRepository::now()),
        })?;
        self.store.put(&task.document(), &task::write(&plan)?)?;
        task.state = State::Ready;
        task.error = None;
        task.hash = Some(plan.hash.clone());
        task.expires_at = Some(plan.expires_at);
        Ok(Outcome::Over)
    }

    async fn read(&self, task: &Task, earlier: Option<&Inventory>) -> Result<Option<Inventory>> {
        let upstream = self.configuration.upstream(&self.place.upstream)?;
        let client = upstream::client(&self.object.env, upstream, Purpose::Read)?;
        let mut reading: Reading = task::read(self.store, &task.reading())?.unwrap_or_default();
        let budget = Budget::of(REQUESTS);
        let what = Collect {
            client: &client,
            repository: &self.place.path,
            needs: self.job.policy.needs(),
            earlier,
            referrers_of: None,
            budget: &budget,
        };
        let read = cleanup::collect(&what, &mut reading, &mut |_| {}).await;
        upstream::keep(client.tokens());
        // what was read before a failure need not be read again
        self.store.put(&task.reading(), &task::write(&reading)?)?;
        read
    }
}

/// Ends a task that came to nothing.
pub(super) fn fail(task: &mut Task, error: &Error) {
    task.attempt = 0;
    task.state = State::Failed;
    task.error = Some(error.into());
}
