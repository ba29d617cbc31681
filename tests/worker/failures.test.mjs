// What a client is told when something is wrong with its request or with the registry.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { order, startShop, withPassword } from '../support/shop.mjs'

const ANY = { accept: '*/*' }

const { demo, worker } = await startShop(after, {
  change: (configuration) => {
    configuration.upstreams.gone = { host: '127.0.0.1:1', credential: 'anonymous' }
    configuration.clients['this machine'].grants[0].repositories.push('gone/shop/*')
    return configuration
  },
})

const NAMES = [
  ['an unknown tag', '/v2/demo/shop/web/manifests/v9', 404, 'MANIFEST_UNKNOWN'],
  ['an unknown blob', `/v2/demo/shop/web/blobs/sha256:${'0'.repeat(64)}`, 404, 'BLOB_UNKNOWN'],
  ['an unknown repository', '/v2/demo/shop/none/tags/list', 404, 'NAME_UNKNOWN'],
  ['an unknown upstream', '/v2/nowhere/shop/web/tags/list', 404, 'NAME_UNKNOWN'],
  ['a repository that the grammar forbids', '/v2/demo/shop/Web/tags/list', 400, 'NAME_INVALID'],
  ['an encoded slash', '/v2/demo/shop%2fweb/tags/list', 400, 'NAME_INVALID'],
  ['an empty segment', '/v2/demo/shop//web/tags/list', 400, 'NAME_INVALID'],
  ['no repository', '/v2/demo/tags/list', 400, 'NAME_INVALID'],
  ['a digest that is none', '/v2/demo/shop/web/blobs/sha256:abc', 400, 'NAME_INVALID'],
  ['another endpoint', '/v2/demo/shop/web/', 404, 'UNSUPPORTED'],
  ['the catalog', '/v2/_catalog', 400, 'UNSUPPORTED'],
  ['a registry that is not there', '/v2/gone/shop/web/tags/list', 502, 'UNKNOWN'],
]

for (const [what, path, status, code] of NAMES) {
  test(`${what}: ${status} ${code}`, async () => {
    await expect(await fetch(`${worker.url}${path}`), status, code)
  })
}

const FAULTS = [
  ['a corrupted manifest', { path: '/v2/shop/web/manifests/v1.4.2', corrupt: true }, 502, /asked for sha256:/],
  ['a manifest that breaks off', { path: '/v2/shop/web/manifests/v1.4.2', truncate: 100, times: 0 }, 502, /ended|lost|closed|premature/i],
  ['an error in HTML', { path: '/v2/shop/web/manifests/v1.4.2', status: 500, body: '<html>oops</html>', times: 0 }, 502, /500/],
  ['a refusal of our credential', { path: '/v2/shop/web/manifests/v1.4.2', status: 401, times: 0 }, 502, /credentials for 127\.0\.0\.1/],
]

for (const [what, fault, status, message] of FAULTS) {
  test(`${what}: ${status}`, async () => {
    await order(demo, fault)
    const { errors } = await expect(await fetch(`${worker.url}/v2/demo/shop/web/manifests/v1.4.2`, { headers: ANY }), status, 'UNKNOWN')
    assert.match(errors[0].message, message)
    await fetch(`${demo.url}/_demo/faults`, { method: 'DELETE' })
  })
}

test('a registry that asks for patience: 429 and how long', async () => {
  await order(demo, { path: '/v2/shop/web/tags/list', status: 429, headers: { 'retry-after': '600' }, times: 0 })
  const response = await fetch(`${worker.url}/v2/demo/shop/web/tags/list`)
  assert.equal(response.headers.get('retry-after'), '600')
  await expect(response, 429, 'TOOMANYREQUESTS')
  await fetch(`${demo.url}/_demo/faults`, { method: 'DELETE' })
})

test('a registry that hangs: 504', async () => {
  await order(demo, { path: '/v2/shop/api/tags/list', hang: true, times: 0 })
  await expect(await fetch(`${worker.url}/v2/demo/shop/api/tags/list`), 504, 'UNKNOWN')
})

test('a secret that is not set, and a wrong one', async (t) => {
  const options = { demoArgs: ['--profile', 'basic'], change: withPassword }
  const own = t.after.bind(t)
  const without = await startShop(own, options)
  const missing = await expect(await fetch(`${without.worker.url}/v2/demo/shop/web/tags/list`), 500, 'UNKNOWN')
  assert.match(missing.errors[0].message, /the secret USER is not set; run `npx wrangler secret put USER`/)
  const wrong = await startShop(own, { ...options, secrets: { USER: 'demo', PASSWORD: 'high-tide' } })
  const { errors } = await expect(await fetch(`${wrong.worker.url}/v2/demo/shop/web/tags/list`), 502, 'UNKNOWN')
  assert.doesNotMatch(JSON.stringify(errors) + wrong.worker.log(), /high-tide/)
  const right = await startShop(own, { ...options, secrets: { USER: 'demo', PASSWORD: 'demo-password' } })
  assert.equal((await fetch(`${right.worker.url}/v2/demo/shop/web/tags/list`)).status, 200)
})

test('a broken portreeve.json: every answer lists its problems, and health is bad', async (t) => {
  const change = (configuration) => ({ ...configuration, version: 2, jobs: { shop: { ...configuration.jobs.shop, policy: 'none', sched: '' } } })
  const near = await startShop(t.after.bind(t), { change })
  for (const path of ['/v2/', '/v2/demo/shop/web/tags/list', '/api/v1/jobs']) {
    const { body } = await near.get(path)
    for (const place of ['$.version', '$.jobs.shop.policy', '$.jobs.shop.sched']) assert.ok(JSON.stringify(body).includes(place), `${path}: ${place}`)
  }
  const { status, body } = await near.get('/healthz')
  assert.deepEqual([status, body], [503, { status: 'unhealthy', code: 'invalid_configuration', problems: 3 }])
  assert.match(near.worker.log(), /portreeve\.json: \$\.version/)
})

test('a broken portreeve.json: strangers learn how many problems, and not which', async (t) => {
  const far = await startShop(t.after.bind(t), { change: () => '{ "version": 1, "upstream": {} }', clientAddress: '203.0.113.9' })
  for (const path of ['/v2/', '/api/v1/jobs']) {
    const { body } = await far.get(path)
    assert.match(JSON.stringify(body), /portreeve\.json has 1 problem;/)
    assert.doesNotMatch(JSON.stringify(body), /\$\.upstream/)
  }
})

async function expect(response, status, code) {
  const text = await response.text()
  assert.equal(response.status, status, text)
  assert.match(response.headers.get('content-type'), /^application\/json/)
  const body = JSON.parse(text)
  assert.equal(body.errors[0].code, code, text)
  return body
}
