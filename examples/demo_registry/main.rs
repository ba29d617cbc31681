//! The demo registry.
fn main() {}
