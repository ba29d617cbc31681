//! Carrying out a plan: what is refused before anything is done, and the repositories in turn.

use super::{
    budget::Budget,
    event::Event,
    journal::{self, Entry, Journal},
    lease::Held,
    repository::{Ended, Shared, Work},
    run::{self, Ending, Problem, Run, State},
    store::Store,
};
use crate::{
    client::{Client, Writer},
    configuration::{Caps, JobRepository},
    error::{Code, Error, Result},
    io::Io,
    oci::Digest,
    plan::{self, Plan, policy::Policy},
    registries::profile::DeleteBy,
    timestamp::Timestamp,
};

/// One registry, read as one and written to as another: the two have credentials of their own.
#[allow(
    clippy::exhaustive_structs,
    reason = "an argument list with names: a field more is a question to every caller"
)]
pub struct Registry<I: Io> {
    /// What reads, by the `read` credential.
    pub reader: Client<I>,
    /// What deletes and puts back, by the `delete` credential.
    pub writer: Writer<I>,
}

/// The job whose plan is carried out, as the configuration has it now.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::exhaustive_structs,
    reason = "an argument list with names: a field more is a question to every caller"
)]
pub struct Job<'a> {
    /// Its name.
    pub name: &'a str,
    /// The hash over the resolved job.
    pub configuration_hash: &'a str,
    /// What it cleans; `None` for a policy by itself, whose plans name their repositories.
    pub repositories: Option<&'a [JobRepository]>,
    /// What to keep and what to delete.
    pub policy: &'a Policy,
    /// How much may go at once.
    pub caps: Caps,
    /// Its reports, as they are now.
    pub reports: &'a [plan::GivenReport<'a>],
    /// What earlier scans condemned.
    pub condemned: &'a [plan::Condemned],
}

/// Whether this release deletes on that registry: only on loopback, until deletion is verified on
/// every kind of registry.
///
/// # Errors
///
/// `unsupported` for every other host.
///
/// # Examples
///
/// ```
/// use portreeve::cleanup::ensure_may_apply;
/// assert!(ensure_may_apply("127.0.0.1:5555").is_ok());
/// assert!(ensure_may_apply("ghcr.io").is_err());
/// ```
pub fn ensure_may_apply(host: &str) -> Result<()> {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_address = name
        .parse()
        .is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    if is_address || name == "localhost" || name.ends_with(".localhost") {
        return Ok(());
    }
    Err(Error::new(
        Code::Unsupported,
        "this release deletes on loopback registries only",
    )
    .doing("applying a plan")
    .at(host)
    .next("plan as often as you like; apply on other hosts comes with a later release"))
}

/// The run that a plan leads to: the same for the same plan, so that applying it again goes on
/// where it stopped.
///
/// The day of the plan and twelve digits of its hash, such as `20261124-3fb1c5a09e7d`.
#[must_use]
pub fn run_of(plan: &Plan) -> String {
    let day: String = plan.now.to_string().chars().take(10).collect();
    format!("{}-{}", day.replace('-', ""), plan.short_hash())
}

/// Carries out `approved`, repository by repository, and says what became of it.
///
/// Every deletion is decided anew from the registry's present state, and only what both plans
/// delete goes. What goes is backed up first. The same call goes on after a pause, a crash or a
/// failure; a run that is over is only told about.
///
/// # Errors
///
/// Before anything is done: `invalid_argument` for a plan that was edited; `refused`, `expired`
/// and `conflict` as [`plan::intersection`]; `unsupported` for a registry on which this release
/// does not delete; `locked` while another run goes on; `storage_failed`. Whatever happens after
/// the first repository was begun stands in the [`Run`].
pub async fn apply<I: Io>(
    registries: &[Registry<I>],
    job: &Job<'_>,
    approved: &Plan,
    store: &impl Store,
    budget: &Budget,
    mut events: impl FnMut(Event),
) -> Result<Run> {
    let work = admitted(registries, job, approved)?;
    let Some((registry, _)) = work.first() else {
        return Err(
            Error::new(Code::InvalidArgument, "the plan holds no repository")
                .doing("applying a plan"),
        );
    };
    let io = registry.reader.io();
    // the plan itself is judged before anything is read
    plan::intersection(approved, &input(job, &[], &[], io.now()))?;
    let run = run_of(approved);
    let lease = Held::take(io, store, &run).await?;
    let shared = Shared {
        run: &run,
        job,
        approved,
        store,
        budget,
        lease: &lease,
    };
    let result = carry_out(&shared, &work, io, &mut events).await;
    let released = lease.release(io, store).await;
    let run = result?;
    released?;
    Ok(run)
}

/// What a plan is made from.
pub(super) fn input<'a>(
    job: &Job<'a>,
    inventories: &'a [plan::inventory::Inventory],
    history: &'a [plan::History],
    now: Timestamp,
) -> plan::Input<'a> {
    plan::Input {
        configuration_hash: job.configuration_hash,
        caps: job.caps,
        reports: job.reports,
        condemned: job.condemned,
        history,
        ..plan::Input::new(job.name, job.policy, inventories, now)
    }
}

/// Each repository of the plan with its registry, if all of them may be applied.
fn admitted<'a, I: Io>(
    registries: &'a [Registry<I>],
    job: &Job<'_>,
    approved: &'a Plan,
) -> Result<Vec<(&'a Registry<I>, &'a plan::document::Repository)>> {
    let text = serde_json::to_vec(approved)
        .map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    // a plan that did not come through `Plan::parse` proves its hashes here
    Plan::parse(&text)?;
    let with_registry = |repository: &'a plan::document::Repository| {
        ensure_may_apply(&repository.host)?;
        // whoever edits a plan can compute its hashes, and no hash says what the job cleans
        let is_of_job = job.repositories.is_none_or(|places| {
            let is_it = |place: &JobRepository| {
                place.host == repository.host && place.path == repository.name
            };
            places.iter().any(is_it)
        });
        if !is_of_job {
            let found = format!("the job `{}` does not clean {}", job.name, repository.name);
            return Err(Error::new(Code::InvalidArgument, found)
                .doing("applying a plan")
                .at(&*repository.host)
                .next("make the plan again; a plan that was edited is not carried out"));
        }
        let registry = registries
            .iter()
            .find(|registry| registry.reader.host() == repository.host)
            .ok_or_else(|| {
                Error::new(
                    Code::InvalidArgument,
                    "the plan names a registry that is not given",
                )
                .doing("applying a plan")
                .at(&*repository.host)
            })?;
        if registry.reader.profile().deletion == DeleteBy::TagsOnly {
            return Err(Error::new(
                Code::Unsupported,
                "this registry deletes tags only, which this release cannot do safely",
            )
            .doing("applying a plan")
            .at(&*repository.host));
        }
        Ok((registry, repository))
    };
    approved.repositories.iter().map(with_registry).collect()
}

async fn carry_out<I: Io, S: Store>(
    shared: &Shared<'_, S>,
    work: &[(&Registry<I>, &plan::document::Repository)],
    io: &I,
    events: &mut dyn FnMut(Event),
) -> Result<Run> {
    let started_at = io.now();
    let mut journal = Journal::load(shared.store, shared.run).await?;
    if journal.opened.is_none() {
        let opened = Entry::Opened {
            format: journal::FORMAT.to_owned(),
            run: shared.run.to_owned(),
            plan: shared.approved.hash.clone(),
            job: shared.approved.job.clone(),
        };
        journal.append(started_at, opened).await?;
    }
    let mut repositories = Vec::new();
    let mut stopped: Option<Error> = None;
    for (registry, planned) in work {
        let place = format!("{}/{}", planned.host, planned.name);
        let result = match (&stopped, journal.closed) {
            (Some(error), _) => Err(error.clone()),
            (None, true) => Ok(Ended::Whole),
            (None, false) => {
                let mut work = Work::new(shared, registry, planned, &mut journal, events);
                work.carry_out().await
            }
        };
        if let Err(error) = &result {
            let problem = Problem::from(error);
            if matches!(error.code(), Code::StorageFailed | Code::Locked) {
                stopped.get_or_insert_with(|| error.clone());
            }
            events(Event::Stopped {
                repository: place.clone(),
                problem,
            });
        }
        repositories.push(summary(planned, &result, journal.progress(&place)));
    }
    let state = repositories.iter().map(|one| one.state).max();
    let state = state.unwrap_or(State::Done);
    let has_failed = |repository: &run::Repository| {
        let failed = |group: &run::Group| matches!(group.ending, Ending::Failed { .. });
        repository.groups.iter().any(failed)
    };
    if state <= State::Partial && !journal.closed && !repositories.iter().any(has_failed) {
        journal.append(io.now(), Entry::Closed).await?;
    }
    Ok(Run {
        format: run::FORMAT.to_owned(),
        run: shared.run.to_owned(),
        plan: shared.approved.hash.clone(),
        job: shared.approved.job.clone(),
        started_at,
        finished_at: io.now(),
        state,
        repositories,
    })
}

fn summary(
    planned: &plan::document::Repository,
    result: &Result<Ended>,
    progress: &journal::Progress,
) -> run::Repository {
    let is_back =
        |digest: &Digest| progress.put_back.contains(digest) && !progress.gone.contains_key(digest);
    let mut groups: Vec<run::Group> = Vec::new();
    for (digest, tags, ending) in &progress.ended {
        // the last word on a group counts
        groups.retain(|group| group.digest != *digest);
        let ending = match ending {
            Ending::Deleted { .. } if is_back(digest) => Ending::PutBack {
                explanation: "the run was taken back".to_owned(),
            },
            ending => ending.clone(),
        };
        groups.push(run::Group {
            digest: *digest,
            tags: tags.clone(),
            ending,
        });
    }
    let deleted = |group: &&run::Group| matches!(group.ending, Ending::Deleted { .. });
    let gone = groups.iter().filter(deleted).count();
    let (state, problem) = match result {
        Err(error) => (State::Stopped, Some(Problem::from(error))),
        Ok(Ended::Paused) => (State::Paused, None),
        Ok(Ended::Whole) if gone < groups.len() => (State::Partial, None),
        Ok(Ended::Whole) => (State::Done, None),
    };
    run::Repository {
        host: planned.host.clone(),
        name: planned.name.clone(),
        state,
        problem,
        deleted: run::Count {
            groups: gone,
            manifests: progress.gone.len(),
        },
        groups,
        put_back: progress.put_back.clone(),
    }
}
