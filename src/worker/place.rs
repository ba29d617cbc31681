//! The repository that a job means, named or matched by a pattern.

use crate::{
    configuration::{Configuration, Job, JobRepository},
    error::{Code, Error, Result},
};

/// A job that is carried out, and the repository at `path` of `upstream` in it.
///
/// # Errors
///
/// `not_found` for a job that is not there, `unsupported` for one that is not carried out,
/// `invalid_argument` where it does not mean the repository, `invalid_configuration` where another
/// job does, too: with patterns that is known only when a repository is.
pub(super) fn of_job<'a>(
    configuration: &'a Configuration,
    job: &str,
    upstream: &str,
    path: &str,
) -> Result<(&'a Job, JobRepository)> {
    let job = configuration.job(job)?;
    if !job.matches(upstream, path) {
        let found = format!(
            "{upstream}/{path} is no repository of the job `{}`",
            job.name
        );
        return Err(Error::new(Code::InvalidArgument, found));
    }
    let upstream = configuration.upstream(upstream)?;
    if !upstream.allows(path) {
        let found = format!("`allow` of {} leaves {path} out", upstream.name);
        return Err(Error::new(Code::Denied, found));
    }
    let place = JobRepository {
        host: upstream.host.clone(),
        path: path.to_owned(),
        upstream: upstream.name.clone(),
    };
    let owners = configuration.jobs_of(&place);
    if let Some(other) = owners.iter().find(|owner| owner.name != job.name) {
        let found = format!(
            "{place} belongs to the jobs `{}` and `{}`; a repository belongs to one",
            job.name, other.name
        );
        return Err(Error::new(Code::InvalidConfiguration, found)
            .next("narrow one of the two, or take it away by `except`"));
    }
    Ok((job, place))
}
