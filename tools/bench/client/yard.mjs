// What the client's bench reads: a repository of 1,000 images, each built on another day, and one
// with a layer of 1 GiB.

import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'

/** How many tags the listing has. */
export const TAGS = 1000

/** The length of the large blob, in bytes. */
export const BIG = 1024 ** 3

const MEBIBYTE = 1024 ** 2
const OCI = 'application/vnd.oci.image'

/** The date on which the image of a tag was built: `t0001` yesterday of the first, and so on. */
export function builtOn(number) {
  return new Date(Date.UTC(2026, 0, 1) - number * 86_400_000).toISOString().replace('.000Z', 'Z')
}

/** Pushes both; answers `{ repository, big: { repository, tag, digest } }`. */
export async function fill({ url }) {
  const layer = await blob(url, 'bench/web', randomBytes(1024))
  const numbers = Array.from({ length: TAGS }, (_, number) => number + 1)
  const worker = async () => {
    for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
      await image(url, 'bench/web', `t${String(number).padStart(4, '0')}`, builtOn(number), layer)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  const digest = await large(url, 'bench/big')
  await image(url, 'bench/big', 'v1', builtOn(1), { digest, size: BIG })
  return { repository: 'bench/web', big: { repository: 'bench/big', tag: 'v1', digest } }
}

async function image(url, repository, tag, created, layer) {
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', created, rootfs: { type: 'layers', diff_ids: [layer.digest] } })
  const described = await blob(url, repository, Buffer.from(config))
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: { mediaType: `${OCI}.config.v1+json`, ...described },
    layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...layer }],
  }
  const headers = { 'content-type': manifest.mediaType }
  await send(`${url}/v2/${repository}/manifests/${tag}`, { method: 'PUT', headers, body: JSON.stringify(manifest) })
}

async function blob(url, repository, bytes) {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  await put(url, repository, digest, { body: bytes })
  return { digest, size: bytes.length }
}

/** A blob of 1 GiB that does not compress, read twice rather than held. */
async function large(url, repository) {
  const piece = randomBytes(MEBIBYTE)
  const hash = createHash('sha256')
  for (const part of pieces(piece)) hash.update(part)
  const digest = `sha256:${hash.digest('hex')}`
  const body = Readable.toWeb(Readable.from(pieces(piece)))
  await put(url, repository, digest, { body, duplex: 'half', headers: { 'content-length': String(BIG) } })
  return digest
}

function* pieces(piece) {
  for (let number = 0; number < BIG / MEBIBYTE; number++) {
    piece.writeUInt32LE(number)
    yield Buffer.from(piece)
  }
}

async function put(url, repository, digest, { headers, ...options }) {
  const upload = await send(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  const at = new URL(upload.headers.get('location'), url)
  at.searchParams.set('digest', digest)
  await send(at, { method: 'PUT', headers: { 'content-type': 'application/octet-stream', ...headers }, ...options })
}

async function send(at, options) {
  const response = await fetch(at, options)
  const answer = await response.text()
  if (!response.ok) throw new Error(`${options.method} ${at}: ${response.status} ${answer}`)
  return response
}
