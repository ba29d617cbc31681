// From Rust to what is shipped, in the order in which one needs the other:
//
//   cargo --features worker -> build/worker -> worker.js (entry module, bundled)
//   cargo --features npm    -> build/npm    \
//   cargo --features engine -> build/engine  -> npm/dist -> build/www (the page uses the package)

import { join } from 'node:path'

import { run, step } from '../command.mjs'
import { buildWasm } from './wasm.mjs'
import { bundleWorker } from './worker.mjs'

/** Builds the npm package alone. */
export function buildPackage(profile) {
  return step(`the npm package (${profile})`, async () => {
    await buildWasm('npm', profile)
    await buildWasm('engine', profile)
    await run(process.execPath, [join('npm', 'build.mjs')])
  })
}

/** Builds everything; `profile` is `debug` or `release`. */
export async function build(profile) {
  await step(`the Worker (${profile})`, async () => {
    await buildWasm('worker', profile)
    await bundleWorker(profile)
  })
  await buildPackage(profile)
  await step('the page', () => run(process.execPath, [join('www', 'build.mjs'), ...(profile === 'release' ? ['--release'] : [])]))
}
