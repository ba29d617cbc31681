// Registries that nobody here wrote, through the Worker, to clients that nobody here wrote: every
// byte is the one that was pushed, and the Worker alone knows the registry's password.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { startBehindWorker } from '../support/behind_worker.mjs'
import { clientsOf } from '../support/clients.mjs'
import { importPackage } from '../support/command_line.mjs'
import { ACCEPT, digestOf, fillForReading, readByCrane } from '../support/contents.mjs'
import { execute, needs } from '../support/peers.mjs'
import { REAL_REGISTRIES } from '../support/real_registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'

const REPOSITORIES = ['team/web', 'team/api', 'team/tool']

for (const { title, skip, start } of REAL_REGISTRIES) {
  test(`${title} is served by the Worker as crane and skopeo filled it`, { skip }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const { sbom } = await fillForReading(registry)
    const expected = await readByCrane(clientsOf(registry), registry.host, REPOSITORIES)
    const worker = await startBehindWorker({ real: registry })
    t.after(() => worker.stop())
    const token = { authorization: `Basic ${Buffer.from(`x:${worker.withToken.password}`).toString('base64')}` }

    for (const [who, { url }, headers] of [['anonymously', worker.anonymous, {}], ['with a token', worker.withToken, token]]) {
      const ask = (path, more = {}, method = 'GET') => fetch(`${url}/v2/real/${path}`, { method, headers: { ...headers, ...more } })

      await t.test(`${who}: tags, manifests and blobs are the same by GET and by HEAD`, async () => {
        for (const { name, tags, manifests, blobs } of expected) {
          const listed = await (await ask(`${name}/tags/list`)).json()
          assert.deepEqual(listed.tags.sort(), tags.sort())
          for (const [digest, { bytes, mediaType, tags }] of manifests) {
            for (const target of [digest, ...tags]) {
              await assertSame(ask, `${name}/manifests/${target}`, { bytes, digest, mediaType })
            }
          }
          for (const [digest, bytes] of blobs) await assertSame(ask, `${name}/blobs/${digest}`, { bytes, digest })
        }
      })
    }

    const { name, manifests, blobs } = expected[0]
    const ask = (path, headers = {}) => fetch(`${worker.anonymous.url}/v2/real/${path}`, { headers })

    await t.test('a part of a blob is that part', async () => {
      const [digest, bytes] = [...blobs].sort(([, one], [, other]) => other.length - one.length)[0]
      const { status, headers, body } = await whole(await ask(`${name}/blobs/${digest}`, { range: 'bytes=7-19' }))
      assert.deepEqual([status, headers.get('content-range')], [206, `bytes 7-19/${bytes.length}`])
      assert.ok(bytes.subarray(7, 20).equals(body))
    })

    await t.test('a manifest that the client has is not sent again', async () => {
      const [digest] = manifests.keys()
      const headers = { accept: ACCEPT, 'if-none-match': `"${digest}"` }
      const direct = await whole(await ask(`${name}/manifests/${digest}`, { accept: ACCEPT }))
      const { status, body } = await whole(await ask(`${name}/manifests/${digest}`, headers))
      // a registry without ETags cannot tell, and sends it
      const expected = direct.headers.has('etag') ? [304, 0] : [200, direct.body.length]
      assert.deepEqual([status, body.length], expected)
    })

    await t.test('the package reads the same through it', async () => {
      const { connect } = await importPackage()
      const { host, password } = worker.withToken
      const web = connect(host, { credential: { username: 'x', password } }).repository('real/team/web')
      const tags = []
      for await (const tag of web.tags()) tags.push(tag.name)
      assert.deepEqual(tags.sort(), expected[0].tags.sort())
      for (const [digest, { bytes }] of manifests) assert.ok(bytes.equals((await web.manifest(digest)).bytes), digest)
      for (const [digest, bytes] of blobs) {
        assert.ok(bytes.equals(Buffer.from(await new Response(await web.blob(digest)).arrayBuffer())), digest)
      }
      const found = []
      for await (const { digest } of web.referrers(sbom.subject)) found.push(digest)
      assert.deepEqual(found, [sbom.digest])
    })

    for (const [who, client] of [['anonymously', worker.anonymous], ['with a token', worker.withToken]]) {
      const through = clientsOf(client)
      const reference = (repository) => `${client.host}/real/${repository}`

      await t.test(`skopeo copies a whole image ${who}`, async () => {
        for (const image of ['team/web:v1.4.2', 'team/api:latest', 'team/tool:oci']) {
          const folder = temporaryFolder('skopeo')
          await through.copy(`docker://${reference(image)}`, `dir:${folder}`)
          assertHolds(filesBelow(folder), expected, image)
        }
      })

      await t.test(`crane pulls a whole image ${who}`, async () => {
        const folder = join(temporaryFolder('crane'), 'layout')
        await through.crane('pull', '--format=oci', reference('team/web:nested'), folder)
        assertHolds(filesBelow(join(folder, 'blobs')), expected, 'team/web:nested')
      })
    }

    await t.test('podman pulls with a token', { skip: needs('podman') }, async () => {
      const { host, password } = worker.withToken
      const storage = temporaryFolder('podman')
      const place = ['--root', join(storage, 'root'), '--runroot', join(storage, 'run'), '--storage-driver', 'vfs']
      const image = `${host}/real/team/web:v1.4.1`
      await execute('podman', [...place, 'pull', '--quiet', '--tls-verify=false', '--creds', `x:${password}`, image])
      const { stdout } = await execute('podman', [...place, 'image', 'inspect', '--format', '{{.Digest}}', image])
      assert.ok(manifests.has(stdout.trim()), stdout)
    })

    await t.test('nobody gets in without a token from elsewhere, nor with a wrong one', async () => {
      for (const headers of [{}, { authorization: `Basic ${Buffer.from('x:wrong').toString('base64')}` }]) {
        const answer = await fetch(`${worker.withToken.url}/v2/real/team/web/tags/list`, { headers })
        assert.equal(answer.status, 401)
        assert.match(answer.headers.get('www-authenticate'), /^Basic /)
        assert.equal((await answer.json()).errors[0].code, 'UNAUTHORIZED')
      }
    })

    await t.test('nothing can be written, whoever asks', async () => {
      const [digest] = manifests.keys()
      for (const [method, path] of [['PUT', 'manifests/v1.4.2'], ['DELETE', `manifests/${digest}`], ['POST', 'blobs/uploads/']]) {
        const answer = await fetch(`${worker.withToken.url}/v2/real/${name}/${path}`, { method, headers: token, ...(method === 'PUT' && { body: '{}' }) })
        assert.equal((await answer.json()).errors[0].code, 'UNSUPPORTED')
      }
      const { bytes } = await byCrane(registry, `${registry.host}/${name}@${digest}`)
      assert.equal(digestOf(bytes), digest)
    })
  })
}

async function whole(answer) {
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }
}

async function byCrane(registry, reference) {
  return { bytes: await clientsOf(registry).crane('manifest', reference) }
}

async function assertSame(ask, path, { bytes, digest, mediaType }) {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers, body } = await whole(await ask(path, { accept: ACCEPT }, method))
    assert.equal(status, 200, `${method} ${path}`)
    assert.equal(headers.get('docker-content-digest'), digest, `${method} ${path}`)
    assert.equal(headers.get('content-length'), String(bytes.length), `${method} ${path}`)
    if (mediaType) assert.equal(headers.get('content-type'), mediaType, `${method} ${path}`)
    assert.ok(body.equals(method === 'GET' ? bytes : Buffer.alloc(0)), `${method} ${path}`)
  }
}

/** The digests of all files below a folder. */
function filesBelow(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Set(files.map(({ parentPath, name }) => digestOf(readFileSync(join(parentPath, name)))))
}

/** Everything that an image is made of is among the digests. */
function assertHolds(digests, repositories, image) {
  const [name, tag] = image.split(':')
  const { manifests } = repositories.find((repository) => repository.name === name)
  const below = (document) => {
    const descriptors = [document.config, ...(document.layers ?? []), ...(document.manifests ?? [])].filter(Boolean)
    return descriptors.flatMap(({ digest }) => [digest, ...(manifests.has(digest) ? below(manifests.get(digest).document) : [])])
  }
  const [root, { document }] = [...manifests].find(([, { tags }]) => tags.includes(tag))
  for (const digest of [root, ...below(document)]) assert.ok(digests.has(digest), `${image}: ${digest} was not copied`)
}
