//! `portreeve.json`: what a user types, read strictly, with every problem and its place.
//!
//! Fields that are understood but not carried out by this release are never ignored: whatever
//! uses them refuses with `unsupported` and the field's path.

pub mod canonical_json;
pub mod policy;
pub mod problem;

mod age;
mod glob;
mod reader;
mod unsupported;

pub use age::{Age, InvalidAge};
pub use glob::{Glob, InvalidGlob};
pub use problem::{Position, Problem};
pub(crate) use unsupported::ensure_supported;
