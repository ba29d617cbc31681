//! Three-valued logic: a rule that needs a fact nobody has is undecided, and keeps.

use crate::configuration::policy::TimeFact;
use crate::plan::document::Reason;

/// What a condition says. Ordered so that *and* is the least and *or* the greatest of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Truth {
    No,
    /// The fact that is missing.
    Unknown(Fact),
    Yes,
}

/// A fact that a rule can ask for and an inventory or a report may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Fact {
    Time(TimeFact),
    /// The version that a tag stands for.
    Version,
    Platform,
    Annotation,
    Label,
    /// What a report lists.
    Report,
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

impl Fact {
    /// The reason that its absence gives.
    pub(in crate::plan) const fn reason(self) -> Reason {
        match self {
            Self::Time(TimeFact::Created) => Reason::Created,
            Self::Time(TimeFact::FirstSeen) => Reason::FirstSeen,
            Self::Time(TimeFact::Pulled) => Reason::Pulled,
            Self::Time(TimeFact::Pushed) => Reason::Pushed,
            Self::Version => Reason::Version,
            Self::Platform => Reason::Platform,
            Self::Annotation => Reason::Annotation,
            Self::Label => Reason::Label,
            Self::Report => Reason::ReportMissing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_fact_decides_nothing_that_is_decided_without_it() {
        let unknown = Truth::Unknown(Fact::Time(TimeFact::Pushed));
        assert_eq!(Truth::No.and(unknown), Truth::No);
        assert_eq!(Truth::Yes.and(unknown), unknown);
        assert_eq!(Truth::Yes.or(unknown), Truth::Yes);
        assert_eq!(Truth::No.or(unknown), unknown);
    }

    #[test]
    fn a_verdict_fits_a_byte_because_there_are_millions() {
        assert_eq!(size_of::<Truth>(), 1);
    }
}
