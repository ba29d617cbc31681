// The cleaning half of the command line, as it is installed, against the demo registry.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { commandLineTest, configuration, failsWith, inShell, POLICY, told } from '../support/cli.mjs'
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

/** The inventory that the command keeps of the repository, copied to a name of its own. */
async function keptInventory(name, change = (text) => text) {
  await succeeds('plan', 'shop', '--json')
  const folder = join(here.portreeve.folder, '.portreeve', here.registry.host.replace(':', '_'), 'shop', 'web')
  writeFileSync(join(here.portreeve.folder, name), change(readFileSync(join(folder, 'inventory.jsonl'), 'utf8')))
}

test('plan --inventory needs no registry, and says the same as one that was asked', async () => {
  await keptInventory('web.jsonl')
  const now = '2026-12-01T00:00:00Z'
  const asked = await succeeds('plan', 'shop', '--now', now, '--json')
  // a port where nothing listens: whatever went to the network would fail
  const elsewhere = await commandLine({ configuration: configuration(here.registry.host) })
  const file = join(here.portreeve.folder, 'web.jsonl')
  const offline = ['plan', 'shop', '--inventory', file, '--now', now, '--json']
  const env = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '' }
  const { code, stdout, stderr } = await inShell(elsewhere, `portreeve ${offline.join(' ')} --debug`, { env })
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /GET|HEAD/, 'a request')
  const planned = JSON.parse(stdout)
  assert.equal(planned.hash, asked.hash)
  assert.ok(planned.simulated)
  const piped = await inShell(elsewhere, `portreeve plan shop --inventory - --now ${now} --json < ${file}`)
  assert.equal(JSON.parse(piped.stdout).hash, asked.hash)
  assert.ok(!existsSync(join(elsewhere.folder, '.portreeve')), 'a simulation keeps nothing')
  await succeeds('plan', 'shop', '--inventory', 'web.jsonl', '--out', 'offline.json')
  await fails(['apply', 'offline.json', '--yes'], 1, 'refused', /simulated|another time|inventory/)
})

test('an inventory that cannot be planned is refused with what to do', async () => {
  await keptInventory('web.jsonl')
  await keptInventory('cut.jsonl', (text) => text.slice(0, text.length / 2))
  await keptInventory('api.jsonl', (text) => text.replaceAll('shop/web', 'shop/api'))
  const { host } = here.registry
  await fails(['plan', 'shop', '--inventory', 'cut.jsonl'], 2, 'invalid_argument', /cut\.jsonl: .*cut short.*take a new one/)
  await fails(['plan', 'shop', '--inventory', 'api.jsonl'], 2, 'invalid_argument', /closing line/)
  await fails(['plan', 'shop', '--inventory', 'portreeve.json'], 2, 'invalid_argument', /portreeve\.json/)
  await fails(['plan', 'shop', '--inventory', 'nowhere.jsonl'], 2, 'invalid_argument', /there is no such file/)
  await fails(['plan', 'shop', '--inventory', 'web.jsonl', '--inventory', 'web.jsonl'], 2, 'invalid_argument', /leave one out/)
  writeFileSync(join(here.portreeve.folder, 'one.json'), JSON.stringify(POLICY))
  const other = ['plan', `${host}/shop/api`, '--policy', 'one.json', '--inventory', 'web.jsonl']
  await fails(other, 2, 'invalid_argument', /web\.jsonl is an inventory of .*shop\/web, not of .*shop\/api/)
  const alone = await succeeds('plan', '--policy', 'one.json', '--inventory', 'web.jsonl', '--json')
  assert.equal(alone.repositories[0].name, 'shop/web')
  const policies = { shop: POLICY }
  const jobs = { shop: { repositories: ['demo/shop/api'], policy: 'shop' }, web: { repositories: ['demo/shop/web'], policy: 'shop' } }
  writeFileSync(join(here.portreeve.folder, 'two.json'), JSON.stringify({ ...configuration(host), policies, jobs }))
  const wrongJob = ['plan', 'shop', '--inventory', 'web.jsonl', '--config', 'two.json']
  await fails(wrongJob, 2, 'invalid_argument', /the job shop cleans demo\/shop\/api: plan the job web/)
})

test('plan --why shows the rules that were tried, and what protects a member', async () => {
  const why = await succeeds('plan', 'shop', '--why', 'v1.4.0', '--json')
  assert.deepEqual([why.format, why.verdict, why.reason], ['portreeve.why/1', 'keep', 'keep_rule'])
  const page = await succeeds('plan', 'shop', '--why', 'v1.4.0')
  assert.match(page, /keep: the rule `releases`/)
  assert.match(page, /RULES TRIED/)
  const { repositories } = await succeeds('plan', 'shop', '--json')
  const child = repositories[0].images.find(({ reason }) => reason === 'reachable')
  assert.match(await succeeds('plan', 'shop', '--why', child.digest), /THE WAY TO IT\n.*\n.*└ /)
  assert.match(await succeeds('plan', 'shop', '--why', 'shop/web:v1.4.0'), /keep: the rule/)
  await fails(['plan', 'shop', '--why', 'v9'], 4, 'not_found', /v9/)
  await fails(['plan', 'shop', '--why', 'v1.4.0', '--against', 'x'], 2, 'invalid_argument', /take one of them/)
})

test('plan --against says what goes now and did not', async () => {
  await succeeds('plan', 'shop', '--now', '2000-01-01T00:00:00Z', '--out', 'old.json')
  const changes = await succeeds('plan', 'shop', '--against', 'old.json', '--json')
  assert.equal(changes.format, 'portreeve.changes/1')
  const now = await succeeds('plan', 'shop', '--json', '--out', 'new.json')
  assert.equal(changes.repositories[0].newlyDeleted.length, now.summary.delete.manifests)
  assert.match(await succeeds('plan', 'shop', '--against', 'old.json'), /GOES NOW[^]*→ rule "closed prs"/)
  await fails(['plan', 'shop', '--against', 'portreeve.json'], 2, 'invalid_argument', /--against portreeve\.json/)
})

test('plan --layers says what it frees', async () => {
  const { summary } = await succeeds('plan', 'shop', '--layers', '--json')
  assert.ok(summary.freed.most > 0 && summary.freed.least <= summary.freed.most)
  assert.match(await succeeds('plan', 'shop', '--layers'), /FREES[^]*free once the registry collects/)
})

test('every problem of a policy has its line and its place in it', async () => {
  const wrong = '{\n  "delete": [\n    { "name": "x", "tags": "[", "olderThan": { "pushed": "0d" } },\n    { "nme": "y" }\n  ]\n}\n'
  writeFileSync(join(here.portreeve.folder, 'wrong.json'), wrong)
  const { code, stdout, stderr } = await here.portreeve('plan', `${here.registry.host}/shop/web`, '--policy', 'wrong.json', '--json')
  assert.equal(code, 2, stderr)
  const { error } = JSON.parse(stdout)
  assert.equal(error.code, 'invalid_policy')
  assert.ok(error.details.length >= 3)
  for (const { path, position, file } of error.details) assert.ok(path.startsWith('$.delete') && position.line > 2 && file === 'wrong.json')
  assert.match(stderr, /wrong\.json:3:\d+ \$\.delete\[0\]\.tags: [^\n]+\n +\{ "name": "x", "tags": "\["[^\n]+\n +\^/)
})

/** The shop's job with reports of what is in use and of open pull requests. */
function reporting({ host }) {
  const { jobs, policies, ...rest } = configuration(host)
  const kept = [{ name: 'open', tags: { regex: 'pr-(?<pr>[0-9]+)-.+' }, where: { pr: { in: 'open-prs' } } }]
  return {
    ...rest,
    reports: { cluster: { kind: 'images', maxAge: '6h', min: 1 }, 'open-prs': { kind: 'strings', maxAge: '2h', min: 0 } },
    policies: { shop: { ...policies.shop, keep: [...policies.shop.keep, ...kept] } },
    jobs,
  }
}

test('reports protect, a missing one blocks everything, and the sizes of those relied on are kept', async () => {
  const run = await commandLine({ configuration: reporting(here.registry) })
  const blocked = await told(run, ['plan', 'shop', '--json'], 0)
  assert.equal(blocked.summary.delete.groups, 0)
  assert.match(await told(run, ['plan', 'shop'], 0), /warning[^]*cluster[^]*blocks all/)
  const free = await succeeds('plan', 'shop', '--json')
  const [used, open] = free.repositories[0].images.filter(({ tags, verdict }) => verdict === 'delete' && /^pr-/.test(tags[0]))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'shop' },
    spec: { containers: [{ name: 'app', image: `mirror.example/shop/web:${used.tags[0]}`, env: [{ name: 'TOKEN', value: 'do-not-keep' }] }] },
    status: { containerStatuses: [{ name: 'app', state: { running: {} }, image: 'x', imageID: `mirror.example/shop/web@${used.digest}` }] },
  }
  writeFileSync(join(run.folder, 'pods.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod] }))
  writeFileSync(join(run.folder, 'prs.txt'), `${/^pr-([0-9]+)/.exec(open.tags[0])[1]}\n`)
  const args = ['plan', 'shop', '--report', 'cluster=pods.json', '--report', 'open-prs=prs.txt']
  const planned = await told(run, [...args, '--json'], 0)
  const by = (digest) => planned.repositories[0].images.find((image) => image.digest === digest)
  assert.deepEqual([by(used.digest).verdict, by(used.digest).reason], ['blocked', 'in_use'])
  assert.deepEqual([by(open.digest).verdict, by(open.digest).rule], ['keep', 'open'])
  assert.ok(planned.summary.delete.groups > 0)
  assert.ok(!JSON.stringify(planned).includes('do-not-keep'))
  assert.match(await told(run, args, 0), /cluster +2 images/)
  const why = await told(run, [...args, '--why', used.tags[0]], 0)
  assert.match(why, /pod\/web-1/)
  assert.deepEqual(JSON.parse(readFileSync(join(run.folder, '.portreeve', 'report_sizes.json'), 'utf8')).sizes, { cluster: 2, 'open-prs': 1 })
  // those that lie in the state folder need not be named
  mkdirSync(join(run.folder, '.portreeve', 'reports'))
  await told(run, ['report', 'reduce', '--kind', 'images', 'pods.json', '--out', '.portreeve/reports/cluster.json'], 0)
  await told(run, ['report', 'reduce', '--kind', 'strings', 'prs.txt', '--out', '.portreeve/reports/open-prs.json'], 0)
  const again = await told(run, ['plan', 'shop', '--json'], 0)
  assert.deepEqual(again.summary.delete, planned.summary.delete)
  await failsWith(run, ['plan', 'shop', '--report', 'pods=pods.json'], 2, 'invalid_argument', /no report is called pods.*cluster, open-prs/)
  await failsWith(run, ['plan', 'shop', '--report', 'pods.json'], 2, 'invalid_argument', /NAME=FILE/)
  writeFileSync(join(run.folder, 'none.json'), '{ "kind": ')
  await failsWith(run, ['plan', 'shop', '--report', 'cluster=none.json'], 2, 'invalid_argument', /the report cluster of none\.json/)
})

test('grace: what is condemned today goes when a later scan condemns it still', async () => {
  const { policies, ...rest } = configuration(here.registry.host)
  const run = await commandLine({ configuration: { ...rest, policies: { shop: { ...policies.shop, grace: '7d' } } } })
  const first = await told(run, ['plan', 'shop', '--json'], 0)
  assert.equal(first.summary.delete.groups, 0)
  assert.ok(first.summary.blocked.groups > 0)
  const kept = join(run.folder, '.portreeve', here.registry.host.replace(':', '_'), 'shop', 'web', 'condemned.json')
  assert.equal(Object.keys(JSON.parse(readFileSync(kept, 'utf8')).groups).length, first.summary.blocked.groups)
  const second = await told(run, ['plan', 'shop', '--json'], 0)
  assert.equal(second.summary.delete.groups, 0)
  assert.match(await told(run, ['plan', 'shop'], 0), /blocked: not condemned for long enough/)
})

test('a job with wildcards plans what the registry lists, and says what nobody cleans', async () => {
  const { host } = here.registry
  const { jobs, ...rest } = configuration(host)
  const run = await commandLine({ configuration: { ...rest, jobs: { shop: { ...jobs.shop, repositories: ['demo/shop/w*'] } } } })
  const planned = await told(run, ['plan', 'shop', '--json'], 0)
  assert.deepEqual(planned.repositories.map(({ name }) => name), ['shop/web'])
  assert.ok(planned.unmanaged.some(({ name }) => name === 'shop/api'))
  assert.match(await told(run, ['plan', 'shop'], 0), /No job cleans[^]*shop\/api/)
  const nothing = await commandLine({ configuration: { ...rest, jobs: { shop: { ...jobs.shop, repositories: ['demo/nothing/*'] } } } })
  await failsWith(nothing, ['plan', 'shop'], 2, 'invalid_argument', /no repository to plan/)
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
