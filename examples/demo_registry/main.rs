//! The demo registry: an OCI registry in memory on `127.0.0.1`, for `npm start` and for tests.
//!
//! `cargo run --example demo_registry -- --help` tells its options. It starts with the repositories
//! `shop/web` and `shop/api`, forgets everything when it ends, and takes orders under `/_demo/`
//! (see `control.rs`): faults to inject, and a log of what was asked.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a program for demonstrations and tests, and what it indexes is JSON, which answers null"
)]

mod control;
mod options;
#[allow(
    dead_code,
    reason = "the same code is the tests' registry, which use what a server does not"
)]
mod registry;
mod server;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("demo_registry: {problem}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime of one thread needs nothing");
    let tasks = tokio::task::LocalSet::new();
    match tasks.block_on(&runtime, server::run(options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("demo_registry: {problem}");
            ExitCode::FAILURE
        }
    }
}
