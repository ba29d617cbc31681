//! A second implementation of what a policy means, from its documentation alone: slow, obvious,
//! over sets and tables. It shares nothing with the engine but the nouns.

mod caps;
mod grace;
mod look;
mod places;
mod reported;
mod selector;
mod staying;
mod times;
mod truth;
mod verdicts;
mod version;

pub(super) use verdicts::{ANY, decide};
