//! `minimumAge`: how young is too young, and by which time.

use serde_json::{Value, json};

use super::{TimeBound, TimeFact};
use crate::configuration::Age;
use crate::configuration::reader::Node;

/// How young is too young, and by which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MinimumAge {
    /// By the push time where the registry records one, else by when a scan first saw it.
    Recorded(Age),
    /// By the image's own creation time: `{ "created": "48h" }`, written out.
    Created(Age),
}

impl Default for MinimumAge {
    /// Two days, recorded.
    fn default() -> Self {
        Self::Recorded(Age::from_hours(48))
    }
}

impl MinimumAge {
    pub(super) fn read(node: &Node<'_>) -> Option<Self> {
        if node.value().is_string() {
            return node.age().map(Self::Recorded);
        }
        let fields = node.fields()?;
        let created = fields.require("created");
        fields.finish();
        created?.age().map(Self::Created)
    }

    /// Whether nothing that is younger than `bound` is old enough.
    pub(super) fn rules_out(self, bound: TimeBound) -> bool {
        let (fact, age) = match self {
            Self::Recorded(age) => (TimeFact::Pushed, age),
            Self::Created(age) => (TimeFact::Created, age),
        };
        bound.fact == fact && bound.age <= age
    }

    pub(super) fn canonical(self) -> Value {
        match self {
            Self::Recorded(age) => json!({ "recorded": age.seconds() }),
            Self::Created(age) => json!({ "created": age.seconds() }),
        }
    }
}
