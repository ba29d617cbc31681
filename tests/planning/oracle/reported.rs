//! Reports: whether one can be relied on, what it says, and what of a repository is in use.

use std::collections::BTreeSet;

use portreeve::oci::{Digest, Kind};

use super::look::Look;
use super::truth::Truth;
use crate::planning::world::{Content, Given, Image, Report, Repository, Use, World};

/// A report may be this many seconds ahead of our clock.
const AHEAD: i64 = 300;

/// Whether the report is missing, stale, from the future, too small or suddenly smaller.
pub(super) fn is_breached(report: &Report, now: i64) -> bool {
    let Some(given) = &report.given else {
        return true;
    };
    let size = match &given.content {
        Content::Strings(strings) => strings.len(),
        Content::Uses(uses) => uses.len(),
    } as u64;
    let shrunk = report
        .max_shrink
        .zip(report.previous_size)
        .is_some_and(|(percent, previous)| {
            previous.saturating_sub(size) * 100 > u64::from(percent) * previous
        });
    now - given.taken_at > report.max_age
        || given.taken_at - now > AHEAD
        || size < report.min
        || shrunk
}

/// What is in use in one repository.
pub(super) struct InUse {
    /// Used digests and every index above them.
    pub(super) digests: BTreeSet<Digest>,
    /// Something that runs may be anything in here.
    pub(super) everything: bool,
}

impl Look<'_> {
    /// Whether the report `name` lists the string.
    pub(super) fn is_reported(&self, name: &str, text: &str) -> Truth {
        let report = self.world.reports.iter().find(|report| report.name == name);
        let usable = report.filter(|report| !is_breached(report, self.world.now));
        match usable.and_then(|report| report.given.as_ref()) {
            Some(Given {
                content: Content::Strings(strings),
                ..
            }) => Truth::of(strings.iter().any(|listed| listed == text)),
            _ => Truth::unknown("report_missing"),
        }
    }

    pub(super) fn in_use(&self) -> InUse {
        let mut found = InUse {
            digests: BTreeSet::new(),
            everything: false,
        };
        let given = self
            .world
            .reports
            .iter()
            .filter_map(|report| report.given.as_ref());
        for one in given.flat_map(|given| match &given.content {
            Content::Uses(uses) => &uses[..],
            Content::Strings(_) => &[],
        }) {
            match one {
                Use::Digest(digest) => drop(found.digests.insert(*digest)),
                Use::Image(id) => self.image_id_in_use(id, &mut found),
                Use::Reference { text, running } => {
                    self.reference_in_use(text, *running, &mut found);
                }
                // a text that reads as a reference may be any tag of that path, another one anything
                Use::Unresolved(text) => {
                    let is_reference = !text.contains(' ');
                    found.everything |=
                        !is_reference || may_mean(&path_and_tag(text).0, &self.repository.name);
                }
            }
        }
        let used = self
            .repository
            .images
            .iter()
            .filter(|image| found.digests.contains(&image.digest));
        let above: BTreeSet<Digest> = used.flat_map(|image| self.ancestors(image)).collect();
        found.digests.extend(above);
        found
    }

    /// An image id is the digest of the config or, of Docker's containerd store, of the manifest.
    fn image_id_in_use(&self, id: &Digest, found: &mut InUse) {
        let is_meant = |image: &&Image| image.config == Some(*id) || image.digest == *id;
        found.digests.extend(
            self.repository
                .images
                .iter()
                .filter(is_meant)
                .map(|image| image.digest),
        );
        let mut all = self
            .world
            .repositories
            .iter()
            .flat_map(|repository| &repository.images);
        if !all.any(|image| is_meant(&image)) {
            // any manifest whose config nobody read may be the one
            found.everything |= !self.repository.unreadable_tags.is_empty()
                || self.repository.images.iter().any(|image| {
                    image.unreadable || (image.config.is_none() && image.kind != Kind::Index)
                });
        }
    }

    fn reference_in_use(&self, text: &str, running: bool, found: &mut InUse) {
        let (path, tag) = path_and_tag(text);
        for image in &self.repository.images {
            if may_mean(&path, &self.repository.name)
                && image.tags.iter().any(|own| own.name == tag)
            {
                found.digests.insert(image.digest);
            }
        }
        let meant = |world: &World, is_meant: &dyn Fn(&Repository) -> bool| {
            let mut meant = world
                .repositories
                .iter()
                .filter(|other| may_mean(&path, &other.name));
            meant.any(is_meant)
        };
        let is_explained = meant(self.world, &|other| {
            other
                .images
                .iter()
                .flat_map(|image| &image.tags)
                .any(|own| own.name == tag)
        });
        let is_unreadable = self.repository.unreadable_tags.contains(&tag);
        if may_mean(&path, &self.repository.name) && ((running && !is_explained) || is_unreadable) {
            found.everything = true;
        }
    }
}

/// Path and tag of `host/path:tag`, docker's defaults filled in.
fn path_and_tag(text: &str) -> (String, String) {
    let (rest, tag) = match text.rsplit_once(':') {
        Some((rest, tag)) if !tag.contains('/') => (rest, tag),
        _ => (text, "latest"),
    };
    let path = match rest.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => path,
        _ => rest,
    };
    let is_of_docker = path == rest || rest.starts_with("docker.io/");
    let path = if is_of_docker && !path.contains('/') {
        format!("library/{path}")
    } else {
        path.to_owned()
    };
    (path, tag.to_owned())
}

/// One is the other's end, by whole segments.
fn may_mean(path: &str, repository: &str) -> bool {
    path == repository
        || path.ends_with(&format!("/{repository}"))
        || repository.ends_with(&format!("/{path}"))
}
