//! `where`: what a tag's pattern captured, looked up in a report.

use serde_json::{Value, json};

use super::TagSelector;
use crate::configuration::ReportKind;
use crate::configuration::reader::Node;
use crate::sorted;

/// `{ "pr": { "in": "open-prs" } }`: the group `pr` holds one of the texts that the report lists.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Captured {
    /// The named group of the rule's pattern.
    pub group: String,
    /// The name of a report of texts.
    pub report: String,
}

/// The reports that a policy can name: those of its configuration. A policy in a file of its own
/// knows of none, and may name any.
pub(crate) type KnownReports<'a> = Option<&'a [(&'a str, Option<ReportKind>)]>;

impl Captured {
    /// Reads the field: each group and its report, sorted by group.
    pub(super) fn read(
        node: &Node<'_>,
        tags: Option<&TagSelector>,
        known: KnownReports<'_>,
    ) -> Vec<Self> {
        let entries = node.entries();
        if entries.is_empty() && node.value().is_object() {
            node.problem("expected at least one captured group");
        }
        let mut conditions = Vec::new();
        for (group, condition) in entries {
            check_group(&condition, group, tags);
            let Some(fields) = condition.fields() else {
                continue;
            };
            if let Some(named) = fields.require("in")
                && let Some(report) = named.string()
            {
                check_report(&named, report, known);
                conditions.push(Self {
                    group: group.to_owned(),
                    report: report.to_owned(),
                });
            }
            fields.finish();
        }
        sorted::sort_by(&mut conditions, |one, two| one.group.cmp(&two.group));
        conditions
    }

    pub(super) fn canonical(&self) -> Value {
        json!([self.group, self.report])
    }
}

fn check_report(node: &Node<'_>, name: &str, known: KnownReports<'_>) {
    let Some(known) = known else { return };
    match known.iter().find(|(report, _)| *report == name) {
        None => node.problem(format!("no report is called `{name}`")),
        Some((_, Some(ReportKind::Images))) => node.problem(format!(
            "the report `{name}` lists images; a captured text is looked up in one of the kind strings"
        )),
        Some(_) => {}
    }
}

/// Notes a group that the rule's tags do not capture.
pub(super) fn check_group(node: &Node<'_>, name: &str, tags: Option<&TagSelector>) {
    if !tags.is_some_and(|tags| tags.has_group(name)) {
        node.problem(format!(
            "no group `{name}` is captured by the rule's tags; write {{ \"regex\": \"(?<{name}>...)\" }}"
        ));
    }
}
