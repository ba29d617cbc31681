// A registry seen without any client: plain requests, quick enough to look at everything in it.
//
//   const look = await lookAt(registry, 'team/web')
//   (await look('manifests/v1', { method: 'HEAD' })).status
//   await everyManifest(look, ['v1', 'latest'])      // Map: digest -> { document, mediaType, size }

import { ACCEPT, digestOf } from './contents.mjs'

/** A function that asks below a repository, logged in as the registry wants it, for every manifest type. */
export async function lookAt(registry, repository) {
  const headers = { accept: ACCEPT, ...(await authorization(registry, repository)) }
  return (path, { method = 'GET' } = {}) => fetch(`${registry.url}/v2/${repository}/${path}`, { method, headers })
}

async function authorization({ username, password, tokens }, repository) {
  if (!username) return {}
  const basic = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  if (!tokens) return basic
  const query = new URLSearchParams({ service: tokens.settings.service, scope: `repository:${repository}:pull,push,delete` })
  const answer = await fetch(`${tokens.realm}?${query}`, { headers: basic })
  return { authorization: `Bearer ${(await answer.json()).token}` }
}

/** All tags with the digest that each shows, by HEAD: `{ tag: digest }`. */
export async function tagsOf(look) {
  const { tags } = await (await look('tags/list')).json()
  const digests = await Promise.all((tags ?? []).sort().map((tag) => headOf(look, tag)))
  return Object.fromEntries(tags.map((tag, place) => [tag, digests[place]]))
}

/** The digest that HEAD answers, or its status where it is not there. */
export async function headOf(look, target) {
  const { ok, status, headers } = await look(`manifests/${target}`, { method: 'HEAD' })
  return ok ? headers.get('docker-content-digest') : status
}

/** Every manifest that can be reached from some tags or digests. */
export async function everyManifest(look, targets) {
  const found = new Map()
  let wave = targets
  while (wave.length > 0) {
    const read = await Promise.all(wave.map((target) => readManifest(look, target)))
    const fresh = read.filter(([digest]) => !found.has(digest))
    for (const [digest, manifest] of fresh) found.set(digest, manifest)
    const children = fresh.flatMap(([, { document }]) => (document.manifests ?? []).map(({ digest }) => digest))
    wave = [...new Set(children)].filter((digest) => !found.has(digest))
  }
  return found
}

async function readManifest(look, target) {
  const answer = await look(`manifests/${target}`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${bytes}`)
  return [digestOf(bytes), { document: JSON.parse(bytes), mediaType: answer.headers.get('content-type'), size: bytes.length }]
}
