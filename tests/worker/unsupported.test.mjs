// Each field that is understood and not carried out makes what uses it answer `unsupported` with the
// field's path; what does not use it goes on.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { basic, sha256, startShop } from '../support/shop.mjs'

const UPSTREAMS = {
  kind: 'distribution',
  tagFreshness: '5m',
  staleIfError: '7d',
  blobs: 'redirect',
  budget: { requestsPerHour: 3000 },
  headers: { 'X-Id': 'CF_ID' },
  alsoKnownAs: ['mirror.example/x'],
  pullsSeen: 'some',
}

const JOBS = {
  'jobs.approval': ['approval', 'always'],
  'jobs.notify': ['notify', [{ slack: 'SLACK_URL' }]],
}

const POLICIES = {
  import: { format: 'ecr', file: 'lifecycle.json' },
}

const ACTIONS = ['push', 'delete', 'approve', 'metrics']

const OIDC = { issuer: 'https://token.example', audience: 'x', claims: {} }

const shop = await startShop(after, { change: withEachField })

/** One upstream, job or client for each field, all of them in one configuration. */
function withEachField(configuration) {
  const { demo } = configuration.upstreams
  const all = { actions: ['pull', 'plan'], repositories: [] }
  configuration.clients.admin.grants.push(all)
  const upstream = (name, extra = {}) => {
    configuration.upstreams[name] = { ...demo, ...extra }
    all.repositories.push(`${name}/**`)
  }
  const job = (name, extra = {}, policy = 'shop') => {
    upstream(name, { host: `${name.replaceAll('-', '')}.localhost:5555` })
    const settled = JSON.parse(JSON.stringify(extra).replaceAll('{upstream}', name))
    configuration.jobs[name] = { repositories: [`${name}/shop/web`], policy, ...settled }
  }
  for (const [field, value] of Object.entries(UPSTREAMS)) upstream(`up-${field.toLowerCase()}`, { [field]: value, host: `${field.toLowerCase()}.localhost:5555` })
  for (const [row, [field, value]] of Object.entries(JOBS)) job(`job-${row.split('.')[1]}`, { [field]: value })
  for (const [field, value] of Object.entries(POLICIES)) {
    configuration.policies[field] = { ...configuration.policies.shop, [field]: value }
    job(`policy-${field}`, {}, field)
  }
  for (const action of ACTIONS) {
    configuration.clients[action] = { tokenSha256: [sha256(action)], grants: [{ actions: ['pull', action], repositories: ['demo/**'] }] }
  }
  configuration.clients.oidc = { oidc: OIDC, grants: [{ actions: ['pull'], repositories: ['demo/**'] }] }
  return configuration
}

test('what uses none of them goes on', async () => {
  assert.equal((await shop.get('/v2/demo/shop/web/tags/list')).status, 200)
  assert.equal((await shop.post('/api/v1/plans', { job: 'shop', repository: 'demo/shop/web' })).status, 202)
})

for (const field of Object.keys(UPSTREAMS)) {
  test(`an upstream with ${field}`, async () => {
    const name = `up-${field.toLowerCase()}`
    const path = `$.upstreams.${name}.${field}`
    const proxied = await shop.get(`/v2/${name}/shop/web/tags/list`)
    assert.equal(proxied.status, 400, JSON.stringify(proxied.body))
    assert.equal(proxied.body.errors[0].code, 'UNSUPPORTED')
    assert.equal(proxied.body.errors[0].detail.path, path)
    refused(await shop.get(`/api/v1/tags?repository=${name}/shop/web`), path)
  })
}

for (const [row, [field, , place = field]] of Object.entries(JOBS)) {
  test(`a job with ${field}`, async () => {
    const job = `job-${row.split('.')[1]}`
    refused(await shop.post('/api/v1/plans', { job, repository: `${job}/shop/web` }), `$.jobs.${job}.${place}`)
  })
}

for (const field of Object.keys(POLICIES)) {
  test(`a policy with ${field}`, async () => {
    const job = `policy-${field}`
    const { status, body } = await shop.post('/api/v1/plans', { job, repository: `${job}/shop/web` })
    assert.deepEqual([status, body.code], [422, 'unsupported'], JSON.stringify(body))
    assert.ok(body.path.startsWith(`$.policies.${field}.${field}`), body.path)
  })
}

for (const action of ACTIONS) {
  test(`a client with the action ${action}`, async () => {
    const answer = await shop.get('/v2/demo/shop/web/tags/list', { headers: basic(action) })
    assert.equal(answer.status, 400)
    assert.equal(answer.body.errors[0].detail.path, `$.clients.${action}.grants[0].actions[1]`)
  })
}

test('a token of nobody, where a client would be known by oidc', async () => {
  const { status, body } = await shop.get('/v2/demo/shop/web/tags/list', { headers: { authorization: 'Bearer eyJ' } })
  assert.equal(status, 400)
  assert.equal(body.errors[0].code, 'UNSUPPORTED')
})

test('a default upstream', async (t) => {
  const other = await startShop(t.after.bind(t), { change: (configuration) => ({ ...configuration, defaultUpstream: 'demo' }) })
  const { status, body } = await other.get('/v2/library/alpine/tags/list')
  assert.deepEqual([status, body.errors[0].detail.path], [400, '$.defaultUpstream'])
})

test("cron says so in the log, and goes on with the other jobs", async () => {
  await shop.worker.scheduled({ at: new Date('2026-11-24T03:15:00Z') })
  assert.match(shop.worker.log(), /shop\/web for the job `shop` at 2026-11-24T03:15:00Z: \{"planned":true\}/)
})

function refused({ status, body }, path) {
  assert.deepEqual([status, body.code, body.path], [422, 'unsupported', path], JSON.stringify(body))
}
