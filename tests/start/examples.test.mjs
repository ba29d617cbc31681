// Every example that the command line's pages and its help print works as printed beside `npm start`.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'
import { npmStart, ready, stop } from '../support/npm_start.mjs'

const PROGRAM = join(ROOT, 'npm', 'bin', 'portreeve.js')

const examples = [...readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8').matchAll(/^\$ (portreeve .*)$/gm)].map(([, line]) => line)

let started

before(async () => {
  started = await npmStart()
  await ready(started)
})
after(() => stop(started))

test('there are examples', () => assert.ok(examples.length > 20, examples.join('\n')))

// in the order of the page: what one example writes or deletes, the next ones find so
for (const line of examples) {
  test(line, async () => {
    const { PORT, DEMO_PORT } = started.ports
    const here = line.replaceAll('127.0.0.1:5555', `127.0.0.1:${DEMO_PORT}`).replaceAll('127.0.0.1:8787', `127.0.0.1:${PORT}`)
    const { code, output } = await type(here, join(ROOT, '.portreeve', `demo-${DEMO_PORT}`))
    const changes = line.includes('--exit-code') ? 5 : 0
    assert.equal(code, changes, output)
  })
}

/** Types it into a shell where portreeve is a command. */
function type(line, cwd) {
  const shell = spawn('sh', ['-c', `set -e\nportreeve() { "${process.execPath}" "${PROGRAM}" "$@"; }\n${line}`], { cwd, env: { ...process.env, HOME: cwd } })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (data) => (output += data))
  shell.stdin.end()
  return new Promise((done) => shell.on('close', (code) => done({ code, output })))
}
