//! Reports: what somebody outside knows and a registry does not, and when it is good enough to be
//! relied on.

use serde::{Deserialize, Serialize};

use super::Age;

/// A report that jobs may require, from `reports` of `portreeve.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportRule {
    /// Its name.
    pub name: String,
    /// What it lists.
    pub kind: ReportKind,
    /// The oldest that is believed.
    pub max_age: Age,
    /// The fewest entries that are believed: a dead cluster reports none.
    pub min: u64,
    /// By how much it may have shrunk since the last one that was accepted, in percent.
    pub max_shrink: Option<u32>,
}

/// What a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReportKind {
    /// Images that are in use.
    Images,
    /// Texts that captured groups are looked up in, such as the numbers of open pull requests.
    Strings,
}

impl ReportRule {
    /// A report without a least size.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: ReportKind, max_age: Age) -> Self {
        Self {
            name: name.into(),
            kind,
            max_age,
            min: 0,
            max_shrink: None,
        }
    }
}

impl ReportKind {
    /// The word that `portreeve.json` and reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Strings => "strings",
        }
    }
}
