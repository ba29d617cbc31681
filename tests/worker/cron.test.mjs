// The scheduler's tick: what is due is planned, once, and carried out where the job says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { commandLine } from '../support/command_line.mjs'
import { shopConfiguration, startShop } from '../support/shop.mjs'

const PLANS = '/api/v1/plans?repository=demo/shop/web'
// at a quarter past three each day
const nightly = (configuration) => {
  configuration.jobs.shop.schedule = '15 3 * * *'
  return configuration
}
const settled = ({ plans }) => plans.length > 0 && plans.every(({ state }) => state !== 'planning')

test("a tick's plan is the plan that the command line makes for that time", async (t) => {
  const { demo, worker, get, until } = await startShop(t.after.bind(t), { change: nightly })
  const at = '2026-11-25T03:15:00Z'
  await worker.scheduled({ at: new Date(at) })
  const { plans: [{ id, trigger }] } = await until(PLANS, settled)
  const { body } = await get(`/api/v1/plans/${id}`)
  assert.deepEqual([trigger, body.plan.now, body.plan.simulated], ['cron', at, true])
  const portreeve = await commandLine({ configuration: nightly(shopConfiguration(demo)) })
  const { stdout, stderr } = await portreeve('plan', 'shop', '--now', at, '--json')
  assert.equal(body.plan.repositories[0].hash, JSON.parse(stdout).repositories[0].hash, stderr)
})

test('what is not due is not planned', async (t) => {
  const { worker, get } = await startShop(t.after.bind(t), { change: nightly })
  await worker.scheduled({ at: new Date('2026-11-25T03:10:00Z') })
  await worker.scheduled({ at: new Date('2026-11-25T03:25:00Z') })
  assert.deepEqual((await get(PLANS)).body.plans, [])
})

test('a tick that comes twice plans once, and a plan for another time cannot be carried out', async (t) => {
  const { worker, post, until } = await startShop(t.after.bind(t), { change: nightly })
  const at = new Date('2026-11-25T03:15:00Z')
  await Promise.all([worker.scheduled({ at }), worker.scheduled({ at })])
  const { plans } = await until(PLANS, settled)
  assert.equal(plans.length, 1)
  const { status, body } = await post(`/api/v1/plans/${plans[0].id}/runs`, { hash: plans[0].hash })
  assert.deepEqual([status, body.code], [422, 'refused'])
})

test('a job in apply mode deletes by its schedule', async (t) => {
  const { worker, get, until } = await startShop(t.after.bind(t), {
    change: (configuration) => {
      Object.assign(configuration.jobs.shop, { schedule: '* * * * *', mode: 'apply', approval: 'never' })
      return configuration
    },
  })
  await worker.scheduled({ at: new Date() })
  const { plans: [{ hash, id }] } = await until(PLANS, settled)
  const run = await until(`/api/v1/runs/${id.split('-')[0]}-${hash.slice(0, 12)}`, ({ state, code }) => code !== 'not_found' && state !== 'running')
  assert.deepEqual([run.state, run.trigger], ['done', 'cron'], JSON.stringify(run))
  const { groups } = run.run.repositories[0]
  const { tags } = (await get('/api/v1/tags?repository=demo/shop/web')).body
  assert.ok(groups.length >= 10 && groups.every((group) => group.tags.every((tag) => !tags.includes(tag))))
  assert.ok(tags.includes('v1.0.0'))
})
