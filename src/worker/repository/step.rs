//! One alarm's work on a task, within a budget of requests.

use std::time::Duration;

use super::{
    CleanupRepository, Kept, Message,
    asked::{is_apart, loaded},
    message,
    store::SqlStore,
    task::{self, Kind, State, Task, Trigger},
};
use crate::{
    cleanup::{self, Budget, Collect, Reading, ReferrersOf, Registry, Run},
    client::Writer,
    configuration::{Configuration, Job, JobRepository, Mode, Purpose},
    error::{Code, Error, Result},
    plan::{
        self, GivenReport, Plan,
        inventory::Inventory,
        reports::{Report, ReportRule},
    },
    worker::{environment, place::of_job, upstream},
};

/// Requests of a step that reads: below the 50 that the free plan allows an invocation, with room
/// for tokens and retries.
const READ_REQUESTS: u32 = 40;
/// Requests of a step that deletes, which sweeps the repository first: within the 10,000 that the
/// paid plan allows, and few enough to end before the platform ends the alarm.
const RUN_REQUESTS: u32 = 1000;
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
        let place = &place;
        let step = Step {
            object: self,
            store,
            configuration,
            job,
            place,
        };
        match task.kind {
            Kind::Plan => step.plan(task).await,
            Kind::Run => step.run(task).await,
            Kind::Restore => step.restore(task).await,
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
        let JobRepository { host, path, .. } = self.place;
        let kept = self.kept_reports().await?;
        let given = self.given(&kept);
        let Some(inventory) = self.read(task, &given).await? else {
            return Ok(Outcome::GoOn {
                after: Duration::ZERO,
            });
        };
        if inventory.len() > MOST_IMAGES {
            let found = format!(
                "the repository has {} manifests, and the Worker plans up to {MOST_IMAGES}",
                inventory.len()
            );
            return Err(Error::new(Code::TooLarge, found).next(format!(
                "run `npx portreeve plan {}` in CI instead",
                self.job.name
            )));
        }
        let history = cleanup::history(self.store, host, path).await?;
        let condemned = cleanup::load_condemned(self.store, host, path).await?;
        let inventories = std::slice::from_ref(&inventory);
        let configuration_hash = self.job.hash();
        let made = plan::make(&plan::Input {
            configuration_hash: &configuration_hash,
            caps: self.job.caps,
            reports: &given,
            condemned: condemned.as_slice(),
            history: &history,
            simulated: is_apart(task.now, CleanupRepository::now()),
            ..plan::Input::new(&self.job.name, &self.job.policy, inventories, task.now)
        })?;
        if inventory.complete {
            // half of it would forget what was seen, and since when
            cleanup::save_inventory(self.store, &inventory).await?;
        }
        let plan = made.head();
        if !plan.simulated {
            for condemned in made.condemned() {
                cleanup::save_condemned(self.store, &condemned).await?;
            }
        }
        // of a large repository it is longer than what may be held at once
        self.store
            .put_written(&task.document(), |write| made.write(write))?;
        task.state = State::Ready;
        task.error = None;
        task.hash = Some(plan.hash.clone());
        task.expires_at = Some(plan.expires_at);
        task.simulated = plan.simulated;
        self.follow(task, plan).await?;
        Ok(Outcome::Over)
    }

    async fn read(&self, task: &Task, given: &[GivenReport<'_>]) -> Result<Option<Inventory>> {
        let JobRepository { host, path, .. } = self.place;
        let earlier = cleanup::load_inventory(self.store, host, path).await?;
        let upstream = self.configuration.upstream(&self.place.upstream)?;
        let client = upstream::client(&self.object.env, upstream, Purpose::Read)?;
        let kept = self.store.get(&task.reading())?;
        let mut reading = kept
            .and_then(|text| Reading::parse(&text))
            .unwrap_or_default();
        let budget = Budget::of(READ_REQUESTS);
        let what = Collect {
            client: &client,
            repository: &self.place.path,
            needs: self.job.policy.needs(),
            earlier: earlier.as_ref(),
            cache: None,
            reported: &cleanup::reported(given, path),
            referrers: ReferrersOf::Every,
            budget: &budget,
        };
        let read = cleanup::collect(&what, &mut reading, &mut |_| {}).await;
        upstream::keep(client.tokens());
        // what was read before a failure need not be read again
        self.store.put(&task.reading(), &reading.to_text()?)?;
        read
    }

    /// Carries a scheduled plan out where the job says so.
    async fn follow(&self, task: &Task, plan: &Plan) -> Result<()> {
        let applies = task.trigger == Trigger::Cron
            && self.job.mode == Mode::Apply
            && plan.has_deletions()
            && !plan.simulated;
        if !applies {
            return Ok(());
        }
        if environment::is_cleanup_off(&self.object.env) {
            worker::console_warn!("{}: CLEANUP=off, the plan waits", task.repository());
            return Ok(());
        }
        self.object
            .begin(self.store, task, Kind::Run, plan.short_hash())
            .await?;
        Ok(())
    }

    async fn run(&self, task: &mut Task) -> Result<Outcome> {
        if environment::is_cleanup_off(&self.object.env) {
            let error = Error::new(Code::Refused, "cleanup was switched off")
                .next("set the variable CLEANUP to `on` and start the run again");
            task.state = State::Stopped;
            task.error = Some((&error).into());
            return Ok(Outcome::Over);
        }
        let plan = task.plan.as_deref().unwrap_or_default();
        let document = Kind::Plan.document(plan);
        let plan: Plan = task::read(self.store, &document)?
            .ok_or_else(|| Error::new(Code::StorageFailed, "the plan's document is missing"))?;
        let registry = self.registry()?;
        let kept = self.kept_reports().await?;
        let JobRepository { host, path, .. } = self.place;
        let condemned = cleanup::load_condemned(self.store, host, path).await?;
        let job = cleanup::Job {
            name: &self.job.name,
            configuration_hash: &self.job.hash(),
            repositories: Some(std::slice::from_ref(self.place)),
            policy: &self.job.policy,
            caps: self.job.caps,
            reports: &self.given(&kept),
            condemned: condemned.as_slice(),
        };
        let budget = Budget::of(RUN_REQUESTS);
        let registries = [registry];
        task.run = Some(cleanup::run_of(&plan));
        task.save(self.store)?;
        let run = cleanup::apply(&registries, &job, &plan, self.store, &budget, |_| {}).await?;
        self.store.put(&task.document(), &task::write(&run)?)?;
        task.error = problem(&run);
        task.state = match run.state {
            cleanup::State::Done => State::Done,
            cleanup::State::Partial => State::Partial,
            cleanup::State::Paused => {
                return Ok(Outcome::GoOn {
                    after: Duration::ZERO,
                });
            }
            _ => State::Stopped,
        };
        Ok(Outcome::Over)
    }

    async fn restore(&self, task: &mut Task) -> Result<Outcome> {
        let run = task.run.clone().ok_or_else(|| {
            Error::new(
                Code::Conflict,
                "the run deleted nothing, so there is nothing to restore",
            )
        })?;
        let registries = [self.registry()?];
        let restored = cleanup::restore(&registries, &run, &[], self.store, |_| {}).await?;
        self.store.put(&task.document(), &task::write(&restored)?)?;
        task.error = None;
        task.state = if restored.whole {
            State::Done
        } else {
            State::Partial
        };
        Ok(Outcome::Over)
    }

    /// The configuration's reports as they are now, each with the size of the last one that could
    /// be relied on.
    async fn kept_reports(&self) -> Result<Vec<(Option<Report>, Option<u64>)>> {
        let rules = self.configuration.reports();
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let object = message::of_reports(&self.object.env)?;
        let kept: Vec<Kept> = message::read(&object, &Message::Reports).await?;
        let of = |rule: &ReportRule| kept.iter().find(|kept| kept.name == rule.name);
        let each = rules.iter().map(|rule| match of(rule) {
            Some(kept) => Ok((kept.report()?, kept.accepted)),
            None => Ok((None, None)),
        });
        each.collect()
    }

    /// The same for a plan. A report that the job does not require keeps what it lists, too.
    fn given<'k>(&'k self, kept: &'k [(Option<Report>, Option<u64>)]) -> Vec<GivenReport<'k>> {
        let rules = self.configuration.reports().iter().zip(kept);
        let given = rules.map(|(rule, (report, previous_size))| GivenReport {
            rule,
            report: report.as_ref(),
            previous_size: *previous_size,
            required: self.job.requires.contains(&rule.name),
        });
        given.collect()
    }

    fn registry(&self) -> Result<Registry<crate::web::FetchIo>> {
        let upstream = self.configuration.upstream(&self.place.upstream)?;
        let env = &self.object.env;
        Ok(Registry {
            reader: upstream::client(env, upstream, Purpose::Read)?,
            writer: Writer::new(upstream::client(env, upstream, Purpose::Delete)?),
        })
    }
}

/// Why the run stopped in its repository.
fn problem(run: &Run) -> Option<cleanup::Problem> {
    run.repositories
        .iter()
        .find_map(|repository| repository.problem.clone())
}

/// Ends a task that came to nothing.
pub(super) fn fail(task: &mut Task, error: &Error) {
    task.attempt = 0;
    task.state = State::Failed;
    task.error = Some(error.into());
}
