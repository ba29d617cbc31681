//! Planning: the rules by which cleaners lost data, and what must hold of every plan.

mod compare;
mod document;
mod engine;
mod grace;
mod hostile;
mod in_use;
mod meaning;
mod oracle;
mod properties;
mod random;
mod reports;
mod rules;
mod selectors;
mod shop;
mod snapshot;
mod why;
mod world;
mod worlds;
