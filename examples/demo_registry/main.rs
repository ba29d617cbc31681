//! The demo registry.
#![allow(
    clippy::expect_used,
    dead_code,
    reason = "a program for tests and demonstrations: a panic tells what is wrong"
)]
mod registry;
fn main() {
    let now = time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(20000);
    let start = std::time::Instant::now();
    let s = registry::seed::shop(&registry::Profile::demo(), now);
    println!(
        "{:?} {} {}",
        start.elapsed(),
        s.repositories["shop/web"].tags.len(),
        s.repositories["shop/web"].manifests.len()
    );
}
