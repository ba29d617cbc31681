//! A whole policy: what to keep, what to delete, and how young is too young.

use serde_json::{Value, json};

use super::captured::KnownReports;
use super::{MinimumAge, Rule, futility, kinds};
use crate::configuration::problem::Problem;
use crate::configuration::reader::{self, Findings, Node};
use crate::configuration::{Age, canonical_json};
use crate::error::{Code, Result};
use crate::oci::Kind;
use crate::sorted;

/// More rules than this are no policy that a person can answer for.
const MOST_RULES: usize = 10_000;

/// A retention policy. Keep overrides delete; nothing goes unless a delete rule selects it.
///
/// # Examples
///
/// ```
/// use portreeve::configuration::policy::Policy;
/// let policy = Policy::parse(
///     r#"{ "keep":   [{ "name": "releases", "tags": { "semver": ">=1.0.0" } }],
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
    /// How long a group must have been condemned, by complete inventories that far apart; `None`
    /// for not at all.
    pub grace: Option<Age>,
    /// The kinds it touches, sorted, at least one. An image is an index of images, too.
    pub kinds: Vec<Kind>,
    /// What is kept.
    pub keep: Vec<Rule>,
    /// What is deleted unless something keeps it.
    pub delete: Vec<Rule>,
    source: Value,
    warnings: Vec<Problem>,
    unsupported: Vec<Problem>,
}

impl Policy {
    /// Reads a policy from a file of its own.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, each with its path, line and column.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (value, findings) = reader::document(Code::InvalidPolicy, text)?;
        let policy = Self::read(&Node::root(&value, &findings), &findings, None);
        match (policy, findings.into_problems()) {
            (Some(policy), problems) if problems.is_empty() => Ok(policy),
            (_, problems) => Err(problems),
        }
    }

    pub(crate) fn read(
        node: &Node<'_>,
        findings: &Findings,
        reports: KnownReports<'_>,
    ) -> Option<Self> {
        let fields = node.fields()?;
        if let Some(schema) = fields.get("$schema") {
            schema.string();
        }
        let kinds = fields.get("kinds").map(|node| kinds::read(&node));
        let grace = fields.get("grace").map(|node| node.age());
        if let Some(import) = fields.get("import") {
            read_import(&import);
        }
        let rules = |name: &'static str, keeps| -> Vec<Rule> {
            let items = fields.get(name).map(|node| node.list()).unwrap_or_default();
            items
                .iter()
                .filter_map(|item| Rule::read(item, keeps, reports))
                .collect()
        };
        let (keep, delete) = (rules("keep", true), rules("delete", false));
        let minimum_age = fields.get("minimumAge").map(|node| MinimumAge::read(&node));
        fields.finish();
        let mut policy = Self {
            // one that is broken has noted its problem
            minimum_age: minimum_age.flatten().unwrap_or_default(),
            grace: grace.flatten(),
            kinds: kinds.unwrap_or_else(|| vec![Kind::Image]),
            keep,
            delete,
            source: node.value().clone(),
            warnings: Vec::new(),
            unsupported: findings.take_unsupported(),
        };
        policy.check_rules(node);
        if policy.unsupported.is_empty() && policy.delete.is_empty() {
            node.warn_at(node.path(), "without delete rules nothing is ever deleted");
        }
        futility::warn(&policy, node);
        policy.warnings = findings.take_warnings();
        Some(policy)
    }

    fn check_rules(&self, node: &Node<'_>) {
        let mut names: Vec<&str> = self.rules().map(|rule| rule.name.as_str()).collect();
        if names.len() > MOST_RULES {
            node.problem(format!("a policy has at most {MOST_RULES} rules"));
        }
        sorted::sort(&mut names);
        let mut told = None;
        for pair in names.windows(2) {
            if let [one, other] = pair
                && one == other
                && told != Some(one)
            {
                node.problem(format!(
                    "two rules are called `{one}`; proofs quote the name"
                ));
                told = Some(one);
            }
        }
    }

    /// Every rule, keep rules first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.keep.iter().chain(&self.delete)
    }

    /// Whether it touches manifests of this kind at all.
    #[must_use]
    pub fn speaks_of(&self, kind: Kind) -> bool {
        kinds::mean(&self.kinds, kind)
    }

    /// The policy as written.
    #[must_use]
    pub const fn source(&self) -> &Value {
        &self.source
    }

    /// What is allowed, and seldom meant: rules that can never match, keep rules that cover a
    /// delete rule whole, protection that is given up.
    ///
    /// # Examples
    ///
    /// ```
    /// use portreeve::configuration::policy::Policy;
    /// let policy = Policy::parse(
    ///     r#"{ "keep":   [{ "name": "releases", "tags": "v*" }],
    ///          "delete": [{ "name": "betas", "tags": "v*-beta", "olderThan": { "pushed": "7d" } }] }"#,
    /// )?;
    /// assert_eq!(policy.warnings()[0].path, "$.delete[0]");
    /// # Ok::<(), Vec<portreeve::configuration::Problem>>(())
    /// ```
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
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
        let rules = |rules: &[Rule]| {
            let canonical = rules.iter().map(|rule| rule.canonical(&self.kinds));
            canonical.collect::<Vec<_>>()
        };
        canonical_json::hash(&json!({
            "kinds": kinds::words(&self.kinds),
            "minimumAge": self.minimum_age.canonical(),
            "grace": self.grace.map(Age::seconds),
            "keep": rules(&self.keep),
            "delete": rules(&self.delete),
        }))
    }
}

/// Another vendor's policy is for a later release: read for its form, noted as not carried out.
fn read_import(node: &Node<'_>) {
    if let Some(fields) = node.fields() {
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
