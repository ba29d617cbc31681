// The registries that other tests rely on are what they say they are.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { execute, needs } from '../support/peers.mjs'
import { startDistribution, startDockerRegistry, startOciRegistry } from '../support/registries.mjs'

for (const [name, program, start] of [
  ['docker-registry 2.8', 'docker-registry', startDockerRegistry],
  ['distribution 3', 'distribution 3', startDistribution],
]) {
  test(`${name} without accounts lets everybody push and pull`, { skip: needs(program, 'crane') }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    assert.deepEqual(await pushAndList(registry), ['one'])
  })

  test(`${name} with htpasswd is a Basic registry`, { skip: needs(program, 'crane') }, async (t) => {
    const registry = await start({ auth: 'htpasswd' })
    t.after(() => registry.stop())
    const refused = await fetch(`${registry.url}/v2/`)
    assert.equal(refused.status, 401)
    assert.match(refused.headers.get('www-authenticate'), /^Basic /)
    assert.deepEqual(await pushAndList(registry), ['one'])
  })
}

test('distribution 3 with tokens is a Bearer registry', { skip: needs('distribution 3', 'crane') }, async (t) => {
  const registry = await startDistribution({ auth: 'token' })
  t.after(() => registry.stop())
  const refused = await fetch(`${registry.url}/v2/team/app/tags/list`)
  assert.equal(refused.status, 401)
  assert.match(refused.headers.get('www-authenticate'), /^Bearer realm=.+scope="repository:team\/app:pull"/)
  assert.deepEqual(await pushAndList(registry), ['one'])
  assert.ok(registry.tokens.requests.some(({ account, scope }) => account === 'harbour' && /push/.test(scope.join())))
})

test('ociregistry answers the referrers API', { skip: needs('ociregistry', 'crane') }, async (t) => {
  const registry = await startOciRegistry()
  t.after(() => registry.stop())
  assert.deepEqual(await pushAndList(registry), ['one'])
  const answer = await fetch(`${registry.url}/v2/team/app/referrers/sha256:${'0'.repeat(64)}`)
  assert.equal(answer.headers.get('content-type'), 'application/vnd.oci.image.index.v1+json')
})

async function pushAndList({ host, username, password }) {
  const folder = mkdtempSync(join(tmpdir(), 'portreeve-crane-'))
  if (username) {
    const auth = Buffer.from(`${username}:${password}`).toString('base64')
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }))
  }
  writeFileSync(join(folder, 'file'), 'a harbour at low tide')
  const env = { ...process.env, DOCKER_CONFIG: folder }
  const crane = (...args) => execute('crane', args, { env, cwd: folder })
  execFileSync('tar', ['-cf', 'layer.tar', 'file'], { cwd: folder })
  await crane('append', '--insecure', '--oci-empty-base', '-f', 'layer.tar', '-t', `${host}/team/app:one`)
  const { stdout } = await crane('ls', '--insecure', `${host}/team/app`)
  return stdout.trim().split('\n')
}
