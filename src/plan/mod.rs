//! Planning: inventory + policy + now -> a verdict for every manifest, with its proof. Pure.
//!
//! ```text
//! Inventory --graph--> roots --policy--> rulings --select--> verdicts --caps--> Plan
//!                        |                             |
//!                      clock                  protection to a fixed point
//! ```
//!
//! Nothing that is kept can reach anything that is deleted, and a missing fact never deletes.

pub mod document;
pub mod inventory;
pub mod policy;
pub mod reports;

mod caps;
mod clock;
mod column;
mod condemned;
mod decision;
mod explain;
mod grace;
mod graph;
mod in_use;
mod intersection;
mod make;
mod order;
mod protection;
mod reported;
mod restraint;
mod scene;
mod select;
mod why;

pub use caps::History;
pub use condemned::{Condemnation, Condemned};
pub use document::{Plan, Reason, Role, Verdict};
pub use intersection::intersection;
pub use make::{Input, make};
pub use reported::GivenReport;
pub use why::Why;
