//! A whole policy: what to keep, what to delete, and how young is too young.

use serde_json::{Value, json};

use super::{Rule, time_fact};
use crate::configuration::problem::Problem;
use crate::configuration::reader::{self, Findings, Node};
use crate::configuration::{Age, canonical_json};
use crate::error::{Code, Result};

/// A retention policy. Keep overrides delete; nothing goes unless a delete rule selects it.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::policy::Policy;
/// let policy = Policy::parse(
///     r#"{ "keep":   [{ "name": "releases", "tags": { "regex": "v[0-9]+[.].*" } }],
///          "delete": [{ "name": "old", "tags": "*", "olderThan": { "pushed": "30d" } }] }"#,
/// )?;
/// assert_eq!(policy.rules().count(), 2);
/// assert_eq!(policy.hash().len(), 64);
/// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Policy {
    /// Nothing younger than this goes, whatever the rules say.
    pub minimum_age: MinimumAge,
    /// What is kept.
    pub keep: Vec<Rule>,
    /// What is deleted unless something keeps it.
    pub delete: Vec<Rule>,
    source: Value,
    unsupported: Vec<Problem>,
}

/// How young is too young, and by which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MinimumAge {
    /// By the push time where the registry records one, else by when a scan first saw it.
    Recorded(Age),
    /// By the image's own creation time: `{ "created": "48h" }`, written out.
    Created(Age),
}

/// The kinds a policy can name; only images are cleaned by this release.
const KINDS: [&str; 7] = [
    "image",
    "chart",
    "cache",
    "signature",
    "attestation",
    "sbom",
    "other",
];

impl Policy {
    /// Reads a policy from a file of its own.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let value = reader::json(Code::InvalidPolicy, text).map_err(|problem| vec![problem])?;
        let findings = Findings::new(Code::InvalidPolicy);
        let policy = Self::read(&Node::root(&value, &findings), &findings);
        match (policy, findings.into_problems()) {
            (Some(policy), problems) if problems.is_empty() => Ok(policy),
            (_, problems) => Err(problems),
        }
    }

    pub(crate) fn read(node: &Node<'_>, findings: &Findings) -> Option<Self> {
        let fields = node.fields()?;
        if let Some(kinds) = fields.get("kinds") {
            read_kinds(&kinds);
        }
        for later in ["grace", "import"] {
            if let Some(node) = fields.get(later) {
                read_later(later, &node);
            }
        }
        let rules = |name: &'static str, keeps| -> Vec<Rule> {
            let items = fields.get(name).map(|node| node.list()).unwrap_or_default();
            items
                .iter()
                .filter_map(|item| Rule::read(item, keeps))
                .collect()
        };
        let (keep, delete) = (rules("keep", true), rules("delete", false));
        let mut names: Vec<&str> = Vec::new();
        for rule in keep.iter().chain(&delete) {
            if names.contains(&rule.name.as_str()) {
                node.problem(format!(
                    "two rules are called `{}`; proofs quote the name",
                    rule.name
                ));
            }
            names.push(&rule.name);
        }
        let minimum_age = fields
            .get("minimumAge")
            .map_or(Some(MinimumAge::Recorded(Age::from_hours(48))), |node| {
                read_minimum_age(&node)
            });
        fields.finish();
        Some(Self {
            minimum_age: minimum_age?,
            keep,
            delete,
            source: node.value().clone(),
            unsupported: findings.take_unsupported(),
        })
    }

    /// Every rule, keep rules first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.keep.iter().chain(&self.delete)
    }

    /// The policy as written.
    #[must_use]
    pub const fn source(&self) -> &Value {
        &self.source
    }

    /// What is understood and not carried out by this release.
    #[must_use]
    pub fn unsupported(&self) -> &[Problem] {
        &self.unsupported
    }

    /// Refuses a policy of which a part would not be carried out.
    ///
    /// # Errors
    ///
    /// `unsupported` with the path of every such part.
    pub fn ensure_supported(&self) -> Result<()> {
        crate::configuration::ensure_supported(&self.unsupported)
    }

    /// The hash over what the policy means: two texts that mean the same hash the same.
    #[must_use]
    pub fn hash(&self) -> String {
        let (fact, age) = match self.minimum_age {
            MinimumAge::Recorded(age) => ("recorded", age),
            MinimumAge::Created(age) => ("created", age),
        };
        let rules = |rules: &[Rule]| rules.iter().map(Rule::canonical).collect::<Vec<_>>();
        canonical_json::hash(&json!({
            "kinds": ["image"],
            "minimumAge": { fact: age.seconds() },
            "keep": rules(&self.keep),
            "delete": rules(&self.delete),
        }))
    }
}

fn read_kinds(node: &Node<'_>) {
    let named = node.strings();
    for (kind, item) in &named {
        if !KINDS.contains(kind) {
            item.problem(format!("expected one of {}", KINDS.join(", ")));
        }
    }
    if named.iter().any(|(kind, _)| *kind != "image") {
        node.unsupported();
    }
}

fn read_minimum_age(node: &Node<'_>) -> Option<MinimumAge> {
    if node.value().is_string() {
        return time_fact::age(node).map(MinimumAge::Recorded);
    }
    let fields = node.fields()?;
    let created = fields.require("created");
    fields.finish();
    time_fact::age(&created?).map(MinimumAge::Created)
}

/// Fields of later releases: read for their form, noted as not carried out.
fn read_later(name: &str, node: &Node<'_>) {
    if name == "grace" {
        time_fact::age(node);
    } else if let Some(fields) = node.fields() {
        let formats = ["ecr", "artifact-registry", "harbor", "gitlab", "acr", "zot"];
        let words = formats.map(|format| (format, ()));
        if let Some(format) = fields.require("format") {
            format.word(&words);
        }
        if let Some(file) = fields.require("file") {
            file.string();
        }
        if let Some(times) = fields.get("times") {
            for (_, time) in times.entries() {
                time.string();
            }
        }
        fields.finish();
    }
    node.unsupported();
}
