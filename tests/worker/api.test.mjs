// /api/v1: what it answers, and to whom.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { basic, sha256, shopConfiguration, startShop } from '../support/shop.mjs'

const JOB = { job: 'shop', repository: 'demo/shop/web' }

const { demo, worker, get, post, until, plan } = await startShop(after, {
  change: (configuration) => {
    configuration.clients.planner = { tokenSha256: [sha256('planner')], grants: [{ actions: ['plan'], repositories: ['demo/shop/web'] }] }
    return configuration
  },
})

test('tags are listed whole', async () => {
  const { status, body } = await get('/api/v1/tags?repository=demo/shop/web')
  const { tags } = await (await fetch(`${demo.url}/v2/shop/web/tags/list?n=1000`)).json()
  assert.deepEqual([status, body.format, body.complete, body.tags], [200, 'portreeve.tags/1', true, tags])
})

test('jobs are told with their policies as written', async () => {
  const { body } = await get('/api/v1/jobs')
  const { jobs, policies } = shopConfiguration(demo)
  const [{ name, repositories, mode, schedule, policyName, policy }] = body.jobs
  assert.deepEqual({ name, repositories, mode, schedule }, { name: 'shop', repositories: jobs.shop.repositories, mode: 'plan', schedule: jobs.shop.schedule })
  assert.deepEqual([policyName, policy], ['shop', policies.shop])
})

test('a plan is made, read, and listed', async () => {
  const { status, body } = await post('/api/v1/plans', JOB)
  assert.equal(status, 202)
  assert.equal(body.state, 'planning')
  assert.match(body.id, /^[0-9a-f]{64}-[0-9a-f]{12}$/)
  const ready = await until(`/api/v1/plans/${body.id}`, ({ state }) => state !== 'planning')
  assert.deepEqual([ready.state, ready.trigger, ready.plan.format, ready.plan.simulated], ['ready', 'api', 'portreeve.plan/1', false])
  assert.equal(ready.hash, ready.plan.hash)
  assert.ok(ready.plan.summary.delete.groups >= 10)
  const { body: listed } = await get('/api/v1/plans?repository=demo/shop/web')
  assert.equal(listed.plans[0].id, body.id)
  assert.equal(listed.plans[0].plan, undefined)
})

const JSON_TYPE = { 'content-type': 'application/json' }
const UNKNOWN = `${'0'.repeat(64)}-${'0'.repeat(12)}`

const REFUSED = [
  ['no token', '/api/v1/plans', JOB, { authorization: 'Basic Og==' }, 401, 'unauthorized'],
  ['a form', '/api/v1/plans', JOB, { 'content-type': 'text/plain' }, 400, 'invalid_argument'],
  ['another site', '/api/v1/plans', JOB, { origin: 'https://evil.example' }, 403, 'denied'],
  ['no JSON', '/api/v1/plans', undefined, {}, 400, 'invalid_argument'],
  ['a policy in the body', '/api/v1/plans', { ...JOB, policy: {} }, {}, 400, 'invalid_argument'],
  ['an unknown job', '/api/v1/plans', { ...JOB, job: 'none' }, {}, 404, 'not_found'],
  ['a repository of no job', '/api/v1/plans', { ...JOB, repository: 'demo/shop/api' }, {}, 400, 'invalid_argument'],
  ['an unknown upstream', '/api/v1/plans', { ...JOB, repository: 'none/shop/web' }, {}, 404, 'not_found'],
  ['a name that is none', '/api/v1/plans', { ...JOB, repository: 'demo/../web' }, {}, 400, 'invalid_reference'],
  ['a client without the grant', '/api/v1/plans', JOB, basic('wrong'), 401, 'unauthorized'],
  ['an unknown plan', `/api/v1/plans/${UNKNOWN}/runs`, { hash: '' }, {}, 404, 'not_found'],
  ['an id that is none', '/api/v1/plans/1/runs', { hash: '' }, {}, 404, 'not_found'],
  ['an unknown run', `/api/v1/runs/${UNKNOWN}/restore`, {}, {}, 404, 'not_found'],
  ['an unknown endpoint', '/api/v1/none', {}, {}, 404, 'not_found'],
  ['a body of 65 KiB', '/api/v1/plans', { ...JOB, job: 'x'.repeat(65 << 10) }, {}, 413, 'too_large'],
]

for (const [what, path, body, headers, status, code] of REFUSED) {
  test(`${what}: ${status} ${code}`, async () => {
    const answer = await post(path, body, { ...JSON_TYPE, ...headers })
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body))
    assert.ok(answer.body.message)
  })
}

test('a parameter that is missing', async () => {
  for (const path of ['/api/v1/tags', '/api/v1/plans']) {
    const { status, body } = await get(path)
    assert.deepEqual([status, body.code], [400, 'invalid_argument'])
  }
})

test('who may plan may not apply, and needs the hash of what was reviewed', async () => {
  const { id, hash } = await plan()
  const denied = await post(`/api/v1/plans/${id}/runs`, { hash }, basic('planner'))
  assert.deepEqual([denied.status, denied.body.code], [403, 'denied'])
  const guessed = await post(`/api/v1/plans/${id}/runs`, { hash: '0'.repeat(64) })
  assert.deepEqual([guessed.status, guessed.body.code], [409, 'conflict'])
})

test('health is told to everybody', async () => {
  const response = await fetch(`${worker.url}/healthz`)
  assert.deepEqual([response.status, await response.json()], [200, { status: 'healthy', cleanup: 'on' }])
})
