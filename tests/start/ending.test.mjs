// `npm start` leaves nothing behind, whichever of its processes ends, and however.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'

import { assertNothingRuns, forget, npmStart, ready } from '../support/npm_start.mjs'

const skip = process.platform === 'linux' ? false : 'looks at /proc, which is Linux only'

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
    const started = await npmStart()
    t.after(() => forget(started))
    const processes = await ready(started)
    assert.ok(processes.some(({ command }) => /workerd serve/.test(command)), 'workerd runs')
    const target = pick === 'group' ? { pid: -started.npm.pid } : processes.find(({ command }) => pick.test(command))
    if (target) {
      process.kill(target.pid, signal)
    } else {
      t.skip('the Node that runs the tests is new enough for wrangler: there is no such process')
      started.npm.kill('SIGTERM')
    }
    await assertNothingRuns(processes, started.output)
  })
}

test('a port in use is named, with what to type instead, before anything starts', { timeout: 60_000 }, async (t) => {
  const taken = createServer()
  await new Promise((listening) => taken.listen(0, '127.0.0.1', listening))
  t.after(() => taken.close())
  const { port } = taken.address()
  const started = await npmStart({ PORT: String(port) })
  assert.notEqual(await started.ended, 0)
  assert.match(started.output, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use`))
  assert.match(started.output, /PORT=[0-9]+ npm start/)
  assert.doesNotMatch(started.output, /starting/)
})
