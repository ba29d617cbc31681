// The scenarios that every registry must answer alike, through the package as a user imports it.
//
//   const found = await answers({ connect, registry })
//
// Each answer is plain data that holds nothing of the registry's own: what one gives, all give, but
// where `capabilities()` says that a registry cannot.

import { randomBytes } from 'node:crypto'

import { INDEX, MANIFEST, digestOf } from './contents.mjs'
import { lookInto, plant } from './secrets.mjs'

const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'
const SBOM = 'application/spdx+json'
const EMPTY = 'application/vnd.oci.empty.v1+json'

/** Nothing that any registry has. */
const NOTHING = digestOf(Buffer.from('nothing of the kind'))

const LAYERS = [Buffer.from('a harbour at low tide'), Buffer.alloc(300_000, 'sand')]
const TAGS = Array.from({ length: 120 }, (_, number) => `t${String(number).padStart(3, '0')}`)

/** Every scenario's answer by its name. The repositories are new at each call. */
export async function answers({ connect, registry }) {
  const { username, password } = registry
  const as = (credential) => connect(registry.host, credential && { credential })
  const opened = as(username && { username, password })
  // TEST_REGISTRY keeps what earlier runs left
  const name = `contract/${randomBytes(6).toString('hex')}`
  const web = opened.repository(name)
  const found = {}

  const pushed = await push(web, opened.repository(`${name}-copy`))
  found.pushed = pushed
  Object.assign(found, await listed(web, opened, name))
  Object.assign(found, await read(web, pushed))
  found.referrers = await refer(web, pushed)
  found.missing = await missing(opened, web, name)
  found.identity = await identities({ as, registry, name })
  found.removed = await removed(web, pushed)
  return found
}

async function push(web, copy) {
  const config = { architecture: 'amd64', os: 'linux', created: '2026-11-24T08:00:00Z', rootfs: { type: 'layers', diff_ids: LAYERS.map(digestOf) }, history: [] }
  const blobs = [
    await web.upload(JSON.stringify(config)),
    await web.upload(LAYERS[0], { digest: digestOf(LAYERS[0]) }),
    await web.upload(new Blob([LAYERS[1]]), { chunkSize: 100_000 }),
  ]
  const mounted = await copy.mount(digestOf(LAYERS[1]), { from: web.name })
  const [own, ...layers] = blobs
  const image = { schemaVersion: 2, mediaType: MANIFEST, config: described(own, CONFIG), layers: layers.map((layer) => described(layer, LAYER)) }
  const single = await web.putManifest(image, { tag: 'single' })
  const child = { mediaType: MANIFEST, digest: single.digest, size: single.size, platform: { os: 'linux', architecture: 'amd64' } }
  const index = await web.putManifest({ schemaVersion: 2, mediaType: INDEX, manifests: [child] }, { tag: 'index' })
  await web.tag('index', TAGS)
  return { blobs: blobs.map(({ digest, size }) => ({ digest, size })), mounted, image: single.digest, index: index.digest }
}

const described = ({ digest, size }, mediaType) => ({ mediaType, digest, size })

async function listed(web, opened, name) {
  const listing = web.tags()
  const tags = (await listing.all()).map((tag) => tag.name).sort()
  const { complete } = await listing.done()
  const few = web.tags({ limit: 3 })
  const first = (await few.all()).length
  const { cause } = await few.done()
  const repositories = await opened.repositories().all().then(
    (all) => all.some((one) => one.name === name),
    (error) => error.code,
  )
  return { tags, complete, few: [first, cause], repositories }
}

async function read(web, { image, index, blobs }) {
  const head = await web.head('index')
  const manifest = await web.manifest('index')
  const byDigest = await web.manifest(image)
  const { platforms } = await web.image('index')
  const layer = blobs[1].digest
  const whole = await bytesOf(await web.blob(layer))
  const part = await bytesOf(await web.blob(layer, { range: { from: 2, to: 10 } }))
  const facts = await web.tags({ with: ['digest', 'mediaType', 'size', 'created', 'platforms'], sort: 'name', limit: 4 }).all()
  return {
    head,
    manifest: [manifest.digest, manifest.mediaType, digestOf(manifest.bytes), digestOf(byDigest.bytes) === image, head.digest === index],
    platforms: platforms.map(({ digest, platform }) => [digest, platform.os, platform.architecture]),
    config: platforms[0].config.created,
    blob: [whole.toString(), part.toString(), (await web.blobHead(layer)).size],
    facts: facts.map(({ name, digest, mediaType, size, created, platforms }) => ({ name, digest, mediaType, size, created, platforms })),
  }
}

async function bytesOf(stream) {
  return Buffer.from(await new Response(stream).arrayBuffer())
}

/** An SBOM of the image: whoever keeps the list of referrers, it is found. */
async function refer(web, { image }) {
  const empty = await web.upload('{}')
  const subject = await web.head(image)
  const sbom = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: SBOM,
    config: described(empty, EMPTY),
    layers: [described(empty, EMPTY)],
    subject: described(subject, MANIFEST),
  }
  const pushed = await web.putManifest(sbom)
  const found = await web.referrers(image).all()
  const other = await web.referrers(image, { artifactType: 'application/other' }).all()
  const none = await web.referrers(pushed.digest).all()
  const [{ source, ...referrer }] = found
  return { speaksOf: pushed.subject, found: [found.length, referrer.digest, referrer.artifactType], others: other.length, none: none.length, source }
}

async function missing(opened, web, name) {
  const codes = {}
  const calls = {
    'tag of a missing repository': () => opened.repository(`${name}-none`).tags().all(),
    'missing tag': () => web.manifest('none'),
    'head of a missing tag': () => web.head('none'),
    'missing digest': () => web.manifest(NOTHING),
    'missing blob': () => web.blob(NOTHING),
    'taking a missing tag': () => web.untag('none'),
    'a malformed name': () => opened.repository('../etc').tags().all(),
  }
  for (const [what, call] of Object.entries(calls)) codes[what] = await codeOf(call)
  return codes
}

/** The code with which a call fails, or that it does not. */
async function codeOf(call) {
  return call().then(() => 'nothing', (error) => error.code ?? String(error))
}

/** Nobody and an impostor, where the registry asks who comes. */
async function identities({ as, registry, name }) {
  if (!registry.password) return []
  const wrong = { username: registry.username, password: plant('planted-wrong-password') }
  const codes = []
  for (const credential of [undefined, wrong]) {
    const web = as(credential).repository(name)
    for (const call of [() => web.tags().all(), () => web.manifest('index'), () => web.upload('x'), () => web.untag('none')]) {
      const error = await call().then(() => undefined, (error) => error)
      codes.push(error?.code)
      lookInto('an error for an impostor', error)
    }
  }
  return codes
}

/** Two verbs: a tag is taken and its manifest stays; a digest goes with every tag of its own. */
async function removed(web, { image, index }) {
  const siblings = await web.siblings(image)
  const untag = await codeOf(() => web.untag('t000'))
  const stays = await codeOf(() => web.head(index))
  const refused = await codeOf(() => web.delete(index, { tags: ['index'] }))
  const { tags } = await web.siblings(index)
  const deleted = await codeOf(() => web.delete(index, { tags }))
  const gone = await codeOf(() => web.manifest(index))
  const child = await codeOf(() => web.head(image))
  return {
    siblings: [siblings.tags, siblings.indexes.map(({ digest }) => digest), siblings.complete],
    untag: [untag, stays],
    deletion: [refused, deleted, gone, child],
    left: (await web.tags().all()).map(({ name }) => name).filter((name) => !name.startsWith('sha256-')).sort(),
  }
}
