// `npm start` leaves nothing behind, whichever of its processes ends, and however.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { ROOT } from '../../tools/command.mjs'
import { freePort } from '../support/ports.mjs'
import { processTree, runs } from '../support/processes.mjs'

const skip = process.platform === 'linux' ? false : 'looks at /proc, which is Linux only'

async function start(ports = {}) {
  const env = { ...process.env, PORT: String(await freePort()), DEMO_PORT: String(await freePort()), ...ports }
  const npm = spawn('npm', ['start'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const started = { npm, output: '', ended: new Promise((done) => npm.on('close', done)) }
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (data) => (started.output += data))
  return started
}

async function ready(started) {
  while (!started.output.includes('Ctrl-C stops both')) {
    const ended = await Promise.race([started.ended.then(() => true), delay(100)])
    assert.ok(!ended, `npm start ended early:\n${started.output}`)
  }
  return processTree(started.npm.pid)
}

async function assertNothingRuns(processes, output) {
  const left = () => processes.filter(({ pid }) => runs(pid))
  for (let waited = 0; waited < 5000 && left().length > 0; waited += 100) await delay(100)
  const still = left().map(({ command }) => command)
  for (const { pid } of left()) process.kill(pid, 'SIGKILL')
  assert.deepEqual(still, [], output)
}

for (const [name, signal, pick] of [
  ['Ctrl-C in the terminal', 'SIGINT', 'group'],
  ['SIGTERM to npm', 'SIGTERM', /^npm/],
  ['SIGKILL of npm', 'SIGKILL', /^npm/],
  ['SIGKILL of the script', 'SIGKILL', /start\.mjs/],
  ['SIGKILL of the script under the newer Node', 'SIGKILL', /node_modules.*start\.mjs/],
  ['SIGKILL of the demo registry', 'SIGKILL', /demo_registry/],
  ['SIGKILL of wrangler', 'SIGKILL', /bin\/wrangler\.js/],
  ["SIGKILL of wrangler's inner process", 'SIGKILL', /wrangler-dist/],
]) {
  test(`${name} ends everything that npm start started`, { skip, timeout: 120_000 }, async (t) => {
    const started = await start()
    const processes = await ready(started)
    assert.ok(processes.some(({ command }) => /workerd serve/.test(command)), 'workerd runs')
    const target = pick === 'group' ? { pid: -started.npm.pid } : processes.find(({ command }) => pick.test(command))
    if (!target) {
      t.skip('the Node that runs the tests is new enough for wrangler: there is no such process')
      started.npm.kill('SIGTERM')
    } else {
      process.kill(target.pid, signal)
    }
    await assertNothingRuns(processes, started.output)
  })
}

test('a port in use is named, with what to type instead, before anything starts', { timeout: 60_000 }, async () => {
  const taken = createServer()
  await new Promise((listening) => taken.listen(0, '127.0.0.1', listening))
  const { port } = taken.address()
  const started = await start({ PORT: String(port) })
  assert.notEqual(await started.ended, 0)
  taken.close()
  assert.match(started.output, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use`))
  assert.match(started.output, /PORT=[0-9]+ npm start/)
  assert.doesNotMatch(started.output, /starting/)
})
