//! What is linked in, by cargo's own account, and that the user's ten packages carry weight.

use std::process::Command;

use super::sources::{self, Source};

/// Asked for by the user, with the files that would not compile without each.
const ASKED_FOR: &[(&str, &[&str])] = &[
    ("wasm-bindgen", &["wasm_bindgen::"]),
    ("worker", &["worker::"]),
    ("serde", &["serde::"]),
    ("serde_json", &["serde_json::"]),
    ("js-sys", &["js_sys::"]),
    ("web-sys", &["web_sys::"]),
    ("base64", &["base64::"]),
    ("url", &["url::"]),
    ("sha2", &["sha2::"]),
    ("thiserror", &["thiserror::"]),
];

#[test]
fn the_ten_packages_asked_for_are_direct_dependencies() {
    let direct = tree(&["--depth", "1", "--features", "worker,engine"]);
    let missing: Vec<&str> = ASKED_FOR
        .iter()
        .map(|(package, _)| *package)
        .filter(|package| !direct.contains(&(*package).to_owned()))
        .collect();
    assert!(
        missing.is_empty(),
        "not direct dependencies: {}; there are {direct:?}",
        missing.join(", ")
    );
}

#[test]
fn code_outside_tests_would_not_build_without_any_of_the_ten() {
    let sources = sources::all();
    let unused: Vec<&str> = ASKED_FOR
        .iter()
        .filter(|(_, paths)| !sources.iter().any(|source| uses(source, paths)))
        .map(|(package, _)| *package)
        .collect();
    assert!(
        unused.is_empty(),
        "named in Cargo.toml only: {}",
        unused.join(", ")
    );
}

#[test]
fn the_core_and_the_npm_face_link_no_tokio() {
    for features in [&[][..], &["--features", "engine"]] {
        let packages = tree(features);
        assert!(
            packages.contains(&"serde".to_owned()),
            "cargo tree answered {packages:?}"
        );
        assert!(
            !packages.contains(&"tokio".to_owned()),
            "tokio is in the tree of {features:?}"
        );
    }
}

/// The names of the packages in the tree for WebAssembly, tests left out.
fn tree(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(sources::root())
        .args([
            "tree",
            "--locked",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

fn uses(source: &Source, paths: &[&str]) -> bool {
    paths.iter().any(|path| {
        source.code.match_indices(path).any(|(at, _)| {
            !source.code[..at].ends_with(|before: char| {
                before.is_alphanumeric() || before == '_' || before == ':'
            })
        })
    })
}
