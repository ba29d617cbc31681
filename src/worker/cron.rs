//! The scheduler's tick: every job with a schedule is asked whether it is due.
//!
//! One cron trigger serves all schedules. Each repository's object remembers when it last planned
//! by schedule, so a missed tick is caught up by the next.

use std::collections::BTreeSet;

use worker::{Env, ScheduledEvent};

use super::{
    environment,
    repository::{self, Due, Message, Trigger},
    upstream,
};
use crate::{
    cleanup,
    configuration::{Configuration, Job, Purpose},
    error::Result,
    timestamp::Timestamp,
};

pub(super) async fn tick(event: &ScheduledEvent, env: &Env) {
    if environment::is_cleanup_off(env) {
        worker::console_log!("CLEANUP=off: no schedule is looked at");
        return;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "JavaScript's dates are whole milliseconds within 2^53"
    )]
    let now = Timestamp::from_milliseconds(event.schedule() as i64);
    // a broken configuration was written to the log when it was read
    if let Ok(configuration) = &*environment::configuration(env) {
        for job in configuration.jobs() {
            if job.schedule.is_some()
                && let Err(error) = ask(env, configuration, job, now).await
            {
                worker::console_error!("the schedule of the job `{}`: {error}", job.name);
            }
        }
    }
}

async fn ask(env: &Env, configuration: &Configuration, job: &Job, now: Timestamp) -> Result<()> {
    // refuses a job of which a part would not be carried out
    let job = configuration.job(&job.name)?;
    if job
        .patterns
        .iter()
        .any(|pattern| !pattern.path.is_literal())
    {
        return ask_where_patterns_reach(env, configuration, job, now).await;
    }
    for place in &job.repositories {
        let message = Message::Tick {
            job: job.name.clone(),
            upstream: place.upstream.clone(),
            path: place.path.clone(),
            now,
        };
        let object = repository::of_repository(env, place)?;
        let (_, answer) = repository::send(&object, &message).await?;
        worker::console_log!("{place} for the job `{}` at {now}: {answer}", job.name);
    }
    Ok(())
}

/// Has the repositories planned that a job's patterns match: they are looked up in the registries
/// only when the schedule says so, and again where that fails.
async fn ask_where_patterns_reach(
    env: &Env,
    configuration: &Configuration,
    job: &Job,
    now: Timestamp,
) -> Result<()> {
    let schedule = repository::of_schedule(env, &job.name)?;
    let job_name = || job.name.clone();
    let asked = Message::Due {
        job: job_name(),
        now,
    };
    let Due { due, first } = repository::read(&schedule, &asked).await?;
    if due {
        for name in upstreams(job) {
            let upstream = configuration.upstream(name)?;
            let client = upstream::client(env, upstream, Purpose::Read)?;
            let found = cleanup::expand(&client, configuration, job, upstream).await;
            upstream::keep(client.tokens());
            for place in found?.repositories {
                let message = Message::Plan {
                    job: job_name(),
                    upstream: place.upstream.clone(),
                    path: place.path.clone(),
                    trigger: Trigger::Cron,
                    now,
                };
                let object = repository::of_repository(env, &place)?;
                repository::send(&object, &message).await?;
                worker::console_log!("{place} for the job `{}` at {now}: planned", job.name);
            }
        }
    }
    if due || first {
        let ran = Message::Ran {
            job: job_name(),
            now,
        };
        repository::send(&schedule, &ran).await?;
    }
    Ok(())
}

/// The upstreams of a job's patterns, each once.
fn upstreams(job: &Job) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for pattern in &job.patterns {
        names.insert(pattern.upstream.as_str());
    }
    names
}
