//! `portreeve.why/1`: what the explanation of one verdict looks like.

use serde::{Deserialize, Serialize};

use crate::oci::Digest;
use crate::plan::document::{Reason, Role, Verdict};

/// The name and version that the document carries.
pub(super) const FORMAT: &str = "portreeve.why/1";

/// Why one manifest has its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Why {
    /// `portreeve.why/1`.
    pub format: String,
    /// The registry, as `host[:port]`.
    pub host: String,
    /// The repository's path on it.
    pub repository: String,
    /// The tag or digest that was asked about.
    pub target: String,
    /// The manifest.
    pub digest: Digest,
    /// All its tags, sorted.
    pub tags: Vec<String>,
    /// Its part in its group.
    pub role: Role,
    /// The root it belongs to.
    pub group: Digest,
    /// What is to happen to it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The same in words.
    pub explanation: String,
    /// The root that rules were asked about: itself, or what it stays or goes with; `null` where
    /// no rule was asked.
    pub asked_about: Option<Digest>,
    /// Every rule that was asked about every tag of that root, keep rules first.
    pub rules: Vec<TriedRule>,
    /// How many more tags that root has: of very many only the first are told.
    pub tags_left_out: u64,
    /// Everything that forbids its deletion, whatever the rules say.
    pub forbidden: Vec<Forbidden>,
    /// Who uses it, or something that it leads to.
    pub uses: Vec<Source>,
    /// The way from what protects it, forbids its deletion or takes it along, to itself; empty
    /// where it is decided by itself.
    pub path: Vec<Step>,
}

/// What one rule says about one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct TriedRule {
    /// Its name.
    pub rule: String,
    /// Whether its matches are kept; they are deleted otherwise.
    pub keeps: bool,
    /// The tag; `null` for an untagged manifest.
    pub tag: Option<String>,
    /// Whether it matches.
    pub outcome: Outcome,
    /// The fact that is missing where that is unknown, by the reason that it gives.
    pub fact: Option<Reason>,
    /// Its conditions, one by one; it matches where all of them hold.
    pub conditions: Vec<Asked>,
}

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Asked {
    /// The condition in words.
    pub condition: String,
    /// Whether it holds.
    pub outcome: Outcome,
    /// The fact that is missing where that is unknown, by the reason that it gives.
    pub fact: Option<Reason>,
    /// What was found; `null` where nothing was.
    pub found: Option<String>,
}

/// What a rule or a condition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Outcome {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// A fact is missing.
    Unknown,
}

/// Something that forbids a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Forbidden {
    /// What.
    pub reason: Reason,
    /// The manifest that it comes from: itself, or a member of its group.
    pub digest: Digest,
    /// The same in words.
    pub explanation: String,
}

/// An entry of a report that says that something is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Source {
    /// The report.
    pub report: String,
    /// What it names.
    pub names: String,
    /// The manifest that this is; `null` where it may be anything in the repository.
    pub digest: Option<Digest>,
    /// What uses it, at most ten.
    pub sources: Vec<String>,
    /// How many more use it.
    pub more: u64,
}

/// A manifest on the way to the one that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Step {
    /// The manifest.
    pub digest: Digest,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// What it is to the one before; `null` for the first.
    pub by: Option<Relation>,
    /// Its own verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The same in words.
    pub explanation: String,
}

/// What a manifest is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Relation {
    /// The other names it.
    Child,
    /// It names the other.
    Parent,
    /// It refers to the other.
    Referrer,
    /// The other refers to it.
    Subject,
}
