// What the build needs and npm or rustup can bring: done once, and found done in milliseconds after.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, run, step } from './command.mjs'
import { innerNpm } from './node.mjs'

/** Makes everything ready that `build` needs. */
export async function setUp() {
  await npmPackages()
  await wasmTarget()
  await bindgen()
}

async function npmPackages() {
  const wanted = ['package-lock.json', '.npmrc', 'npm/package.json']
    .map((file) => join(ROOT, file))
    .filter(existsSync)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const stamp = join(ROOT, 'node_modules', '.portreeve-stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  await step('npm packages', () => run('npm', ['ci', '--no-audit', '--no-fund'], { env: innerNpm() }))
  writeFileSync(stamp, wanted)
}

async function wasmTarget() {
  const library = await run('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown'], { capture: true })
  if (existsSync(library.trim())) return
  await step('Rust target wasm32-unknown-unknown', () => run('rustup', ['target', 'add', 'wasm32-unknown-unknown']))
}

async function bindgen() {
  const folder = join(ROOT, 'tools', 'bindgen')
  const stamp = join(folder, 'target', '.portreeve-stamp')
  const wanted = ['Cargo.toml', 'Cargo.lock', 'src/main.rs'].map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  if (existsSync(stamp) && existsSync(BINDGEN) && readFileSync(stamp, 'utf8') === wanted) return
  await step('wasm-bindgen', () =>
    run('cargo', ['build', '--locked', '--manifest-path', join(folder, 'Cargo.toml'), '--target-dir', join(folder, 'target')]),
  )
  writeFileSync(stamp, wanted)
}

/** The tool that writes the JavaScript beside a wasm file. */
export const BINDGEN = join(ROOT, 'tools', 'bindgen', 'target', 'debug', 'portreeve-bindgen')
