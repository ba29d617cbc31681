//! A report, whatever it was reduced from.

use super::{ReportKind, Use};
use crate::timestamp::Timestamp;

/// What somebody outside uses or lists, as of a time.
///
/// # Examples
///
/// ```
/// use portreeve::plan::reports::{Report, ReportKind, Used};
/// use portreeve::timestamp::Timestamp;
///
/// let report = Report::parse(
///     r#"{ "format": "portreeve.report/1", "kind": "images", "takenAt": "2026-11-24T08:00:00Z",
///          "uses": [{ "reference": "cr.acme.dev/shop/web:v1", "sources": ["deployment/web in shop"] }] }"#,
/// )?;
/// assert_eq!((report.kind, report.size()), (ReportKind::Images, 1));
/// assert!(matches!(&report.uses[0].used, Used::Reference { running: false, .. }));
/// assert_eq!(Report::parse(&report.to_text())?, report);
/// # Ok::<(), portreeve::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What it lists.
    pub kind: ReportKind,
    /// The time as of which it is true; of several sources the oldest.
    pub taken_at: Timestamp,
    /// What is in use, each once, sorted. Empty in a report of strings.
    pub uses: Vec<Use>,
    /// The texts, each once, sorted. Empty in a report of images.
    pub strings: Vec<String>,
}

impl Report {
    /// A report that lists nothing.
    #[must_use]
    pub const fn new(kind: ReportKind, taken_at: Timestamp) -> Self {
        Self {
            kind,
            taken_at,
            uses: Vec::new(),
            strings: Vec::new(),
        }
    }

    /// How many entries it has, each counted once however often it is used: what `min` and
    /// `maxShrink` speak about.
    #[must_use]
    pub fn size(&self) -> u64 {
        let size = match self.kind {
            ReportKind::Strings => self.strings.len(),
            _ => self.uses.len(),
        };
        u64::try_from(size).unwrap_or(u64::MAX)
    }

    /// Whether a report of strings lists this text.
    #[must_use]
    pub fn lists(&self, text: &str) -> bool {
        self.strings
            .binary_search_by(|found| found.as_str().cmp(text))
            .is_ok()
    }
}
