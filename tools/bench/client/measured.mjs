// Programs and scripts of a shell, measured from outside: wall time, CPU with all children,
// requests by the registry's access log.

import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

import { temporaryFolder } from '../../../tests/support/servers.mjs'
import { PEERS } from '../../peers/find.mjs'

// regctl writes down what it is told of a registry: not into the user's own folder
const HOME = temporaryFolder('bench-home')
const PATH = [join(PEERS, 'bin'), process.env.PATH].join(delimiter)

/**
 * Runs a script of a shell so many times: `{ seconds, cpuSeconds, requests, output }`, of the run
 * of median wall time.
 */
export async function measured(script, { registry, repeat }) {
  const runs = []
  for (let run = 0; run < repeat; run++) runs.push(await once(script, registry))
  return runs.sort((one, two) => one.seconds - two.seconds)[Math.floor((repeat - 1) / 2)]
}

async function once(script, registry) {
  const before = requests(registry)
  const started = performance.now()
  // `times` tells of the shell and of everything that it waited for
  const { stdout, times } = await bash(`${script}\ntimes >&3`)
  const seconds = (performance.now() - started) / 1000
  const used = times.match(/[0-9]+m[0-9.]+s/g) ?? []
  const cpuSeconds = used.reduce((sum, text) => sum + minutesAndSeconds(text), 0)
  return { seconds, cpuSeconds, requests: requests(registry) - before, output: stdout }
}

function bash(script) {
  return new Promise((done, fail) => {
    const child = spawn('bash', ['-o', 'pipefail', '-ec', script], {
      env: { ...process.env, PATH, HOME },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    let [stdout, times] = ['', '']
    child.stdout.on('data', (data) => (stdout += data))
    child.stdio[3].on('data', (data) => (times += data))
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? done({ stdout, times }) : fail(new Error(`exit ${code}: ${script}\n${stdout.slice(0, 500)}`))))
  })
}

function requests(registry) {
  return registry.log().match(/"(GET|HEAD) \/v2\//g)?.length ?? 0
}

function minutesAndSeconds(text) {
  const [, minutes, seconds] = /([0-9]+)m([0-9.]+)s/.exec(text)
  return Number(minutes) * 60 + Number(seconds)
}

/** Prints rows, each with its ratios to the first. */
export function show(title, rows, columns) {
  console.log(`\n${title}`)
  const [first] = rows
  const shown = rows.map(({ name, ...row }) => {
    const cells = Object.entries(columns).flatMap(([key, { label, round = 2, ratio = true }]) => {
      if (row[key] === undefined) return [[label, '']]
      const cell = [label, Number(row[key].toFixed(round))]
      return ratio && row !== first && first[key] ? [cell, [`${label} : ours`, `${(row[key] / first[key]).toFixed(1)} x`]] : [cell]
    })
    return [name, Object.fromEntries(cells)]
  })
  console.table(Object.fromEntries(shown))
}
