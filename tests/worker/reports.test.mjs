// `/api/v1/reports`: who may report, what is kept, and what a plan makes of it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { basic, sha256, startShop } from '../support/shop.mjs'

const WORKLOADS = readFileSync(new URL('../planning/reports/workloads.json', import.meta.url), 'utf8')

/** Two reports that the job requires, and a client who brings them. */
function reporting(configuration) {
  configuration.reports = {
    cluster: { kind: 'images', maxAge: '6h', min: 1, maxShrink: '30%' },
    'open prs': { kind: 'strings', maxAge: '2h' },
  }
  configuration.clients.cluster = {
    tokenSha256: [sha256('cluster')],
    grants: [{ actions: ['report'], repositories: ['demo/**'] }],
  }
  return configuration
}

const images = (names, takenAt = new Date()) => ({
  format: 'portreeve.report/1',
  kind: 'images',
  takenAt: takenAt.toISOString(),
  uses: names.map((reference) => ({ reference, sources: ['deployment/web in shop, container app'] })),
})
const strings = (texts) => ({ format: 'portreeve.report/1', kind: 'strings', takenAt: new Date().toISOString(), strings: texts })

/** A plan for a second of its own: the same question within one has the same answer. */
async function planAnew(shop) {
  const second = () => Math.floor(Date.now() / 1000)
  for (const last = second(); second() === last; ) await delay(50)
  return shop.plan()
}

/** Sends a report as a client of the cluster does. */
function reporter(shop) {
  return (name, body, headers = {}) =>
    shop.get(`/api/v1/reports/${encodeURIComponent(name)}`, {
      method: 'PUT',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...basic('cluster'), 'content-type': 'application/json', ...headers },
    })
}

const BOTH = ['127.0.0.1:5555/shop/web:v1.4.2', 'elsewhere.example/redis:7']

test('a job that requires reports deletes nothing until they are there, and then keeps what they list', async (t) => {
  const shop = await startShop(t.after.bind(t), { change: reporting })
  const put = reporter(shop)
  const before = await planAnew(shop)
  assert.equal(before.state, 'ready', JSON.stringify(before.error))
  assert.equal(before.plan.summary.delete.groups, 0)
  const blocked = before.plan.summary.blocked.groups
  assert.ok(blocked > 0)
  const reasons = ({ plan }) => plan.repositories[0].images.filter(({ verdict }) => verdict === 'blocked').map(({ reason }) => reason)
  assert.ok(reasons(before).includes('report'), String(new Set(reasons(before))))
  assert.match(JSON.stringify(before.plan), /the report `cluster` cannot be relied on, there is none; nothing is deleted/)

  assert.equal((await put('open prs', strings([]))).status, 200)
  const { status, body } = await put('cluster', images(BOTH))
  assert.deepEqual([status, body.size, body.breach], [200, 2, undefined], JSON.stringify(body))
  const after = await planAnew(shop)
  assert.ok(after.plan.summary.delete.groups > 0, JSON.stringify(after.plan.summary))

  // what is condemned now is kept as soon as something runs it, by whatever host it was pulled
  const condemned = after.plan.repositories[0].images.find(({ verdict, tags }) => verdict === 'delete' && tags.length > 0)
  const running = `mirror.example/cache/shop/web:${condemned.tags[0]}`
  assert.equal((await put('cluster', images([...BOTH, running]))).status, 200)
  const again = await planAnew(shop)
  const kept = again.plan.repositories[0].images.find(({ digest }) => digest === condemned.digest)
  assert.deepEqual([kept.verdict, kept.reason], ['blocked', 'in_use'], kept.explanation)
  assert.match(kept.explanation, /deployment\/web in shop, container app/)
})

test('a report that shrank, is old or comes from the future is kept, said loudly, and stops deletions', async (t) => {
  const shop = await startShop(t.after.bind(t), { change: reporting })
  const put = reporter(shop)
  await put('open prs', strings([]))
  const names = Array.from({ length: 10 }, (_, number) => `elsewhere.example/app:${number}`)
  assert.equal((await put('cluster', images(names))).status, 200)
  for (const [body, hint] of [
    [images(names.slice(0, 6)), /it lists 6 where the last one listed 10/],
    [images(names.slice(0, 6)), /listed 10/, 'the one that was refused is nothing to shrink from'],
    [images([]), /at least 1/],
    [images(names, new Date(Date.now() - 7 * 3_600_000)), /more than 6h ago/],
    [images(names, new Date(Date.now() + 600_000)), /in the future/],
  ]) {
    const answer = await put('cluster', body)
    assert.deepEqual([answer.status, answer.body.code], [422, 'refused'], JSON.stringify(answer.body))
    assert.match(answer.body.message, hint)
  }
  assert.equal((await planAnew(shop)).plan.summary.delete.groups, 0)
  const { body } = await shop.get('/api/v1/reports')
  assert.deepEqual(
    body.reports.map(({ name, kind, size, breach }) => [name, kind, size, breach]),
    [['cluster', 'images', 10, 'from_the_future'], ['open prs', 'strings', 0, undefined]],
  )
  assert.equal((await put('cluster', images(names.slice(0, 7)))).status, 200)
  assert.ok((await planAnew(shop)).plan.summary.delete.groups > 0)
})

test("what is not reduced is refused with the command that reduces it, and nothing of it is kept or said", async (t) => {
  const shop = await startShop(t.after.bind(t), { change: reporting })
  const put = reporter(shop)
  for (const raw of [WORKLOADS, '[]', '"alpine"', 'cr.acme.dev/shop/web:hunter2\n', '{"format":"hunter2"}', '']) {
    const { status, body } = await put('cluster', raw)
    assert.deepEqual([status, body.code], [400, 'invalid_argument'], raw.slice(0, 40))
    assert.match(body.message, /kubectl get pods,.* -A -o json \| npx portreeve report reduce --kind images/)
    assert.doesNotMatch(JSON.stringify(body), /hunter2/)
  }
  const field = await put('cluster', { ...images(BOTH), env: { PASSWORD: 'hunter2' } })
  assert.deepEqual([field.status, field.body.code], [400, 'invalid_argument'])
  assert.doesNotMatch(JSON.stringify(field.body), /hunter2/)
  assert.equal((await put('cluster', strings(['1']))).body.code, 'refused')
  // it is refused by its length: the connection may end while it is still being sent
  const long = await put('cluster', { ...images(BOTH), padding: 'x'.repeat(9 << 20) }).catch(() => ({ status: 413 }))
  assert.equal(long.status, 413)
  const { body: { reports: [kept] } } = await shop.get('/api/v1/reports')
  assert.deepEqual([kept.name, kept.size, kept.breach], ['cluster', 1, 'wrong_kind'])
  assert.doesNotMatch(shop.worker.log(), /hunter2/)
})

test('only a client that is granted it for all that a report decides about may report', async (t) => {
  const change = (configuration) => {
    reporting(configuration)
    const client = (name, grants) => {
      configuration.clients[name] = { tokenSha256: [sha256(name)], grants }
    }
    client('elsewhere', [{ actions: ['report'], repositories: ['demo/other/**'] }])
    client('narrow', [{ actions: ['report'], repositories: ['demo/shop/web'] }])
    return configuration
  }
  const shop = await startShop(t.after.bind(t), { change })
  const put = reporter(shop)
  for (const [token, status] of [['high-water', 403], ['elsewhere', 403], ['nobody', 401], ['narrow', 200], ['cluster', 200]]) {
    const answer = await put('cluster', images(BOTH), basic(token))
    assert.equal(answer.status, status, `${token}: ${JSON.stringify(answer.body)}`)
  }
  assert.equal((await put('cluster', images(BOTH), { authorization: '' })).status, 401)
  assert.equal((await put('cluster', images(BOTH), { 'content-type': 'text/plain' })).status, 400)
  assert.equal((await put('nothing', images(BOTH))).status, 404)
  assert.equal((await put('open prs', strings(['7']))).status, 200)
  const seen = await shop.get('/api/v1/reports', { headers: basic('cluster') })
  assert.equal(seen.status, 200)
  // what runs where is told to nobody
  assert.doesNotMatch(JSON.stringify(seen.body), /elsewhere|deployment/)
})

test('one client never holds both report and apply, nor one token two clients who do', async (t) => {
  const one = (configuration) => configuration.clients.admin.grants[0].actions.push('report')
  const two = (configuration) => {
    configuration.clients.other = { tokenSha256: [sha256('high-water')], grants: [{ actions: ['report'], repositories: ['demo/**'] }] }
  }
  for (const [change, hint] of [[one, /never holds both `report` and `apply`/], [two, /shares a token/]]) {
    const shop = await startShop(t.after.bind(t), { change: (configuration) => (change(configuration), configuration) })
    const { status, body } = await shop.get('/api/v1/jobs')
    assert.equal(status, 400)
    assert.match(JSON.stringify(body), hint)
  }
})
