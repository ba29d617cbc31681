// The same scenarios through the package at every real registry, and at every imitation: equal
// results, but where the table of registries says that one cannot.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'

import { importPackage } from '../support/command_line.mjs'
import { answers } from '../support/contract.mjs'
import { PROFILES, rowOf } from '../support/profiles.mjs'
import { REAL_REGISTRIES } from '../support/real_registries.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

/** Which row of the table a real registry is. */
const ROWS = { 'docker-registry 2.8': 'distribution_2_8', 'distribution 3': 'distribution_3', ociregistry: 'ociregistry' }
const A_REPOSITORY = 'tag of a missing repository'
/** Whom a registry knows that knows no `demo`. */
const USERS = { ecr: 'AWS', ecr_public: 'AWS', google: 'oauth2accesstoken' }

let truth

before(async () => {
  truth = await atDemo('demo')
})

test('the demo registry can everything, and everything is as it was pushed', () => {
  assert.equal(truth.tags.length, 122)
  assert.deepEqual([truth.complete, truth.few, truth.repositories], [true, [3, 'limited'], true])
  assert.deepEqual(truth.blob, ['a harbour at low tide', 'harbour ', 21])
  assert.deepEqual(truth.platforms, [[truth.pushed.image, 'linux', 'amd64']])
  assert.deepEqual(truth.missing, {
    'tag of a missing repository': 'not_found',
    'missing tag': 'not_found',
    'head of a missing tag': 'not_found',
    'missing digest': 'not_found',
    'missing blob': 'not_found',
    'taking a missing tag': 'not_found',
    'a malformed name': 'invalid_reference',
  })
  assert.deepEqual([truth.referrers.speaksOf, truth.referrers.found[2], truth.referrers.source], [truth.pushed.image, 'application/spdx+json', 'api'])
  assert.deepEqual(truth.removed.siblings, [['single'], [truth.pushed.index], true])
  assert.deepEqual(truth.removed.untag, ['nothing', 'nothing'])
  assert.deepEqual(truth.removed.deletion, ['refused', 'nothing', 'not_found', 'nothing'])
  assert.deepEqual(truth.removed.left, ['single'])
})

for (const { title, skip, start } of REAL_REGISTRIES) {
  const id = Object.entries(ROWS).find(([name]) => title.startsWith(name))?.[1]
  test(`${title} answers as every registry does`, { skip }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const { connect } = await importPackage()
    const found = await answers({ connect, registry })
    const asked = registry.password ? Array(8).fill('unauthorized') : []
    assert.deepEqual(found.identity, asked)
    compare(found, id && rowOf(id))
  })
}

for (const id of PROFILES) {
  test(`the imitation of ${id} answers as every registry does`, async () => compare(await atDemo(id), rowOf(id)))
}

async function atDemo(id) {
  const demo = await startDemoRegistry(['--profile', id, '--empty'])
  try {
    const { connect } = await importPackage()
    const registry = { ...demo, username: USERS[id] ?? 'demo', password: 'demo-password' }
    return await answers({ connect, registry })
  } finally {
    await demo.stop()
  }
}

/** Everything is equal but what the row allows to differ; a registry of no row may differ so, too. */
function compare({ identity, ...found }, row = {}) {
  const { identity: _, ...expected } = structuredClone(truth)
  const may = (column, ...words) => row[column] === undefined || words.includes(row[column])
  const { removed, referrers, missing } = expected
  if (may('referrers', 'no', '?') && found.referrers.source === 'fallbackTag') referrers.source = 'fallbackTag'
  if (may('catalog', 'no', 'set up', '?') && /unsupported|denied/.test(found.repositories)) expected.repositories = found.repositories
  if (row.hidesMissing && found.missing[A_REPOSITORY] === 'unauthorized') missing[A_REPOSITORY] = 'unauthorized'
  if (may('untag', 'no', '?') && found.removed.untag[0] === 'unsupported') removed.untag[0] = 'unsupported'
  if (may('whole', 'no') && !found.complete) {
    expected.complete = removed.siblings[2] = false
    removed.deletion = ['incomplete_listing', 'incomplete_listing', 'nothing', 'nothing']
  } else if (may('delete', 'no', '?') && found.removed.deletion[1] === 'unsupported') {
    removed.deletion = ['refused', 'unsupported', 'nothing', 'nothing']
  } else if (row.untagsFirst) {
    // what is known by its host alone is not known here
    removed.deletion = ['refused', 'refused', 'nothing', 'nothing']
  }
  if (removed.deletion[2] === 'nothing') {
    const untagged = removed.untag[0] === 'nothing' ? ['t000'] : []
    removed.left = truth.tags.filter((tag) => !untagged.includes(tag))
  }
  assert.deepEqual(found, expected)
}
