//! Images in a specification of any kind: pod templates wherever they are, image volumes, values
//! of charts, kustomize's replacements.

use serde_json::{Map, Value};

use super::image_name::{self, written};
use super::object::{Object, array, text};
use crate::plan::reports::Gathered;

/// What is never looked into: nothing in use is written there, and secrets are.
const PASSED_OVER: [&str; 12] = [
    "annotations",
    "args",
    "command",
    "data",
    "env",
    "envFrom",
    "imagePullSecrets",
    "labels",
    "metadata",
    "stringData",
    "valuesFrom",
    "volumeClaimTemplates",
];

/// Takes over every image in `value`. `told`: what cannot be read is told of as unresolved.
///
/// What a template names is in use by the tag as it is now: it was not pulled yet.
pub(super) fn reduce(found: &mut Gathered, object: &Object<'_>, value: &Value, told: bool) {
    walk(value, &mut |image, container| {
        let used = match written(image, false) {
            Some(used) => used,
            None if told => image_name::unresolved(image),
            None => return,
        };
        found.add(used, &object.container(container));
    });
}

/// Calls `found` with every image, and with the name of the container that it is in.
fn walk(value: &Value, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Array(items) => {
            for item in items {
                walk(item, found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "image" => image(value, text_of(fields, "name"), found),
                    "images" => images(value, found),
                    name if PASSED_OVER.contains(&name) => {}
                    _ => walk(value, found),
                }
            }
        }
        _ => {}
    }
}

fn image(value: &Value, container: &str, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::String(image) if !image.is_empty() => found(image, container),
        Value::Object(fields) => {
            // a volume that is an image (Kubernetes 1.31)
            let reference = text_of(fields, "reference");
            if !reference.is_empty() {
                found(reference, "");
            }
            // as charts write it in their values
            if !text_of(fields, "repository").is_empty() {
                found(&of_values(fields), "");
            }
            for (_, value) in fields {
                walk(value, found);
            }
        }
        _ => {}
    }
}

fn of_values(fields: &Map<String, Value>) -> String {
    let mut image = text_of(fields, "registry").to_owned();
    for (before, field) in [("/", "repository"), (":", "tag"), ("@", "digest")] {
        let part = match fields.get(field) {
            Some(Value::String(text)) => text.clone(),
            // a tag such as 7 that nobody put in quotes
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        if !part.is_empty() {
            if !image.is_empty() {
                image.push_str(before);
            }
            image.push_str(&part);
        }
    }
    image
}

/// kustomize's replacements: `{ name, newName, newTag, digest }`, or `old=new:tag` where Argo CD
/// writes them.
fn images(value: &Value, found: &mut dyn FnMut(&str, &str)) {
    for entry in array(value, &[]) {
        if let Some(text) = entry.as_str() {
            found(text.rsplit('=').next().unwrap_or_default(), "");
            continue;
        }
        let (digest, tag) = (text(entry, &["digest"]), text(entry, &["newTag"]));
        let name = match text(entry, &["newName"]) {
            "" => text(entry, &["name"]),
            name => name,
        };
        if !digest.is_empty() {
            found(&format!("{name}@{digest}"), "");
        } else if !tag.is_empty() {
            found(&format!("{name}:{tag}"), "");
        } else {
            walk(entry, found);
        }
    }
}

fn text_of<'f>(fields: &'f Map<String, Value>, name: &str) -> &'f str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
