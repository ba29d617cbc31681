// `portreeve policy`: a policy in words, what is wrong with it, and what is seldom meant.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { commandLineTest } from '../support/cli.mjs'

const here = commandLineTest()
const { succeeds, fails } = here

const POLICY = `{
  "keep": [{ "name": "releases", "tags": { "semver": ">=1.0.0" }, "newest": { "count": 20, "by": "semver" } }],
  "delete": [{ "name": "prs", "tags": "pr-*", "olderThan": { "pushed": "7d" }, "platform": "linux/*" }] }`

function file(name, text) {
  writeFileSync(join(here.portreeve.folder, name), text)
  return name
}

test('policy explain says what every rule does', async () => {
  const page = await succeeds('policy', 'explain', file('policy.json', POLICY))
  assert.match(page, /^Keep `releases`: the 20 newest by version of what has a tag that is a version from 1\.0\.0, pre-releases included\.$/m)
  assert.match(page, /^Delete `prs`: what has a tag like pr-\* and runs on nothing but linux\/\* and was pushed at least 7 days ago\.$/m)
  const { lines, source } = await succeeds('policy', 'explain', 'policy.json', '--json')
  assert.equal(source, 'policy.json')
  assert.equal(lines.join('\n'), page.trim())
})

test('policy explain and check take the policy of a job', async () => {
  const { source, hash } = await succeeds('policy', 'check', '--job', 'shop', '--json')
  assert.equal(source, 'the policy of the job shop')
  assert.equal((await succeeds('policy', 'explain', '--job', 'shop', '--json')).hash, hash)
  await fails(['policy', 'check', '--job', 'none'], 4, 'not_found', /none/)
})

test('policy check says every problem with its path, line and column, and ends with 2', async () => {
  const broken = POLICY.replace('"pr-*"', '"pr-["').replace('7d', '0d')
  const { details } = await fails(['policy', 'check', file('broken.json', broken)], 2, 'invalid_policy', /broken\.json: 2 problems/)
  assert.deepEqual(
    details.map(({ path, position }) => [path, position.line]),
    [
      ['$.delete[0].tags', 3],
      ['$.delete[0].olderThan.pushed', 3],
    ],
  )
  const { stderr } = await here.portreeve('policy', 'check', 'broken.json')
  assert.match(stderr, /broken\.json:3:39 \$\.delete\[0\]\.tags: /)
})

test('policy check warns of what can never happen, and is content', async () => {
  const futile = file('futile.json', POLICY.replace('"pr-*"', '{ "semver": "^1.2" }').replace(', "newest": { "count": 20, "by": "semver" }', ''))
  const { stdout, stderr, code } = await here.portreeve('policy', 'check', futile)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /well-formed, with 1 warning/)
  assert.match(stderr, /\$\.delete\[0\]: contradiction: it can never delete, because `releases` keeps all that it selects/)
})

test('a file and a job are not both asked about', async () => {
  for (const args of [[], ['policy.json', '--job', 'shop']]) {
    await fails(['policy', 'explain', ...args], 2, 'invalid_argument', /name a file with a policy, or a job/)
  }
  await fails(['policy', 'explain', 'nowhere.json'], 2, 'invalid_argument', /no such file/)
})

test('a policy comes from a pipe, too', () => {
  const program = join(import.meta.dirname, '../../npm/bin/portreeve.js')
  const piped = spawnSync(process.execPath, [program, 'policy', 'check', '-'], {
    input: POLICY,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  assert.equal(piped.status, 0, piped.stderr)
  assert.match(piped.stdout, /^standard input is well-formed\n$/)
})
