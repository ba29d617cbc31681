//! What happens, as it happens: for progress bars, logs and async iterators.

use serde::Serialize;

use super::run::{Ending, Problem};
use crate::oci::Digest;

/// One thing that happened. Serialised with its name as `event`, such as
/// `{"event": "deleted", "repository": "127.0.0.1:5555/shop/web", "digest": "sha256:..."}`.
///
/// `repository` is `host/path` everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(
    tag = "event",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum Event {
    /// A repository is being read: `done` of `known` requests of this phase are over.
    Reading {
        /// Where.
        repository: String,
        /// What is read.
        phase: Phase,
        /// How much of it is read.
        done: usize,
        /// How much there is, as far as is known.
        known: usize,
    },
    /// A sweep is over and this much is left to delete.
    Swept {
        /// Where.
        repository: String,
        /// Manifests found.
        manifests: usize,
        /// Groups that are left to delete.
        groups: usize,
    },
    /// A group is backed up and its deletion begins.
    GroupBegun {
        /// Where.
        repository: String,
        /// The group's root.
        group: Digest,
        /// The tags that go with it.
        tags: Vec<String>,
    },
    /// A tag was taken away.
    Untagged {
        /// Where.
        repository: String,
        /// The tag.
        tag: String,
    },
    /// A manifest is gone.
    Deleted {
        /// Where.
        repository: String,
        /// The manifest.
        digest: Digest,
    },
    /// A group is over.
    GroupEnded {
        /// Where.
        repository: String,
        /// The group's root.
        group: Digest,
        /// How it ended.
        ending: Ending,
    },
    /// The kept manifests were asked for after the first group.
    Canary {
        /// Where.
        repository: String,
        /// How many were asked for.
        asked: usize,
        /// Those that are gone though nobody may have deleted them.
        gone: Vec<Digest>,
    },
    /// A manifest was put back from the back-up.
    PutBack {
        /// Where.
        repository: String,
        /// The manifest.
        digest: Digest,
    },
    /// A tag points where the back-up says again.
    Retagged {
        /// Where.
        repository: String,
        /// The tag.
        tag: String,
    },
    /// No more is deleted in this repository.
    Stopped {
        /// Where.
        repository: String,
        /// Why.
        problem: Problem,
    },
}

/// What is read of a repository, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// The pages of the tag list.
    Listing,
    /// Where each tag points.
    Tags,
    /// Manifests and indexes.
    Manifests,
    /// What speaks of a manifest.
    Referrers,
    /// Whether manifests that no list names are still there.
    Unlisted,
    /// Image configs, for their build times.
    Configs,
}
