//! One keep or delete rule: its fields are AND, its arrays OR.

use serde_json::{Value, json};

use super::captured::{Captured, KnownReports};
use super::{
    Counting, Named, Order, PlatformPattern, TagSelector, TimeBound, TimeFact, contradiction, kinds,
};
use crate::configuration::reader::{Fields, Node};
use crate::oci::Kind;
use crate::sorted;

/// A name longer than this is no name.
const LONGEST_NAME: usize = 200;

/// A rule. What it leaves open is `None` or empty.
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
    /// Only these kinds, sorted; empty for every kind that the policy names.
    pub kinds: Vec<Kind>,
    /// Annotations that must all be there and fit, sorted by key.
    pub annotations: Vec<Named>,
    /// Labels that must all be there and fit, sorted by key.
    pub labels: Vec<Named>,
    /// Platforms of which any may fit, sorted.
    pub platforms: Vec<PlatformPattern>,
    /// `where`: captured groups that must all be listed by their reports, sorted by group.
    pub captured: Vec<Captured>,
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

impl Rule {
    /// Whether it asks for this time.
    #[must_use]
    pub fn asks(&self, fact: TimeFact) -> bool {
        let bounds = [self.older_than, self.younger_than];
        let orders = |counting: &Counting| counting.by == Order::Time(fact);
        bounds.iter().flatten().any(|bound| bound.fact == fact)
            || self.counting.as_ref().is_some_and(orders)
    }

    /// Whether it speaks of a manifest of this kind, in a policy that names the kind.
    #[must_use]
    pub fn speaks_of(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || kinds::mean(&self.kinds, kind)
    }

    pub(super) fn read(node: &Node<'_>, keeps: bool, reports: KnownReports<'_>) -> Option<Self> {
        let fields = node.fields()?;
        let name = fields.require("name").and_then(|name| read_name(&name));
        let tags_given = fields.get("tags");
        let tags = tags_given
            .as_ref()
            .and_then(|node| TagSelector::read(node, keeps));
        let counting_name = if keeps { "newest" } else { "beyondNewest" };
        let bound = |name| fields.get(name).and_then(|node| TimeBound::read(&node));
        let named = |name| fields.get(name).map(|node| Named::read(&node));
        let rule = Self {
            name: name.unwrap_or_default().to_owned(),
            keeps,
            tagged: fields.get("tagged").and_then(|node| node.boolean()),
            kinds: fields
                .get("kinds")
                .map(|node| kinds::read(&node))
                .unwrap_or_default(),
            annotations: named("annotations").unwrap_or_default(),
            labels: named("labels").unwrap_or_default(),
            platforms: fields
                .get("platform")
                .map(|node| read_platforms(&node))
                .unwrap_or_default(),
            captured: fields
                .get("where")
                .map(|node| Captured::read(&node, tags.as_ref(), reports))
                .unwrap_or_default(),
            older_than: bound("olderThan"),
            younger_than: bound("youngerThan"),
            counting: fields
                .get(counting_name)
                .and_then(|node| Counting::read(&node, tags.as_ref())),
            ignores_unknown: keeps_only(&fields, "ifUnknown", keeps)
                .is_some_and(|node| node.word(&[("ignore", ())]).is_some()),
            optional: keeps_only(&fields, "optional", keeps)
                .and_then(|node| node.boolean())
                .unwrap_or(false),
            tags,
        };
        contradiction::check(&rule, node, &fields, tags_given.is_some());
        fields.finish();
        name.is_some().then_some(rule)
    }

    /// What it means, for the hash. `policy_kinds` are those that an empty list stands for.
    pub(super) fn canonical(&self, policy_kinds: &[Kind]) -> Value {
        let speaks = |kind: &&Kind| self.speaks_of(**kind);
        let kinds: Vec<Kind> = policy_kinds.iter().filter(speaks).copied().collect();
        let platforms: Vec<String> = self.platforms.iter().map(ToString::to_string).collect();
        json!({
            "name": self.name,
            "tags": self.tags.as_ref().map(TagSelector::canonical),
            // what has one of these tags is tagged
            "tagged": self.tagged.filter(|_| self.tags.is_none()),
            "kinds": kinds::words(&kinds),
            "annotations": self.annotations.iter().map(Named::canonical).collect::<Vec<_>>(),
            "labels": self.labels.iter().map(Named::canonical).collect::<Vec<_>>(),
            "platform": platforms,
            "where": self.captured.iter().map(Captured::canonical).collect::<Vec<_>>(),
            "olderThan": self.older_than.map(TimeBound::canonical),
            "youngerThan": self.younger_than.map(TimeBound::canonical),
            "counting": self.counting.as_ref().map(Counting::canonical),
            "ignoresUnknown": self.ignores_unknown,
            // a rule without tags cannot be a typo of them
            "optional": self.optional && self.tags.is_some(),
        })
    }
}

fn read_name<'a>(node: &Node<'a>) -> Option<&'a str> {
    let name = node.string()?;
    if name.len() > LONGEST_NAME {
        node.problem(format!("the name is longer than {LONGEST_NAME} bytes"));
    }
    if name.contains(char::is_control) {
        node.problem("a name is one line without control characters");
    }
    Some(name)
}

fn read_platforms(node: &Node<'_>) -> Vec<PlatformPattern> {
    let given = if node.value().is_string() {
        vec![node.clone()]
    } else {
        node.items()
    };
    let mut platforms: Vec<PlatformPattern> =
        given.iter().filter_map(PlatformPattern::read).collect();
    sorted::sort(&mut platforms);
    platforms.dedup();
    platforms
}

fn keeps_only<'a>(fields: &Fields<'a>, name: &'static str, keeps: bool) -> Option<Node<'a>> {
    let node = fields.get(name)?;
    if keeps {
        return Some(node);
    }
    node.problem(format!("`{name}` belongs to keep rules"));
    None
}
