// Images made by hand and pushed by fetch: whatever no tool would make, and no tool is needed for.
//
//   const image = await pushImage(registry, 'team/page', { architecture: 'amd64', config: { User: 'shop' }, history: [...] })
//   await pushIndex(registry, 'team/page', [image, other], { tag: 'v1' })

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

const TYPE = 'application/vnd.oci.image'

/** Pushes an image of one platform, one layer for each entry of `history`; answers its descriptor. */
export async function pushImage(registry, repository, { architecture = 'amd64', variant, config = {}, history = [], created, tag } = {}) {
  const layers = []
  for (const [index] of history.entries()) {
    layers.push(await pushBlob(registry, repository, `${TYPE}.layer.v1.tar+gzip`, `layer ${index} of ${architecture}`.repeat(index + 1)))
  }
  const platform = { os: 'linux', architecture, ...(variant && { variant }) }
  const document = {
    ...platform,
    ...(created && { created }),
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: history.map((created_by) => ({ created_by })),
  }
  const descriptor = await pushBlob(registry, repository, `${TYPE}.config.v1+json`, JSON.stringify(document))
  const manifest = { schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json`, config: descriptor, layers }
  return { ...(await pushManifest(registry, repository, manifest, tag)), platform }
}

/** Pushes an index of these descriptors; answers its own. */
export function pushIndex(registry, repository, manifests, { tag, annotations } = {}) {
  return pushManifest(registry, repository, { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests, annotations }, tag)
}

async function pushBlob(registry, repository, mediaType, text) {
  const digest = digestOf(text)
  const url = `${registry.url}/v2/${repository}/blobs/uploads/?digest=${digest}`
  const { status } = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/octet-stream' } })
  assert.equal(status, 201, url)
  return { mediaType, digest, size: Buffer.byteLength(text) }
}

async function pushManifest(registry, repository, manifest, tag) {
  const { mediaType } = manifest
  const text = JSON.stringify(manifest)
  const digest = digestOf(text)
  const url = `${registry.url}/v2/${repository}/manifests/${tag ?? digest}`
  const response = await fetch(url, { method: 'PUT', body: text, headers: { 'content-type': mediaType } })
  assert.equal(response.status, 201, await response.text())
  return { mediaType, digest, size: Buffer.byteLength(text) }
}

function digestOf(text) {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
