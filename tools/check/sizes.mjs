// What is shipped may not grow unnoticed: sizes.json holds the bytes of each artefact, gzipped, as a
// ratchet. A smaller artefact lowers the number (`--lower-sizes`), a larger one is a decision that a
// person writes down. `budget` is where it has to get to; how far it still is is said at every run.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { ROOT } from '../command.mjs'

const FILE = join(ROOT, 'sizes.json')

// the same sources differ by a few bytes between two machines
const TOLERANCE = 0.005

/** Adds one check for each artefact. */
export async function checkSizes(totals, { lower }) {
  const sizes = JSON.parse(readFileSync(FILE, 'utf8'))
  for (const [name, artefact] of Object.entries(sizes)) {
    await totals.check(`size of ${name}`, () => {
      const now = artefact.files.reduce((sum, file) => sum + gzipped(file), 0)
      report(name, now, artefact)
      if (lower && now < artefact.gzipped) artefact.gzipped = now
    })
  }
  if (lower) writeFileSync(FILE, `${JSON.stringify(sizes, null, 2)}\n`)
}

function report(name, now, { gzipped: before, budget }) {
  const figures = `${now} bytes gzipped (sizes.json: ${before}, budget: ${budget})`
  if (now > before * (1 + TOLERANCE)) throw new Error(`${figures}: it grew. Make it smaller, or raise the number in sizes.json and say why`)
  const advice = now < before * (1 - TOLERANCE) ? ', can be lowered: npm run check -- --lower-sizes' : ''
  const distance = now > budget ? `, ${now - budget} bytes above the budget` : ''
  console.log(`✔ ${name}: ${figures}${distance}${advice}`)
}

function gzipped(file) {
  return gzipSync(readFileSync(join(ROOT, file)), { level: 9 }).length
}
