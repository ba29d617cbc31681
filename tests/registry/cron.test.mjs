// A tick of the Worker's scheduler cleans registries that nobody here wrote, and its API undoes it.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cleaningOf, fillBusyRepository } from '../support/busy_repository.mjs'
import { everyManifest, headOf, tagsOf } from '../support/look.mjs'
import { needs } from '../support/peers.mjs'
import { startDistribution, startDockerRegistry } from '../support/registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'
import { ADMIN, callers, sha256 } from '../support/shop.mjs'
import { startWorker } from '../support/worker.mjs'

for (const [title, program, start] of [
  ['docker-registry 2.8 with htpasswd', 'docker-registry', () => startDockerRegistry({ auth: 'htpasswd' })],
  ['distribution 3 with tokens', 'distribution 3', () => startDistribution({ auth: 'token' })],
]) {
  test(`cron cleans ${title}, and what stays copies whole`, { skip: needs(program, 'crane', 'skopeo') }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const { look, copy, reference, tags, manifests, condemned } = await fillBusyRepository(registry)
    const staying = Object.keys(tags).filter((tag) => !condemned.has(tag))
    const needed = await everyManifest(look, staying)

    const { configuration, env } = cleaningOf(registry)
    Object.assign(configuration.jobs.web, { schedule: '* * * * *', mode: 'apply', approval: 'never' })
    configuration.clients = { admin: { tokenSha256: [sha256(ADMIN)], grants: [{ actions: ['plan', 'apply', 'restore'], repositories: ['real/team/*'] }] } }
    const worker = await startWorker({ configuration, secrets: env })
    t.after(() => worker.stop())
    const { until, post } = callers(worker)

    await worker.scheduled({ at: new Date() })
    const { plans: [{ id, hash }] } = await until('/api/v1/plans?repository=real/team/web', ({ plans }) => plans.length > 0 && plans.every(({ state }) => state !== 'planning'))
    const run = `/api/v1/runs/${id.split('-')[0]}-${hash.slice(0, 12)}`
    const { state, run: told } = await until(run, ({ state, code }) => code !== 'not_found' && state !== 'running')
    assert.equal(state, 'done', JSON.stringify(told))

    assert.deepEqual(Object.keys(await tagsOf(look)), staying)
    for (const digest of manifests.keys()) assert.equal(await headOf(look, digest), needed.has(digest) ? digest : 404)
    for (const tag of staying.filter((tag) => /^(v|latest|main)/.test(tag))) await copy(`docker://${reference}:${tag}`, `dir:${temporaryFolder('copy')}`)

    await post(`${run}/restore`, {})
    const { restore } = await until(run, ({ restore }) => restore?.state !== 'running')
    assert.deepEqual([restore.state, restore.restored.whole], ['done', true], JSON.stringify(restore))
    assert.deepEqual(await tagsOf(look), tags)
    for (const digest of manifests.keys()) assert.equal(await headOf(look, digest), digest)
  })
}
