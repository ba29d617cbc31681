//! Reports: the images that something outside uses, or texts such as the numbers of open pull
//! requests.
//!
//! A report is *reduced* where it is taken: of everything that `kubectl` prints only digests,
//! references and the names of what uses them are left, and no variable, argument or annotation
//! leaves the machine. [`Reducer`] does that, [`Report`] is what comes of it, and [`check`] says
//! whether it is recent, large and steady enough to be relied on.

mod check;
mod document;
mod gathered;
mod reduce;
mod report;
mod used;

pub use check::{Breach, check};
pub use document::FORMAT;
use gathered::Gathered;
pub use reduce::{Reducer, reduce};
pub use report::Report;
pub use used::{MOST_SOURCES, Use, Used};

pub use crate::configuration::{ReportKind, ReportRule};
