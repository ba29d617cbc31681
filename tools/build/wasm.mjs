// Rust to WebAssembly with its JavaScript beside it, for one face of the crate.

import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { ROOT, run } from '../command.mjs'
import { BINDGEN } from '../setup.mjs'
import { isUnchanged, remember } from './unchanged.mjs'

const TARGET = 'wasm32-unknown-unknown'

// an isolate of the platform holds 128 MiB, JavaScript included; workerd on one's own machine holds any
const WORKER_MEMORY = 96 * 1024 * 1024

// what rustc emits today; wasm-opt refuses what it was not told to expect
const WASM_FEATURES = [
  'mutable-globals',
  'sign-ext',
  'nontrapping-float-to-int',
  'bulk-memory',
  'multivalue',
  'reference-types',
  'exception-handling',
]

/**
 * Writes `build/<folder>/portreeve.js` and `portreeve_bg.wasm`; `face` is the feature `worker`, `npm` or `engine`.
 * With `maxMemory` the file can never have more bytes of memory.
 */
export async function buildWasm(face, profile, { folder = face, maxMemory = face === 'worker' ? WORKER_MEMORY : undefined } = {}) {
  const output = join(ROOT, 'build', folder)
  const settings = { face, profile, maxMemory }
  if (isUnchanged(output, settings)) return
  // what is not finished must not be taken for made
  await rm(output, { recursive: true, force: true })
  await mkdir(output, { recursive: true })
  await cargo(face, profile, maxMemory)
  // each face has cargo write the same file
  const compiled = join(output, 'compiled.wasm')
  const target = join(ROOT, 'target', TARGET, profile)
  await copyFile(join(target, 'portreeve.wasm'), compiled)
  await run(BINDGEN, [face === 'worker' ? 'worker' : 'npm', compiled, output])
  if (profile === 'release') await optimise(join(output, 'portreeve_bg.wasm'))
  remember(output, settings, join(target, 'portreeve.d'))
}

function cargo(face, profile, maxMemory) {
  // `rustc` instead of `build`: the linker's argument then goes for this crate alone, and the
  // dependencies are compiled once for all of them
  const args = ['rustc', '--locked', '--lib', '--crate-type', 'cdylib', '--target', TARGET, '--features', face]
  if (profile === 'release') args.push('--release')
  if (maxMemory !== undefined) args.push('--', '-C', `link-arg=--max-memory=${maxMemory}`)
  return run('cargo', args)
}

async function optimise(wasm) {
  const optimised = `${wasm}.optimised`
  const wasmOpt = join(ROOT, 'node_modules', '.bin', 'wasm-opt')
  await run(process.execPath, [wasmOpt, wasm, '-o', optimised, '-Oz', ...WASM_FEATURES.map((feature) => `--enable-${feature}`)])
  await rename(optimised, wasm)
}
