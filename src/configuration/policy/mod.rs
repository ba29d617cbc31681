//! Retention policies as they are written: the grammar. What they mean is `plan`'s business.

mod captured;
mod contradiction;
mod counting;
mod document;
mod explain;
mod futility;
mod kinds;
mod minimum_age;
mod named;
mod platform_pattern;
mod rule;
mod tag_pattern;
mod tags;
mod text_pattern;
mod time_fact;
mod versions;
mod words;

pub use captured::Captured;
pub use counting::{Counting, Order};
pub use document::Policy;
pub use minimum_age::MinimumAge;
pub use named::Named;
pub use platform_pattern::PlatformPattern;
pub use rule::Rule;
pub use tag_pattern::{Found, TagPattern};
pub use tags::TagSelector;
pub use text_pattern::TextPattern;
pub use time_fact::{TimeBound, TimeFact};
pub use versions::{VersionRange, version_of};
