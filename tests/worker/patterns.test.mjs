// Jobs whose repositories are named by patterns: planned by name as soon as asked for, and by cron
// once the registry's catalog was read.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { requests, startShop } from '../support/shop.mjs'

const SCHEDULE = '15 3 * * *'
const AT = new Date('2026-11-24T03:15:00Z')

function patterns(configuration) {
  const { shop } = configuration.jobs
  configuration.jobs = { shop: { ...shop, schedule: SCHEDULE, repositories: ['demo/shop/*'], except: ['demo/shop/a*'] } }
  return configuration
}

test('a repository that a pattern matches is planned, and no other', async (t) => {
  const shop = await startShop(t.after.bind(t), { change: patterns })
  const { state, repository } = await shop.plan('shop', 'demo/shop/web')
  assert.deepEqual([state, repository], ['ready', 'demo/shop/web'])
  for (const other of ['demo/shop/api', 'demo/tools/cli']) {
    const { status, body } = await shop.post('/api/v1/plans', { job: 'shop', repository: other })
    assert.deepEqual([status, body.code], [400, 'invalid_argument'], other)
  }
  const { body } = await shop.get('/api/v1/plans?repository=demo/shop/web')
  assert.equal(body.plans.length, 1)
  const { body: { jobs: [job] } } = await shop.get('/api/v1/jobs')
  assert.deepEqual([job.repositories, job.patterns], [[], ['demo/shop/*']])
})

test('cron reads the catalog only when the schedule says so, and plans all that match', async (t) => {
  const shop = await startShop(t.after.bind(t), { change: patterns })
  const catalogs = async () => (await requests(shop.demo)).filter((request) => JSON.stringify(request).includes('/v2/_catalog')).length
  await catalogs()
  await shop.worker.scheduled({ at: new Date('2026-11-24T03:10:00Z') })
  assert.equal(await catalogs(), 0)
  await shop.worker.scheduled({ at: AT })
  assert.equal(await catalogs(), 1)
  assert.match(shop.worker.log(), /shop\/web for the job `shop` at 2026-11-24T03:15:00Z: planned/)
  const plans = async (name) => (await shop.get(`/api/v1/plans?repository=demo/${name}`)).body
  assert.equal((await plans('shop/web')).plans.length, 1)
  assert.equal((await plans('shop/api')).code, 'not_found')
})

test('a repository that two jobs match belongs to neither', async (t) => {
  const change = (configuration) => {
    patterns(configuration)
    configuration.jobs.other = { ...configuration.jobs.shop, repositories: ['demo/*/web'], except: ['demo/tools/*'] }
    return configuration
  }
  const shop = await startShop(t.after.bind(t), { change })
  const { status, body } = await shop.post('/api/v1/plans', { job: 'shop', repository: 'demo/shop/web' })
  assert.deepEqual([status, body.code], [400, 'invalid_configuration'], JSON.stringify(body))
  assert.match(body.message, /belongs to the jobs `shop` and `other`/)
})
