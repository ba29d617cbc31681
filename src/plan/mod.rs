//! Planning: inventory + policy + now -> a verdict for every manifest, with its proof. Pure.
//!
//! ```text
//! Inventory --graph--> roots --policy--> rulings --select--> verdicts --caps--> Made --> Plan
//!                        |                             |                          |
//!                      clock                  protection to a fixed point    steps, bytes
//! ```
//!
//! Nothing that is kept can reach anything that is deleted, and a missing fact never deletes.

pub mod document;
pub mod inventory;
pub mod policy;
pub mod reports;
pub mod why;

mod caps;
mod changes;
mod clock;
mod column;
mod condemned;
mod decision;
mod explain;
mod freed;
mod grace;
mod graph;
mod in_use;
mod inert;
mod intersection;
mod made;
mod make;
mod order;
mod part;
mod protection;
mod reported;
mod restraint;
mod scene;
mod select;
mod steps;

pub use caps::History;
pub use changes::{Change, Changes, FoundIn, Judgement, PlanName, RepositoryChanges, changes};
pub use condemned::{Condemnation, Condemned};
pub use document::{Plan, Reason, Role, Verdict};
pub(crate) use in_use::may_be;
pub use intersection::intersection;
pub use made::Made;
pub use make::{Input, make};
pub use reported::GivenReport;
pub(crate) use steps::{Group, steps as steps_of};
pub use why::Why;
