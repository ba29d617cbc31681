//! Three-valued logic: a rule that needs a fact nobody has is undecided, and keeps.

use crate::configuration::policy::TimeFact;

/// What a condition says. Ordered so that *and* is the least and *or* the greatest of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Truth {
    No,
    /// The fact that is missing.
    Unknown(TimeFact),
    Yes,
}

impl Truth {
    pub(super) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_fact_decides_nothing_that_is_decided_without_it() {
        let unknown = Truth::Unknown(TimeFact::Pushed);
        assert_eq!(Truth::No.and(unknown), Truth::No);
        assert_eq!(Truth::Yes.and(unknown), unknown);
        assert_eq!(Truth::Yes.or(unknown), Truth::Yes);
        assert_eq!(Truth::No.or(unknown), unknown);
    }
}
