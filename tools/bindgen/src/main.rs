//! `wasm-bindgen`'s command line as far as this build needs it: 18 seconds to compile from nothing
//! against two minutes for the whole tool, and pinned by a lock file like everything else.
//!
//! Usage: `portreeve-bindgen worker|npm INPUT.wasm OUTPUT_FOLDER`; writes `portreeve.js` and
//! `portreeve_bg.wasm` there (and `portreeve.d.ts` for npm).

use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [face, input, output] = arguments.as_slice() else {
        eprintln!("usage: portreeve-bindgen worker|npm INPUT.wasm OUTPUT_FOLDER");
        return ExitCode::from(2);
    };
    match generate(face, Path::new(input), Path::new(output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portreeve-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn generate(face: &str, input: &Path, output: &Path) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("portreeve")
        .remove_producers_section(true);
    match face {
        // the entry module starts the instance anew after a panic: it needs both functions below
        "worker" => bindgen
            .module(true)?
            .typescript(false)
            .reset_state_function(true)
            .force_enable_abort_handler(true),
        // the loaders of npm/ hand the module over, so none is named by default
        "npm" => bindgen
            .web(true)?
            .typescript(true)
            .omit_default_module_path(true),
        other => anyhow::bail!("no such face: {other}, expected worker or npm"),
    };
    bindgen.generate(output)
}
