//! The house itself: what may lean on what, what is linked in, and that what the user asked for is used.
#![allow(
    clippy::disallowed_methods,
    reason = "these tests read the sources and ask cargo"
)]

mod dependencies;
mod direction;
mod lock_files;
mod sources;
