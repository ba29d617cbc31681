// What the page shows is in its address.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { pageModule } from '../support/page.mjs'

const { readAddress, writeAddress } = await pageModule('address.ts')

test('an address is written readably and read back', () => {
  const address = { repository: 'demo/shop/web', view: 'plan', job: 'shop', verdict: 'delete', search: 'main & pr', sort: '-size' }
  const fragment = writeAddress(address)
  assert.match(fragment, /^#repository=demo\/shop\/web&view=plan&/)
  assert.deepEqual(readAddress(fragment), address)
})

test('what differs not from the start page is left out', () => {
  assert.equal(writeAddress({}), '#')
  assert.equal(writeAddress({ repository: 'demo/shop/web', view: 'tags' }), '#repository=demo/shop/web')
})

test('a foreign or broken address shows the start page or its tags', () => {
  assert.equal(readAddress('').repository, '')
  assert.equal(readAddress('#view=nothing&repository=/a/b/').view, 'tags')
  assert.equal(readAddress('#view=nothing&repository=/a/b/').repository, 'a/b')
})
