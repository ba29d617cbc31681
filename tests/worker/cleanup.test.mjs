// A cleanup from plan to restore by /api/v1, on a registry of this machine.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { temporaryFolder } from '../support/servers.mjs'
import { callers, order, shopConfiguration, startShop } from '../support/shop.mjs'
import { startWorker } from '../support/worker.mjs'

const INDEX = { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' }

test('what the plan deletes is gone after the run, and back after the restore', async (t) => {
  const { demo, post, until, plan } = await startShop(t.after.bind(t))
  const { id, hash, plan: document } = await plan()
  const [{ images }] = document.repositories
  const digests = (verdicts) => images.filter(({ verdict }) => verdicts.includes(verdict)).map(({ digest }) => digest)
  const [condemned, kept] = [digests(['delete']), digests(['keep', 'blocked', 'unknown'])]
  assert.ok(condemned.length > 10 && kept.length > 10)
  const { status, body } = await post(`/api/v1/plans/${id}/runs`, { hash })
  assert.equal(status, 202, JSON.stringify(body))
  const again = await post(`/api/v1/plans/${id}/runs`, { hash })
  assert.equal(again.body.id, body.id, 'the same run, not another')

  const run = await until(`/api/v1/runs/${body.id}`, ({ state }) => state !== 'running')
  assert.deepEqual([run.state, run.error], ['done', undefined], JSON.stringify(run))
  assert.equal(run.run.repositories[0].deleted.manifests, condemned.length)
  assert.deepEqual(await statuses(demo, condemned), new Set([404]))
  assert.deepEqual(await statuses(demo, kept), new Set([200]))

  assert.equal((await post(`/api/v1/runs/${body.id}/restore`, {})).status, 202)
  const { restore } = await until(`/api/v1/runs/${body.id}`, ({ restore }) => restore?.state !== 'running')
  assert.deepEqual([restore.state, restore.restored.whole], ['done', true], JSON.stringify(restore))
  assert.deepEqual(await statuses(demo, condemned), new Set([200]))
  const tags = images.filter(({ verdict }) => verdict === 'delete').flatMap(({ tags }) => tags)
  const listed = await (await fetch(`${demo.url}/v2/shop/web/tags/list?n=1000`)).json()
  assert.deepEqual(tags.filter((tag) => !listed.tags.includes(tag)), [])
})

test('a run goes on after the Worker was stopped in the middle of it', async (t) => {
  const storage = temporaryFolder('storage')
  const first = await startShop(t.after.bind(t), { storage })
  const { id, hash, plan: document } = await first.plan()
  await order(first.demo, { method: 'DELETE', path: '/v2/shop/web/manifests/*', skip: 5, delayMilliseconds: 60_000, carriedOut: true })
  const { body } = await first.post(`/api/v1/plans/${id}/runs`, { hash })
  const gone = async () => (await statuses(first.demo, deleted(document))).has(404)
  while (!(await gone())) await new Promise((done) => setTimeout(done, 100))
  await first.worker.stop()
  await fetch(`${first.demo.url}/_demo/faults`, { method: 'DELETE' })
  const second = await startWorker({ configuration: shopConfiguration(first.demo), storage })
  t.after(() => second.stop())
  // the lease of the one that was stopped must run out first
  const run = await callers(second).until(`/api/v1/runs/${body.id}`, ({ state }) => state !== 'running', { within: 150_000 })
  // what went with the group that was interrupted is told as skipped, since it is not there
  assert.ok(['done', 'partial'].includes(run.state), JSON.stringify(run))
  assert.deepEqual(await statuses(first.demo, deleted(document)), new Set([404]))
})

test('CLEANUP=off: plans are made on request, and nothing is deleted', async (t) => {
  const { demo, worker, get, post, plan } = await startShop(t.after.bind(t), { cleanup: 'off' })
  assert.deepEqual((await get('/healthz')).body, { status: 'healthy', cleanup: 'off' })
  const { id, hash, plan: document } = await plan()
  const { status, body } = await post(`/api/v1/plans/${id}/runs`, { hash })
  assert.deepEqual([status, body.code], [422, 'refused'])
  assert.match(body.message, /CLEANUP/)
  await worker.scheduled({ at: new Date('2026-11-24T03:15:00Z') })
  assert.match(worker.log(), /CLEANUP=off/)
  assert.equal((await get('/api/v1/plans?repository=demo/shop/web')).body.plans.length, 1)
  assert.deepEqual(await statuses(demo, deleted(document)), new Set([200]))
})

test('a repository that cannot be read: the plan has failed, and says why', async (t) => {
  const { demo, post, until } = await startShop(t.after.bind(t))
  await order(demo, { path: '/v2/shop/web/tags/list', status: 404 })
  const { body } = await post('/api/v1/plans', { job: 'shop', repository: 'demo/shop/web' })
  const failed = await until(`/api/v1/plans/${body.id}`, ({ state }) => state !== 'planning')
  assert.deepEqual([failed.state, failed.error.code], ['failed', 'not_found'])
  assert.equal(failed.plan, undefined)
})

function deleted({ repositories: [{ images }] }) {
  return images.filter(({ verdict }) => verdict === 'delete').map(({ digest }) => digest)
}

async function statuses(demo, digests) {
  const all = await Promise.all(digests.map((digest) => fetch(`${demo.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD', headers: INDEX })))
  return new Set(all.map(({ status }) => status))
}
