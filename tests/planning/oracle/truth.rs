//! Three-valued logic: what is unknown stays unknown unless the other side decides without it.

use std::collections::BTreeSet;

/// Yes, no, or unknown because of these facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    No,
    Unknown(BTreeSet<&'static str>),
    Yes,
}

use Truth::{No, Unknown, Yes};

impl Truth {
    pub(super) fn unknown(fact: &'static str) -> Self {
        Unknown(BTreeSet::from([fact]))
    }

    pub(super) fn of(is_so: bool) -> Self {
        if is_so { Yes } else { No }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (No, _) | (_, No) => No,
            (Yes, other) => other,
            (this, Yes) => this,
            (Unknown(facts), Unknown(more)) => Unknown(&facts | &more),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Yes, _) | (_, Yes) => Yes,
            (No, other) => other,
            (this, No) => this,
            (Unknown(facts), Unknown(more)) => Unknown(&facts | &more),
        }
    }

    pub(super) fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Yes, Self::and)
    }

    pub(super) fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(No, Self::or)
    }
}
