//! The crate's sources as text, without comments and without the tests inside them.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of `src/`.
pub(super) struct Source {
    /// Relative to `src/`, with `/`.
    pub(super) path: String,
    /// What the compiler sees outside `cfg(test)`.
    pub(super) code: String,
}

impl Source {
    /// The first part of the path: `client` for `client/session.rs`, `error` for `error.rs`.
    pub(super) fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

/// Every file of `src/`, sorted by path.
pub(super) fn all() -> Vec<Source> {
    let root = root().join("src");
    let mut sources: Vec<Source> = files(&root)
        .into_iter()
        .map(|file| Source {
            path: file
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/"),
            code: without_tests(&without_comments(&fs::read_to_string(&file).unwrap())),
        })
        .filter(|source| !is_test_file(&source.path))
        .collect();
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(
        sources.len() > 30,
        "the sources are not where this test looks for them"
    );
    sources
}

/// The folder of Cargo.toml.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(
            |path| match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => files(&path),
                Some("rs") => vec![path],
                _ => Vec::new(),
            },
        )
        .collect()
}

/// A module that its parent declares under `#[cfg(test)]` and that fills a file of its own.
fn is_test_file(path: &str) -> bool {
    path.split('/')
        .any(|part| part == "tests" || part == "tests.rs")
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Unit tests close a file in this house.
fn without_tests(code: &str) -> String {
    code.split("#[cfg(test)]\nmod ").next().unwrap().to_owned()
}
