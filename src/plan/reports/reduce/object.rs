//! One object of Kubernetes: what kind it is decides where its images are.

use serde_json::Value;

use super::charts::Charts;
use super::image_name::clipped;
use super::{application, oci_repository, pod, template};
use crate::plan::reports::Gathered;

/// What runs images by itself: an image of theirs that cannot be read is told of.
const WORKLOADS: [&str; 8] = [
    "ControllerRevision",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "PodTemplate",
    "ReplicaSet",
    "StatefulSet",
];

/// An object, and the words by which a report names it.
pub(super) struct Object<'a> {
    value: &'a Value,
    pub(super) namespace: &'a str,
    pub(super) source: String,
}

/// Takes over what an object uses. `alone`: nothing else was in the text.
pub(super) fn reduce(
    found: &mut Gathered,
    charts: &mut Charts,
    value: &Value,
    alone: bool,
) -> Result<(), String> {
    let kind = text(value, &["kind"]);
    let version = text(value, &["apiVersion"]);
    let object = Object::new(value, kind);
    match (kind, version.split('/').next().unwrap_or_default()) {
        ("Status" | "Table", "v1" | "meta.k8s.io") => {
            return Err(format!(
                "it is a `{kind}`, not the objects themselves: did the command fail?"
            ));
        }
        ("Secret" | "ConfigMap" | "CustomResourceDefinition", _) => {}
        (_, _) if kind.ends_with("List") && value.get("items").is_some() => {
            ensure_whole(value.get("metadata"))?;
            for item in array(value, &["items"]) {
                reduce(found, charts, item, false)?;
            }
        }
        ("Pod", _) => pod::reduce(found, &object),
        ("Application", "argoproj.io") => application::reduce(found, &object),
        ("OCIRepository", _) => oci_repository::reduce(found, &object),
        ("HelmRepository", _) => charts.repository(&object),
        ("HelmChart" | "HelmRelease", _) => charts.user(found, &object, kind),
        ("Kustomization", "kustomize.config.k8s.io") => {
            template::reduce(found, &object, value, false);
        }
        ("ControllerRevision", _) => {
            template::reduce(found, &object, at(value, &["data"]), object.is_live());
        }
        // a kustomization.yaml need not say what it is
        ("", "") if value.get("images").is_some() && value.get("resources").is_some() => {
            template::reduce(found, &object, value, false);
        }
        ("", _) | (_, "") if alone => {
            return Err(
                "it is no object of Kubernetes: `apiVersion` and `kind` are missing".to_owned(),
            );
        }
        // the API's own lists leave out what their objects are: all that runs would be passed over
        ("", _) | (_, "") if object.is_live() => {
            return Err(
                "an object of the list has no `apiVersion` and `kind`: `kubectl get -o json` writes them"
                    .to_owned(),
            );
        }
        ("", _) | (_, "") => {}
        _ => {
            let told = object.is_live() && WORKLOADS.contains(&kind);
            template::reduce(found, &object, at(value, &["spec"]), told);
        }
    }
    Ok(())
}

impl<'a> Object<'a> {
    fn new(value: &'a Value, kind: &str) -> Self {
        let name = text(value, &["metadata", "name"]);
        let namespace = text(value, &["metadata", "namespace"]);
        let mut source = kind.to_ascii_lowercase();
        if source.is_empty() {
            "kustomization".clone_into(&mut source);
        }
        if !name.is_empty() {
            source = format!("{source}/{name}");
        }
        if !namespace.is_empty() {
            source = format!("{source} in {namespace}");
        }
        // a deployment keeps its earlier templates as such, to go back to
        if kind == "ReplicaSet" && at(value, &["spec", "replicas"]).as_u64() == Some(0) {
            source.push_str(" (an earlier revision)");
        }
        Self {
            value,
            namespace,
            source: clipped(&source),
        }
    }

    /// Whether it comes from a cluster, and not from a file that somebody may yet fill in.
    fn is_live(&self) -> bool {
        !self.text(&["metadata", "uid"]).is_empty()
    }

    pub(super) fn at(&self, path: &[&str]) -> &'a Value {
        at(self.value, path)
    }

    pub(super) fn text(&self, path: &[&str]) -> &'a str {
        text(self.value, path)
    }

    pub(super) fn array(&self, path: &[&str]) -> &'a [Value] {
        array(self.value, path)
    }

    /// The source's words with the container's.
    pub(super) fn container(&self, name: &str) -> String {
        if name.is_empty() {
            return self.source.clone();
        }
        clipped(&format!("{}, container {name}", self.source))
    }
}

/// Refuses one page of a list: what runs on the next one would count as not in use.
pub(super) fn ensure_whole(metadata: Option<&Value>) -> Result<(), String> {
    let next = metadata.map_or("", |metadata| text(metadata, &["continue"]));
    if next.is_empty() {
        return Ok(());
    }
    Err("it is one page of a longer list: take all of it, as `kubectl get -o json` does".to_owned())
}

/// The value at a path, `null` where there is none.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    let mut found = value;
    for name in path {
        found = found.get(name).unwrap_or(&Value::Null);
    }
    found
}

/// The text at a path, empty where there is none.
pub(super) fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    at(value, path).as_str().unwrap_or_default()
}

/// The items at a path, none where there is no array.
pub(super) fn array<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    at(value, path).as_array().map_or(&[], Vec::as_slice)
}
