//! A rule's conditions in words, and what was found of them.

use super::condition::Condition;
use super::places::Standing;
use crate::configuration::policy::{Named, Rule};
use crate::oci::Kind;
use crate::plan::graph::Graph;
use crate::plan::inventory::{Image, ImageTag, Note};
use crate::plan::scene::Scene;

/// So many platforms of an index are told.
const MOST_PLATFORMS: usize = 10;

/// The condition, as half a sentence about an image.
pub(super) fn condition(rule: &Rule, condition: Condition<'_>) -> String {
    let any = |texts: &mut dyn Iterator<Item = String>| texts.collect::<Vec<_>>().join(" or ");
    let named = |what: &str, named: &Named| {
        let mut values = named.values.iter().map(|value| value.as_str().to_owned());
        format!("its {what} {} is {}", named.key, any(&mut values))
    };
    match condition {
        Condition::Tagged(true) => "it has a tag".to_owned(),
        Condition::Tagged(false) => "it has no tag".to_owned(),
        Condition::Tags(tags) => format!("its tag fits {}", tags.describe()),
        Condition::Kinds(kinds) => {
            let mut kinds = kinds.iter().map(|kind| kind.as_str().to_owned());
            format!("it is of the kind {}", any(&mut kinds))
        }
        Condition::Annotation(annotation) => named("annotation", annotation),
        Condition::Label(label) => named("label", label),
        Condition::Platforms(platforms) => {
            let mut platforms = platforms.iter().map(ToString::to_string);
            format!("its platform is {}", any(&mut platforms))
        }
        Condition::Captured(captured) => format!(
            "what its tag has as {} is in the report `{}`",
            captured.group, captured.report
        ),
        Condition::Older(bound) => format!("{} at least {} ago", bound.fact, bound.age),
        Condition::Younger(bound) => format!("{} less than {} ago", bound.fact, bound.age),
        Condition::Counted(counting) => {
            let among = if rule.keeps { "among" } else { "beyond" };
            let per = counting.per.as_ref();
            let per = per.map_or_else(String::new, |per| format!(" of each {per}"));
            let (count, by) = (counting.count, counting.by.as_str());
            format!("it is {among} the newest {count}{per} by {by}")
        }
    }
}

/// What there is to a note.
pub(super) fn note(image: Image<'_>, note: Note<'_>) -> Option<String> {
    match note {
        Note::Text(text) => Some(text.to_owned()),
        Note::Absent if image.kind() == Kind::Index => Some("as its images say".to_owned()),
        Note::Absent => Some("it has none".to_owned()),
        Note::Unread => None,
    }
}

/// The platform of an image, or those of an index.
pub(super) fn platforms(graph: &Graph<'_>, image: Image<'_>) -> Option<String> {
    let children = graph.children.of(image.row()).iter();
    let images = children.filter_map(|child| graph.image(*child));
    let platforms = image
        .platform()
        .into_iter()
        .chain(images.filter_map(|image| image.platform()));
    let platforms: Vec<&str> = platforms.take(MOST_PLATFORMS).collect();
    (!platforms.is_empty()).then(|| platforms.join(", "))
}

/// A place among the groups that a rule counts.
pub(super) fn standing(standing: Standing, tag: Option<ImageTag<'_>>) -> Option<String> {
    match standing {
        Standing::Out => None,
        Standing::Undecided(_) => Some("it takes no place".to_owned()),
        Standing::At(place, value) => {
            let value = tag.map_or("", |tag| value.of(tag.name));
            let of = match value {
                "" => String::new(),
                value => format!(" of {value}"),
            };
            Some(format!("it is number {place}{of}"))
        }
    }
}

/// A captured text.
pub(super) fn captured(scene: &Scene<'_>, report: &str, text: &str) -> String {
    match scene.reported.missing(report) {
        Some(breach) => format!("{text}; the report cannot be relied on, {breach}"),
        None => text.to_owned(),
    }
}
