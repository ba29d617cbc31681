//! Planning: the rules by which cleaners lost data, and what must hold of every plan.

mod document;
mod grace;
mod in_use;
mod meaning;
mod properties;
mod reports;
mod rules;
mod selectors;
mod shop;
mod snapshot;
mod why;
