//! Dependence goes one way between the rooms, as ARCHITECTURE.md draws it.

use std::collections::BTreeSet;

use super::sources::{self, Source};

const GROUND: &[&str] = &[
    "connection",
    "error",
    "event",
    "limits",
    "rate_limit",
    "retry",
    "io",
    "timestamp",
    "credential",
    "credentials",
    "sorted",
    "named_address",
    "oci",
];

/// A room, and the rooms beside the ground that it may lean on.
const ROOMS: &[(&str, &[&str])] = &[
    ("configuration", &[]),
    ("auth", &[]),
    ("api", &[]),
    ("registries", &["api"]),
    ("client", &["auth", "api", "registries"]),
    ("image", &["client", "api"]),
    ("plan", &["configuration", "registries"]),
    (
        "cleanup",
        &[
            "configuration",
            "auth",
            "api",
            "registries",
            "client",
            "image",
            "plan",
        ],
    ),
    (
        "proxy",
        &[
            "configuration",
            "auth",
            "api",
            "registries",
            "client",
            "plan",
        ],
    ),
    ("web", CORE),
    ("npm", CORE_AND_WEB),
    ("worker", CORE_AND_WEB),
];

const CORE: &[&str] = &[
    "configuration",
    "auth",
    "api",
    "registries",
    "client",
    "image",
    "plan",
    "cleanup",
    "proxy",
];

const CORE_AND_WEB: &[&str] = &[
    "configuration",
    "auth",
    "api",
    "registries",
    "client",
    "image",
    "plan",
    "cleanup",
    "proxy",
    "web",
];

#[test]
fn a_room_leans_only_on_rooms_below_it() {
    let wrong: Vec<String> = sources::all()
        .iter()
        .filter(|source| source.path != "lib.rs")
        .flat_map(|source| {
            let allowed = allowed(source.room());
            named_rooms(&source.code)
                .into_iter()
                .filter(move |room| room != source.room() && !allowed.contains(&room.as_str()))
                .map(move |room| format!("src/{} uses crate::{room}", source.path))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "against the direction of dependence:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn what_plans_and_what_reads_for_a_plan_knows_nothing_that_writes() {
    let reads = [
        "assemble", "collect", "expand", "fallback", "known", "reading",
    ];
    let is_of_them = |source: &&Source| {
        let name = source.path.strip_prefix("cleanup/").unwrap_or_default();
        let name = name.split(['/', '.']).next().unwrap_or_default();
        source.room() == "plan" || reads.contains(&name)
    };
    let all = sources::all();
    let reading: Vec<&Source> = all.iter().filter(is_of_them).collect();
    assert!(reading.len() > 20, "this test looks for them elsewhere");
    for source in reading {
        let writes = source.code.contains("Writer") || source.code.contains("Method::");
        assert!(!writes, "src/{} can write", source.path);
    }
}

#[test]
fn nothing_but_the_faces_and_their_web_names_javascript() {
    let javascript = ["wasm_bindgen", "js_sys::", "web_sys::", "worker::"];
    let wrong: Vec<String> = sources::all()
        .iter()
        .filter(|source| !["web", "npm", "worker", "lib"].contains(&source.room()))
        .filter(|source| {
            javascript
                .iter()
                .any(|name| names_crate(&source.code, name))
        })
        .map(|source| source.path.clone())
        .collect();
    assert!(
        wrong.is_empty(),
        "the core names JavaScript: {}",
        wrong.join(", ")
    );
}

#[test]
fn paths_do_not_climb_past_their_parent() {
    // such a path would hide which room it ends in
    let climbs = |source: &Source| source.room() != "lib" && source.code.contains("super::super");
    let climbing: Vec<String> = sources::all()
        .into_iter()
        .filter(climbs)
        .map(|source| source.path)
        .collect();
    assert!(
        climbing.is_empty(),
        "write crate:: instead: {}",
        climbing.join(", ")
    );
}

#[test]
fn rooms_are_found_in_every_form_of_a_path() {
    let code = "use crate::{\n    error::{Code, Error},\n    oci::Digest,\n};\nuse crate::client::Client;\nlet x = crate::plan::make;";
    let found: Vec<String> = named_rooms(code).into_iter().collect();
    assert_eq!(found, ["client", "error", "oci", "plan"]);
}

fn allowed(room: &str) -> Vec<&'static str> {
    let above: &[&str] = match ROOMS.iter().find(|(name, _)| *name == room) {
        Some((_, above)) => above,
        None if GROUND.contains(&room) => &[],
        None => {
            panic!("src/{room} is a new room: say in tests/house/direction.rs what it may lean on")
        }
    };
    GROUND.iter().chain(above).copied().collect()
}

/// The rooms that `crate::room` or `crate::{room, room}` name.
fn named_rooms(code: &str) -> BTreeSet<String> {
    code.match_indices("crate::")
        .filter(|(at, _)| {
            !code[..*at].ends_with(|before: char| before == '$' || before.is_alphanumeric())
        })
        .flat_map(|(at, prefix)| {
            let rest = &code[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(group) => first_parts(group),
                None => vec![identifier(rest)],
            }
        })
        .filter(|name| {
            name.chars()
                .all(|character| character.is_lowercase() || character == '_')
        })
        .collect()
}

/// The first part of each path of a group, up to the brace that closes it.
fn first_parts(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for character in group.chars() {
        match character {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            _ if depth == 0 => parts.last_mut().unwrap().push(character),
            _ => {}
        }
    }
    parts
        .iter()
        .map(|part| identifier(part.trim()))
        .filter(|part| !part.is_empty())
        .collect()
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect()
}

/// Whether a path begins with this crate's name: `worker::` but not `crate::worker::`.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        !code[..at]
            .ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
    })
}
