//! What an image says of itself: annotations, labels, platform.
//!
//! An index has no labels and no platform of its own, and seldom an annotation: its images speak
//! for it, attestations left out. A keep rule is content with any of them, a delete rule wants
//! every one; an annotation that the index itself has decides for a delete rule. An image that was
//! not read leaves it open, unless another decides.

use super::condition::Condition;
use super::{Fact, Truth};
use crate::configuration::policy::Named;
use crate::oci::Kind;
use crate::plan::column::Column;
use crate::plan::graph::{Graph, Node};
use crate::plan::inventory::{Image, Note};
use crate::plan::order::Upwards;

/// What the conditions say about every manifest of a repository; `None` if there are none.
pub(super) fn column<'r>(
    graph: &Graph<'_>,
    keeps: bool,
    conditions: impl Iterator<Item = Condition<'r>>,
) -> Option<Column<Truth>> {
    let mut all: Option<Column<Truth>> = None;
    for condition in conditions {
        let column = one(graph, keeps, condition);
        all = Some(match all {
            None => column,
            Some(mut all) => {
                for node in graph.nodes() {
                    all.set(node, all.get(node).and(column.get(node)));
                }
                all
            }
        });
    }
    all
}

/// What one condition says about every manifest.
fn one(graph: &Graph<'_>, keeps: bool, condition: Condition<'_>) -> Column<Truth> {
    // what an index names comes before it; in a cycle something is open, and stays so
    let mut column = Column::new(graph.len(), Truth::Unknown(fact(condition)));
    let mut walk = Upwards::by_children(graph);
    for start in graph.nodes() {
        walk.walk(start, &mut |node| {
            if let Some(image) = graph.image(node) {
                let truth = if image.kind() == Kind::Index {
                    of_index(graph, node, image, keeps, condition, &column)
                } else {
                    of_image(image, condition)
                };
                column.set(node, truth);
            }
        });
    }
    column
}

const fn fact(condition: Condition<'_>) -> Fact {
    match condition {
        Condition::Annotation(_) => Fact::Annotation,
        Condition::Label(_) => Fact::Label,
        _ => Fact::Platform,
    }
}

fn of_image(image: Image<'_>, condition: Condition<'_>) -> Truth {
    let open = Truth::Unknown(fact(condition));
    if image.unreadable().is_some() {
        return open;
    }
    match condition {
        Condition::Annotation(named) => of_note(image.annotation(&named.key), named, open),
        Condition::Label(named) => of_note(image.label(&named.key), named, open),
        Condition::Platforms(patterns) => image.platform().map_or(open, |platform| {
            patterns
                .iter()
                .any(|pattern| pattern.matches(platform))
                .into()
        }),
        _ => open,
    }
}

fn of_note(note: Note<'_>, named: &Named, open: Truth) -> Truth {
    match note {
        Note::Unread => open,
        Note::Absent => Truth::No,
        Note::Text(value) => named.fits(value).into(),
    }
}

fn of_index(
    graph: &Graph<'_>,
    node: Node,
    image: Image<'_>,
    keeps: bool,
    condition: Condition<'_>,
    column: &Column<Truth>,
) -> Truth {
    let open = Truth::Unknown(fact(condition));
    if image.unreadable().is_some() {
        return open;
    }
    let own = match condition {
        Condition::Annotation(named) => Some((image.annotation(&named.key), named)),
        _ => None,
    };
    let children = of_children(graph, node, keeps, open, column);
    match own {
        Some((own, named)) if keeps => of_note(own, named, open).or(children),
        None | Some((Note::Absent, _)) => children,
        Some((own, named)) => of_note(own, named, open),
    }
}

fn of_children(
    graph: &Graph<'_>,
    index: Node,
    keeps: bool,
    open: Truth,
    column: &Column<Truth>,
) -> Truth {
    // something that it names is not there: as with its build time, nobody knows what it would say
    let mut together = graph.fault(index).map(|_| open);
    for child in graph.children.of(index) {
        let Some(image) = graph.image(*child) else {
            continue;
        };
        if !image.kind().is_image() && image.unreadable().is_none() {
            continue;
        }
        let truth = column.get(*child);
        together = Some(match together {
            None => truth,
            Some(so_far) if keeps => so_far.or(truth),
            Some(so_far) => so_far.and(truth),
        });
    }
    // every one of none would be all of them
    together.unwrap_or(open)
}
