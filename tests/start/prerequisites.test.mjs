// What only the user can install is named at once, before anything is downloaded.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'
import { temporaryFolder } from '../support/servers.mjs'

test('a machine with nothing but Node is told all that it needs', () => {
  const env = { PATH: temporaryFolder('empty-path') }
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, 'tools', 'start.mjs')], { env, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.equal(stdout, '')
  for (const missing of ['npm', 'Rust, by rustup', 'a C compiler']) assert.ok(stderr.includes(missing), `${missing} in:\n${stderr}`)
  assert.equal(stderr.match(/get it: /g).length, 3)
})
