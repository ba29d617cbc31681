// What is pushed into a real registry, and what crane reads there: the truth for whoever else reads.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { clientsOf } from './clients.mjs'
import { startDemoRegistry } from './registries.mjs'

export const INDEX = 'application/vnd.oci.image.index.v1+json'
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'

/** Every type of manifest: a registry that is not told of one answers something else. */
export const ACCEPT = [INDEX, MANIFEST, DOCKER_LIST, DOCKER_MANIFEST].join(', ')

/** `sha256:<hex>` of some bytes. */
export function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/**
 * Pushes three small repositories: `team/web` (indexes with attestations, a signature, an SBOM, an
 * index of indexes), `team/api` (Docker's types) and `team/tool` (made by crane). Answers
 * `{ sbom: { subject, digest } }`.
 */
export async function fillForReading(registry) {
  const demo = await startDemoRegistry(sourceProfile(registry))
  try {
    const { crane, copy, folder } = clientsOf(demo, registry)
    const from = (name) => `${demo.host}/shop/${name}`
    const to = (name) => `${registry.host}/team/${name}`
    for (const tag of ['v1.4.0', 'v1.4.1', 'v1.4.2']) await copy(`docker://${from(`web:${tag}`)}`, `docker://${to(`web:${tag}`)}`)
    await copy(`docker://${from('api:latest')}`, `docker://${to('api:latest')}`)
    await crane('tag', to('web:v1.4.2'), 'latest')
    await crane('index', 'append', '--flatten=false', '-m', to('web:v1.4.1'), '-m', to('web:v1.4.2'), '-t', to('web:nested'))
    const signed = digestOf(await crane('manifest', from('web:v1.4.2')))
    const signature = `${signed.replace(':', '-')}.sig`
    await crane('cp', from(`web:${signature}`), to(`web:${signature}`))
    const sbom = await attachSbom({ crane, from, to, referrers: registry.referrers })
    const layer = layerOf(folder, 'harbour', { 'usr/share/harbour': 'a harbour at low tide' })
    await crane('append', '--oci-empty-base', '-f', layer, '-t', to('tool:oci'))
    await crane('append', '-f', layer, '-t', to('tool:docker'))
    return { sbom }
  } finally {
    await demo.stop()
  }
}

/** The demo registry's arguments for a copy: without the referrers API it has fallback tags. */
export function sourceProfile({ referrers }) {
  return referrers ? [] : ['--profile', 'distribution_3']
}

/** Copies the SBOM of v1.4.0 by its digest, and its fallback tag where the target needs one. */
export async function attachSbom({ crane, from, to, referrers }) {
  const subject = digestOf(await crane('manifest', from('web:v1.4.0')))
  const fallback = subject.replace(':', '-')
  if (!referrers) {
    await crane('cp', from(`web:${fallback}`), to(`web:${fallback}`))
    const index = JSON.parse(await crane('manifest', from(`web:${fallback}`)))
    return { subject, digest: index.manifests[0].digest }
  }
  const answer = await fetch(`http://${from('web').replace('/', '/v2/')}/referrers/${subject}`)
  const [{ digest }] = (await answer.json()).manifests
  await crane('cp', from(`web@${digest}`), to(`web@${digest}`))
  return { subject, digest }
}

/**
 * Everything below the tags of some repositories, read by crane: for each `{ name, tags, manifests,
 * blobs }`, where `manifests` maps digests to `{ bytes, mediaType, tags }` and `blobs` digests to bytes.
 */
export async function readByCrane({ crane }, host, names) {
  const repositories = []
  for (const name of names) repositories.push(await readRepository(crane, `${host}/${name}`, name))
  return repositories
}

async function readRepository(crane, reference, name) {
  const tags = String(await crane('ls', reference)).trim().split('\n')
  const manifests = new Map()
  const blobs = new Map()
  const read = async (bytes) => {
    const digest = digestOf(bytes)
    if (manifests.has(digest)) return digest
    const document = JSON.parse(bytes)
    manifests.set(digest, { bytes, mediaType: document.mediaType, document, tags: [] })
    for (const child of document.manifests ?? []) await read(await crane('manifest', `${reference}@${child.digest}`))
    for (const blob of [document.config, ...(document.layers ?? [])].filter(Boolean)) {
      if (!blobs.has(blob.digest)) blobs.set(blob.digest, await crane('blob', `${reference}@${blob.digest}`))
    }
    return digest
  }
  for (const tag of tags) manifests.get(await read(await crane('manifest', `${reference}:${tag}`))).tags.push(tag)
  return { name, tags, manifests, blobs }
}

function layerOf(folder, name, files) {
  const root = join(folder, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const tar = join(folder, `${name}.tar`)
  // the same bytes each time: two test files may fill one registry of TEST_REGISTRY
  execFileSync('tar', ['--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--sort=name', '-cf', tar, '-C', root, '.'])
  return tar
}
