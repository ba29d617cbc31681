//! The scheduler's tick: every job with a schedule is asked whether it is due.
//!
//! One cron trigger serves all schedules. Each repository's object remembers when it last planned
//! by schedule, so a missed tick is caught up by the next.

use worker::{Env, ScheduledEvent};

use super::{
    environment,
    repository::{self, Message},
};
use crate::{
    configuration::{Configuration, Job},
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
