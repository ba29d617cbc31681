// What happens between a plan and its apply, on registries that nobody here wrote: somebody else
// pushes, the registry refuses, a credential is wrong. What is not as planned stays whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cleaningOf, fillBusyRepository } from '../support/busy_repository.mjs'
import { commandLine } from '../support/command_line.mjs'
import { headOf, tagsOf } from '../support/look.mjs'
import { needs } from '../support/peers.mjs'
import { startDistribution, startDockerRegistry } from '../support/registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'

test('what changed between plan and apply is skipped, the rest goes', { skip: needs('distribution 3', 'crane', 'skopeo') }, async (t) => {
  const registry = await startDistribution()
  t.after(() => registry.stop())
  const { crane, copy, look, reference, tags, condemned, special } = await fillBusyRepository(registry)
  const portreeve = await commandLine(cleaningOf(registry))
  assert.equal((await portreeve('plan', 'web', '--out', 'plan.json')).code, 0)

  const ordinary = [...condemned].filter((tag) => tag.startsWith('main-') && !Object.values(special).includes(tag))
  // its signature, or what else shares its digest, would be a case of its own
  const [promoted, moved, bundled] = ordinary.filter((tag) => !(`${tags[tag].replace(':', '-')}.sig` in tags))
  await crane('tag', `${reference}:${promoted}`, 'production')
  await crane('cp', `${reference}:v1.4.2`, `${reference}:${moved}`)
  await crane('index', 'append', '--flatten=false', '-m', `${reference}:${bundled}`, '-t', `${reference}:bundle`)

  const { code, stdout, stderr } = await portreeve('apply', 'plan.json', '--yes', '--json')
  const run = JSON.parse(stdout)
  assert.equal(code, 6, stderr)
  assert.equal(run.state, 'partial')
  const skipped = run.repositories[0].groups.filter(({ ending }) => ending === 'skipped').map(({ digest }) => digest)
  assert.deepEqual(skipped.sort(), [promoted, moved, bundled].map((tag) => tags[tag]).sort())

  const after = await tagsOf(look)
  assert.equal(after.production, tags[promoted])
  assert.equal(after[promoted], tags[promoted])
  assert.equal(after[moved], tags['v1.4.2'])
  assert.equal(after[bundled], tags[bundled])
  for (const whole of ['production', bundled, moved]) await copy(`docker://${reference}:${whole}`, `dir:${temporaryFolder('copy')}`)
  await crane('pull', '--format=oci', `${reference}:bundle`, `${temporaryFolder('pull')}/layout`)
  for (const tag of condemned) {
    if (![promoted, moved, bundled].includes(tag)) assert.equal(await headOf(look, tags[tag]), 404, tag)
  }
})

for (const [title, program, start] of [
  ['docker-registry 2.8', 'docker-registry', startDockerRegistry],
  ['distribution 3', 'distribution 3', startDistribution],
]) {
  test(`${title} with deletion switched off: apply says so, and nothing has changed`, { skip: needs(program, 'crane', 'skopeo') }, async (t) => {
    const registry = await start({ deletes: false })
    t.after(() => registry.stop())
    const { look, tags, manifests } = await fillBusyRepository(registry)
    const portreeve = await commandLine(cleaningOf(registry))
    await portreeve('plan', 'web', '--out', 'plan.json')
    const { code, stdout } = await portreeve('apply', 'plan.json', '--yes', '--json')
    assert.equal(code, 1)
    const [{ state, problem, deleted }] = JSON.parse(stdout).repositories
    assert.deepEqual([state, problem.code, deleted], ['stopped', 'unsupported', { groups: 0, manifests: 0 }])
    assert.match(problem.message, /delet/)
    await assertUntouched(look, { tags, manifests })
  })
}

test('a wrong password for deletion: apply says so, and nothing has changed', { skip: needs('distribution 3', 'crane', 'skopeo') }, async (t) => {
  const registry = await startDistribution({ auth: 'token' })
  t.after(() => registry.stop())
  const { look, tags, manifests } = await fillBusyRepository(registry)
  const { configuration, env } = cleaningOf(registry)
  configuration.upstreams.real.credentials.delete = { username: 'REAL_USER', password: 'WRONG_PASSWORD' }
  const portreeve = await commandLine({ configuration, env: { ...env, WRONG_PASSWORD: 'high-tide' } })
  await portreeve('plan', 'web', '--out', 'plan.json')
  const { code, stdout, stderr } = await portreeve('apply', 'plan.json', '--yes', '--json')
  assert.equal(code, 3, stdout + stderr)
  assert.match(stdout, /"unauthorized"/)
  assert.doesNotMatch(stdout + stderr, /high-tide/)
  await assertUntouched(look, { tags, manifests })
})

async function assertUntouched(look, { tags, manifests }) {
  assert.deepEqual(await tagsOf(look), tags)
  for (const digest of manifests.keys()) assert.equal(await headOf(look, digest), digest)
}
