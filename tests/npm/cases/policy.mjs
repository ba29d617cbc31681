// What the packed package says of a policy in every runtime. Nothing is sent.

import { policy } from 'portreeve'

import { failure } from './failure.mjs'

const TEXT = `{
  "keep": [{ "name": "releases", "tags": "v*" }],
  "delete": [
    { "name": "betas", "tags": "v*-beta", "olderThan": { "pushed": "7d" } },
    { "name": "prs", "tags": "pr-*", "olderThan": { "pushed": "7d" } } ] }`

export const cases = {
  'reads a policy, and warns of what can never happen': async ({ assert }) => {
    const read = await policy.parse(TEXT)
    assert.deepEqual(read.policy, JSON.parse(TEXT))
    assert.match(read.hash, /^[0-9a-f]{64}$/)
    assert.deepEqual(read.unsupported, [])
    const [{ path, message, position }] = read.warnings
    assert.equal(path, '$.delete[0]')
    assert.match(message, /`releases` keeps all that it selects/)
    assert.deepEqual(position, { line: 4, column: 5 })
  },

  'a policy hashes by what it means, however it is written': async ({ assert }) => {
    const { hash } = await policy.parse(TEXT)
    assert.equal((await policy.parse(JSON.parse(TEXT))).hash, hash)
    assert.equal((await policy.parse(TEXT.replace('"7d"', '"168h"'))).hash, hash)
    assert.notEqual((await policy.parse(TEXT.replace('"7d"', '"8d"'))).hash, hash)
  },

  'says every problem of a policy with its path, line and column': async ({ assert }) => {
    const broken = await failure(() => policy.parse(TEXT.replace('pr-*', 'pr-[').replace('"7d"', '"0d"')))
    assert.equal(broken.code, 'invalid_policy')
    assert.deepEqual(
      broken.details.map(({ path, position }) => [path, position.line]),
      [
        ['$.delete[0].olderThan.pushed', 4],
        ['$.delete[1].tags', 5],
      ],
    )
    for (const explain of [policy.parse, policy.explain]) assert.equal((await failure(() => explain('{'))).code, 'invalid_policy')
    assert.equal((await failure(() => policy.parse(7))).code, 'invalid_argument')
  },

  'explains a policy in words': async ({ assert }) => {
    const lines = await policy.explain(TEXT)
    assert.equal(lines.at(-1), 'Delete `prs`: what has a tag like pr-* and was pushed at least 7 days ago.')
  },
}
