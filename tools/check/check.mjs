// Format, lints on every set of features for both kinds of target, documentation, sizes of what is
// shipped, and a deployment that stops before the upload.

import { build } from '../build/all.mjs'
import { run, step } from '../command.mjs'
import { cargoOfFuzz, whyNot } from '../fuzz/targets.mjs'
import { setUp } from '../setup.mjs'
import { endSuiteWithUs } from '../test/output.mjs'
import { Totals } from '../test/totals.mjs'
import { wrangler } from '../wrangler.mjs'
import { checkSizes } from './sizes.mjs'
import { apiReference } from './typedoc.mjs'

const WASM = ['--target', 'wasm32-unknown-unknown']
const BINDGEN = ['--manifest-path', 'tools/bindgen/Cargo.toml']
const FEATURES = {
  core: [],
  worker: ['--features', 'worker'],
  npm: ['--features', 'npm'],
  engine: ['--features', 'engine'],
  'all faces': ['--all-features'],
}

const clippy = (...args) => cargo(['clippy', '--locked', ...args, '--', '-D', 'warnings'])
const cargo = (args, env = {}) => run('cargo', args, { env: { ...process.env, ...env } })
const doc = (...args) => cargo(['doc', '--locked', '--no-deps', ...args], { RUSTDOCFLAGS: '-Dwarnings' })

/** Does every check, counts each, and ends the process. */
export async function check({ lowerSizes }) {
  endSuiteWithUs()
  const totals = new Totals()
  const one = (name, work) => totals.check(name, () => step(name, work))

  await setUp()
  await one('format', () => cargo(['fmt', '--check']))
  await one('format of tools/bindgen', () => cargo(['fmt', '--check', ...BINDGEN]))
  await one('format of fuzz', () => cargo(['fmt', '--check', '--manifest-path', 'fuzz/Cargo.toml']))
  await one('clippy, native, core', () => clippy('--all-targets'))
  await one('clippy, native, all features', () => clippy('--all-targets', '--all-features'))
  for (const [name, features] of Object.entries(FEATURES)) {
    await one(`clippy, wasm32, ${name}`, () => clippy('--lib', ...WASM, ...features))
  }
  await one('clippy of tools/bindgen', () => clippy(...BINDGEN, '--target-dir', 'tools/bindgen/target'))
  const reason = whyNot()
  if (reason) totals.skip('clippy of fuzz', reason)
  else await one('clippy of fuzz', () => cargoOfFuzz('clippy', '--', '-D', 'warnings'))
  await one('documentation, native', () => doc())
  await one('documentation, wasm32, all faces', () => doc(...WASM, '--all-features'))
  await one('reference of the npm package', apiReference)
  if (await one('release build', () => build('release'))) {
    await checkSizes(totals, { lower: lowerSizes })
    await one('wrangler deploy --dry-run', () => run(...wrangler('deploy', '--dry-run', '--outdir', 'build/dry-run')))
  } else {
    totals.fail('sizes and deployment', 'not looked at, because the release build failed')
  }
  process.exit(totals.close())
}
