//! The reports of all jobs, in an object of their own: what was pushed last, and the size of the
//! last one that could be relied on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    store::SqlStore,
    task::{read, write},
};
use crate::{
    error::{Code, Error, Result},
    plan::reports::{Report, ReportKind, ReportRule, check},
    timestamp::Timestamp,
};

/// Where the sizes of the reports lie that were accepted last, by name.
const SIZES: &str = "reports/sizes.json";

/// A report as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::worker) struct Kept {
    pub(in crate::worker) name: String,
    /// Its document's text, if one was pushed.
    pub(in crate::worker) document: Option<String>,
    /// The size of the last one that could be relied on.
    pub(in crate::worker) accepted: Option<u64>,
}

/// A report as `/api/v1` shows it: never its entries, which name what runs where.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::worker) struct ReportView {
    name: String,
    kind: ReportKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Why it cannot be relied on.
    #[serde(skip_serializing_if = "Option::is_none")]
    breach: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
}

impl Kept {
    /// The report itself.
    pub(in crate::worker) fn report(&self) -> Result<Option<Report>> {
        let parsed = self.document.as_deref().map(Report::parse).transpose();
        parsed.map_err(|problem| Error::new(Code::StorageFailed, problem.to_string()))
    }
}

impl ReportView {
    /// A report checked as of now.
    pub(in crate::worker) fn new(
        rule: &ReportRule,
        report: Option<&Report>,
        accepted: Option<u64>,
        now: Timestamp,
    ) -> Self {
        let breach = check(rule, report, accepted, now).err();
        Self {
            name: rule.name.clone(),
            kind: rule.kind,
            taken_at: report.map(|report| report.taken_at),
            size: report.map(Report::size),
            breach: breach.as_ref().map(crate::plan::reports::Breach::as_str),
            explanation: breach.map(|breach| breach.to_string()),
        }
    }
}

/// Keeps a report in the place of the one before, also one that cannot be relied on: from then on
/// nothing is deleted by the jobs that require it.
///
/// # Errors
///
/// `invalid_argument` for what is no report, `refused` for one that was kept and cannot be relied
/// on.
pub(super) fn keep(
    store: &SqlStore,
    rule: &ReportRule,
    document: &str,
    now: Timestamp,
) -> Result<ReportView> {
    let report = Report::parse(document)?;
    let mut sizes = sizes(store)?;
    let before = sizes.get(&rule.name).copied();
    store.put(&place(&rule.name), document)?;
    if let Err(breach) = check(rule, Some(&report), before, now) {
        let found = format!("the report `{}` cannot be relied on: {breach}", rule.name);
        return Err(Error::new(Code::Refused, found).next(
            "it was kept, and the jobs that require it delete nothing until a better one comes",
        ));
    }
    sizes.insert(rule.name.clone(), report.size());
    store.put(SIZES, &write(&sizes)?)?;
    let accepted = Some(report.size());
    Ok(ReportView::new(rule, Some(&report), accepted, now))
}

/// The reports of these rules.
pub(super) fn kept(store: &SqlStore, rules: &[ReportRule]) -> Result<Vec<Kept>> {
    let sizes = sizes(store)?;
    let each = rules.iter().map(|rule| {
        Ok(Kept {
            name: rule.name.clone(),
            document: store.get(&place(&rule.name))?,
            accepted: sizes.get(&rule.name).copied(),
        })
    });
    each.collect()
}

fn sizes(store: &SqlStore) -> Result<BTreeMap<String, u64>> {
    Ok(read(store, SIZES)?.unwrap_or_default())
}

fn place(name: &str) -> String {
    format!("reports/kept/{name}.json")
}
