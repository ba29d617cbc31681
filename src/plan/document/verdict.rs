//! Verdicts and the closed list of reasons.

use serde::{Deserialize, Serialize};

/// What is to happen to a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It goes.
    Delete,
    /// A rule selects it, and something forbids it.
    Blocked,
    /// A fact is missing; it stays.
    Unknown,
}

impl Verdict {
    /// The stable text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $text:literal $verdict:ident,)*) => {
        /// Why a manifest has its verdict: a closed list.
        ///
        /// # Examples
        ///
        /// ```
        /// use portreeve::plan::{Reason, Verdict};
        /// assert_eq!(Reason::TooYoung.verdict(), Verdict::Blocked);
        /// assert_eq!(Reason::TooYoung.as_str(), "too_young");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* #[serde(rename = $text)] $variant,)* }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The verdict that it gives.
            #[must_use]
            pub const fn verdict(self) -> Verdict {
                match self { $(Self::$variant => Verdict::$verdict,)* }
            }
        }
    };
}

reasons! {
    /// A keep rule matches.
    KeepRule "keep_rule" Keep,
    /// No delete rule selects it, or not every one of its tags.
    NotSelected "not_selected" Keep,
    /// Something that stays leads to it.
    Reachable "reachable" Keep,
    /// Its kind is none that the policy names.
    Kind "kind" Keep,
    /// A delete rule selects every one of its tags, or it as untagged.
    DeleteRule "delete_rule" Delete,
    /// Only groups that go lead to it.
    Member "member" Delete,
    /// The registry forbids its deletion.
    Locked "locked" Blocked,
    /// A report says that it is in use, or that something unexplained in its repository is.
    InUse "in_use" Blocked,
    /// It is younger than the minimum age, or nobody knows how old it is.
    TooYoung "too_young" Blocked,
    /// It has not been condemned, unchanged, for as long as the policy's grace.
    Grace "grace" Blocked,
    /// A report that the job requires cannot be relied on.
    Report "report" Blocked,
    /// Too much would go at once.
    Cap "cap" Blocked,
    /// The plan that is being carried out does not hold it, or not like this.
    NotPlanned "not_planned" Blocked,
    /// The push time is missing.
    Pushed "pushed" Unknown,
    /// The creation time is missing or implausible.
    Created "created" Unknown,
    /// The pull time is missing.
    Pulled "pulled" Unknown,
    /// No scan recorded when it was first seen.
    FirstSeen "first_seen" Unknown,
    /// Its tag is no version, and a rule counts versions.
    Version "version" Unknown,
    /// Its platform, or a member's, is not known.
    Platform "platform" Unknown,
    /// Its annotations, or a member's, were not read.
    Annotation "annotation" Unknown,
    /// Its labels, or a member's, were not read.
    Label "label" Unknown,
    /// A report that a rule asks is missing or cannot be relied on.
    ReportMissing "report_missing" Unknown,
    /// A manifest that it names is not there.
    MissingChild "missing_child" Unknown,
    /// The manifest that it refers to is not there.
    MissingSubject "missing_subject" Unknown,
    /// Its content, or a member's, could not be read.
    Unreadable "unreadable" Unknown,
    /// Something unreadable in the repository may name it, and it has no tag of its own.
    UnreadableElsewhere "unreadable_elsewhere" Unknown,
    /// It has parents, but no root leads to it.
    Unrooted "unrooted" Unknown,
    /// The repository was not read to its end.
    IncompleteListing "incomplete_listing" Unknown,
}
