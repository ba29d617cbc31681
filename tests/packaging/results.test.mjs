// What really comes back has the types that are written down by hand: real answers, written out as
// TypeScript, where a field that is missing or that no type knows is a mistake.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, before, test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'
import { installPackage } from '../support/package.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

let folder
let registry
let api

before(async () => {
  folder = await installPackage()
  registry = await startDemoRegistry()
  api = await import(pathToFileURL(join(folder, 'node_modules', 'portreeve', 'dist', 'index.js')))
})
after(() => registry?.stop())

test('every answer has its type', async () => {
  const { connect, memoryStore, parseReference, plan, apply, restore, readConfiguration, dockerCredential } = api
  const events = []
  const responses = []
  const home = connect(registry.host, { onRequest: (event) => responses.push(event), onResponse: (event) => responses.push(event) })
  const web = home.repository('shop/web')
  const { digest } = await web.manifest('v1.4.0')
  const tags = web.tags({ with: ['digest', 'mediaType', 'size', 'created', 'pushed', 'platforms'] })
  const all = await tags.all()
  const image = await web.image('v1.4.2')
  const inventory = await web.inventory()
  const { takenAt, size, ...head } = inventory
  assert.ok(takenAt instanceof Date && size > 0)
  const policy = { delete: [{ name: 'closed prs', tags: 'pr-*', olderThan: { pushed: '7d' } }] }
  const made = await plan({ policy, inventories: [inventory] })
  const work = { policy, registries: [{ host: registry.host }], store: memoryStore(), onEvent: (event) => events.push(event) }
  const run = await apply(made, work)
  const restored = await restore(run.run, work)
  const configuration = await readConfiguration(JSON.stringify({ version: 1, upstreams: { demo: { host: registry.host } } }))
  const { bytes, ...manifest } = await web.manifest('v1.4.2')
  assert.ok(bytes instanceof Uint8Array)
  const layer = await web.upload('a layer', { mediaType: 'application/vnd.oci.image.layer.v1.tar' })
  const config = await web.upload('{}', { mediaType: 'application/vnd.oci.empty.v1+json' })
  const artifact = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'a/b',
    config,
    layers: [layer],
    subject: { mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 1 },
  }
  const pushed = await web.putManifest(artifact, { tag: 'an-artifact' })
  const tagging = await web.tag('an-artifact', ['one', 'two'])
  const untagged = await web.untag('one')
  const siblings = await web.siblings(pushed.digest)
  check({
    // JSON leaves out what no manifest is to have
    Uploaded: { ...layer, arrival: layer.arrival },
    Pushed: pushed,
    Tagging: tagging,
    Untagged: untagged,
    Siblings: siblings,
    Deleted: await web.delete(pushed.digest, { tags: siblings.tags }),
    'Tag[]': all,
    Completion: await tags.done(),
    'ListedRepository[]': await home.repositories().all(),
    Ping: await home.ping(),
    Capabilities: await home.capabilities({ repository: 'shop/web' }),
    Head: await web.head('v1.4.2'),
    "Omit<Manifest, 'bytes'>": manifest,
    Image: image,
    Attachments: await web.attached(digest),
    'Referrer[]': await web.referrers(digest).all(),
    BlobHead: await web.blobHead(image.platforms[0].layers[0].digest),
    InventoryHead: head,
    'InventoryImage[]': inventory.images,
    PlanDocument: made.toJSON(),
    Why: await made.why('v1.4.0'),
    Changes: await made.changes(await plan({ policy, inventories: [inventory], now: new Date(0) })),
    Report: await api.report.reduce('a.example/b:v1', { kind: 'images' }),
    Run: run,
    Restored: restored,
    'CleanupEvent[]': events,
    '(RequestEvent | ResponseEvent)[]': responses.slice(0, 50),
    ConfigurationDescription: configuration.describe(),
    Upstream: configuration.upstream('demo'),
    Reference: await parseReference('shop/web:v1'),
    DockerCredential: await dockerCredential('{"auths":{"a.example":{"auth":"YTpi"}}}', 'a.example'),
  })
})

function check(results) {
  const names = [...new Set(Object.keys(results).flatMap((type) => type.match(/\b(?!Omit\b)[A-Z]\w+/g)))]
  const constants = Object.entries(results).map(([type, value], index) => `export const result${index}: ${type} = ${JSON.stringify(value)}`)
  writeFileSync(join(folder, 'results.mts'), `import type { ${names.join(', ')} } from 'portreeve'\n${constants.join('\n')}\n`)
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--lib', 'es2023,dom,dom.asynciterable', '--types', '', '--module', 'nodenext']
  try {
    execFileSync(process.execPath, [join(ROOT, 'node_modules', '.bin', 'tsc'), ...options, 'results.mts'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    assert.fail(error.stdout.slice(0, 4000))
  }
}
