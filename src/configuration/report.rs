//! Reports: what somebody outside knows and a registry does not, and when it is good enough to be
//! relied on.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Age;
use super::reader::Node;

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

impl ReportRule {
    pub(super) fn read(name: &str, node: &Node<'_>) -> Option<Self> {
        if name.is_empty() || name.contains(|letter: char| letter == '/' || letter.is_control()) {
            node.problem("a report's name is a file's, too: it is not empty and holds no slash");
        }
        let fields = node.fields()?;
        let kinds = [ReportKind::Images, ReportKind::Strings].map(|kind| (kind.as_str(), kind));
        let kind = fields.require("kind").and_then(|node| node.word(&kinds));
        let max_age = fields.require("maxAge").and_then(|node| node.age());
        let least = fields
            .get("min")
            .and_then(|node| node.integer(0, 100_000_000));
        let max_shrink = fields.get("maxShrink").and_then(|node| node.percentage());
        fields.finish();
        Some(Self {
            min: least.map_or(0, u64::from),
            max_shrink,
            ..Self::new(name, kind?, max_age?)
        })
    }

    /// What it means, for the hash of the jobs that rely on it.
    pub(super) fn canonical(&self) -> Value {
        json!([
            self.name,
            self.kind.as_str(),
            self.max_age.seconds(),
            self.min,
            self.max_shrink
        ])
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
