//! Flux `HelmRelease` and `HelmChart`: charts, which may be in a registry or not. The
//! `HelmRepository` that they name tells, wherever among the objects it is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Object, array, text};
use super::{image_name, template};
use crate::plan::reports::{Gathered, Used};

/// The repositories seen so far, and the charts that wait for them.
#[derive(Debug, Default)]
pub(super) struct Charts {
    /// By namespace and name: `host/path`, or `None` for one that is in no registry.
    repositories: BTreeMap<(String, String), Option<String>>,
    charts: Vec<Chart>,
}

#[derive(Debug)]
struct Chart {
    repository: (String, String),
    name: String,
    versions: Vec<String>,
    /// Whether its digest is known besides.
    is_pinned: bool,
    source: String,
}

impl Charts {
    pub(super) fn repository(&mut self, object: &Object<'_>) {
        let name = object.text(&["metadata", "name"]).to_owned();
        let url = object.text(&["spec", "url"]);
        let repository = url
            .starts_with("oci://")
            .then(|| image_name::repository(url))
            .flatten();
        let key = (object.namespace.to_owned(), name);
        self.repositories.insert(key, repository);
    }

    /// A release, which names its chart in `spec.chart.spec`, or a chart, which is one itself.
    pub(super) fn user(&mut self, found: &mut Gathered, object: &Object<'_>, kind: &str) {
        let mut versions = Vec::new();
        let mut is_pinned = false;
        let mut pin = |digest: &str| {
            let Ok(digest) = digest.parse() else {
                return;
            };
            is_pinned = true;
            let repository = None;
            found.add(Used::Digest { digest, repository }, &object.source);
        };
        let status = object.at(&["status"]);
        pin(text(status, &["lastAttemptedRevisionDigest"]));
        // what is installed, and what a failed upgrade goes back to
        for release in array(status, &["history"]) {
            pin(text(release, &["ociDigest"]));
            versions.push(text(release, &["chartVersion"]));
        }
        for path in [
            &["lastAttemptedRevision"][..],
            &["lastAppliedRevision"],
            &["artifact", "revision"],
        ] {
            versions.push(text(status, path));
        }
        template::reduce(found, object, object.at(&["spec", "values"]), false);

        let chart: &Value = match kind {
            "HelmChart" => object.at(&["spec"]),
            _ => object.at(&["spec", "chart", "spec"]),
        };
        if text(chart, &["sourceRef", "kind"]) != "HelmRepository" {
            return;
        }
        versions.push(text(chart, &["version"]));
        let namespace = match text(chart, &["sourceRef", "namespace"]) {
            "" => object.namespace,
            namespace => namespace,
        };
        self.charts.push(Chart {
            repository: (
                namespace.to_owned(),
                text(chart, &["sourceRef", "name"]).to_owned(),
            ),
            name: text(chart, &["chart"]).to_owned(),
            versions: versions.into_iter().filter_map(image_name::tag).collect(),
            is_pinned,
            source: object.source.clone(),
        });
    }

    /// Names the charts that are in a registry, now that all repositories are known.
    pub(super) fn resolve(self, found: &mut Gathered) {
        for chart in self.charts {
            let Chart {
                repository: (namespace, name),
                ..
            } = &chart;
            match self.repositories.get(&chart.repository) {
                Some(Some(repository)) => {
                    let path = format!("{repository}/{}", chart.name);
                    for version in &chart.versions {
                        found.add(image_name::version(&path, version), &chart.source);
                    }
                    if chart.versions.is_empty() {
                        found.add(Used::Unresolved(path), &chart.source);
                    }
                }
                Some(None) => {}
                None if chart.is_pinned => {}
                None => {
                    let words = format!(
                        "the chart {} of HelmRepository {name} in {namespace}, which is not among the objects",
                        chart.name
                    );
                    found.add(image_name::unresolved(&words), &chart.source);
                }
            }
        }
    }
}
