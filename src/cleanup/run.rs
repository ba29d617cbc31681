//! `portreeve.run/1`: what a run did, and what it left.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Code, Error},
    oci::Digest,
    timestamp::Timestamp,
};

/// The name and version of the document.
pub const FORMAT: &str = "portreeve.run/1";

/// The result of an apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Run {
    /// Always [`FORMAT`].
    pub format: String,
    /// The run's name, by which it is resumed and restored. The same plan has the same one.
    pub run: String,
    /// The hash of the plan that was carried out.
    pub plan: String,
    /// The job it belongs to.
    pub job: String,
    /// When this invocation began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How it ended, taken over all repositories: the worst of theirs.
    pub state: State,
    /// The repositories of the plan, in its order.
    pub repositories: Vec<Repository>,
}

/// How a run or its part in one repository ended. Later ones are worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Everything that the plan and the repository's present state allow is deleted.
    Done,
    /// Some groups were skipped or failed; the others are deleted.
    Partial,
    /// The request budget is used up: the same call goes on.
    Paused,
    /// Stopped early, for the reason that the repository's `problem` gives.
    Stopped,
}

/// What was done in one repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Repository {
    /// The registry.
    pub host: String,
    /// The repository's path there.
    pub name: String,
    /// How it ended.
    pub state: State,
    /// Why it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Groups and manifests that are gone, earlier invocations of the same run included.
    pub deleted: Count,
    /// Each group that was begun, skipped or failed, in the order in which they ended.
    pub groups: Vec<Group>,
    /// Digests that came back from the back-up, because something turned out to need them.
    pub put_back: Vec<Digest>,
}

/// Groups, and the manifests in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Count {
    /// Groups.
    pub groups: usize,
    /// Manifests.
    pub manifests: usize,
}

/// How one group ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Group {
    /// The root's digest.
    pub digest: Digest,
    /// The tags it had.
    pub tags: Vec<String>,
    /// How it ended.
    #[serde(flatten)]
    pub ending: Ending,
}

/// How a group ended. Serialised as `ending` with its facts beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ending {
    /// It is gone and can be restored.
    Deleted {
        /// How many of its manifests went; those that something else needs stayed.
        manifests: usize,
    },
    /// Nothing of it was touched.
    Skipped {
        /// What was different from the plan.
        reason: Skipped,
        /// The same with the facts, for people.
        explanation: String,
    },
    /// A deletion failed.
    Failed {
        /// What went wrong.
        problem: Problem,
        /// Whether what had gone before is back. Where not, `restore` can do it later.
        undone: bool,
    },
    /// It was gone for a while: something turned out to need it, and it is back.
    PutBack {
        /// What needs it.
        explanation: String,
    },
}

/// Why a group was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Skipped {
    /// The present plan does not delete it.
    NotReproduced,
    /// One of its tags points elsewhere or is gone.
    TagMoved,
    /// A signature, attestation or other referrer came or went.
    ReferrersChanged,
    /// A manifest of it could not be read, so that it cannot be backed up.
    NoBackup,
    /// Something that stays needs it.
    InUse,
}

impl Skipped {
    /// The stable text, such as `tag_moved`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReproduced => "not_reproduced",
            Self::TagMoved => "tag_moved",
            Self::ReferrersChanged => "referrers_changed",
            Self::NoBackup => "no_backup",
            Self::InUse => "in_use",
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// An [`Error`] as documents keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The stable code, such as `conflict`.
    pub code: String,
    /// The message, with what to do next.
    pub message: String,
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().as_str().to_owned(),
            message: error.to_string(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Problem {
    /// The code as this release knows it; `internal` for one that it does not.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code.parse().unwrap_or(Code::Internal)
    }
}
