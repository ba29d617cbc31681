//! Planning, measured natively: one process a figure, so that each peak of memory is its own.
//!
//! `tools/bench/plan.mjs` runs it (`npm run bench -- plan`):
//!
//! ```text
//! plan write IMAGES FILE   writes an inventory of so many manifests
//! plan parse FILE          parses every line by serde_json, and nothing else
//! plan make FILE           reads the inventory, plans, and writes the plan out
//! ```
//!
//! Each prints one line of JSON; times are in milliseconds, memory in bytes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a program that measures: it ends where something is wrong, and needs clock and files"
)]

mod yard;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::time::Instant;

use portreeve::plan;
use portreeve::plan::inventory::{self, Inventory, Reader};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|text| text != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match words[..] {
        ["write", images, file] => write(images.parse().unwrap(), file),
        ["parse", file] => parse(file),
        ["make", file] => make(file),
        // `cargo bench` without words: there is nothing to compare alone
        _ => return println!("npm run bench -- plan"),
    };
    println!("{figures}");
}

fn write(images: u32, file: &str) -> Value {
    let inventory = yard::inventory(images);
    let mut out = BufWriter::new(File::create(file).unwrap());
    let mut bytes = 0;
    inventory::write_to(&inventory, &mut |piece| {
        bytes += piece.len();
        out.write_all(piece.as_bytes()).unwrap();
    });
    out.flush().unwrap();
    json!({ "images": inventory.len(), "bytes": bytes })
}

/// What the other figures are compared with: every line into a [`Value`]. Thrown away at once, they
/// cost the parser alone; kept until the end, what anybody has who goes on to plan.
fn parse(file: &str) -> Value {
    let mut kept = Vec::new();
    let [thrown_away, kept_all] = [false, true].map(|keep| {
        let start = Instant::now();
        let lines = BufReader::with_capacity(PIECE, File::open(file).unwrap()).lines();
        for line in lines {
            let value = serde_json::from_str::<Value>(&line.unwrap()).unwrap();
            if keep {
                kept.push(value);
            } else {
                std::hint::black_box(value);
            }
        }
        milliseconds(start)
    });
    json!({ "lines": kept.len(), "thrownAway": thrown_away, "kept": kept_all, "peak": peak() })
}

const PIECE: usize = 1 << 16;

fn make(file: &str) -> Value {
    let start = Instant::now();
    let inventories = [read(file)];
    let read = milliseconds(start);
    let after_read = peak();

    let start = Instant::now();
    let yard = yard::Yard::new();
    let reports = yard.reports();
    let made = plan::make(&yard.input(&inventories, &reports)).unwrap();
    let planned = milliseconds(start);

    let start = Instant::now();
    let mut out = BufWriter::new(File::create("/dev/null").unwrap());
    let mut bytes = 0;
    made.write(&mut |piece| {
        bytes += piece.len();
        out.write_all(piece.as_bytes()).unwrap();
    });
    out.flush().unwrap();
    json!({
        "images": inventories[0].len(),
        "deleted": made.summary().delete.manifests,
        "read": read,
        "plan": planned,
        "write": milliseconds(start),
        "bytes": bytes,
        "peakAfterRead": after_read,
        "peak": peak(),
    })
}

/// Reads in pieces, so that the text is never in memory as a whole.
fn read(file: &str) -> Inventory {
    let mut file = File::open(file).unwrap();
    let mut reader = Reader::default();
    let mut buffer = vec![0; PIECE];
    loop {
        let length = file.read(&mut buffer).unwrap();
        let Some(piece) = buffer.get(..length).filter(|piece| !piece.is_empty()) else {
            break;
        };
        // the yard writes ASCII, so that no letter is cut in two
        reader.push(std::str::from_utf8(piece).unwrap()).unwrap();
    }
    reader.finish().unwrap()
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// The process's highest resident memory so far, as Linux counts it; 0 elsewhere.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
