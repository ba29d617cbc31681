// From `import` to the first answer in a fresh Node, beside fetch alone: the rest is ours.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { show } from './measured.mjs'

const execute = promisify(execFile)
const PROGRAMS = join(import.meta.dirname, 'programs')

/** What our own part may take, in milliseconds. */
const OWN = 30

/** Compares, prints, and answers how many bounds were missed. */
export async function compareStarts({ registry, repository, repeat }) {
  const times = 7 * repeat
  const wanted = { ours: 'first.mjs', fetch: 'fetch.mjs', nothing: 'nothing.mjs' }
  const figures = { ours: [], fetch: [], nothing: [] }
  // in turns, so that a busy moment of the machine meets all of them
  for (let time = 0; time < times; time++) {
    for (const [which, program] of Object.entries(wanted)) {
      const started = performance.now()
      const { stdout } = await execute(process.execPath, [join(PROGRAMS, program), registry.host, repository])
      const [inside, cpu] = stdout.split(' ').map(Number)
      figures[which].push({ inside, cpu, outside: performance.now() - started })
    }
  }
  const median = (which, side) => figures[which].map((figure) => figure[side]).sort((one, two) => one - two)[Math.floor(times / 2)]
  const sides = ['inside', 'cpu', 'outside']
  const row = (name, which) => ({ name, ...Object.fromEntries(sides.map((side) => [side, median(which, side)])) })
  const rows = [row('portreeve', 'ours'), row('fetch alone', 'fetch'), row('nothing', 'nothing')]
  const [ours, alone] = rows
  const own = { name: 'our own part', ...Object.fromEntries(sides.map((side) => [side, ours[side] - alone[side]])) }
  show(`the first answer of a fresh Node, median of ${times}`, [...rows, own], {
    inside: { label: 'ms in the program', round: 1, ratio: false },
    cpu: { label: 'of them CPU', round: 1, ratio: false },
    outside: { label: 'ms of the process', round: 1, ratio: false },
  })
  if (own.inside < OWN) return 0
  console.error(`our own part takes ${own.inside.toFixed(1)} ms; it may take ${OWN} ms`)
  return 1
}
