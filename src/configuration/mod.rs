//! `portreeve.json`: what a user types, read strictly, with every problem and its place.
//!
//! Fields that are understood but not carried out by this release are never ignored: whatever
//! uses them refuses with `unsupported` and the field's path.

pub mod canonical_json;
pub mod policy;
pub mod problem;

mod age;
mod client_access;
mod consistency;
mod document;
mod glob;
mod job;
mod locations;
mod network;
mod reader;
mod report;
mod repository_pattern;
mod schedule;
mod unsupported;
mod upstream;

pub use age::{Age, InvalidAge};
pub use client_access::{Action, ClientAccess, Grant};
pub use document::Configuration;
pub use glob::{Glob, InvalidGlob};
use job::Surroundings;
pub use job::{Caps, Job, JobRepository, Mode};
pub use network::{InvalidNetwork, Network};
pub use problem::{Position, Problem};
pub(crate) use reader::member;
pub use report::{ReportKind, ReportRule};
pub use repository_pattern::RepositoryPattern;
pub use schedule::{InvalidSchedule, Schedule};
pub(crate) use unsupported::ensure_supported;
pub use upstream::{Credential, Purpose, Upstream};
