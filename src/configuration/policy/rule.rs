//! One keep or delete rule: its fields are AND, its arrays OR.

use serde_json::{Value, json};

use super::{TagSelector, TimeFact, time_fact};
use crate::configuration::Age;
use crate::configuration::reader::{Fields, Node};

/// A rule. What it leaves open is `None`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rule {
    /// The name that proofs quote; unique within its policy.
    pub name: String,
    /// Whether its matches are kept; they are deleted otherwise.
    pub keeps: bool,
    /// The tags it speaks about.
    pub tags: Option<TagSelector>,
    /// Tagged images only, or untagged ones only.
    pub tagged: Option<bool>,
    /// Only what is older than this.
    pub older_than: Option<TimeBound>,
    /// Only what is younger than this.
    pub younger_than: Option<TimeBound>,
    /// In a keep rule only the newest so many, in a delete rule only what is beyond them.
    pub counting: Option<Counting>,
    /// `"ifUnknown": "ignore"`: a fact that nobody has makes the rule not match.
    pub ignores_unknown: bool,
    /// Whether its tags may match nothing in the whole job.
    pub optional: bool,
}

/// `{ "pushed": "30d" }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeBound {
    /// Which time.
    pub fact: TimeFact,
    /// How long ago.
    pub age: Age,
}

/// `{ "count": 10, "by": "pushed", "per": "branch" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counting {
    /// How many groups.
    pub count: u32,
    /// The time that orders them, newest first.
    pub by: TimeFact,
    /// The captured group whose every value is counted for itself.
    pub per: Option<String>,
}

impl Rule {
    /// Whether it asks for this time.
    #[must_use]
    pub fn asks(&self, fact: TimeFact) -> bool {
        let bounds = [self.older_than, self.younger_than];
        bounds.iter().flatten().any(|bound| bound.fact == fact)
            || self
                .counting
                .as_ref()
                .is_some_and(|counting| counting.by == fact)
    }

    pub(super) fn read(node: &Node<'_>, keeps: bool) -> Option<Self> {
        let fields = node.fields()?;
        let name = fields.require("name").and_then(|name| name.string());
        let tags_given = fields.get("tags");
        let tags = tags_given.as_ref().and_then(TagSelector::read);
        let counting_name = if keeps { "newest" } else { "beyondNewest" };
        let counting_given = fields.get(counting_name);
        let rule = Self {
            name: name.unwrap_or_default().to_owned(),
            keeps,
            tagged: fields.get("tagged").and_then(|node| node.boolean()),
            older_than: fields
                .get("olderThan")
                .and_then(|node| time_fact::bound(&node)),
            younger_than: fields
                .get("youngerThan")
                .and_then(|node| time_fact::bound(&node)),
            counting: counting_given
                .as_ref()
                .and_then(|node| counting(node, tags.as_ref())),
            ignores_unknown: keeps_only(&fields, "ifUnknown", keeps)
                .is_some_and(|node| node.word(&[("ignore", ())]).is_some()),
            optional: keeps_only(&fields, "optional", keeps)
                .and_then(|node| node.boolean())
                .unwrap_or(false),
            tags,
        };
        if let Some(where_) = fields.get("where") {
            captured(&where_, rule.tags.as_ref());
        }
        let other = if keeps { "beyondNewest" } else { "newest" };
        if let Some(node) = fields.get(other) {
            node.problem(format!(
                "`{other}` would do the opposite here: a {} rule takes `{counting_name}`",
                if keeps { "keep" } else { "delete" }
            ));
        }
        let selects = [
            "tags",
            "tagged",
            "olderThan",
            "youngerThan",
            counting_name,
            "where",
        ]
        .iter()
        .any(|field| fields.get(field).is_some());
        if !selects {
            node.problem("the rule names no condition; say \"tags\": \"*\" to mean every tag");
        }
        rule.check(node, tags_given.is_some());
        fields.finish();
        name.is_some().then_some(rule)
    }

    /// What can never match, or says two things at once.
    fn check(&self, node: &Node<'_>, tags_given: bool) {
        if self.tagged == Some(false) && tags_given {
            node.problem(
                "contradiction: `tagged: false` selects what has no tag, `tags` what has one",
            );
        }
        if let (Some(older), Some(younger)) = (self.older_than, self.younger_than)
            && older.fact == younger.fact
            && older.age >= younger.age
        {
            node.problem(format!(
                "contradiction: nothing is both older than {} and younger than {}",
                older.age, younger.age
            ));
        }
    }

    pub(super) fn canonical(&self) -> Value {
        let bound = |bound: &Option<TimeBound>| {
            bound.map(|bound| json!({ bound.fact.as_str(): bound.age.seconds() }))
        };
        json!({
            "name": self.name,
            "tags": self.tags.as_ref().map(TagSelector::canonical),
            "tagged": self.tagged,
            "olderThan": bound(&self.older_than),
            "youngerThan": bound(&self.younger_than),
            "counting": self.counting.as_ref().map(|counting| json!({
                "count": counting.count, "by": counting.by.as_str(), "per": counting.per,
            })),
            "ignoresUnknown": self.ignores_unknown,
            "optional": self.optional,
        })
    }
}

fn keeps_only<'a>(fields: &Fields<'a>, name: &'static str, keeps: bool) -> Option<Node<'a>> {
    let node = fields.get(name)?;
    if keeps {
        return Some(node);
    }
    node.problem(format!("`{name}` belongs to keep rules"));
    None
}

fn counting(node: &Node<'_>, tags: Option<&TagSelector>) -> Option<Counting> {
    let fields = node.fields()?;
    let count = fields
        .require("count")
        .and_then(|node| node.integer(1, 1_000_000));
    let by = time_fact::order(&fields);
    let per = fields.get("per").and_then(|node| {
        let name = node.string()?;
        group_exists(&node, name, tags);
        Some(name.to_owned())
    });
    fields.finish();
    Some(Counting {
        count: count?,
        by: by?,
        per,
    })
}

/// `where: { "pr": { "in": "open-prs" } }`.
fn captured(node: &Node<'_>, tags: Option<&TagSelector>) {
    for (name, condition) in node.entries() {
        group_exists(&condition, name, tags);
        if let Some(fields) = condition.fields() {
            if let Some(report) = fields.require("in") {
                report.string();
            }
            fields.finish();
        }
    }
    node.unsupported();
}

fn group_exists(node: &Node<'_>, name: &str, tags: Option<&TagSelector>) {
    if !tags.is_some_and(|tags| tags.has_group(name)) {
        node.problem(format!(
            "no group `{name}` is captured by the rule's tags; write {{ \"regex\": \"(?<{name}>...)\" }}"
        ));
    }
}
