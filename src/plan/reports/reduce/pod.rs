//! `Pod`: what it runs by its status, and what its specification would pull again.

use super::object::{Object, array, at, text};
use super::{image_name, template};
use crate::plan::reports::{Gathered, Used};

/// A pod's lists of containers, and of their statuses.
const LISTS: [(&str, &str); 3] = [
    ("containers", "containerStatuses"),
    ("initContainers", "initContainerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
];

/// Takes over what a pod uses.
///
/// A pod may run what its tag no longer shows, so that its `imageID` decides. The specification is
/// in use besides: the pod may be started elsewhere, and custom controllers have no template that
/// is known here.
pub(super) fn reduce(found: &mut Gathered, pod: &Object<'_>) {
    template::reduce(found, pod, pod.at(&["spec"]), true);
    let runs = matches!(pod.text(&["status", "phase"]), "Running" | "Unknown");
    for (containers, statuses) in LISTS {
        let containers = pod.array(&["spec", containers]);
        let statuses = pod.array(&["status", statuses]);
        for status in statuses {
            let name = text(status, &["name"]);
            let mut used = image_name::running(text(status, &["imageID"]));
            if used.is_none() && at(status, &["state", "running"]).is_object() {
                let mut specified = containers.iter();
                let specified = specified.find(|container| text(container, &["name"]) == name);
                used = named(text(specified.unwrap_or(status), &["image"]));
            }
            if let Some(used) = used {
                found.add(used, &pod.container(name));
            }
        }
        for container in containers {
            let name = text(container, &["name"]);
            let is_told = statuses
                .iter()
                .any(|status| text(status, &["name"]) == name);
            if !is_told
                && runs
                && let Some(used) = named(text(container, &["image"]))
            {
                found.add(used, &pod.container(name));
            }
        }
    }
    // resources of later releases tell of an image volume in the container's status
    for (_, statuses) in LISTS {
        for status in pod.array(&["status", statuses]) {
            for mount in array(status, &["volumeMounts"]) {
                let used = image_name::running(text(mount, &["volumeStatus", "image", "imageRef"]));
                if let Some(used) = used {
                    found.add(used, &pod.container(text(status, &["name"])));
                }
            }
        }
    }
}

fn named(image: &str) -> Option<Used> {
    if image.is_empty() {
        return None;
    }
    image_name::written(image, true).or_else(|| Some(image_name::unresolved(image)))
}
