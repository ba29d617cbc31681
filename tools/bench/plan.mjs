// Planning: natively up to a million images, through the npm package up to 140,000, and the engine
// in the memory that a Worker has. Fails where a bound is missed; writes docs/benchmark-plan.svg.
//
// npm run bench -- plan [native|node|limited] [--repeat N]

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { buildPackage } from '../build/all.mjs'
import { buildWasm } from '../build/wasm.mjs'
import { Failure, ROOT, step } from '../command.mjs'
import { setUp } from '../setup.mjs'
import { buildNative, figures, measure } from './plan/native.mjs'
import { plot } from './plan/plot.mjs'

const FOLDER = join(ROOT, 'build', 'bench-plan')
const PROGRAM = join(import.meta.dirname, 'plan', 'programs', 'make.mjs')
const MEGABYTE = 1e6

/** Images of each run, and what they may take. */
const NATIVE = [1_000, 10_000, 100_000, 1_000_000]
const NODE = [1_000, 10_000, 50_000, 140_000]
const LIMITED = { images: 50_000, memory: 96 * 1024 * 1024 }
const BOUNDS = { growth: 130, overParse: 3, native: 600 * MEGABYTE, node: 200 * MEGABYTE }

/** Prints a table for each part and answers the exit code: 1 where a bound is missed. */
export async function bench(args = process.argv.slice(3)) {
  const { parts, repeat } = options(args)
  mkdirSync(FOLDER, { recursive: true })
  await setUp()
  const native = await step('the native program', buildNative)
  const inventory = (images) => written(native, images)

  const missed = []
  const series = []
  if (parts.includes('native')) series.push(...(await nativeRuns(native, inventory, repeat, missed)))
  if (parts.includes('node')) {
    await buildPackage('release')
    series.push(await nodeRuns(inventory, repeat, missed))
  }
  if (parts.includes('limited')) await limitedRun(inventory, missed)
  if (parts.includes('native') && parts.includes('node')) {
    const text = plot({ title: 'Time to plan, by the number of images', x: 'images', y: 'seconds', series })
    writeFileSync(join(ROOT, 'docs', 'benchmark-plan.svg'), text)
  }
  for (const one of missed) console.error(`✘ ${one}`)
  return missed.length === 0 ? 0 : 1
}

/** The inventory of so many images, written once. */
async function written(native, images) {
  const file = join(FOLDER, `${images}.jsonl`)
  if (!existsSync(file)) await step(`an inventory of ${images.toLocaleString('en')} images`, () => figures(native, ['write', images, file]))
  return file
}

async function nativeRuns(program, inventory, repeat, missed) {
  const rows = []
  for (const images of NATIVE) {
    const file = await inventory(images)
    const made = await measure(program, ['make', file], repeat, whole)
    const parsed = await measure(program, ['parse', file], repeat, (run) => run.kept)
    rows.push({ images, made, parsed })
  }
  show('natively', rows, ({ made, parsed }) => ({
    'bare serde_json, s': seconds(parsed.kept),
    'thrown away, s': seconds(parsed.thrownAway),
    'whole : bare': round(whole(made) / parsed.kept),
  }))
  const time = (images) => whole(rows.find((row) => row.images === images).made)
  const growth = time(1_000_000) / time(10_000)
  console.log(`time(10^6) / time(10^4) = ${growth.toFixed(1)}`)
  check(missed, 'time(10^6) / time(10^4)', growth, BOUNDS.growth)
  const largest = rows.at(-1)
  check(missed, 'read, plan and write of 10^6, in bare parses of the same', whole(largest.made) / largest.parsed.kept, BOUNDS.overParse)
  check(missed, 'peak of memory at 10^6, natively, in MB', largest.made.peak / MEGABYTE, BOUNDS.native / MEGABYTE)
  return [
    { name: 'native: read, plan, write', colour: '#0969da', points: points(rows, (row) => whole(row.made)) },
    { name: 'native: planning alone', colour: '#1a7f37', points: points(rows, (row) => row.made.plan) },
    { name: 'bare serde_json', colour: '#9a6700', points: points(rows, (row) => row.parsed.kept) },
  ]
}

async function nodeRuns(inventory, repeat, missed) {
  const rows = []
  for (const images of NODE) {
    const made = await measure(process.execPath, [PROGRAM, await inventory(images)], repeat, whole)
    rows.push({ images, made })
  }
  show('in Node, by the package', rows, () => ({}))
  check(missed, 'peak of the Node process at 140,000, in MB', rows.at(-1).made.peak / MEGABYTE, BOUNDS.node / MEGABYTE)
  return { name: 'Node: read, plan, write', colour: '#cf222e', points: points(rows, (row) => whole(row.made)) }
}

/** The engine, linked so that it can never have more memory than the Worker's. */
async function limitedRun(inventory, missed) {
  const { images, memory } = LIMITED
  const folder = 'engine-limited'
  await step('the engine in 96 MiB', () => buildWasm('engine', 'release', { folder, maxMemory: memory }))
  const file = await inventory(images)
  try {
    const made = await figures(process.execPath, [PROGRAM, file, join(ROOT, 'build', folder, 'portreeve_bg.wasm')])
    show('in an engine of 96 MiB', [{ images, made }], () => ({}))
  } catch (error) {
    missed.push(`${images} images do not fit into 96 MiB: ${error.message}`)
  }
}

const whole = ({ read, plan, write }) => read + plan + write
const seconds = (milliseconds) => round(milliseconds / 1000, 3)
const round = (number, digits = 2) => Number(number.toFixed(digits))
const points = (rows, time) => rows.map((row) => [row.images, time(row) / 1000])

function show(title, rows, more) {
  console.log(`\n${title}`)
  const line = (row) => {
    const { made } = row
    const times = { 'read, s': seconds(made.read), 'plan, s': seconds(made.plan), 'write, s': seconds(made.write), 'whole, s': seconds(whole(made)) }
    return [row.images.toLocaleString('en'), { ...times, ...more(row), 'peak, MB': Math.round(made.peak / MEGABYTE), 'plan, MB': round(made.bytes / MEGABYTE, 1), deleted: made.deleted }]
  }
  console.table(Object.fromEntries(rows.map(line)))
}

function check(missed, what, found, most) {
  if (!(found <= most)) missed.push(`${what}: ${found.toFixed(2)}, at most ${most}`)
}

function options(args) {
  const at = args.indexOf('--repeat')
  const repeat = at < 0 ? 3 : Number(args.splice(at, 2)[1])
  const parts = ['native', 'node', 'limited']
  if (args.some((part) => !parts.includes(part)) || !Number.isInteger(repeat) || repeat < 1) {
    throw new Failure(`npm run bench -- plan [${parts.join('|')}] [--repeat N]`)
  }
  return { parts: args.length > 0 ? args : parts, repeat }
}
