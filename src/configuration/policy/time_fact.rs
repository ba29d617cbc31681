//! The times a rule can ask for: never implicit, because registries record different ones.

use std::fmt;

use crate::configuration::reader::{Fields, Node};
use crate::configuration::{Age, policy::TimeBound};

/// A time that an inventory may know of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TimeFact {
    /// When the image says it was built.
    Created,
    /// When a scan of ours first saw it.
    FirstSeen,
    /// When it was last pulled.
    Pulled,
    /// When the registry says it was pushed.
    Pushed,
}

const WORDS: [(&str, TimeFact); 4] = [
    ("pushed", TimeFact::Pushed),
    ("created", TimeFact::Created),
    ("pulled", TimeFact::Pulled),
    ("firstSeen", TimeFact::FirstSeen),
];

impl TimeFact {
    /// The name as a policy writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::FirstSeen => "firstSeen",
            Self::Pulled => "pulled",
            Self::Pushed => "pushed",
        }
    }
}

impl fmt::Display for TimeFact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// `{ "pushed": "30d" }`: exactly one time and its length.
pub(super) fn bound(node: &Node<'_>) -> Option<TimeBound> {
    let fields = node.fields()?;
    let mut found = Vec::new();
    for (word, fact) in WORDS {
        if let Some(node) = fields.get(word) {
            found.push((fact, age(&node)));
        }
    }
    fields.finish();
    let [(fact, age)] = found.as_slice() else {
        node.problem("expected exactly one of pushed, created, pulled, firstSeen");
        return None;
    };
    Some(TimeBound {
        fact: *fact,
        age: (*age)?,
    })
}

/// `"by": "pushed"`; the pull time orders nothing, because what is never pulled has none.
pub(super) fn order(fields: &Fields<'_>) -> Option<TimeFact> {
    let node = fields.require("by")?;
    let text = node.string()?;
    if text == "semver" {
        node.unsupported();
        return Some(TimeFact::Pushed);
    }
    let found = WORDS
        .iter()
        .find(|(word, fact)| *word == text && *fact != TimeFact::Pulled);
    if found.is_none() {
        node.problem("expected one of pushed, created, firstSeen, semver");
    }
    found.map(|(_, fact)| *fact)
}

pub(super) fn age(node: &Node<'_>) -> Option<Age> {
    match node.string()?.parse() {
        Ok(age) => Some(age),
        Err(problem) => {
            node.problem(problem.to_string());
            None
        }
    }
}
