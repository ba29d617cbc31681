//! The times a rule can ask for: never implicit, because registries record different ones.

use std::fmt;

use serde_json::{Value, json};

use crate::configuration::Age;
use crate::configuration::reader::Node;

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

pub(super) const WORDS: [(&str, TimeFact); 4] = [
    ("pushed", TimeFact::Pushed),
    ("created", TimeFact::Created),
    ("pulled", TimeFact::Pulled),
    ("firstSeen", TimeFact::FirstSeen),
];

/// `{ "pushed": "30d" }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeBound {
    /// Which time.
    pub fact: TimeFact,
    /// How long ago.
    pub age: Age,
}

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

impl TimeBound {
    /// Exactly one time and its length.
    pub(super) fn read(node: &Node<'_>) -> Option<Self> {
        let fields = node.fields()?;
        let mut found = Vec::new();
        for (word, fact) in WORDS {
            if let Some(node) = fields.get(word) {
                found.push((fact, node.age()));
            }
        }
        fields.finish();
        let [(fact, age)] = found.as_slice() else {
            node.problem("expected exactly one of pushed, created, pulled, firstSeen");
            return None;
        };
        Some(Self {
            fact: *fact,
            age: (*age)?,
        })
    }

    pub(super) fn canonical(self) -> Value {
        json!({ self.fact.as_str(): self.age.seconds() })
    }
}
