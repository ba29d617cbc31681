//! Taking a run back: its groups put back from their back-ups, for as long as the registry still
//! has the layers.

use serde::{Deserialize, Serialize};

use super::{
    apply::Registry,
    backup::Backup,
    event::Event,
    journal::{Entry, Journal},
    lease::Held,
    put_back,
    run::Problem,
    store::{Store, paths},
};
use crate::{
    error::{Code, Error, Result},
    io::Io,
    oci::{Content, Digest, Target},
    sorted,
};

/// The name and version of the document.
pub(super) const FORMAT: &str = "portreeve.restored/1";

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Restored {
    /// Always `portreeve.restored/1`.
    pub format: String,
    /// The run that was taken back.
    pub run: String,
    /// Whether every group is back whole, tags included.
    pub whole: bool,
    /// Its groups, by their back-ups.
    pub groups: Vec<RestoredGroup>,
}

/// One group of a [`Restored`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RestoredGroup {
    /// The registry.
    pub host: String,
    /// The repository's path there.
    pub repository: String,
    /// The root's digest.
    pub digest: Digest,
    /// Manifests that were put; those that were there are left out.
    pub put: Vec<Digest>,
    /// Tags that were set; those that were there are left out.
    pub tags: Vec<String>,
    /// Tags that point elsewhere by now. They stay there.
    pub moved: Vec<Moved>,
    /// Why it is not back, where it is not: mostly that its layers were collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// A tag that somebody set anew since the deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Moved {
    /// The tag.
    pub tag: String,
    /// What it shows now.
    pub shows: Digest,
}

/// Puts back what `run` deleted: children, then indexes, then what speaks of them, then tags
/// where nobody uses them; then reads each manifest and config to see that it is whole.
///
/// `only` names roots; empty, all groups of the run come back. What is there already is left as
/// it is, so that a restore that broke off can be repeated.
///
/// # Errors
///
/// `not_found` for a run without back-ups here, or a root that is none of its; `locked` while a
/// run goes on; `storage_failed`. A group that cannot be put back does not stop the others: its
/// `problem` says why.
pub async fn restore<I: Io>(
    registries: &[Registry<I>],
    run: &str,
    only: &[Digest],
    store: &impl Store,
    mut events: impl FnMut(Event),
) -> Result<Restored> {
    let folder = paths::backups(run);
    let mut backups = Vec::new();
    for name in store.list(&folder).await? {
        backups.push(Backup::load(store, &format!("{folder}/{name}")).await?);
    }
    let not_found = |found: String| Error::new(Code::NotFound, found).doing("restoring a run");
    if backups.is_empty() {
        return Err(
            not_found(format!("this state has no back-ups of the run {run}"))
                .next("give the state that the run was applied with"),
        );
    }
    let has = |digest: &&Digest| backups.iter().any(|backup| backup.group == **digest);
    if let Some(unknown) = only.iter().find(|digest| !has(digest)) {
        return Err(
            not_found(format!("{unknown} is no root that the run {run} deleted"))
                .next("name the digest of an index or image as the run's list shows it"),
        );
    }
    backups.retain(|backup| only.is_empty() || only.contains(&backup.group));
    let place = |backup: &Backup| (backup.taken_at, backup.group);
    sorted::sort_by(&mut backups, |one, other| place(one).cmp(&place(other)));
    let Some(io) = registries.first().map(|registry| registry.reader.io()) else {
        return Err(Error::new(Code::InvalidArgument, "no registry is given").doing("restoring"));
    };
    let lease = Held::take(io, store, run).await?;
    let result = restore_all(registries, run, &backups, store, &mut events).await;
    lease.release(io, store).await?;
    result
}

async fn restore_all<I: Io, S: Store>(
    registries: &[Registry<I>],
    run: &str,
    backups: &[Backup],
    store: &S,
    events: &mut dyn FnMut(Event),
) -> Result<Restored> {
    let mut journal = Journal::load(store, run).await?;
    let mut groups = Vec::new();
    for backup in backups {
        let place = format!("{}/{}", backup.host, backup.repository);
        // one that was backed up and then left alone lost nothing
        let progress = journal.progress(&place);
        if !progress.begun.contains(&backup.group) {
            continue;
        }
        let mut restored = RestoredGroup {
            host: backup.host.clone(),
            repository: backup.repository.clone(),
            digest: backup.group,
            put: Vec::new(),
            tags: Vec::new(),
            moved: Vec::new(),
            problem: None,
        };
        let registry = registries
            .iter()
            .find(|registry| registry.reader.host() == backup.host)
            .ok_or_else(|| {
                Error::new(Code::InvalidArgument, "its registry is not given").at(&*backup.host)
            });
        let mut done = put_back::Done::default();
        let result = match registry {
            Ok(registry) => one(registry, backup, &mut done).await,
            Err(error) => Err(error),
        };
        restored.problem = result.err().map(|error| Problem::from(&error));
        for digest in &done.put {
            let (repository, digest) = (place.clone(), *digest);
            let entry = Entry::PutBack {
                repository: repository.clone(),
                group: backup.group,
                digest,
            };
            journal.append(now(registries), entry).await?;
            events(Event::PutBack { repository, digest });
        }
        for tag in &done.retagged {
            let (repository, tag) = (place.clone(), tag.clone());
            events(Event::Retagged { repository, tag });
        }
        restored.put = done.put;
        restored.tags = done.retagged;
        let moved = done.moved.into_iter();
        restored.moved = moved.map(|(tag, shows)| Moved { tag, shows }).collect();
        groups.push(restored);
    }
    Ok(Restored {
        format: FORMAT.to_owned(),
        run: run.to_owned(),
        whole: groups
            .iter()
            .all(|group| group.problem.is_none() && group.moved.is_empty()),
        groups,
    })
}

async fn one<I: Io>(
    registry: &Registry<I>,
    backup: &Backup,
    done: &mut put_back::Done,
) -> Result<()> {
    put_back::put_back(registry, backup, &backup.closure(&backup.group), done).await?;
    check(registry, backup).await
}

/// Reads every manifest and every platform's config back.
async fn check<I: Io>(registry: &Registry<I>, backup: &Backup) -> Result<()> {
    let (reader, name) = (&registry.reader, &*backup.repository);
    for saved in &backup.manifests {
        let target = Target::Digest(saved.digest);
        let manifest = reader.manifest(name, &target).await?.ok_or_else(|| {
            Error::new(
                Code::Conflict,
                format!("{} was put back and is gone again", saved.digest),
            )
            .doing(format!("restoring {name}"))
            .at(reader.host())
            .next("find out who deletes here, then restore again")
        })?;
        if let Content::Image(image) = manifest.content()
            && let Some(config) = image.image_config()
        {
            reader.image_config(name, config).await?;
        }
    }
    Ok(())
}

fn now<I: Io>(registries: &[Registry<I>]) -> crate::timestamp::Timestamp {
    registries
        .first()
        .map(|registry| registry.reader.io().now())
        .unwrap_or_default()
}
