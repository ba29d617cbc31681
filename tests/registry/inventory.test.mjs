// Registries that nobody here wrote, filled by crane and skopeo, read whole for a plan: everything
// that crane sees is in it, and reading it again reads no manifest.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { clientsOf } from '../support/clients.mjs'
import { importPackage } from '../support/command_line.mjs'
import { fillForReading, readByCrane } from '../support/contents.mjs'
import { REAL_REGISTRIES } from '../support/real_registries.mjs'

for (const { title, skip, start } of REAL_REGISTRIES) {
  test(`${title} is read whole as crane and skopeo filled it`, { skip }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const { connect } = await importPackage()
    const { username, password } = registry
    const { sbom } = await fillForReading(registry)
    const asked = []
    const onRequest = ({ method, url }) => asked.push(`${method} ${new URL(url).pathname}`)
    const credential = username === undefined ? {} : { credential: { username, password } }
    const opened = connect(registry.host, { ...credential, onRequest })
    const expected = await readByCrane(clientsOf(registry), registry.host, ['team/web', 'team/api', 'team/tool'])
    const read = new Map()

    await t.test('every manifest that crane sees is in the inventory, with its tags and its size', async () => {
      for (const { name, manifests } of expected) {
        const inventory = await opened.repository(name).inventory({ layers: true })
        read.set(name, inventory)
        assert.equal(inventory.complete, true, inventory.incompleteReason)
        const found = new Map(inventory.images.map((image) => [image.digest, image]))
        for (const [digest, { bytes, mediaType, tags, document }] of manifests) {
          const image = found.get(digest)
          assert.ok(image, `${name} ${digest}`)
          assert.deepEqual([image.size, image.mediaType], [bytes.length, mediaType], `${name} ${digest}`)
          assert.deepEqual((image.tags ?? []).map((tag) => tag.name).sort(), [...tags].sort())
          const layers = (document.layers ?? []).map((layer) => ({ digest: layer.digest, size: layer.size }))
          assert.deepEqual(image.layers, layers, `${name} ${digest}`)
        }
      }
    })

    await t.test('an SBOM speaks of its image, and a signature stands under a verified tag', () => {
      const { images } = read.get('team/web')
      const found = images.find(({ digest }) => digest === sbom.digest)
      assert.deepEqual([found.kind, found.subject], ['sbom', sbom.subject])
      const signed = images.find(({ tags }) => tags?.some((tag) => tag.name === 'v1.4.2'))
      const signature = images.find(({ kind, fallbackFor }) => kind === 'signature' && fallbackFor === signed.digest)
      assert.ok(signature)
    })

    await t.test('the next reading reads no manifest and no configuration, and finds the same', async () => {
      const before = asked.length
      for (const [name, earlier] of read) {
        const next = await opened.repository(name).inventory({ layers: true, earlier })
        assert.deepEqual(next.images, earlier.images)
      }
      const contents = asked.slice(before).filter((request) => /^GET .*\/(manifests|blobs)\//.test(request))
      assert.deepEqual(contents, [])
    })

    await t.test('nothing was written', () => {
      assert.ok(asked.length > 0)
      assert.deepEqual(asked.filter((request) => !/^(GET|HEAD) /.test(request)), [])
    })
  })
}
