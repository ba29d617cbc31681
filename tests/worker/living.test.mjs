// What one request does to the others in its isolate.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { order, startShop } from '../support/shop.mjs'

const { demo, worker } = await startShop(after)
const tags = (name) => fetch(`${worker.url}/v2/demo/shop/${name}/tags/list`)

test('50 requests at once all answer', async () => {
  await order(demo, { path: '/v2/shop/**', delayMilliseconds: 200, times: 0 })
  const statuses = await Promise.all(Array.from({ length: 50 }, async (_, n) => (await tags(n % 2 ? 'web' : 'api')).status))
  assert.deepEqual(new Set(statuses), new Set([200]))
  await fetch(`${demo.url}/_demo/faults`, { method: 'DELETE' })
})

test('a client that leaves does not disturb the others', async () => {
  await order(demo, { path: '/v2/shop/web/tags/list', delayMilliseconds: 500 })
  await assert.rejects(fetch(`${worker.url}/v2/demo/shop/web/tags/list`, { signal: AbortSignal.timeout(100) }))
  assert.equal((await tags('web')).status, 200)
})

test('a panic is answered 500, in flight too, and the next request works', async () => {
  for (let round = 0; round < 3; round++) {
    await order(demo, { path: '/v2/shop/api/tags/list', delayMilliseconds: 10_000 })
    const inFlight = tags('api')
    await delay(200)
    const begun = performance.now()
    const panicked = await fetch(`${worker.url}/api/panic`)
    assert.equal(panicked.status, 500)
    assert.equal((await panicked.json()).code, 'internal')
    const interrupted = await inFlight
    assert.equal(interrupted.status, 500)
    assert.equal((await interrupted.json()).errors[0].code, 'UNKNOWN')
    assert.ok(performance.now() - begun < 2000, 'at once, and not when the platform gives up')
    assert.equal((await tags('web')).status, 200)
    await fetch(`${demo.url}/_demo/faults`, { method: 'DELETE' })
  }
})
