// `npm start` itself, on ports of its own:
//
//   const started = await npmStart()
//   await ready(started)             // its processes, once it says that it is ready
//   started.output                   // what it printed so far
//   await stop(started)

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { ROOT } from '../../tools/command.mjs'
import { freePort } from './ports.mjs'
import { processTree, runs } from './processes.mjs'

/** Starts it; `environment` overrides the ports. */
export async function npmStart(environment = {}) {
  const ports = { PORT: String(await freePort()), DEMO_PORT: String(await freePort()), ...environment }
  const npm = spawn('npm', ['start'], { cwd: ROOT, env: { ...process.env, ...ports }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const started = { npm, ports, output: '' }
  started.ended = new Promise((done) => npm.on('close', done))
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (data) => (started.output += data))
  return started
}

/** Waits until it says what to try, and answers its processes: `{ pid, command }`. */
export async function ready(started) {
  while (!started.output.includes('Ctrl-C stops both')) {
    const ended = await Promise.race([started.ended.then(() => true), delay(100)])
    assert.ok(!ended, `npm start ended early:\n${started.output}`)
  }
  return processTree(started.npm.pid)
}

/** Asks it to end, and removes what it kept for these ports. */
export async function stop(started) {
  started.npm.kill('SIGTERM')
  await started.ended
  await forget(started)
}

/** Removes what it kept for these ports. */
export function forget({ ports }) {
  return rm(join(ROOT, '.portreeve', `demo-${ports.DEMO_PORT}`), { recursive: true, force: true })
}

/** Fails, after ending them, when some of the processes still run five seconds from now. */
export async function assertNothingRuns(processes, output) {
  const left = () => processes.filter(({ pid }) => runs(pid))
  for (let waited = 0; waited < 5000 && left().length > 0; waited += 100) await delay(100)
  const still = left()
  for (const { pid } of still) process.kill(pid, 'SIGKILL')
  assert.deepEqual(still.map(({ command }) => command), [], output)
}
