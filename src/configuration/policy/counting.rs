//! `newest` and `beyondNewest`: how many stay, in which order, counted together or for each value.

use std::fmt;

use serde_json::{Value, json};

use super::{TagSelector, TimeFact, captured, time_fact};
use crate::configuration::reader::{Fields, Node};

/// `{ "count": 10, "by": "pushed", "per": "branch" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counting {
    /// How many groups.
    pub count: u32,
    /// What orders them, newest first.
    pub by: Order,
    /// The captured group whose every value is counted for itself.
    pub per: Option<String>,
}

/// What makes one group newer than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// A time. Never the pull time, because what is never pulled has none.
    Time(TimeFact),
    /// The version that the tag is, by the precedence of Semantic Versioning.
    Version,
}

impl Order {
    /// The word as a policy writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Time(fact) => fact.as_str(),
            Self::Version => "semver",
        }
    }

    fn read(fields: &Fields<'_>) -> Option<Self> {
        let node = fields.require("by")?;
        let text = node.string()?;
        if text == "semver" {
            return Some(Self::Version);
        }
        let found = time_fact::WORDS
            .iter()
            .find(|(word, fact)| *word == text && *fact != TimeFact::Pulled);
        if found.is_none() {
            node.problem("expected one of pushed, created, firstSeen, semver");
        }
        found.map(|(_, fact)| Self::Time(*fact))
    }
}

impl fmt::Display for Order {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Counting {
    pub(super) fn read(node: &Node<'_>, tags: Option<&TagSelector>) -> Option<Self> {
        let fields = node.fields()?;
        let count = fields
            .require("count")
            .and_then(|node| node.integer(1, 1_000_000));
        let by = Order::read(&fields);
        let per = fields.get("per").and_then(|node| {
            let name = node.string()?;
            captured::check_group(&node, name, tags);
            Some(name.to_owned())
        });
        fields.finish();
        Some(Self {
            count: count?,
            by: by?,
            per,
        })
    }

    pub(super) fn canonical(&self) -> Value {
        json!({ "count": self.count, "by": self.by.as_str(), "per": self.per })
    }
}
