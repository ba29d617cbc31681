// What goes wrong on a real connection, and the code under which the package says so.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { importPackage } from '../support/command_line.mjs'
import { digestOf } from '../support/contents.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

let demo
let connect

before(async () => {
  demo = await startDemoRegistry()
  ;({ connect } = await importPackage())
})
after(() => demo.stop())

const TAGS = '/v2/shop/web/tags/list'
const MANIFESTS = '/v2/shop/web/manifests/*'
const BLOBS = '/v2/shop/web/blobs/*'

/** A fault as the registry takes it, where it is met, and the code of what is read there; `ok` where it does no harm. */
const CASES = [
  [{ gzip: true }, { [TAGS]: 'ok', [MANIFESTS]: 'ok', [BLOBS]: 'ok' }],
  [{ trickleMilliseconds: 10 }, { [TAGS]: 'ok', [MANIFESTS]: 'ok', [BLOBS]: 'ok' }],
  [{ drop: true }, { [TAGS]: 'unreachable', [MANIFESTS]: 'unreachable', [BLOBS]: 'unreachable' }],
  [{ hang: true }, { [TAGS]: 'timeout', [MANIFESTS]: 'timeout', [BLOBS]: 'timeout' }],
  [{ stall: 20 }, { [TAGS]: 'timeout', [MANIFESTS]: 'timeout', [BLOBS]: 'timeout' }],
  [{ truncate: 20 }, { [TAGS]: 'truncated', [MANIFESTS]: 'truncated', [BLOBS]: 'truncated' }],
  [{ length: 900_000 }, { [TAGS]: 'truncated', [MANIFESTS]: 'truncated', [BLOBS]: 'truncated' }],
  [{ length: 20 }, { [TAGS]: 'upstream_error', [BLOBS]: 'digest_mismatch' }],
  [{ corrupt: true }, { [MANIFESTS]: 'digest_mismatch', [BLOBS]: 'digest_mismatch' }],
  [{ huge: 9_000_000 }, { [MANIFESTS]: 'too_large', [BLOBS]: 'digest_mismatch' }],
  [{ status: 307, headers: { location: '?again' } }, { [TAGS]: 'upstream_error', [BLOBS]: 'upstream_error' }],
  [{ status: 200, body: '<html>closed</html>' }, { [TAGS]: 'upstream_error', [MANIFESTS]: 'digest_mismatch' }],
  [{ status: 429 }, { [TAGS]: 'throttled', [MANIFESTS]: 'throttled', [BLOBS]: 'throttled' }],
]

for (const [fault, places] of CASES) {
  test(`${JSON.stringify(fault)} has its code on a real connection`, async () => {
    const patient = connect(demo.host).repository('shop/web')
    const { digest } = await patient.head('v1.4.2')
    const layer = await aLayer(patient, digest)
    // only what never comes is given up soon
    const timeouts = fault.hang || fault.stall ? { headers: 500, idle: 500 } : {}
    const web = connect(demo.host, { attempts: 1, timeouts }).repository('shop/web')
    const reads = {
      [TAGS]: async () => void (await web.tags().all()),
      [MANIFESTS]: async () => assert.equal(digestOf((await web.manifest(digest)).bytes), digest),
      [BLOBS]: async () => assert.equal(digestOf(Buffer.from(await new Response(await web.blob(layer)).arrayBuffer())), layer),
    }
    const found = {}
    for (const path of Object.keys(places)) {
      await order('faults', 'POST', { ...fault, path, method: 'GET', times: 0 })
      found[path] = await reads[path]().then(() => 'ok', (error) => error.code ?? error)
      await order('faults', 'DELETE')
    }
    assert.deepEqual(found, places)
  })
}

test('a redirect takes no credential to another host, and the other host says so', async (t) => {
  const elsewhere = await startDemoRegistry()
  t.after(() => elsewhere.stop())
  const home = await startDemoRegistry(['--profile', 'basic', '--redirect-blobs', `${elsewhere.url}/_storage`])
  t.after(() => home.stop())
  const credential = { username: 'demo', password: 'demo-password' }
  const web = connect(home.host, { credential }).repository('shop/web')
  const layer = await aLayer(web, 'v1.4.2')
  assert.equal(digestOf(Buffer.from(await new Response(await web.blob(layer)).arrayBuffer())), layer)
  const { requests } = await (await fetch(`${elsewhere.url}/_demo/requests`)).json()
  const fetched = requests.filter(({ target }) => target.startsWith('/_storage/'))
  assert.deepEqual(fetched.map(({ status, authorization }) => [status, authorization]), [[200, null]])
})

async function aLayer(web, target) {
  const { document } = await web.manifest(target)
  const image = await web.manifest(document.manifests[0].digest)
  return image.document.layers[0].digest
}

async function order(what, method, body) {
  await fetch(`${demo.url}/_demo/${what}`, { method, body: body && JSON.stringify(body) })
}
