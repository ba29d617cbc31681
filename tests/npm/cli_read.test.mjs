// The verbs that read an image's parts: tags, repos, digest, manifest, blob, referrers, token get,
// capabilities.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'

import { atTerminal, commandLineTest, failsWith, inShell, told } from '../support/cli.mjs'
import { commandLine } from '../support/command_line.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

const here = commandLineTest()
const { succeeds, fails } = here

const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A registry that answers everything by these functions of the path and query. */
async function madeUp(t, answer) {
  const server = createServer((request, response) => {
    const { status = 200, headers = {}, body } = answer(request.url)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `127.0.0.1:${server.address().port}`
}

test('tags lists what curl lists, one name a line, and for programs', async () => {
  const { tags } = await (await fetch(`${here.registry.url}/v2/shop/web/tags/list`)).json()
  const listed = await succeeds('tags', `${here.registry.host}/shop/web`, '--json')
  assert.deepEqual([listed.format, listed.complete], ['portreeve.tags/1', true])
  assert.deepEqual(
    listed.tags.map(({ name }) => name),
    tags,
  )
  assert.equal(await succeeds('tags', `${here.registry.host}/shop/web`), `${tags.join('\n')}\n`)
})

test('tags shows on a terminal what the list tells by itself', async () => {
  const { code, stdout } = await atTerminal(here.portreeve, ['tags', '@demo/shop/web'])
  assert.equal(code, 0, stdout)
  const [head, ...rows] = stdout.trimEnd().split('\r\n')
  assert.match(head, /^DIGEST +PUSHED \(UTC\) +TAG$/)
  assert.match(rows.find((row) => row.endsWith(' v1.4.2')), /^[0-9a-f]{12} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}v1\.4\.2$/)
})

test('tags --with shows facts of each tag, --sort orders by them, --limit takes the first', async () => {
  const args = ['tags', '@demo/shop/api', '--with', 'digest,created,size,platforms', '--sort', 'created', '--limit', '3']
  const { tags, complete, cause } = await succeeds(...args, '--json')
  assert.deepEqual([complete, cause], [false, 'limited'])
  const created = tags.map(({ created }) => created)
  assert.deepEqual(created, created.toSorted().toReversed())
  for (const { sources } of tags) assert.ok(['config', 'tagsList'].includes(sources.created))
  const [head, ...rows] = (await succeeds(...args)).trimEnd().split('\n')
  assert.match(head, /^DIGEST +CREATED \(UTC\) +SIZE +PLATFORMS +TAG$/)
  assert.deepEqual(
    rows.map((row) => row.split(' ').at(-1)),
    tags.map(({ name }) => name),
  )
  assert.match(rows[0], /^[0-9a-f]{12} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}.*[kM]?B {2}linux\/amd64 {2}/)
})

test('tags shows at a terminal what it sorted by, and says when no tag has it', async (t) => {
  const sorted = await atTerminal(here.portreeve, ['tags', '@demo/shop/web', '--sort', 'created'])
  assert.match(sorted.stdout, /^DIGEST +CREATED \(UTC\) +TAG\r?\n/)
  const plain = await startDemoRegistry(['--profile', 'distribution_2_8'])
  t.after(() => plain.stop())
  const cli = await commandLine()
  const { code, stdout, stderr } = await cli('tags', `${plain.host}/shop/web`, '--sort', 'pushed', '--limit', '2')
  assert.deepEqual([code, stdout.trimEnd().split('\n').length], [0, 2])
  assert.match(stderr, /told no push time of these tags, so they stand in no order/)
})

test('the size of an index is that of its platforms', async () => {
  const { tags } = await succeeds('tags', '@demo/shop/web', '--with', 'size', '--json')
  const { platforms } = await succeeds('inspect', '@demo/shop/web:v1.4.2', '--json')
  const { size } = tags.find(({ name }) => name === 'v1.4.2')
  assert.ok(size > platforms.reduce((sum, platform) => sum + platform.size, 0) - 1, String(size))
})

test('a word that --with does not know is told with those it knows', async () => {
  const { code, stderr } = await here.portreeve('tags', '@demo/shop/web', '--with', 'digest,colour')
  assert.equal(code, 2)
  assert.match(stderr, /`colour` is none of digest, mediaType/)
})

test('a list that may be cut short is said to be so, and ends with 6', async (t) => {
  const host = await madeUp(t, () => ({
    headers: { link: '</v2/shop/web/tags/list?last=b&n=2>; rel="next"' },
    body: { name: 'shop/web', tags: ['a', 'b'] },
  }))
  const { code, stdout, stderr } = await here.portreeve('tags', `${host}/shop/web`)
  assert.equal(code, 6)
  assert.equal(stdout, 'a\nb\n')
  assert.match(stderr, /^incomplete the tags of .* may be more than these 2 entries: /)
  const document = await told(here.portreeve, ['tags', `${host}/shop/web`, '--json'], 6)
  assert.equal(document.complete, false)
})

test('nothing that a registry says steers the terminal', async (t) => {
  const host = await madeUp(t, () => ({ body: { name: 'x', tags: ['v1', 'v2\u001b[2K\rv3', 'v4\u009b8m'] } }))
  const { stdout, stderr } = await here.portreeve('tags', `${host}/shop/web`)
  assert.match(stdout + stderr, /v1/)
  assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
})

test('an upstream of the configuration is written @upstream', async () => {
  const of = ({ tags }) => tags
  assert.deepEqual(
    of(await succeeds('tags', '@demo/shop/web', '--json')),
    of(await succeeds('tags', `${here.registry.host}/shop/web`, '--json')),
  )
  assert.equal((await succeeds('repos', '@demo', '--json')).host, here.registry.host)
  await fails(['tags', '@nobody/shop/web'], 4, 'not_found', /upstreams/)
})

test('repos lists references that other verbs take', async () => {
  const repositories = (await succeeds('repos', here.registry.host)).trimEnd().split('\n')
  assert.deepEqual(repositories.toSorted(), [`${here.registry.host}/shop/api`, `${here.registry.host}/shop/web`])
  const document = await succeeds('repos', here.registry.host, '--limit', '1', '--json')
  assert.equal(document.repositories.length, 1)
  await succeeds('tags', repositories[0])
})

test('digest prints the digest and nothing else, manifest the bytes it is of', async () => {
  const digest = (await succeeds('digest', '@demo/shop/web:v1.4.2')).trimEnd()
  const bytes = await succeeds('manifest', '@demo/shop/web:v1.4.2')
  assert.equal(sha256(bytes), digest)
  const { mediaType, size, manifest } = await succeeds('manifest', `@demo/shop/web@${digest}`, '--json')
  assert.equal(mediaType, JSON.parse(bytes).mediaType)
  assert.equal(size, bytes.length)
  assert.deepEqual(manifest, JSON.parse(bytes))
})

test('a manifest comes byte by byte through a pipe', async () => {
  const digest = (await succeeds('digest', '@demo/shop/web:v1.4.2')).trimEnd()
  const { stdout } = await inShell(here.portreeve, 'portreeve manifest @demo/shop/web:v1.4.2 | sha256sum')
  assert.equal(`sha256:${stdout.slice(0, 64)}`, digest)
})

test('--platform takes one manifest out of an index', async () => {
  const { manifest } = await succeeds('manifest', '@demo/shop/web:v1.4.2', '--json')
  const child = manifest.manifests.find(({ platform }) => platform.architecture === 'arm64')
  assert.equal(await succeeds('digest', '@demo/shop/web:v1.4.2', '--platform', 'linux/arm64'), `${child.digest}\n`)
  const bytes = await succeeds('manifest', '@demo/shop/web:v1.4.2', '--platform', 'linux/arm64')
  assert.equal(sha256(bytes), child.digest)
  await fails(['digest', '@demo/shop/web:v1.4.2', '--platform', 'linux/s390x'], 4, 'not_found', /s390x/)
  await fails(['digest', '@demo/shop/web:v1.4.2', '--platform', '/'], 2, 'invalid_argument', /platform/)
})

/** A layer of the demo registry's image: `{ digest, size }`. */
async function aLayer() {
  const { manifest } = await succeeds('manifest', '@demo/shop/api:latest', '--json')
  return manifest.layers[0]
}

test('blob writes verified bytes to a pipe or to a file', async () => {
  const { digest, size } = await aLayer()
  const { stdout } = await inShell(here.portreeve, `portreeve blob @demo/shop/api@${digest} | sha256sum`)
  assert.equal(`sha256:${stdout.slice(0, 64)}`, digest)
  const document = await succeeds('blob', `@demo/shop/api@${digest}`, '--output', 'layer.tgz', '--json')
  assert.deepEqual([document.size, document.verified, document.file], [size, true, 'layer.tgz'])
  assert.equal(sha256(readFileSync(join(here.portreeve.folder, 'layer.tgz'))), digest)
})

test('blob --range takes a part', async () => {
  const { digest, size } = await aLayer()
  await succeeds('blob', `@demo/shop/api@${digest}`, '--output', 'whole')
  const whole = readFileSync(join(here.portreeve.folder, 'whole'))
  for (const [range, from, to] of [
    ['0-9', 0, 10],
    ['10-', 10, size],
    [`${size - 1}-`, size - 1, size],
  ]) {
    const document = await succeeds('blob', `@demo/shop/api@${digest}`, '--range', range, '--output', 'part', '--json')
    assert.equal(document.verified, false)
    assert.deepEqual(readFileSync(join(here.portreeve.folder, 'part')), whole.subarray(from, to), range)
  }
  const { code, stderr } = await here.portreeve('blob', `@demo/shop/api@${digest}`, '--range', '9-1')
  assert.equal(code, 2)
  assert.match(stderr, /0-1023/)
})

test('a blob that is not what it says leaves the file that was there', async (t) => {
  const own = await startDemoRegistry()
  t.after(() => own.stop())
  const { digest } = await aLayer()
  const fault = { method: 'GET', path: `/v2/shop/api/blobs/${digest}`, corrupt: true, times: 0 }
  await fetch(`${own.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(fault) })
  writeFileSync(join(here.portreeve.folder, 'kept'), 'before')
  await fails(['blob', `${own.host}/shop/api@${digest}`, '--output', 'kept'], 1, 'digest_mismatch', /got the bytes of/)
  assert.equal(readFileSync(join(here.portreeve.folder, 'kept'), 'utf8'), 'before')
  assert.deepEqual(
    readdirSync(here.portreeve.folder).filter((name) => name.endsWith('.half')),
    [],
  )
})

test('a blob does not go to a terminal, and needs a digest', async () => {
  const { digest } = await aLayer()
  const { code, stdout } = await atTerminal(here.portreeve, ['blob', `@demo/shop/api@${digest}`])
  assert.equal(code, 2)
  assert.match(stdout, /--output FILE/)
  await fails(['blob', '@demo/shop/api:latest'], 2, 'invalid_argument', /@DIGEST/)
  await fails(['blob', `@demo/shop/api@sha256:${'0'.repeat(64)}`, '--output', 'x'], 4, 'not_found', /blob/)
  assert.ok(!existsSync(join(here.portreeve.folder, 'undefined')))
})

test('referrers lists what is attached, all of it or one type', async () => {
  const all = await succeeds('referrers', '@demo/shop/web:v1.4.0', '--json')
  assert.ok(all.complete)
  assert.deepEqual(
    all.referrers.map(({ artifactType }) => artifactType),
    ['application/spdx+json'],
  )
  const signed = await succeeds('referrers', '@demo/shop/web:v1.4.2', '--json')
  assert.deepEqual(signed.referrers.map(({ source }) => source), ['cosignTag'])
  const args = ['referrers', '@demo/shop/web:v1.4.0', '--artifact-type']
  assert.match(await succeeds(...args, 'application/spdx+json'), /^DIGEST .*\n[0-9a-f]{12} .* application\/spdx\+json\n$/)
  assert.deepEqual((await succeeds(...args, 'application/x', '--json')).referrers, [])
  const { stdout, stderr } = await here.portreeve(...args, 'application/x')
  assert.equal(stdout, '')
  assert.match(stderr, /nothing of that type refers to sha256:/)
})

test('capabilities says what a registry can do and how that is known', async (t) => {
  const zot = await startDemoRegistry(['--profile', 'distribution_3'])
  t.after(() => zot.stop())
  const document = await succeeds('capabilities', zot.host, '--json')
  assert.equal(document.format, 'portreeve.capabilities/1')
  assert.deepEqual(document.catalog, { is: 'yes', known: 'probed' })
  const page = await succeeds('capabilities', `${zot.host}/shop/web`)
  assert.match(page, /referrers API +no +asked just now/)
  assert.match(page, /authentication +none/)
})

test('token get shows what a token is for, and the token itself only if asked to', async (t) => {
  const locked = await startDemoRegistry(['--profile', 'bearer'])
  t.after(() => locked.stop())
  const docker = await commandLine()
  const auth = Buffer.from('demo:demo-password').toString('base64')
  writeFileSync(join(docker.folder, 'config.json'), JSON.stringify({ auths: { [locked.host]: { auth } } }))
  const repository = `${locked.host}/shop/web`
  const raw = (await told(docker, ['token', 'get', repository, '--raw'], 0)).trimEnd()
  const url = `${locked.url}/v2/shop/web/tags/list`
  assert.equal((await fetch(url, { headers: { authorization: `Bearer ${raw}` } })).status, 200)
  const shown = await told(docker, ['token', 'get', repository, '--actions', 'pull,push', '--json'], 0)
  assert.deepEqual([shown.actions, shown.token], [['pull', 'push'], undefined])
  const page = await told(docker, ['token', 'get', repository], 0)
  assert.match(page, /^Grants +\S/m)
  assert.ok(!page.includes(raw))
  const wrong = Buffer.from('demo:wrong').toString('base64')
  writeFileSync(join(docker.folder, 'config.json'), JSON.stringify({ auths: { [locked.host]: { auth: wrong } } }))
  await failsWith(docker, ['token', 'get', repository], 3, 'unauthorized', /password|credential/)
})
