//! Cleanup: reading a repository into an inventory, carrying out a plan, and taking it back.
//!
//! ```text
//! collect ──> inventory ──> plan::make ──> plan ──> apply ──> run ──> restore
//!                                                    │
//!          sweep ─> intersection ─> group ─> group ─> … ─> sweep ─> post-check
//!                                     │
//!               last look ─> back-up, read back ─> intent ─> DELETE ─> result
//! ```

pub mod clock;
pub mod kinds;

mod assemble;
mod budget;
mod collect;
mod event;
mod fallback;
mod known;
mod memory_store;
mod reading;
mod run;
mod store;

pub use budget::Budget;
pub use collect::{Collect, collect};
pub use event::{Event, Phase};
pub use known::{Child, Created, Facts, Known};
pub use memory_store::MemoryStore;
pub use reading::Reading;
pub use run::{Count, Ending, FORMAT, Group, Problem, Repository, Run, Skipped, State};
pub use store::{Store, paths};
