//! What a rule selects before times and places: tags, kinds, annotations, labels, platforms, and
//! captured groups against reports.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portreeve::oci::Kind;
use regex_lite::Regex;
use serde_json::Value;

use super::look::Look;
use super::truth::Truth;
use super::version::Version;
use crate::planning::world::Image;

/// `*` stands for any text, everything else for itself.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    match pattern.split_at_checked(1) {
        None => text.is_empty(),
        Some(("*", rest)) => (0..=text.len()).any(|at| wildcard(rest, &text[at..])),
        Some((letter, rest)) => text
            .strip_prefix(letter)
            .is_some_and(|text| wildcard(rest, text)),
    }
}

/// A string, or an array of strings.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether `tags` of a rule means the tag.
pub(super) fn means_tag(tags: &Value, keeps: bool, tag: &str) -> bool {
    if let Some(regex) = tags.get("regex") {
        return whole(regex).is_match(tag);
    }
    let Some(semver) = tags.get("semver") else {
        return texts(tags).iter().any(|pattern| wildcard(pattern, tag));
    };
    let long = semver.get("range");
    let ranges = texts(long.unwrap_or(semver));
    // the short form leaves pre-releases out of what is deleted
    let prereleases = semver
        .get("prereleases")
        .and_then(Value::as_bool)
        .unwrap_or(keeps);
    Version::of_tag(tag).is_some_and(|version| version.lies_in(&ranges, prereleases, keeps))
}

/// What the named group captured of a tag that the rule means; nothing if it took no part.
pub(super) fn captured<'t>(tags: &Value, group: &str, tag: &'t str) -> &'t str {
    let captures = tags
        .get("regex")
        .and_then(|regex| whole(regex).captures(tag));
    captures
        .and_then(|captures| captures.name(group))
        .map_or("", |found| found.as_str())
}

fn whole(regex: &Value) -> Regex {
    thread_local! {
        /// Compiling is what takes the time.
        static COMPILED: RefCell<BTreeMap<String, Regex>> = RefCell::default();
    }
    let source = format!(r"\A(?:{})\z", regex.as_str().unwrap());
    COMPILED.with_borrow_mut(|compiled| {
        let compile = || Regex::new(&source).unwrap();
        compiled
            .entry(source.clone())
            .or_insert_with(compile)
            .clone()
    })
}

/// The policy's `image` means an index, too.
pub(super) fn names_kind(kinds: &[&str], kind: Kind) -> bool {
    kinds
        .iter()
        .any(|word| *word == kind.as_str() || (*word == "image" && kind == Kind::Index))
}

impl Look<'_> {
    /// Everything a rule says but times and places, of one tag of an image or of an untagged one.
    pub(super) fn selector(
        &self,
        rule: &Value,
        keeps: bool,
        image: &Image,
        tag: Option<&str>,
    ) -> Truth {
        let tags = rule.get("tags").map_or(Truth::Yes, |tags| {
            Truth::of(tag.is_some_and(|tag| means_tag(tags, keeps, tag)))
        });
        let tagged = match rule.get("tagged").and_then(Value::as_bool) {
            None => Truth::Yes,
            Some(tagged) => Truth::of(tag.is_some() == tagged),
        };
        // where untagged manifests are not listed, nobody knows what of them is still named: no
        // rule selects one, and none takes the place of another
        let is_listed = Truth::of(tag.is_some() || self.repository.lists_untagged);
        let kinds = rule.get("kinds").map_or(Truth::Yes, |kinds| {
            Truth::of(names_kind(&texts(kinds), image.kind))
        });
        let reports = rule.get("where").map_or(Truth::Yes, |conditions| {
            // a tag that is not meant captures nothing, and is not selected anyway
            let conditions = conditions.as_object().unwrap().iter();
            Truth::all(conditions.map(|(group, condition)| {
                let value = captured(&rule["tags"], group, tag.unwrap_or(""));
                self.is_reported(condition["in"].as_str().unwrap(), value)
            }))
        });
        let own = [tags, tagged, is_listed, kinds, reports];
        let named = ["annotations", "labels"].map(|field| match rule.get(field) {
            None => Truth::Yes,
            Some(wanted) => {
                Truth::all(wanted.as_object().unwrap().iter().map(|(key, patterns)| {
                    self.carries(field, key, &texts(patterns), keeps, image)
                }))
            }
        });
        let platforms = rule.get("platform").map_or(Truth::Yes, |patterns| {
            self.runs_on(&texts(patterns), keeps, image)
        });
        Truth::all(own.into_iter().chain(named).chain([platforms]))
    }

    /// Whether the image has the key with such a value; an index by its own annotation or by its
    /// image children, of which one is enough to keep and all are needed to delete.
    fn carries(
        &self,
        field: &str,
        key: &str,
        patterns: &[&str],
        keeps: bool,
        image: &Image,
    ) -> Truth {
        let (fact, map, keys) = match field {
            "annotations" => (
                "annotation",
                &image.annotations,
                &self.repository.annotation_keys,
            ),
            _ => ("label", &image.labels, &self.repository.label_keys),
        };
        let matches = |map: &BTreeMap<String, String>| {
            let fits = |value: &String| patterns.iter().any(|pattern| wildcard(pattern, value));
            map.get(key).map(fits)
        };
        // has it and fits or not, known to be absent, not read
        let read = map
            .as_ref()
            .filter(|_| keys.iter().any(|asked| asked == key));
        let own: Option<Option<bool>> = read.map(matches);
        if image.kind != Kind::Index {
            return own.map_or(Truth::unknown(fact), |own| Truth::of(own == Some(true)));
        }
        let children = || {
            self.of_children(fact, keeps, image, &|child| {
                self.carries(field, key, patterns, keeps, child)
            })
        };
        match (field, own, keeps) {
            // an index has no config, so no labels of its own
            ("labels", _, _) | (_, Some(None), false) => children(),
            (_, Some(own), true) => Truth::of(own == Some(true)).or(children()),
            (_, None, true) => Truth::unknown(fact).or(children()),
            (_, Some(Some(own)), false) => Truth::of(own),
            (_, None, false) => Truth::unknown(fact),
        }
    }

    fn runs_on(&self, patterns: &[&str], keeps: bool, image: &Image) -> Truth {
        if image.kind == Kind::Index {
            return self.of_children("platform", keeps, image, &|child| {
                self.runs_on(patterns, keeps, child)
            });
        }
        image
            .platform
            .as_deref()
            .map_or(Truth::unknown("platform"), |platform| {
                Truth::of(
                    patterns
                        .iter()
                        .any(|pattern| means_platform(pattern, platform)),
                )
            })
    }

    /// Any image child to keep, every one to delete; one that cannot be looked at is unknown, and
    /// so is an index without any.
    fn of_children(
        &self,
        fact: &'static str,
        keeps: bool,
        index: &Image,
        ask: &dyn Fn(&Image) -> Truth,
    ) -> Truth {
        let children = self.image_children(index).into_iter();
        let children = children.map(|child| child.filter(|child| !child.unreadable));
        // what could not be read, of whatever kind it is said to be, may be anything
        let named = Self::children(index)
            .into_iter()
            .filter_map(|child| self.find(&child));
        let unread = named.filter(|child| child.unreadable).map(|_| None);
        let truths = children
            .chain(unread)
            .map(|child| child.map_or(Truth::unknown(fact), ask));
        if keeps {
            Truth::any(truths)
        } else {
            Truth::all(truths)
        }
    }
}

/// Part by part. `linux/*` is every variant, `linux/arm` the one that docker takes it for.
fn means_platform(pattern: &str, platform: &str) -> bool {
    let (pattern, platform): (Vec<_>, Vec<_>) =
        (pattern.split('/').collect(), platform.split('/').collect());
    let any_or = |wanted: &str, found: &str| wanted == "*" || wanted == found;
    let variant = platform.get(2).copied().unwrap_or("");
    any_or(pattern[0], platform[0])
        && any_or(pattern[1], platform[1])
        && match pattern.get(2) {
            Some(wanted) => any_or(wanted, variant),
            None if pattern[1] == "*" => true,
            None if pattern[1] == "arm" => variant == "v7",
            None => variant.is_empty(),
        }
}
