//! From a job's patterns to repositories, by the registry's own list of them.

use crate::{
    client::Client,
    configuration::{Configuration, Job, JobRepository, RepositoryPattern, Upstream, member},
    error::{Code, Error, Result},
    io::Io,
    oci::is_repository,
    sorted,
};

/// What a job's patterns mean on one upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expanded {
    /// The repositories that they name or match, sorted; `except` is taken away.
    pub repositories: Vec<JobRepository>,
    /// Repositories that the registry lists and no job of the configuration matches, sorted. Only
    /// known where a pattern has a wildcard; those that the upstream's `allow` leaves out are
    /// nobody's business here.
    pub unmanaged: Vec<JobRepository>,
    /// Patterns with wildcards that match nothing, and whatever in `except` takes nothing away:
    /// mistyped, most likely.
    pub unmatched: Vec<String>,
}

/// Looks up which repositories of `upstream` a job means. Where every pattern is a name, nothing
/// is asked.
///
/// # Errors
///
/// `unsupported`, `denied` and `incomplete_listing` where the registry does not show all of its
/// repositories, each saying what to write instead; `invalid_configuration` for a repository that
/// another job matches, too; those of every request.
///
/// # Examples
///
/// ```
/// use portreeve::{cleanup::{self, Expanded}, client::Client, configuration::Configuration};
/// use portreeve::{error::Result, io::Io};
///
/// async fn of_job<I: Io>(client: &Client<I>, all: &Configuration) -> Result<Expanded> {
///     cleanup::expand(client, all, all.job("apps")?, all.upstream("ghcr")?).await
/// }
/// ```
pub async fn expand<I: Io>(
    client: &Client<I>,
    configuration: &Configuration,
    job: &Job,
    upstream: &Upstream,
) -> Result<Expanded> {
    let on_it = |repository: &&JobRepository| repository.upstream == upstream.name;
    let mut expanded = Expanded {
        repositories: job.repositories.iter().filter(on_it).cloned().collect(),
        ..Expanded::default()
    };
    let is_of_it = |pattern: &&RepositoryPattern| pattern.upstream == upstream.name;
    let mut patterns = job.patterns.iter().enumerate();
    let wildcard = patterns.find(|(_, pattern)| is_of_it(pattern) && !pattern.path.is_literal());
    let Some((place, first)) = wildcard else {
        return Ok(expanded);
    };
    let path = format!("{}.repositories[{place}]", member("$.jobs", &job.name));
    let listed = catalog(client)
        .await
        .map_err(|error| instead(error, first).with_path(&*path))?;
    let wildcards = job.patterns.iter().filter(|one| !one.path.is_literal());
    for pattern in wildcards.chain(&job.except).filter(is_of_it) {
        if !listed.iter().any(|name| pattern.path.matches(name)) {
            expanded.unmatched.push(pattern.to_string());
        }
    }
    for name in listed.into_iter().filter(|name| upstream.allows(name)) {
        let repository = JobRepository {
            host: upstream.host.clone(),
            path: name,
            upstream: upstream.name.clone(),
        };
        let owners = configuration.jobs_of(&repository);
        if job.matches(&upstream.name, &repository.path) {
            if let Some(other) = owners.iter().find(|owner| owner.name != job.name) {
                let found = format!(
                    "{repository} belongs to the job `{}`, too; a repository belongs to one job",
                    other.name
                );
                return Err(Error::new(Code::InvalidConfiguration, found)
                    .with_path(path)
                    .next("narrow one of the two, or take it away by `except`"));
            }
            expanded.repositories.push(repository);
        } else if owners.is_empty() {
            expanded.unmanaged.push(repository);
        }
    }
    for found in [&mut expanded.repositories, &mut expanded.unmanaged] {
        sorted::sort(found);
        found.dedup();
    }
    Ok(expanded)
}

/// Every repository of the registry: all of them or an error.
async fn catalog<I: Io>(client: &Client<I>) -> Result<Vec<String>> {
    let mut pages = client.catalog();
    let mut listed = Vec::new();
    while let Some(page) = pages.next_page().await? {
        // a name that no request may hold can be cleaned by nobody
        let names = page.repositories.into_iter();
        listed.extend(names.filter(|name| is_repository(name)));
    }
    match pages.complete().reason {
        None => Ok(listed),
        Some(reason) => Err(Error::new(
            Code::IncompleteListing,
            format!("the list of repositories may not be whole: {reason}"),
        )
        .doing("listing the repositories")
        .at(client.host())),
    }
}

/// The same error with what to write instead, where asking again does not help.
fn instead(error: Error, pattern: &RepositoryPattern) -> Error {
    match error.code() {
        Code::Unsupported | Code::IncompleteListing => error.with_advice(format!(
            "instead of {pattern}, write each repository by its whole name"
        )),
        Code::Denied | Code::Unauthorized => error.with_advice(format!(
            "instead of {pattern}, write each repository by its whole name, or use a credential that may list them all"
        )),
        _ => error,
    }
}
