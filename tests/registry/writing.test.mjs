// The npm package pushes to registries that nobody here wrote: crane and skopeo take what it pushed,
// byte by byte.

import assert from 'node:assert/strict'
import { createServer, request as httpRequest } from 'node:http'
import { openAsBlob, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { clientsOf } from '../support/clients.mjs'
import { importPackage } from '../support/command_line.mjs'
import { digestOf } from '../support/contents.mjs'
import { REAL_REGISTRIES } from '../support/real_registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const CONFIG = 'application/vnd.oci.image.config.v1+json'

/** Bytes that no two tests share. */
function bytesOf(length, seed) {
  const bytes = Buffer.alloc(length)
  for (let at = 0, value = seed; at < length; at += 1) {
    value = (value * 1103515245 + 12345) & 0x7fffffff
    bytes[at] = value >> 16
  }
  return bytes
}

async function* inPieces(bytes, length = 100_000) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

/** An image whose layer is this blob. */
async function pushImage(repository, layer, tag) {
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [layer.digest] }, config: { Labels: { tag } } })
  const { arrival, ...described } = await repository.upload(config, { mediaType: CONFIG })
  const { mediaType, digest, size } = layer
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config: described, layers: [{ mediaType, digest, size }] }
  return repository.putManifest(manifest, { tag, mediaType: MANIFEST })
}

/**
 * A way to a registry that can break: `breakAfter(method, bytes)` closes the connection of the next
 * such request once so much of its body has passed.
 */
async function brokenWay(host) {
  const [name, port] = host.split(':')
  const seen = []
  let fault
  const server = createServer((incoming, outgoing) => {
    seen.push({ method: incoming.method, length: incoming.headers['content-length'] })
    const breaks = fault?.method === incoming.method ? fault : undefined
    if (breaks) fault = undefined
    const onward = httpRequest({ host: name, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      if (breaks) return incoming.socket.destroy()
      outgoing.writeHead(answer.statusCode, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => incoming.socket.destroy())
    let passed = 0
    incoming.on('data', (piece) => {
      passed += piece.length
      onward.write(piece)
      if (breaks && passed >= breaks.bytes && breaks.bytes > 0) {
        onward.end()
        onward.destroy()
        incoming.socket.destroy()
      }
    })
    incoming.on('end', () => onward.end())
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    // the registry names itself by the host that it was asked under
    host: `127.0.0.1:${server.address().port}`,
    seen,
    breakAfter: (method, bytes) => (fault = { method, bytes }),
    stop: () => new Promise((closed) => (server.closeAllConnections(), server.close(closed))),
  }
}

for (const { title, skip, start } of REAL_REGISTRIES) {
  test(`${title} takes what the package pushes, and gives it to crane and skopeo`, { skip }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const { connect, RegistryError } = await importPackage()
    const { username, password, host } = registry
    const credential = username && { username, password }
    const opened = connect(host, credential && { credential })
    const web = opened.repository('pushed/web')
    const { crane, copy, raw } = clientsOf(registry)
    const refused = (code) => (error) => error instanceof RegistryError && error.code === code
    const folder = temporaryFolder('pushed')

    const large = bytesOf(3_000_000, 7)
    const sources = {
      bytes: [bytesOf(200_000, 1), (bytes) => [new Uint8Array(bytes)]],
      text: [Buffer.from('layers may be text, too: ä'), (bytes) => [bytes.toString()]],
      'a Blob of a file': [bytesOf(300_000, 2), async (bytes) => {
        writeFileSync(join(folder, 'layer'), bytes)
        return [await openAsBlob(join(folder, 'layer'))]
      }],
      'a stream of known size and digest': [large, (bytes) => [() => inPieces(bytes), { size: bytes.length, digest: digestOf(bytes) }]],
      'a stream of known size': [bytesOf(400_000, 3), (bytes) => [() => inPieces(bytes), { size: bytes.length }]],
      'a stream in pieces': [bytesOf(500_000, 4), (bytes) => [() => ReadableStream.from(inPieces(bytes)), { chunkSize: 150_000 }]],
      'a stream that fits in one piece': [bytesOf(1000, 5), (bytes) => [() => inPieces(bytes)]],
    }
    for (const [what, [bytes, make]] of Object.entries(sources)) {
      await t.test(`a layer given as ${what}`, async () => {
        const [source, options] = await make(bytes)
        const sent = []
        const layer = await web.upload(source, { ...options, mediaType: LAYER, onProgress: (count) => sent.push(count) })
        assert.deepEqual([layer.digest, layer.size, layer.arrival], [digestOf(bytes), bytes.length, 'sent'])
        assert.equal(sent.at(-1), bytes.length)
        const tag = `v-${what.replaceAll(' ', '-')}`.toLowerCase()
        const { digest } = await pushImage(web, layer, tag)
        assert.ok(bytes.equals(await crane('blob', `${host}/pushed/web@${layer.digest}`)), 'crane reads the layer')
        assert.equal(digestOf(await raw(`${host}/pushed/web:${tag}`)), digest, 'skopeo reads the manifest')
        await copy(`docker://${host}/pushed/web:${tag}`, `dir:${join(folder, tag)}`)
        const again = await web.upload(source, { ...options, mediaType: LAYER })
        assert.equal(again.arrival, 'chunkSize' in (options ?? {}) ? 'sent' : 'alreadyThere')
      })
    }

    await t.test('a source that is not what it promised is not stored', async () => {
      const bytes = bytesOf(50_000, 9)
      const wrong = digestOf(Buffer.from('other'))
      for (const source of [bytes, () => inPieces(bytes)]) {
        await assert.rejects(web.upload(source, { digest: wrong, size: bytes.length }), refused('digest_mismatch'))
        await assert.rejects(web.upload(source, { digest: wrong, chunkSize: 10_000 }), refused('digest_mismatch'))
      }
      await assert.rejects(web.upload(() => inPieces(bytes), { size: bytes.length + 1 }), refused('invalid_argument'))
      const digest = digestOf(bytes)
      await assert.rejects(web.upload(() => inPieces(bytes), { size: bytes.length - 1, digest }), refused('invalid_argument'))
      const broken = new RangeError('the file vanished')
      const failing = () => (async function* () {
        yield bytes
        throw broken
      })()
      for (const options of [{ size: 60_000, digest }, { chunkSize: 10_000 }]) {
        await assert.rejects(web.upload(failing, options), (error) => error === broken)
      }
      await assert.rejects(web.blob(digest), refused('not_found'))
    })

    await t.test('an upload goes on where its connection broke', async () => {
      const way = await brokenWay(host)
      const through = connect(way.host, credential && { credential }).repository('pushed/web')
      try {
        const inOne = bytesOf(4_000_000, 11)
        way.breakAfter('PUT', 1_500_000)
        const whole = await through.upload(() => inPieces(inOne), { size: inOne.length, digest: digestOf(inOne) })
        assert.equal(whole.arrival, 'sent')
        const lengths = way.seen.filter(({ method }) => method === 'PUT').map(({ length }) => Number(length))
        assert.equal(lengths.length, 2)
        assert.equal(lengths[0], inOne.length, 'a stream of known size tells it')
        // 2.8 keeps nothing of a PUT that broke
        if (!title.startsWith('docker-registry 2.8')) assert.ok(lengths[1] < inOne.length, 'what arrived is not sent again')
        assert.ok(inOne.equals(await crane('blob', `${host}/pushed/web@${whole.digest}`)))
        const inMany = bytesOf(1_000_000, 12)
        for (const bytes of [0, 100_000]) {
          inMany[0] = bytes % 251
          way.breakAfter('PATCH', bytes)
          const piecewise = await through.upload(() => inPieces(inMany), { chunkSize: 300_000 })
          assert.ok(inMany.equals(await crane('blob', `${host}/pushed/web@${piecewise.digest}`)))
        }
        inMany[1] = 99
        way.breakAfter('PUT', 0)
        const { digest } = await through.upload(inMany)
        assert.equal(digest, digestOf(inMany), 'the answer got lost, and the blob is there')
      } finally {
        await way.stop()
      }
    })

    await t.test('a call that is ended gives its upload up', async () => {
      const end = new AbortController()
      const endless = () => (async function* () {
        for (;;) {
          yield bytesOf(100_000, 13)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })()
      const uploading = web.upload(endless, { chunkSize: 200_000, signal: end.signal, onProgress: () => end.abort() })
      await assert.rejects(uploading, (error) => error.name === 'AbortError')
    })

    await t.test('a blob is mounted from another repository', async () => {
      const bytes = bytesOf(20_000, 14)
      const { digest } = await opened.repository('pushed/base').upload(bytes)
      const mounted = await web.upload(bytes, { from: 'pushed/base' })
      assert.deepEqual([mounted.digest, mounted.size], [digest, bytes.length])
      assert.ok(['mounted', 'sent'].includes(mounted.arrival))
      if (title !== 'ociregistry') assert.equal(mounted.arrival, 'mounted')
      assert.ok(bytes.equals(await crane('blob', `${host}/pushed/web@${digest}`)))
      assert.equal(await web.mount(digestOf(Buffer.from('nowhere')), { from: 'pushed/base' }), false)
    })

    await t.test('tags are set, taken and named before a deletion', async () => {
      const layer = await web.upload('a layer of its own', { mediaType: LAYER })
      const { digest } = await pushImage(web, layer, 'one')
      const names = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight']
      const tagging = await web.tag('one', names)
      assert.deepEqual([tagging.digest, tagging.tags, tagging.failed], [digest, names, []])
      for (const name of names) assert.equal((await web.head(name)).digest, digest)
      const siblings = await web.siblings('one')
      assert.deepEqual([siblings.digest, siblings.tags.sort(), siblings.complete], [digest, ['one', ...names].sort(), true])

      let tags = siblings.tags
      if (title.startsWith('docker-registry 2.8')) {
        await assert.rejects(web.untag('two'), refused('unsupported'))
        assert.equal((await web.head('two')).digest, digest, 'the tag is still there')
      } else {
        const untagged = await web.untag('two')
        assert.deepEqual([untagged.digest, untagged.manifestStays], [digest, true])
        await assert.rejects(web.head('two'), refused('not_found'))
        tags = tags.filter((name) => name !== 'two')
      }
      await assert.rejects(web.delete(digest, { tags: tags.slice(1) }), (error) => {
        assert.deepEqual([error.code, error.details.tags], ['refused', [tags[0]]])
        return true
      })
      assert.equal((await web.head(digest)).digest, digest, 'nothing was deleted')
      const deleted = await web.delete(digest, { tags })
      assert.deepEqual(deleted.tags.sort(), tags.sort())
      for (const target of [digest, ...tags]) await assert.rejects(web.head(target), refused('not_found'), target)
      assert.ok((await web.head('v-bytes')).digest, 'others stay')
    })

    await t.test('a referrer is found by its subject', async () => {
      const subject = await pushImage(web, await web.upload('a signed layer', { mediaType: LAYER }), 'signed')
      const { arrival, ...empty } = await web.upload('{}', { mediaType: 'application/vnd.oci.empty.v1+json' })
      const about = { mediaType: subject.mediaType, digest: subject.digest, size: subject.size }
      const pushed = []
      for (const name of ['one', 'two']) {
        const manifest = { schemaVersion: 2, mediaType: MANIFEST, artifactType: 'application/spdx+json', config: empty, layers: [empty], subject: about, annotations: { name } }
        pushed.push(await web.putManifest(manifest))
      }
      for (const { subject: named, listedUnder } of pushed) {
        assert.equal(named, subject.digest)
        assert.equal(listedUnder, registry.referrers ? undefined : subject.digest.replace(':', '-'))
      }
      const found = await web.referrers(subject.digest).all()
      assert.deepEqual(found.map(({ digest }) => digest).sort(), pushed.map(({ digest }) => digest).sort())
      assert.deepEqual(new Set(found.map(({ artifactType }) => artifactType)), new Set(['application/spdx+json']))
    })
  })
}
