// A plan's manifests as the groups that people review.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { pageModule } from '../support/page.mjs'

const { causes, found, groups } = await pageModule('plan/groups.ts')

const image = (digest, group, verdict, rest = {}) => ({
  digest, group, verdict, tags: [], role: digest === group ? 'root' : 'child', reason: 'not_selected', rule: null, explanation: '', facts: {}, ...rest,
})
const IMAGES = [
  image('sha256:1', 'sha256:2', 'delete'),
  image('sha256:2', 'sha256:2', 'delete', { tags: ['pr-10'], reason: 'delete_rule', rule: 'closed', facts: { pushed: '2026-01-02T00:00:00Z' } }),
  image('sha256:3', 'sha256:3', 'keep', { tags: ['v1'] }),
  image('sha256:4', 'sha256:4', 'delete', { reason: 'delete_rule', rule: 'untagged' }),
  image('sha256:5', 'sha256:5', 'delete', { tags: ['pr-9'], reason: 'delete_rule', rule: 'closed', facts: { created: '2026-01-01T00:00:00Z' } }),
]
const ORDER = ['delete', 'keep']

test('what goes comes first, rule by rule, the newest before the older', () => {
  assert.deepEqual(groups(IMAGES, ORDER).map(({ head }) => head.digest.at(-1)), ['2', '5', '4', '3'])
})

test('what belongs to an image is beneath it', () => {
  const group = groups(IMAGES, ORDER).find(({ head }) => head.digest === 'sha256:2')
  assert.deepEqual(group.members.map(({ digest }) => digest), ['sha256:1'])
})

test('an image is found by its tag, its rule and the digest of a member', () => {
  for (const [search, digests] of [['pr-9', ['sha256:5']], ['CLOSED', ['sha256:2', 'sha256:5']], ['sha256:1', ['sha256:2']]]) {
    assert.deepEqual(found(groups(IMAGES, ORDER), search).map(({ head }) => head.digest), digests, search)
  }
})

test('causes count groups by verdict, reason and rule', () => {
  const [first] = causes(groups(IMAGES, ORDER))
  assert.deepEqual(first, { verdict: 'delete', reason: 'delete_rule', rule: 'closed', groups: 2 })
})
