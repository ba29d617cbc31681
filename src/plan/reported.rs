//! What the reports of a job contribute: texts that rules ask for, images in use, and whether they
//! can be relied on.

use super::reports::{Breach, Report, ReportRule, Use, check};
use crate::timestamp::Timestamp;

/// A report of the job, or its absence.
#[derive(Debug, Clone, Copy)]
pub struct GivenReport<'a> {
    /// What the configuration says about it.
    pub rule: &'a ReportRule,
    /// What was pushed or given last.
    pub report: Option<&'a Report>,
    /// How many entries the last one had that could be relied on.
    pub previous_size: Option<u64>,
    /// Whether the job deletes nothing without it.
    pub required: bool,
}

/// The reports, checked as of now.
pub(super) struct Reported<'a> {
    reports: Vec<(GivenReport<'a>, Option<Breach>)>,
}

impl<'a> Reported<'a> {
    pub(super) fn new(given: &[GivenReport<'a>], now: Timestamp) -> Self {
        let checked = given.iter().map(|given| {
            let checked = check(given.rule, given.report, given.previous_size, now);
            (*given, checked.err())
        });
        Self {
            reports: checked.collect(),
        }
    }

    /// Every report, with what is wrong with it.
    pub(super) fn all(&self) -> &[(GivenReport<'a>, Option<Breach>)] {
        &self.reports
    }

    /// Why the whole job deletes nothing, if a report that it requires cannot be relied on.
    pub(super) fn breach(&self) -> Option<String> {
        let broken = |(given, _): &&(GivenReport<'a>, Option<Breach>)| given.required;
        let mut broken = self.reports.iter().filter(broken);
        broken.find_map(|(given, breach)| {
            let breach = breach.as_ref()?;
            Some(format!(
                "the report `{}` is required and cannot be relied on: {breach}",
                given.rule.name
            ))
        })
    }

    /// Whether a report lists a text; `None` where it is missing or cannot be relied on.
    pub(super) fn lists(&self, name: &str, text: &str) -> Option<bool> {
        let (given, breach) = self
            .reports
            .iter()
            .find(|(given, _)| given.rule.name == name)?;
        match (given.report, breach) {
            (Some(report), None) => Some(report.lists(text)),
            _ => None,
        }
    }

    /// Why a report cannot be relied on, if it cannot.
    pub(super) fn missing(&self, name: &str) -> Option<String> {
        let found = self
            .reports
            .iter()
            .find(|(given, _)| given.rule.name == name);
        match found {
            Some((_, breach)) => Some(breach.as_ref()?.to_string()),
            None => Some("the job was given none".to_owned()),
        }
    }

    /// Everything in use, with the name of the report that says so. Also of a report that cannot be
    /// relied on, or that is not required: what it lists is kept all the same.
    pub(super) fn uses(&self) -> impl Iterator<Item = (&'a str, &'a Use)> {
        self.reports.iter().flat_map(|(given, _)| {
            let uses = given.report.map(|report| report.uses.as_slice());
            let name = given.rule.name.as_str();
            uses.unwrap_or_default()
                .iter()
                .map(move |used| (name, used))
        })
    }

    /// What a reviewer should know of them.
    pub(super) fn warnings(&self) -> Vec<String> {
        let broken = self.reports.iter().filter_map(|(given, breach)| {
            let effect = if given.required {
                "nothing is deleted"
            } else {
                "the job does not require it"
            };
            let (name, breach) = (&given.rule.name, breach.as_ref()?);
            Some(format!(
                "the report `{name}` cannot be relied on, {breach}; {effect}"
            ))
        });
        broken.collect()
    }
}
