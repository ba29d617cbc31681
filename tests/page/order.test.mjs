// How tags are sorted and found.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { pageModule } from '../support/page.mjs'

const { date, found, isOpen, order, size, sorted } = await pageModule('tags/order.ts')

const image = (...sizes) => ({
  platforms: sizes.map((size, at) => ({ size, platform: { os: 'linux', architecture: ['amd64', 'arm64'][at] } })),
})
const ROWS = [
  { name: 'v1.9.0', pushed: '2026-01-02T00:00:00Z', image: image(30, 20) },
  { name: 'v1.10.0', created: '2026-01-03T00:00:00Z', image: image(5) },
  { name: 'later' },
  { name: 'broken', error: new Error('gone'), image: image() },
]
const names = (rows) => rows.map(({ name }) => name)

test('the newest come first unless told, and what has no date comes last', () => {
  assert.deepEqual(names(sorted(ROWS, order(''))), ['v1.10.0', 'v1.9.0', 'broken', 'later'])
  assert.deepEqual(names(sorted(ROWS, order('date'))), ['v1.9.0', 'v1.10.0', 'broken', 'later'])
})

test('numbers inside tags count as numbers', () => {
  assert.deepEqual(names(sorted(ROWS, order('tag'))), ['broken', 'later', 'v1.9.0', 'v1.10.0'])
})

test('the size of a tag is its largest platform', () => {
  assert.equal(size(ROWS[0]), 30)
  assert.deepEqual(names(sorted(ROWS, order('-size'))), ['v1.9.0', 'v1.10.0', 'broken', 'later'])
})

test('a push decides the date before the build', () => {
  assert.deepEqual(date({ name: 'both', pushed: 'p', created: 'c' }), { at: 'p', source: 'pushed' })
  assert.deepEqual(date(ROWS[1]), { at: '2026-01-03T00:00:00Z', source: 'created' })
  assert.equal(date({ name: 'neither' }), undefined)
})

test('a row has its place once what it is sorted by is read', () => {
  const open = (column) => names(ROWS.filter((row) => isOpen(row, order(column))))
  assert.deepEqual(open('tag'), [])
  assert.deepEqual(open('date'), ['later'])
  assert.deepEqual(open('size'), ['later'])
  assert.equal(isOpen({ name: 'listed with its time', pushed: 'p' }, order('date')), false)
  assert.equal(isOpen({ name: 'listed with its time', pushed: 'p' }, order('size')), true)
})

test('every word must be in the tag, the digest or a platform', () => {
  assert.deepEqual(names(found(ROWS, 'V1 arm64')), ['v1.9.0'])
  assert.deepEqual(names(found(ROWS, '  ')), names(ROWS))
})
