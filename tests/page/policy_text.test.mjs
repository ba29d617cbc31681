// The policy as text: how it is written down, and where in it a problem sits.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { pageModule } from '../support/page.mjs'

const { format } = await pageModule('plan/format.ts')
const { lineOf, locate, locateSyntaxError } = await pageModule('plan/locate.ts')

const POLICY = {
  minimumAge: '48h',
  keep: [{ name: 'releases, "all" of them', tags: { semver: '>=1.0.0' } }],
  delete: [
    { name: 'branch builds', tags: { regex: '(?<branch>.+)-[0-9a-f]{40}' }, beyondNewest: { count: 10, per: 'branch', by: 'pushed' } },
    { name: 'untagged', tagged: false, olderThan: { pushed: '14d' } },
  ],
}

test('a policy written as text is the same policy', () => {
  assert.deepEqual(JSON.parse(format(POLICY)), POLICY)
})

test('what fits on a line stays on one', () => {
  assert.equal(format({ a: [1, 2], b: {} }), '{ "a": [1, 2], "b": {} }')
  const lines = format(POLICY).split('\n')
  assert.ok(lines.includes('      "olderThan": { "pushed": "14d" }'), format(POLICY))
  assert.ok(lines.every((line) => line.length <= 46), format(POLICY))
})

test('fields stand where people write them', () => {
  assert.equal(format({ other: 1, name: 'n', by: 'x', count: 2 }, 60), '{ "name": "n", "count": 2, "by": "x", "other": 1 }')
  assert.match(format({ delete: [], keep: [], version: 1 }), /"keep".*"delete".*"version"/)
})

for (const [path, value] of [
  ['$', POLICY],
  ['$.minimumAge', '48h'],
  ['$.keep[0].tags', POLICY.keep[0].tags],
  ['$.delete[0].beyondNewest.count', 10],
  ['$.delete[1].tagged', false],
  ['$.delete[1].olderThan.pushed', '14d'],
  // of what is not there, the nearest that is
  ['$.delete[1].tags.regex', POLICY.delete[1]],
]) {
  for (const [style, text] of [['formatted', format(POLICY)], ['compact', JSON.stringify(POLICY)]]) {
    test(`${path} is found in a ${style} policy`, () => {
      const { from, to } = locate(text, path)
      assert.deepEqual(JSON.parse(text.slice(from, to)), value)
    })
  }
}

test('a problem is on the line where its value begins', () => {
  const text = '{\n  "delete": [\n    { "name": "old" },\n    { "nmae": "older" }\n  ]\n}'
  assert.equal(lineOf(text, locate(text, '$.delete[1].nmae').from), 4)
})

for (const text of ['{ "keep": [}', '{ "keep": ', '', '{\n  "keep": tru }', '[1,]']) {
  test(`what is no JSON has a place inside the text: ${JSON.stringify(text)}`, () => {
    const { from, to } = locateSyntaxError(text, problem(text))
    assert.ok(0 <= from && from <= to && to <= text.length, `${from} to ${to}`)
  })
}

function problem(text) {
  try {
    JSON.parse(text)
  } catch (error) {
    return error
  }
}
