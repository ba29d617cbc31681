// Registries that nobody here wrote, filled by crane and skopeo, read by the npm package: every byte
// is the one that was pushed.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { clientsOf } from '../support/clients.mjs'
import { importPackage } from '../support/command_line.mjs'
import { digestOf, fillForReading, readByCrane } from '../support/contents.mjs'
import { REAL_REGISTRIES } from '../support/real_registries.mjs'

const REPOSITORIES = ['team/web', 'team/api', 'team/tool']

for (const { title, skip, start } of REAL_REGISTRIES) {
  test(`${title} is read by the package as crane and skopeo filled it`, { skip }, async (t) => {
    const registry = await start()
    t.after(() => registry.stop())
    const { connect, RegistryError } = await importPackage()
    const { username, password } = registry
    const credential = username && { username, password }
    const { sbom } = await fillForReading(registry)
    const clients = clientsOf(registry)
    const expected = await readByCrane(clients, registry.host, REPOSITORIES)
    const opened = connect(registry.host, credential && { credential })

    for (const { name, tags, manifests, blobs } of expected) {
      const repository = opened.repository(name)

      await t.test(`${name}: every tag is listed, and the list is proven whole`, async () => {
        const listing = repository.tags()
        const found = []
        for await (const tag of listing) found.push(tag.name)
        assert.deepEqual(found.sort(), tags.sort())
        assert.equal((await listing.done()).complete, true)
      })

      await t.test(`${name}: each manifest has the bytes that crane and skopeo see`, async () => {
        for (const [digest, { bytes, mediaType, tags }] of manifests) {
          for (const target of [digest, ...tags]) {
            const manifest = await repository.manifest(target)
            assert.ok(bytes.equals(manifest.bytes), `${name} ${target}`)
            assert.deepEqual([manifest.digest, manifest.mediaType, manifest.size], [digest, mediaType, bytes.length])
          }
          for (const tag of tags) assert.ok(bytes.equals(await clients.raw(`${registry.host}/${name}:${tag}`)), `skopeo ${tag}`)
        }
      })

      await t.test(`${name}: each blob has the bytes that crane sees`, async () => {
        for (const [digest, bytes] of blobs) {
          const read = Buffer.from(await new Response(await repository.blob(digest)).arrayBuffer())
          assert.equal(digestOf(read), digest)
          assert.ok(bytes.equals(read), digest)
        }
      })

      await t.test(`${name}: the configuration of each platform is the one in the registry`, async () => {
        for (const [digest, { document, tags }] of manifests) {
          if (tags.length === 0 || !document.config?.mediaType.includes('image')) continue
          const { platforms } = await repository.image(tags[0])
          assert.deepEqual(platforms.map((platform) => platform.digest), [digest])
          assert.deepEqual(platforms[0].config, JSON.parse(blobs.get(document.config.digest)))
        }
      })
    }

    const web = opened.repository('team/web')

    await t.test('an index shows its platforms without the attestations', async () => {
      const { platforms } = await web.image('v1.4.2')
      assert.deepEqual(platforms.map(({ platform }) => `${platform.os}/${platform.architecture}`).sort(), ['linux/amd64', 'linux/arm64'])
    })

    await t.test('an SBOM is found from the image it speaks about', async () => {
      const referrers = []
      for await (const { digest, artifactType } of web.referrers(sbom.subject)) referrers.push([digest, artifactType])
      assert.deepEqual(referrers, [[sbom.digest, 'application/spdx+json']])
      const { digest: nothing } = await web.manifest('v1.4.1')
      for await (const { digest } of web.referrers(nothing)) assert.fail(`${digest} refers to nothing`)
    })

    await t.test('what is not there is `not_found`', async () => {
      const calls = [() => web.manifest('v9'), () => web.blob(digestOf('nothing')), () => opened.repository('team/none').tags().done()]
      for (const call of calls) {
        await assert.rejects(call, (error) => error instanceof RegistryError && error.code === 'not_found')
      }
    })

    if (!credential) return
    await t.test('a wrong password is `unauthorized`', async () => {
      const wrong = connect(registry.host, { credential: { username, password: 'high-tide' } }).repository('team/web')
      for (const call of [() => wrong.tags().done(), () => wrong.manifest('v1.4.2')]) {
        await assert.rejects(call, (error) => error.code === 'unauthorized' && !error.message.includes('high-tide'))
      }
    })
  })
}
