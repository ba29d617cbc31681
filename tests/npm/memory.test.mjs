// Ten thousand calls, none of whose objects is freed by hand, leave WebAssembly's memory as it was.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'

import { installPackage, nodeIn } from '../support/package.mjs'

const PROGRAM = `
if (process.argv[2] === 'without-collection') globalThis.FinalizationRegistry = class { register() {} unregister() {} }
let memory
const instantiate = WebAssembly.instantiate
WebAssembly.instantiate = async (...given) => {
  const made = await instantiate(...given)
  // Node's own fetch is made of WebAssembly, too
  const { exports } = made.instance ?? made
  if ('parseReference' in exports) memory = exports.memory
  return made
}
const { connect, parseReference } = await import('portreeve')

const config = new TextEncoder().encode(JSON.stringify({ architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z', config: { Env: Array(50).fill('A=B') } }))
const name = async (bytes) => 'sha256:' + Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')
const blob = await name(config)
const manifest = new TextEncoder().encode(JSON.stringify({
  schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: blob, size: config.length }, layers: [],
}))
const digest = await name(manifest)
const tags = JSON.stringify({ name: 'shop/web', tags: Array.from({ length: 99 }, (_, index) => 'v' + index) })

const fetch = async (url, { method }) => {
  if (url.includes('/tags/list')) return new Response(tags, { headers: { 'content-type': 'application/json' } })
  if (url.includes('/blobs/')) return new Response(config, { headers: { 'content-length': String(config.length) } })
  if (url.includes('missing')) return new Response('', { status: 404 })
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'docker-content-digest': digest, 'content-length': String(manifest.length) }
  return new Response(method === 'HEAD' ? null : manifest, { headers })
}

const longLived = new AbortController()
const calls = [
  () => parseReference('shop/web:v1'),
  () => parseReference('NO').catch(() => {}),
  (web) => web.manifest('v1'),
  (web) => web.manifest('missing').catch(() => {}),
  (web) => web.image('v1', { signal: longLived.signal }),
  (web) => web.manifest('v1', { signal: AbortSignal.abort() }).catch(() => {}),
  async (web) => { for await (const tag of web.tags({ signal: longLived.signal })) if (tag) break },
  (web) => web.tags({ with: ['digest', 'created'], limit: 3 }).done(),
  async (web) => { for await (const chunk of await web.blob(blob)) chunk.length },
  async (web) => { await (await web.blob(blob, { signal: longLived.signal })).cancel() },
]

async function round(count) {
  for (let call = 0; call < count; call += 1) {
    // each with a registry of its own, as a Worker does in each request
    const web = connect('registry.example', { fetch, onResponse: () => {} }).repository('shop/web')
    await calls[call % calls.length](web)
    if (call % 100 === 99) {
      globalThis.gc()
      // what was collected is given back in a task of its own
      await new Promise((later) => setTimeout(later))
    }
  }
}

await round(2_000)
const before = memory.buffer.byteLength
await round(10_000)
console.log(JSON.stringify({ before, after: memory.buffer.byteLength }))
`

let folder

before(async () => {
  folder = await installPackage()
  writeFileSync(join(folder, 'memory.mjs'), PROGRAM)
})

async function measured(...given) {
  const { stdout, stderr } = await nodeIn(folder, ['--expose-gc', 'memory.mjs', ...given], { timeout: 300_000 })
  assert.ok(stdout, stderr)
  return JSON.parse(stdout)
}

test('ten thousand calls leave the memory as it was, and nobody called free()', async () => {
  // what was not collected in time, on a busy machine, is not what would have been lost
  const [collected, lost] = [await measured(), await measured('without-collection')]
  const grown = ({ before, after }) => after - before
  assert.ok(grown(lost) > 1 << 20, `without collection it grew by ${grown(lost)} bytes only`)
  assert.ok(grown(collected) < grown(lost) / 20, `it grew by ${grown(collected)} bytes, by ${grown(lost)} without collection`)
})
