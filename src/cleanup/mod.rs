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

mod apply;
mod assemble;
mod backup;
mod budget;
mod canary;
mod collect;
mod delete;
mod event;
mod expand;
mod fallback;
mod group;
mod journal;
mod known;
mod last_look;
mod lease;
mod living;
mod memory_store;
mod put_back;
mod reading;
mod repair;
mod reported;
mod repository;
mod restore;
mod run;
mod state;
mod store;
mod sweep;

pub use apply::{Job, Registry, apply, ensure_may_apply, run_of};
pub use backup::{Backup, Saved};
pub use budget::Budget;
pub use collect::{Collect, ReferrersOf, collect};
pub use event::{Event, Phase};
pub use expand::{Expanded, expand};
pub use memory_store::MemoryStore;
pub use reading::Reading;
pub use reported::reported;
pub use restore::{Moved, Restored, RestoredGroup, restore};
pub use run::{Count, Ending, FORMAT, Group, Problem, Repository, Run, Skipped, State};
pub use state::{
    history, load_condemned, load_inventory, load_report_sizes, save_condemned, save_inventory,
    save_report_sizes,
};
pub use store::{Store, paths};
