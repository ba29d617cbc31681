import pc from 'picocolors'
import type { Attached, Descriptor, Image, PlatformImage } from '../../api/index.js'
import { ago, bytes, platformName, plural, short, when } from '../format.js'
import { table } from '../table.js'
import { attachedPart } from './attached.js'
import { platformPart } from './platform.js'

/** What the page is made of. */
export interface Page {
  /** As it was asked for, with its host. */
  name: string
  image: Image
  /** What an artifact holds. */
  files: Descriptor[] | undefined
  attached: Attached[]
  /** The platform whose insides are shown. */
  shown: PlatformImage | undefined
}

/** An image as a page to read: what it is, its platforms, one of them from inside, what hangs on it. */
export function page({ name, image, files = [], attached, shown }: Page): string {
  const parts = [
    pc.bold(name),
    head(image),
    image.platforms.length > 1 || image.missing !== undefined ? platforms(image, shown) : '',
    shown === undefined ? '' : platformPart(shown, hint(image, shown)),
    holds(files),
    pairs('ANNOTATION', image.annotations),
    pairs('LABEL', shown?.labels ?? {}),
    attachedPart(attached, image),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function head(image: Image): string {
  const { digest, mediaType, artifactType, created, platforms } = image
  const total = platforms.reduce((sum, { size }) => sum + size, 0)
  const rows: [string, string | undefined][] = [
    ['Digest', digest],
    ['Type', kind(mediaType, platforms.length)],
    ['Is', artifactType],
    ['Built', created === undefined ? undefined : built(created)],
    ['Size', platforms.length === 0 ? undefined : `${bytes(total)}${platforms.length > 1 ? ', all platforms together' : ''}`],
  ]
  return rows
    .filter(([, value]) => value !== undefined)
    .map(([title, value]) => `${pc.dim(title.padEnd(6))}  ${value}`)
    .join('\n')
}

const KINDS: Record<string, string> = {
  'application/vnd.oci.image.index.v1+json': 'OCI index',
  'application/vnd.oci.image.manifest.v1+json': 'OCI manifest',
  'application/vnd.docker.distribution.manifest.list.v2+json': 'Docker manifest list',
  'application/vnd.docker.distribution.manifest.v2+json': 'Docker manifest',
}

function kind(mediaType: string, platforms: number): string {
  const name = KINDS[mediaType]
  if (name === undefined) return mediaType
  return platforms > 1 ? `${name} of ${plural(platforms, 'platform')}` : name
}

/** Reproducible builds say 1970, which is no age. */
function built(created: string): string {
  const isReal = Date.parse(created) > Date.UTC(1980)
  const age = isReal ? ago(created) : 'a fixed time, as reproducible builds have it'
  return `${when(created)} UTC${age === '' ? '' : ` ${pc.dim(`(${age})`)}`}`
}

function platforms({ platforms, missing = [] }: Image, shown: PlatformImage | undefined): string {
  const rows = platforms.map((each) => [
    each === shown ? pc.bold(platformName(each.platform)) : platformName(each.platform),
    short(each.digest),
    bytes(each.size),
    String(each.layers.length),
    when(each.created),
  ])
  const gone = missing.map(({ platform, digest }) => [
    platform === undefined ? '' : platformName(platform),
    short(digest),
    pc.red('missing'),
    '',
    '',
  ])
  const head = [
    { title: 'PLATFORM' },
    { title: 'DIGEST' },
    { title: 'SIZE', right: true },
    { title: 'LAYERS', right: true },
    { title: 'BUILT (UTC)' },
  ]
  const drawn = table(head, [...rows, ...gone])
  if (missing.length === 0) return drawn
  const what = plural(missing.length, 'manifest')
  return `${drawn}\n${pc.red('broken')} The index lists ${what} that the registry does not have: pulls there fail.`
}

/** What an artifact holds; oras and helm name files by this annotation. */
function holds(files: Descriptor[]): string {
  const rows = files.map(({ digest, size, mediaType, annotations = {} }) => [
    short(digest),
    bytes(size),
    annotations['org.opencontainers.image.title'] ?? pc.dim(mediaType),
  ])
  return rows.length === 0 ? '' : table([{ title: 'FILE' }, { title: 'SIZE', right: true }, { title: 'NAME', flexible: true }], rows)
}

function pairs(title: string, values: Record<string, string>): string {
  const rows = Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1))
  return rows.length === 0 ? '' : table([{ title }, { title: 'VALUE', flexible: true, lines: 4 }], rows)
}

/** How to see another platform's. */
function hint({ platforms }: Image, shown: PlatformImage): string {
  const other = platforms.find((each) => each !== shown)
  return other === undefined ? '' : `--platform ${platformName(other.platform)} shows another`
}
