//! Retention policies as they are written: the grammar. What they mean is `plan`'s business.

mod document;
mod rule;
mod tags;
mod time_fact;

pub use document::{MinimumAge, Policy};
pub use rule::{Counting, Rule, TimeBound};
pub use tags::{TagPattern, TagSelector};
pub use time_fact::TimeFact;
