//! Planning: inventory + policy + now -> a verdict for every manifest, with its proof. Pure.

pub mod document;
pub mod inventory;
pub mod policy;

pub use document::{Plan, Reason, Role, Verdict};
