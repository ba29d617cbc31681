//! The line of a manifest, written from the columns: what `Entry` would serialise to, without one.

use super::image::Image;
use crate::oci::Digest;
use crate::sorted;
use crate::timestamp::Timestamp;

/// Appends the canonical line of a manifest, without its end.
pub(super) fn write(image: Image<'_>, text: &mut String) {
    let mut line = Object::new(text);
    line.notes("annotations", image.annotations());
    line.optional("artifactType", image.artifact_type());
    if !image.child_ids().is_empty() {
        let mut children: Vec<Digest> = image.children().collect();
        // ids put those that are there before those that are missing
        if !children.is_sorted() {
            sorted::sort(&mut children);
        }
        line.list("children", children, |child, text| digest(&child, text));
    }
    line.digest("config", image.config());
    line.digest("digest", Some(image.digest()));
    line.digest("fallbackFor", image.fallback_for());
    line.optional("kind", Some(image.kind().as_str()));
    line.notes("labels", image.labels());
    if let Some(layers) = image.layers() {
        line.list("layers", layers, |layer, text| {
            let mut object = Object::new(text);
            object.digest("digest", Some(layer.digest));
            object.number("size", Some(layer.size));
            object.close();
        });
    }
    let locks = image.locks();
    if locks.no_delete || locks.no_overwrite {
        let mut object = Object::new(line.key("locks"));
        object.key("noDelete").push_str(word(locks.no_delete));
        object.key("noOverwrite").push_str(word(locks.no_overwrite));
        object.close();
    }
    line.optional(
        "mediaType",
        Some(image.media_type()).filter(|text| !text.is_empty()),
    );
    line.optional("platform", image.platform());
    line.number("size", image.size());
    line.digest("subject", image.subject());
    if image.tags().len() > 0 {
        line.list("tags", image.tags(), |tag, text| {
            let mut object = Object::new(text);
            object.time("firstSeen", tag.first_seen);
            object.optional("name", Some(tag.name));
            object.time("pushed", tag.pushed);
            object.close();
        });
    }
    let times = image.times();
    let times = [
        ("created", times.created),
        ("firstSeen", times.first_seen),
        ("pulled", times.pulled),
        ("pushed", times.pushed),
    ];
    if times.iter().any(|(_, time)| time.is_some()) {
        let mut object = Object::new(line.key("times"));
        for (name, time) in times {
            object.time(name, time);
        }
        object.close();
    }
    line.optional("unreadable", image.unreadable());
    line.close();
}

/// A JSON object that is being written; its keys come sorted.
struct Object<'t> {
    text: &'t mut String,
    separator: char,
}

impl<'t> Object<'t> {
    fn new(text: &'t mut String) -> Self {
        Self {
            text,
            separator: '{',
        }
    }

    /// Begins a field, whose value comes next.
    fn key(&mut self, name: &str) -> &mut String {
        self.text.push(self.separator);
        self.separator = ',';
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
        self.text
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            string(value, self.key(name));
        }
    }

    fn digest(&mut self, name: &str, value: Option<Digest>) {
        if let Some(value) = value {
            digest(&value, self.key(name));
        }
    }

    fn number(&mut self, name: &str, value: Option<u64>) {
        if let Some(value) = value {
            number(value, self.key(name));
        }
    }

    fn time(&mut self, name: &str, time: Option<Timestamp>) {
        if let Some(time) = time {
            let text = self.key(name);
            if time.seconds() < 0 {
                text.push('-');
            }
            number(time.seconds().unsigned_abs(), text);
        }
    }

    fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(T, &mut String),
    ) {
        let text = self.key(name);
        text.push('[');
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            write(item, text);
        }
        text.push(']');
    }

    fn notes<'n>(&mut self, name: &str, notes: Option<impl Iterator<Item = (&'n str, &'n str)>>) {
        let Some(notes) = notes else { return };
        let mut object = Object::new(self.key(name));
        for (key, value) in notes {
            // a key may be any text
            object.text.push(object.separator);
            object.separator = ',';
            string(key, object.text);
            object.text.push(':');
            string(value, object.text);
        }
        object.close();
    }

    fn close(self) {
        if self.separator == '{' {
            self.text.push('{');
        }
        self.text.push('}');
    }
}

const fn word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn digest(digest: &Digest, text: &mut String) {
    text.push('"');
    digest.write_to(text);
    text.push('"');
}

pub(in crate::plan) fn string(value: &str, text: &mut String) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if value.bytes().all(is_plain) {
        text.push('"');
        text.push_str(value);
        text.push('"');
    } else {
        // a text always serialises
        text.push_str(&serde_json::to_string(value).unwrap_or_default());
    }
}

fn number(number: u64, text: &mut String) {
    if number >= 10 {
        self::number(number / 10, text);
    }
    // one digit
    text.push(char::from(
        b'0' + u8::try_from(number % 10).unwrap_or_default(),
    ));
}
