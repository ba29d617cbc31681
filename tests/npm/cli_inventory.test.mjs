// Reading a repository whole on the command line, as it is installed, against the demo registry.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { commandLineTest, configuration } from '../support/cli.mjs'

const here = commandLineTest()
const { succeeds, fails } = here

const inFolder = (...names) => join(here.portreeve.folder, ...names)

test('inventory says in a few lines what there is, and writes what a plan decides from', async () => {
  const reference = `${here.registry.host}/shop/web`
  const page = await succeeds('inventory', reference, '--layers', '--label', 'org.opencontainers.image.revision', '--out', 'web.jsonl')
  const lines = page.trimEnd().split('\n')
  assert.equal(lines[0], `${reference} whole`)
  assert.ok(lines.length < 10, page)
  assert.match(page, /manifests +\d+: .*\d+ images/)
  assert.match(page, /layers +\d+, [\d.]+ kB together/)
  const [head, ...images] = readFileSync(inFolder('web.jsonl'), 'utf8').trimEnd().split('\n').slice(0, -1).map((line) => JSON.parse(line))
  assert.deepEqual([head.format, head.complete], ['portreeve.inventory/1', true])
  assert.deepEqual(head.labelKeys, ['org.opencontainers.image.revision'])
  assert.ok(images.filter(({ kind }) => kind === 'image').every(({ layers }) => layers.length > 0))
  const plan = await succeeds('plan', 'shop', '--inventory', 'web.jsonl', '--json')
  assert.equal(plan.repositories[0].images.length, images.length)
})

test('inventory counts for programs, and sees again since when things are there', async () => {
  const count = async () => (await succeeds('inventory', 'shop', '--json')).inventories
  const [one] = await count()
  assert.equal(one.complete, true)
  assert.equal(Object.values(one.contents.kinds).reduce((sum, kind) => sum + kind), one.contents.manifests)
  const kept = () => readFileSync(inFolder('.portreeve', here.registry.host.replace(':', '_'), 'shop', 'web', 'inventory.jsonl'), 'utf8')
  const { watchedSince } = JSON.parse(kept().split('\n')[0])
  const [other] = await count()
  assert.deepEqual(other.contents, one.contents)
  assert.equal(JSON.parse(kept().split('\n')[0]).watchedSince, watchedSince)
})

test('inventory of a job reads every repository that its patterns match, a file each', async () => {
  const all = configuration(here.registry.host)
  all.jobs = { all: { ...all.jobs.shop, repositories: ['demo/shop/*'] } }
  writeFileSync(inFolder('all.json'), JSON.stringify(all))
  const page = await succeeds('inventory', 'all', '--config', 'all.json', '--out', 'inventories')
  assert.match(page, /shop\/api whole/)
  assert.match(page, /shop\/web whole/)
  const place = here.registry.host.replace(':', '_')
  assert.deepEqual(readdirSync(inFolder('inventories')).sort(), [`${place}__shop__api.jsonl`, `${place}__shop__web.jsonl`])
})

test('inventory says what is not there, and what is no job', async () => {
  await fails(['inventory', `${here.registry.host}/shop/nothing`], 4, 'not_found', /shop\/nothing/)
  await fails(['inventory', 'nothing'], 4, 'not_found', /no job is called/)
})
