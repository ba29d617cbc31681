// A whole cleanup of registries that nobody here wrote: plan, apply, plan again, restore. What stays
// copies whole afterwards, what went is gone, and what came back copies whole again.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { cleaningOf, fillBusyRepository } from '../support/busy_repository.mjs'
import { commandLine } from '../support/command_line.mjs'
import { everyManifest, headOf, tagsOf } from '../support/look.mjs'
import { REAL_REGISTRIES } from '../support/real_registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'

const CLEANED = ['docker-registry 2.8 with htpasswd', 'distribution 3 with tokens', 'ociregistry']

for (const { title, skip, start } of REAL_REGISTRIES.filter(({ title }) => CLEANED.includes(title))) {
  test(`${title} is cleaned, and restored`, { skip }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const filled = await fillBusyRepository(registry)
    const { look, tags, manifests, condemned, special } = filled
    const stayingTags = Object.keys(tags).filter((tag) => !condemned.has(tag))
    const staying = await everyManifest(look, stayingTags)
    const going = [...manifests.keys()].filter((digest) => !staying.has(digest))
    assert.ok(going.length >= 80 && staying.size >= 80, 'the repository holds enough of both')

    await t.test('a first scan that goes by what it sees deletes nothing', async () => {
      const portreeve = await commandLine(cleaningOf(registry, { minimumAge: '48h' }))
      const { code, stdout } = await portreeve('plan', 'web', '--json', '--exit-code')
      const { summary, repositories } = JSON.parse(stdout)
      assert.equal(code, 0)
      assert.equal(summary.delete.groups, 0)
      const tooYoung = repositories[0].images.filter(({ reason }) => reason === 'too_young')
      assert.ok(tooYoung.length >= 20 && tooYoung.every(({ verdict }) => verdict === 'blocked'))
    })

    const portreeve = await commandLine(cleaningOf(registry))
    let run

    await t.test('the plan deletes what an independent reckoning selects, and says why', async () => {
      const { code, stdout, stderr } = await portreeve('plan', 'web', '--json', '--out', 'plan.json', '--exit-code')
      assert.equal(code, 5, stderr)
      const { images } = JSON.parse(stdout).repositories[0]
      const deleted = images.filter(({ verdict }) => verdict === 'delete')
      assert.deepEqual(deleted.flatMap((image) => image.tags).sort(), [...condemned].sort())
      assert.deepEqual(deleted.map(({ digest }) => digest).sort(), going.sort())
      const judged = (tag) => images.find((image) => image.tags.includes(tag))
      assert.deepEqual([judged('stable').verdict, judged('pinned-amd64').verdict], ['keep', 'keep'])
      assert.deepEqual([judged(special.held).verdict, judged(special.held).reason], ['keep', 'reachable'])
    })

    await t.test('apply deletes that and nothing else', async () => {
      const { code, stdout, stderr } = await portreeve('apply', 'plan.json', '--yes', '--json')
      assert.equal(code, 0, stdout + stderr)
      run = JSON.parse(stdout)
      assert.equal(run.state, 'done', stdout)
      assert.deepEqual(await tagsOf(look), Object.fromEntries(stayingTags.map((tag) => [tag, tags[tag]])))
      for (const digest of going) assert.equal(await headOf(look, digest), 404, digest)
      for (const digest of staying.keys()) assert.equal(await headOf(look, digest), digest)
    })

    await t.test('every tag that stays copies whole', () => copyWhole(filled, stayingTags))

    await t.test('a second plan deletes nothing', async () => {
      const { code, stdout } = await portreeve('plan', 'web', '--json', '--exit-code')
      assert.equal(JSON.parse(stdout).summary.delete.manifests, 0)
      assert.equal(code, 0)
    })

    await t.test('restore brings back every digest, and every tag to where it pointed', async () => {
      const { code, stdout, stderr } = await portreeve('restore', run.run, '--json')
      assert.equal(code, 0, stdout + stderr)
      assert.deepEqual(await tagsOf(look), tags)
      for (const digest of manifests.keys()) assert.equal(await headOf(look, digest), digest)
    })

    await t.test('every tag that came back copies whole', () => copyWhole(filled, condemned))
  })
}

/** Copies tags whole with skopeo, or with crane what skopeo does not know: indexes of indexes and of artifacts. */
async function copyWhole({ copy, crane, reference, tags, manifests }, chosen) {
  const rest = [...chosen]
  const copyOne = async (tag) => {
    const folder = temporaryFolder('copy')
    const children = (manifests.get(tags[tag]).document.manifests ?? []).map(({ digest }) => manifests.get(digest)?.document)
    const unusual = children.some((child) => child?.manifests || child?.subject)
    await (unusual ? crane('pull', '--format=oci', `${reference}:${tag}`, join(folder, 'layout')) : copy(`docker://${reference}:${tag}`, `dir:${folder}`))
  }
  const worker = async () => {
    while (rest.length > 0) await copyOne(rest.pop())
  }
  await Promise.all([worker(), worker()])
}
