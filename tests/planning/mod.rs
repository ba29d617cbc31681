//! Planning: the rules by which cleaners lost data, and what must hold of every plan.

mod meaning;
mod properties;
mod reports;
mod rules;
mod shop;
mod snapshot;
