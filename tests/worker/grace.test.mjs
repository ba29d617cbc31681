// A grace needs what an earlier plan condemned: the repository's object remembers it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

import { startShop } from '../support/shop.mjs'

test('what one plan condemns is deleted by a later one, when its grace is over', async (t) => {
  const change = (configuration) => {
    configuration.policies.shop.grace = '1s'
    return configuration
  }
  const shop = await startShop(t.after.bind(t), { change })
  const first = (await shop.plan()).plan
  assert.equal(first.summary.delete.groups, 0)
  const [{ images }] = first.repositories
  assert.ok(images.some(({ verdict, reason }) => verdict === 'blocked' && reason === 'grace'))
  const since = Date.parse(first.now)
  while (Date.now() < since + 3000) await delay(100)
  const second = (await shop.plan()).plan
  const waited = images.filter(({ reason }) => reason === 'grace').map(({ digest }) => digest)
  const deleted = second.repositories[0].images.filter(({ verdict }) => verdict === 'delete').map(({ digest }) => digest)
  assert.deepEqual(waited.filter((digest) => !deleted.includes(digest)), [])
})
