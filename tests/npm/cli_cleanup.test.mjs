// The cleaning half of the command line, as it is installed, against the demo registry.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { commandLineTest, configuration, failsWith, POLICY } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const here = commandLineTest()
const { succeeds, fails } = here

test('plan says in a table and in a document what would go', async () => {
  const plan = await succeeds('plan', 'shop', '--json')
  assert.equal(plan.format, 'portreeve.plan/1')
  assert.ok(plan.summary.delete.groups > 0)
  const page = await succeeds('plan')
  assert.match(page, /delete +[1-9]/)
  assert.match(page, /rule "closed prs"/)
  assert.match(page, /rule "releases"/)
  assert.match(page, /portreeve plan --out plan.json/)
})

test('what a verb says to type next names the configuration that it was given', async () => {
  const file = join(here.portreeve.folder, 'portreeve.json')
  const said = await succeeds('plan', 'shop', '--out', 'next.json', '--config', file)
  assert.ok(said.split('\n').includes(`  portreeve apply next.json --config ${file}`), said)
})

test('plan ends with 5 where something would go, if asked to', async () => {
  assert.equal((await here.portreeve('plan', 'shop', '--exit-code')).code, 5)
  assert.equal((await here.portreeve('plan', 'shop', '--exit-code', '--now', '2000-01-01T00:00:00Z')).code, 0)
})

test('plan --now gives the same hash each time, and cannot be applied', async () => {
  const at = ['plan', 'shop', '--now', '2030-01-01T00:00:00Z', '--json']
  const [one, other] = [await succeeds(...at), await succeeds(...at, '--out', 'simulated.json')]
  assert.equal(one.repositories[0].hash, other.repositories[0].hash)
  assert.ok(one.simulated)
  await fails(['apply', 'simulated.json', '--yes'], 1, 'refused', /simulated|another time/)
  await fails(['plan', 'shop', '--now', 'tomorrow'], 2, 'invalid_argument', /2026-12-24T00:00:00Z/)
})

test('plan takes a repository and a policy of a file', async () => {
  writeFileSync(join(here.portreeve.folder, 'policy.json'), JSON.stringify(POLICY))
  const adHoc = await succeeds('plan', `${here.registry.host}/shop/web`, '--policy', 'policy.json', '--json')
  assert.deepEqual(adHoc.summary.delete, (await succeeds('plan', 'shop', '--json')).summary.delete)
  writeFileSync(join(here.portreeve.folder, 'policy.json'), '{ "delete": [{ "name": "x", "tags": "[" }] }')
  await fails(['plan', `${here.registry.host}/shop/web`, '--policy', 'policy.json'], 2, 'invalid_policy', /tags/)
})

test('apply asks where it can, deletes with --yes, and restore brings all of it back', async () => {
  const before = await succeeds('tags', '@demo/shop/web', '--json')
  const plan = await succeeds('plan', 'shop', '--json', '--out', 'plan.json')
  await fails(['apply', 'plan.json'], 2, 'invalid_argument', /--yes/)
  const run = await succeeds('apply', 'plan.json', '--yes', '--json')
  assert.equal(run.format, 'portreeve.run/1')
  assert.equal(run.state, 'done')
  const gone = plan.repositories[0].images.filter(({ verdict }) => verdict === 'delete')
  for (const { digest } of gone) {
    const { status } = await fetch(`${here.registry.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD' })
    assert.equal(status, 404, digest)
  }
  const state = join(here.portreeve.folder, '.portreeve', 'runs', run.run)
  assert.deepEqual(JSON.parse(readFileSync(join(state, 'plan.json'), 'utf8')), plan)
  assert.ok(existsSync(join(state, 'journal.jsonl')))
  assert.equal(readdirSync(join(state, 'backup')).length, plan.summary.delete.groups)
  const restored = await succeeds('restore', run.run, '--json')
  assert.ok(restored.whole)
  for (const { digest } of gone) {
    const { status } = await fetch(`${here.registry.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD' })
    assert.equal(status, 200, digest)
  }
  const names = ({ tags }) => tags.map(({ name }) => name).sort()
  assert.deepEqual(names(await succeeds('tags', '@demo/shop/web', '--json')), names(before))
})

test('a copy of the plan that cannot be kept does not end a run between two deletions', async (t) => {
  const own = await startDemoRegistry()
  t.after(() => own.stop())
  const run = await commandLine({ configuration: configuration(own.host) })
  const { stdout } = await run('plan', 'shop', '--json', '--out', 'plan.json')
  const { now, hash, repositories } = JSON.parse(stdout)
  const name = `${now.slice(0, 10).replaceAll('-', '')}-${hash.slice(0, 12)}`
  mkdirSync(join(run.folder, '.portreeve', 'runs', name, 'plan.json'), { recursive: true })
  await failsWith(run, ['apply', 'plan.json', '--yes'], 1, 'storage_failed', /plan\.json/)
  const journal = readFileSync(join(run.folder, '.portreeve', 'runs', name, 'journal.jsonl'), 'utf8')
  assert.match(journal, /"closed"\}\n$/)
  for (const { digest, verdict } of repositories[0].images) {
    const { status } = await fetch(`${own.url}/v2/shop/web/manifests/${digest}`, { method: 'HEAD' })
    assert.equal(status, verdict === 'delete' ? 404 : 200, digest)
  }
})

test('a plan that was edited is refused', async () => {
  const plan = await succeeds('plan', 'shop', '--json')
  const kept = plan.repositories[0].images.find(({ verdict }) => verdict === 'keep')
  kept.verdict = 'delete'
  writeFileSync(join(here.portreeve.folder, 'edited.json'), JSON.stringify(plan))
  await fails(['apply', 'edited.json', '--yes'], 2, 'invalid_argument', /make the plan again/)
  writeFileSync(join(here.portreeve.folder, 'edited.json'), 'no plan')
  await fails(['apply', 'edited.json', '--yes'], 2, 'invalid_argument', /is no plan.*portreeve plan --out/)
  await fails(['apply', 'nowhere.json', '--yes'], 2, 'invalid_argument', /there is no such file/)
  await fails(['restore', '20200101-000000000000'], 4, 'not_found', /back-ups/)
  const backups = join(here.portreeve.folder, '.portreeve', 'runs', '20200102-000000000000', 'backup')
  mkdirSync(backups, { recursive: true })
  writeFileSync(join(backups, 'cut.json'), '{ "format": "portreeve.ba')
  await fails(['restore', '20200102-000000000000'], 1, 'storage_failed', /cut.json is no back-up; bring/)
})
