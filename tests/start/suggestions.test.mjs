// Every line that `npm start` prints works as it is printed.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

import { ROOT } from '../../tools/command.mjs'
import { npmStart, ready, stop } from '../support/npm_start.mjs'
import { needs } from '../support/peers.mjs'

let started
let lines

before(async () => {
  started = await npmStart()
  await ready(started)
  const suggested = started.output.slice(started.output.indexOf('Try, in another terminal'))
  lines = suggested.split('\n').flatMap((line) => /^ {2}([^#].*)$/.exec(line)?.[1] ?? [])
})
after(() => stop(started))

/** Types the one line that begins so into a shell, in the root folder. */
async function type(beginning, more = '') {
  const found = lines.filter((line) => line.startsWith(beginning))
  assert.equal(found.length, 1, `one line begins with "${beginning}":\n${lines.join('\n')}`)
  const { stdout } = await promisify(execFile)('sh', ['-c', found[0] + more], { cwd: ROOT, timeout: 120_000 })
  return stdout
}

test('curl lists the tags through the Worker', async () => {
  const { name, tags } = JSON.parse(await type('curl'))
  assert.match(name, /shop\/web$/)
  assert.ok(tags.includes('v1.4.2') && tags.includes('latest'), tags.join())
})

test('skopeo copies every platform of an image through the Worker', { skip: needs('skopeo') }, async () => {
  assert.match(await type('skopeo'), /Copying image|Storing/)
})

test('npx portreeve tags shows the same tags as curl and as the registry itself', async () => {
  const { tags } = JSON.parse(await type('curl'))
  assert.match(await type('npx portreeve tags'), /v1\.4\.2/)
  const names = (text) => JSON.parse(text).tags.map((tag) => tag.name ?? tag).sort()
  assert.deepEqual(names(await type('npx portreeve tags', ' --json')), [...tags].sort())
  const { stdout } = await promisify(execFile)('npx', ['portreeve', 'tags', `127.0.0.1:${started.ports.DEMO_PORT}/shop/web`, '--json'], { cwd: ROOT })
  assert.deepEqual(names(stdout), [...tags].sort())
})

test('npx portreeve plan shop deletes at least ten groups and keeps every release', async () => {
  const plan = JSON.parse(await type('npx portreeve plan shop', ' --json'))
  assert.ok(plan.summary.delete.groups >= 10, JSON.stringify(plan.summary))
  const releases = plan.repositories.flatMap(({ images }) => images).filter(({ tags }) => tags.some((tag) => /^(v1\.|latest)/.test(tag)))
  assert.ok(releases.length > 0)
  assert.deepEqual([...new Set(releases.map(({ verdict }) => verdict))], ['keep'])
})

test('the page answers at the address', async () => {
  const [address] = lines.filter((line) => line.startsWith('http://'))
  const page = await fetch(address)
  assert.equal(page.status, 200)
  assert.match(page.headers.get('content-type'), /text\/html/)
})
