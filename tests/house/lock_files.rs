//! Lock files name versions, not where one machine happened to get them from.

use std::fs;

use super::sources;

const LOCK_FILES: &[&str] = &[
    "Cargo.lock",
    "package-lock.json",
    "tools/node/package-lock.json",
    "tools/runtimes/package-lock.json",
    "tools/typedoc/package-lock.json",
    "tools/bindgen/Cargo.lock",
    "fuzz/Cargo.lock",
    "tests/support/ociregistry/go.sum",
];

/// cargo writes this for every registry that stands in for crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[test]
fn lock_files_hold_no_host_and_no_absolute_path() {
    for file in LOCK_FILES {
        let text = fs::read_to_string(sources::root().join(file))
            .unwrap()
            .replace(CRATES_IO, "");
        let telling: Vec<&str> = text
            .lines()
            .filter(|line| !line.contains("\"url\": \"https://")) // where a package asks for money
            .filter(|line| {
                ["http://", "https://", "file:", "\"/", "/home/", "/root/"]
                    .iter()
                    .any(|sign| line.contains(sign))
            })
            .collect();
        assert!(
            telling.is_empty(),
            "{file} names a place:\n{}",
            telling.join("\n")
        );
    }
}
