// The fuzz targets: building them on stable Rust, without cargo-fuzz, and running one.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, run } from '../command.mjs'

const FUZZ = join(ROOT, 'fuzz')

/** Each is a file in fuzz/fuzz_targets, with a folder in fuzz/corpus and a file in fuzz/dictionaries. */
export const TARGETS = readdirSync(join(FUZZ, 'fuzz_targets'))
  .map((file) => file.replace(/\.rs$/, ''))
  .sort()

/** What a run adds to the corpus, and what it crashed on; nothing of it is kept in the repository. */
export const FOUND = join(ROOT, 'build', 'fuzz')

// what `cargo fuzz run --sanitizer none` passes: which branches ran, and what was compared
const INSTRUMENTED = [
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Cllvm-args=-simplifycfg-branch-fold-threshold=0',
]

/** Why nothing can be fuzzed here, as a person would act on it; nothing where it can. */
export function whyNot() {
  if (!['linux', 'darwin'].includes(process.platform)) return `libFuzzer is not built for ${process.platform}`
  const compiler = process.env.CXX || 'c++'
  if (!spawnSync(compiler, ['--version']).error) return undefined
  return `libFuzzer is built with a C++ compiler (${compiler}); on Debian: sudo apt-get install g++`
}

/** A cargo command on the fuzz targets, with what it shares between building and linting. */
export async function cargoOfFuzz(command, ...more) {
  const version = await run('rustc', ['-vV'], { capture: true })
  // a target of its own keeps the flags away from build scripts
  const [, host] = /^host: (.+)$/m.exec(version)
  const args = [command, '--locked', '--release', '--target', host, '--manifest-path', join(FUZZ, 'Cargo.toml')]
  const folder = join(FUZZ, 'target')
  const env = { ...process.env, RUSTFLAGS: INSTRUMENTED.join(' '), CARGO_TARGET_DIR: folder }
  await run('cargo', [...args, ...more], { env })
  return join(folder, host, 'release')
}

/** The program of one target and its arguments, to run it for so many seconds. */
export function fuzzing(folder, target, seconds) {
  const found = join(FOUND, 'corpus', target)
  mkdirSync(found, { recursive: true })
  return [
    join(folder, target),
    [
      `-max_total_time=${seconds}`,
      `-dict=${join(FUZZ, 'dictionaries', `${target}.dict`)}`,
      `-artifact_prefix=${FOUND}/${target}-`,
      '-max_len=4096',
      '-timeout=5',
      '-print_final_stats=1',
      found,
      corpus(target),
    ],
  ]
}

/** Adds to the repository's corpus what a run found and what reaches further than what is there. */
export function merging(folder, target) {
  // few and short: as many as it takes to reach every branch, not every number of times
  const few = ['-set_cover_merge=1', '-use_counters=0', '-max_len=512']
  return [join(folder, target), [...few, corpus(target), join(FOUND, 'corpus', target)]]
}

function corpus(target) {
  return join(FUZZ, 'corpus', target)
}
