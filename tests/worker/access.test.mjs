// Who may have what through the Worker.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { ADMIN, basic, shopConfiguration, sha256, startShop } from '../support/shop.mjs'
import { startWorker } from '../support/worker.mjs'

const TAGS = '/v2/demo/shop/web/tags/list'

const shop = await startShop(after, {
  change: (configuration) => {
    configuration.clients.reader = { tokenSha256: [sha256('spring'), sha256('neap')], grants: [{ actions: ['pull'], repositories: ['demo/shop/api'] }] }
    return configuration
  },
})
const far = await startWorker({ configuration: shopConfiguration(shop.demo), clientAddress: '203.0.113.9' })
after(() => far.stop())

const MATRIX = [
  ['nobody on this machine', shop.worker, {}, TAGS, 200],
  ["skopeo's empty user and password on this machine", shop.worker, basic('', ''), TAGS, 200],
  ['nobody from elsewhere', far, {}, TAGS, 401],
  ["skopeo's empty user and password from elsewhere", far, basic('', ''), TAGS, 401],
  ['a token from elsewhere', far, basic(ADMIN), TAGS, 200],
  ['a token as Bearer', far, { authorization: `Bearer ${ADMIN}` }, TAGS, 200],
  ['a token in another scheme', far, { authorization: `Digest ${ADMIN}` }, TAGS, 401],
  ['a wrong token, on this machine too', shop.worker, basic('wrong'), TAGS, 401],
  ['the hash of a token', far, basic(sha256(ADMIN)), TAGS, 401],
  ['a token without a grant for the repository', shop.worker, basic('spring'), TAGS, 403],
  ['the first of two tokens with a grant', shop.worker, basic('spring'), '/v2/demo/shop/api/tags/list', 200],
  ['the second of two tokens with a grant', shop.worker, basic('neap'), '/v2/demo/shop/api/tags/list', 200],
  ['nobody, for a repository without a grant', shop.worker, {}, '/v2/demo/else/web/tags/list', 401],
  ['an unknown upstream', shop.worker, {}, '/v2/nowhere/shop/web/tags/list', 404],
  ['an unknown upstream, asked by a stranger', far, {}, '/v2/nowhere/shop/web/tags/list', 401],
]

for (const [who, worker, headers, path, status] of MATRIX) {
  test(`${who}: ${status}`, async () => {
    const response = await fetch(`${worker.url}${path}`, { headers })
    const body = await response.json()
    assert.equal(response.status, status, JSON.stringify(body))
    assert.equal(response.headers.get('www-authenticate') !== null, status === 401)
    if (status !== 200) assert.ok(body.errors[0].code && body.errors[0].message, 'an error as registries answer it')
  })
}

test('the ping tells clients whether to log in', async () => {
  for (const [worker, headers, status] of [
    [shop.worker, {}, 200],
    [far, {}, 401],
    [far, basic(ADMIN), 200],
    [far, basic('wrong'), 401],
  ]) {
    const response = await fetch(`${worker.url}/v2/`, { headers })
    assert.equal(response.status, status)
    assert.equal(response.headers.get('docker-distribution-api-version'), 'registry/2.0')
    if (status === 401) assert.match(response.headers.get('www-authenticate'), /^Basic realm="portreeve"/)
  }
})

test('without clients nothing is served, and the answer says why', async (t) => {
  const { clients, ...configuration } = shopConfiguration(shop.demo)
  const worker = await startWorker({ configuration })
  t.after(() => worker.stop())
  for (const path of ['/v2/', TAGS, '/api/v1/jobs', '/api/v1/tags?repository=demo/shop/web']) {
    const response = await fetch(`${worker.url}${path}`, { headers: basic(ADMIN) })
    assert.equal(response.status, 403, path)
    assert.match(await response.text(), /no clients are configured.*portreeve token create/)
  }
  assert.equal((await fetch(`${worker.url}/healthz`)).status, 200)
})

test('no address is known: nobody is anonymous', async (t) => {
  const worker = await startWorker({ configuration: shopConfiguration(shop.demo), clientAddress: null })
  t.after(() => worker.stop())
  assert.equal((await fetch(`${worker.url}${TAGS}`)).status, 401)
  // the platform sets this header itself and takes a client's own away
  const told = await fetch(`${worker.url}${TAGS}`, { headers: { 'cf-connecting-ip': '127.0.0.1' } })
  assert.equal(told.status, 200)
})

test('a client sees the jobs that it may plan', async () => {
  const jobs = async (headers) => (await (await fetch(`${shop.worker.url}/api/v1/jobs`, { headers })).json()).jobs.map(({ name }) => name)
  assert.deepEqual(await jobs(basic(ADMIN)), ['shop'])
  assert.deepEqual(await jobs(basic('spring')), [])
})
