//! What must outlive one invocation, as named texts: a folder in Node, a Durable Object's tables
//! in the Worker, a caller's own in the package.
//!
//! [`paths`] says which texts there are. A store needs to know nothing of what it keeps.

use std::future::Future;

use crate::error::Result;

/// Where cleanup keeps its state.
///
/// Whoever answers `Ok` has kept what it was given: deletions rest on that. Failures are
/// `storage_failed`. Paths are relative, with `/` between their parts, and hold no `..`.
pub trait Store {
    /// The text at this path, or `None`.
    fn read(&self, path: &str) -> impl Future<Output = Result<Option<String>>>;

    /// Puts a text at this path, in place of an earlier one: whole or not at all.
    fn write(&self, path: &str, text: &str) -> impl Future<Output = Result<()>>;

    /// Adds a line and its line end to the text at this path. A write that broke off must not
    /// swallow the next line: it begins on a line of its own. Readers skip blank and broken lines.
    fn append(&self, path: &str, line: &str) -> impl Future<Output = Result<()>>;

    /// The names of the texts directly in this folder, in any order.
    fn list(&self, folder: &str) -> impl Future<Output = Result<Vec<String>>>;

    /// Writes like [`Store::write`] if the text at this path still is `expected`, and says whether
    /// it did. No other writer may come in between.
    fn swap(
        &self,
        path: &str,
        expected: Option<&str>,
        new: &str,
    ) -> impl Future<Output = Result<bool>>;
}

/// Where each text lies.
pub mod paths {
    /// Who may write at present.
    pub const LEASE: &str = "lease.json";

    /// How large each report was when it was last accepted.
    pub const REPORT_SIZES: &str = "report_sizes.json";

    /// `portreeve.journal/1` of a run.
    #[must_use]
    pub fn journal(run: &str) -> String {
        format!("runs/{run}/journal.jsonl")
    }

    /// The folder of a run's back-ups.
    #[must_use]
    pub fn backups(run: &str) -> String {
        format!("runs/{run}/backup")
    }

    /// `portreeve.inventory/1` of a repository, as last read.
    #[must_use]
    pub fn inventory(host: &str, repository: &str) -> String {
        format!("{}/{repository}/inventory.jsonl", folder(host))
    }

    /// `portreeve.condemned/1` of a repository.
    #[must_use]
    pub fn condemned(host: &str, repository: &str) -> String {
        format!("{}/{repository}/condemned.json", folder(host))
    }

    /// A collect that ran out of its budget, to go on from.
    pub(crate) fn reading(host: &str, repository: &str) -> String {
        format!("{}/{repository}/reading.json", folder(host))
    }

    /// What was deleted in a repository and when, for the rolling cap.
    #[must_use]
    pub fn history(host: &str, repository: &str) -> String {
        format!("{}/{repository}/history.jsonl", folder(host))
    }

    /// The host without the colons that Windows forbids in names.
    pub(crate) fn folder(host: &str) -> String {
        host.replace(':', "_")
    }
}
