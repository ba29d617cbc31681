// All faces have cargo write the same file, so cargo takes each for changed by the others and links it
// anew. What a face was made from is remembered here instead: nothing changed, nothing to do.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from '../command.mjs'

// what decides how the sources are compiled
const ALWAYS = [
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain.toml',
  'tools/build/wasm.mjs',
  'tools/bindgen/Cargo.lock',
  'tools/bindgen/src/main.rs',
].map((file) => join(ROOT, file))

/** Whether `folder` holds what these settings and the present sources would make again. */
export function isUnchanged(folder, settings) {
  const stamp = join(folder, 'made-from.json')
  if (!existsSync(stamp) || !existsSync(join(folder, 'portreeve_bg.wasm'))) return false
  const { sources, hash } = JSON.parse(readFileSync(stamp, 'utf8'))
  return hash === fingerprint(sources, settings)
}

/** Remembers what was made from the sources that cargo lists in its `.d` file. */
export function remember(folder, settings, dependencyFile) {
  const [, list] = /^.+?: (.*)$/m.exec(readFileSync(dependencyFile, 'utf8'))
  const sources = list.split(/(?<!\\) /).map((path) => path.replaceAll('\\ ', ' '))
  writeFileSync(join(folder, 'made-from.json'), JSON.stringify({ sources, hash: fingerprint(sources, settings) }))
}

function fingerprint(sources, settings) {
  const hash = createHash('sha256').update(JSON.stringify([settings, process.env.RUSTFLAGS ?? '']))
  for (const file of [...ALWAYS, ...sources]) hash.update(existsSync(file) ? readFileSync(file) : 'gone').update('\0')
  return hash.digest('hex')
}
