// The verbs that change a registry: tag, untag, delete.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { atTerminal, configuration, failsWith, told } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

/** A registry of its own, because these tests change it. */
async function aRegistry(t, ...args) {
  const registry = await startDemoRegistry(args)
  t.after(() => registry.stop())
  const portreeve = await commandLine({ configuration: configuration(registry.host) })
  const succeeds = (...words) => told(portreeve, words, 0)
  const tags = async (repository = 'shop/api') => {
    const { tags } = await (await fetch(`${registry.url}/v2/${repository}/tags/list`)).json()
    return tags
  }
  const writes = async () => {
    const { requests } = await (await fetch(`${registry.url}/_demo/requests`)).json()
    return requests.filter(({ method }) => !['GET', 'HEAD'].includes(method))
  }
  return { registry, portreeve, succeeds, tags, writes }
}

test('tag says what it does to each name, and does it', async (t) => {
  const { succeeds, tags } = await aRegistry(t)
  const digest = (await succeeds('digest', '@demo/shop/api:2.3.0')).trimEnd()
  const names = ['new', 'stable', 'latest', 'new']
  const planned = await succeeds('tag', '@demo/shop/api:2.3.0', ...names, '--dry-run')
  assert.match(planned, /^new +would be created$/m)
  assert.match(planned, /^stable +would move from [0-9a-f]{12} to [0-9a-f]{12}$/m)
  assert.match(planned, /^latest +unchanged/m)
  assert.ok(!(await tags()).includes('new'))
  const document = await succeeds('tag', '@demo/shop/api:2.3.0', ...names, '--json')
  assert.equal(document.digest, digest)
  assert.deepEqual(
    document.tags.map(({ name, outcome }) => [name, outcome]),
    [
      ['new', 'created'],
      ['stable', 'moved'],
      ['latest', 'unchanged'],
    ],
  )
  for (const name of names) assert.equal((await succeeds('digest', `@demo/shop/api:${name}`)).trimEnd(), digest)
})

test('a tag that the registry refuses is told of beside those that were set', async (t) => {
  const { registry, portreeve } = await aRegistry(t)
  const fault = { method: 'PUT', path: '/v2/shop/api/manifests/refused', status: 403, times: 0 }
  await fetch(`${registry.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(fault) })
  const args = ['tag', '@demo/shop/api:2.3.0', 'fine', 'refused', '--json']
  const { tags } = await told(portreeve, args, 6)
  assert.deepEqual(
    tags.map(({ name, outcome, problem }) => [name, outcome, problem?.code]),
    [
      ['fine', 'created', undefined],
      ['refused', 'failed', 'denied'],
    ],
  )
  await failsWith(portreeve, ['tag', '@demo/shop/api:nowhere', 'x'], 4, 'not_found', /nowhere/)
  await failsWith(portreeve, ['tag', '@demo/shop/api:2.3.0', 'no tag'], 2, 'invalid_reference', /tag/)
})

test('delete names everything that would vanish, and a dry run deletes nothing', async (t) => {
  const { succeeds, writes } = await aRegistry(t)
  const page = await succeeds('delete', '@demo/shop/api:stable', '--dry-run')
  assert.match(page, /^Host +127\.0\.0\.1:\d+$/m)
  assert.match(page, /^Path +shop\/api$/m)
  assert.match(page, /^Digest +sha256:[0-9a-f]{64}$/m)
  assert.match(page, /would vanish: +2\.2\.0 stable$/m)
  assert.match(page, /Nothing was deleted/)
  assert.match(await succeeds('delete', '@demo/shop/web:v1.4.2', '--dry-run'), /^signature +[0-9a-f]{12}/m)
  const document = await succeeds('delete', '@demo/shop/api:stable', '--dry-run', '--json')
  assert.deepEqual([document.tags, document.dryRun, document.done], [['2.2.0', 'stable'], true, false])
  assert.deepEqual(await writes(), [])
})

test('deleting what an index lists says which one would break', async (t) => {
  const { succeeds } = await aRegistry(t)
  const child = (await succeeds('digest', '@demo/shop/web:v1.4.2', '--platform', 'linux/amd64')).trimEnd()
  const page = await succeeds('delete', `@demo/shop/web@${child}`, '--dry-run')
  assert.match(page, /^broken These indexes list it .*(latest|v1\.4\.2)/m)
})

test('without a terminal and without --yes nothing is deleted', async (t) => {
  const { portreeve, writes } = await aRegistry(t)
  for (const verb of ['delete', 'untag']) {
    await failsWith(portreeve, [verb, '@demo/shop/api:stable'], 2, 'invalid_argument', /--yes/)
  }
  assert.deepEqual(await writes(), [])
})

test('delete --yes deletes the manifest with its tags', async (t) => {
  const { succeeds, tags } = await aRegistry(t)
  const document = await succeeds('delete', '@demo/shop/api:stable', '--yes', '--json')
  assert.ok(document.done)
  const left = await tags()
  for (const tag of ['stable', '2.2.0']) assert.ok(!left.includes(tag))
  assert.ok(left.includes('latest'))
})

test('untag --yes takes one tag away, and the image stays', async (t) => {
  const { succeeds, tags } = await aRegistry(t)
  const digest = (await succeeds('digest', '@demo/shop/api:2.2.0')).trimEnd()
  const document = await succeeds('untag', '@demo/shop/api:stable', '--yes', '--json')
  assert.deepEqual([document.siblings, document.done], [['2.2.0'], true])
  assert.ok(!(await tags()).includes('stable'))
  assert.equal((await succeeds('digest', '@demo/shop/api:2.2.0')).trimEnd(), digest)
  assert.match(await succeeds('untag', '@demo/shop/api:2.2.0', '--dry-run'), /no other tag/)
})

test('untag takes a tag and nothing else', async (t) => {
  const { succeeds, portreeve } = await aRegistry(t)
  const digest = (await succeeds('digest', '@demo/shop/api:2.2.0')).trimEnd()
  await failsWith(portreeve, ['untag', `@demo/shop/api@${digest}`, '--yes'], 2, 'invalid_argument', /names no tag/)
})

for (const [verb, word] of [
  ['delete', 'shop/api'],
  ['untag', 'stable'],
]) {
  test(`${verb} asks once at a terminal, and only the right word goes on`, async (t) => {
    const { portreeve, tags } = await aRegistry(t)
    for (const input of ['yes\n', '\n', '\u0004']) {
      const { code, stdout } = await atTerminal(portreeve, [verb, '@demo/shop/api:stable'], { input })
      assert.equal(code, 130, stdout)
      assert.match(stdout, /nothing was (deleted|changed)/)
      assert.equal(stdout.match(/ to go on: /g).length, 1)
      assert.ok((await tags()).includes('stable'))
    }
    const interrupted = await atTerminal(portreeve, [verb, '@demo/shop/api:stable'], { input: '\u0003' })
    assert.equal(interrupted.code, 130)
    assert.match(interrupted.stdout, /\r\n$/)
    assert.ok((await tags()).includes('stable'))
    const { code, stdout } = await atTerminal(portreeve, [verb, '@demo/shop/api:stable'], { input: `${word}\n` })
    assert.equal(code, 0, stdout)
    assert.ok(!(await tags()).includes('stable'))
  })
}

test('what cannot be told for sure is not deleted', async (t) => {
  const { registry, portreeve, writes } = await aRegistry(t)
  const fault = { method: 'HEAD', path: '/v2/shop/api/manifests/build-118', status: 500, times: 0 }
  for (const each of [fault, { ...fault, method: 'GET' }, { method: 'GET', path: '/v2/shop/api/tags/list', status: 429, times: 0 }]) {
    await fetch(`${registry.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(each) })
  }
  const { code } = await portreeve('delete', '@demo/shop/api:stable', '--yes')
  assert.equal(code, 1)
  assert.deepEqual(await writes(), [])
})

test('a tag that moves after it was shown is not taken away', async (t) => {
  const { registry, portreeve, writes } = await aRegistry(t)
  const headers = { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }
  // behind the look at what it shows
  const fault = { method: 'HEAD', path: '/v2/shop/api/manifests/stable', skip: 1, times: 0, headers }
  await fetch(`${registry.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(fault) })
  await failsWith(portreeve, ['untag', '@demo/shop/api:stable', '--yes'], 1, 'conflict', /by now/)
  assert.deepEqual(await writes(), [])
})

test('a registry that cannot take a single tag away says so, and keeps its sibling tags', async (t) => {
  const { portreeve, tags } = await aRegistry(t, '--profile', 'distribution_2_8')
  const { code, stderr } = await portreeve('untag', '@demo/shop/api:stable', '--yes')
  assert.equal(code, 1, stderr)
  assert.match(stderr, /unsupported/)
  assert.ok((await tags()).includes('stable'))
})
