//! Argo CD `Application`: charts and artifacts from a registry, and the images that it put into
//! its cluster.

use serde_json::Value;

use super::object::{Object, array, at, text};
use super::{image_name, template};
use crate::oci::is_tag;
use crate::plan::reports::{Gathered, Used};

/// Takes over what an application is made from, now and in the revisions it can go back to.
pub(super) fn reduce(found: &mut Gathered, object: &Object<'_>) {
    let current = sources(object.at(&["spec"]));
    let synced = revisions(object.at(&["status", "sync"]));
    for (position, source) in current.iter().enumerate() {
        let synced = synced.get(position).copied().unwrap_or_default();
        artifact(found, object, source, synced);
    }
    for entry in object.array(&["status", "history"]) {
        let revisions = revisions(entry);
        for (position, source) in sources(entry).iter().enumerate() {
            let revision = revisions.get(position).copied().unwrap_or_default();
            artifact(found, object, source, revision);
        }
    }
    for image in object.array(&["status", "summary", "images"]) {
        if let Some(used) = image_name::written(image.as_str().unwrap_or_default(), false) {
            found.add(used, &object.source);
        }
    }
    template::reduce(found, object, object.at(&["spec"]), false);
}

/// One source or several, as either is written.
fn sources(value: &Value) -> Vec<&Value> {
    let several = array(value, &["sources"]);
    if several.is_empty() {
        return vec![at(value, &["source"])];
    }
    several.iter().collect()
}

fn revisions(value: &Value) -> Vec<&str> {
    let several = array(value, &["revisions"]);
    if several.is_empty() {
        return vec![text(value, &["revision"])];
    }
    let texts = several.iter();
    texts.map(|one| one.as_str().unwrap_or_default()).collect()
}

/// A chart is in a registry where its address has no scheme; anything is that has `oci://`.
fn artifact(found: &mut Gathered, object: &Object<'_>, source: &Value, revision: &str) {
    let (url, chart) = (text(source, &["repoURL"]), text(source, &["chart"]));
    let is_artifact = url.starts_with("oci://");
    if !is_artifact && (chart.is_empty() || url.contains("://")) {
        return;
    }
    let Some(mut repository) = image_name::repository(url) else {
        return;
    };
    if !chart.is_empty() {
        repository = format!("{repository}/{chart}");
    }
    let target = text(source, &["targetRevision"]);
    let asked = image_name::version(&repository, target);
    // of a range it is known what it came to, unless nothing was synced yet; `v5` may be a tag
    let is_range = matches!(asked, Used::Unresolved(_));
    if is_range && !revision.is_empty() && is_tag(target) && !target.contains(['x', 'X']) {
        let literal = format!("{repository}:{target}").parse();
        if let Ok(literal) = literal {
            found.add(Used::named(literal, false), &object.source);
        }
    }
    if !is_range || revision.is_empty() {
        found.add(asked, &object.source);
    }
    if !revision.is_empty() {
        found.add(image_name::version(&repository, revision), &object.source);
    }
}
