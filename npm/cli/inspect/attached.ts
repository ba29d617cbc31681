import type { Attached, Image } from '../../api/index.js'
import { bytes, platformName, short } from '../format.js'
import { table } from '../table.js'

/** Signatures, attestations and SBOMs, each with what it speaks about. */
export function attachedPart(attached: Attached[], image: Pick<Image, 'digest' | 'platforms'>): string {
  if (attached.length === 0) return ''
  const rows = attached.map((each) => [
    each.kind === 'other' ? 'artifact' : each.kind,
    short(each.digest),
    bytes(each.size),
    subject(each, image),
    details(each),
  ])
  const head = [
    { title: 'ATTACHED' },
    { title: 'DIGEST' },
    { title: 'SIZE', right: true },
    { title: 'TO' },
    { title: 'WHAT', flexible: true, lines: 3 },
  ]
  return table(head, rows)
}

function subject({ subject }: Attached, { digest, platforms }: Pick<Image, 'digest' | 'platforms'>): string {
  if (subject === digest) return 'the image'
  const platform = platforms.find((each) => each.digest === subject)?.platform
  return platform === undefined ? short(subject) : platformName(platform)
}

/** What people call these types. */
const MAKERS: [string, string][] = [
  ['application/vnd.dev.cosign.', 'cosign'],
  ['application/vnd.dev.sigstore.bundle', 'Sigstore bundle'],
  ['application/vnd.cncf.notary.signature', 'Notation'],
  ['application/spdx', 'SPDX'],
  ['text/spdx', 'SPDX'],
  ['application/vnd.cyclonedx', 'CycloneDX'],
  ['application/vnd.syft', 'Syft'],
]

function details({ predicateTypes = [], artifactType, mediaType, source }: Attached): string {
  if (predicateTypes.length > 0) return predicateTypes.map(bare).join(', ')
  if (source === 'cosignTag') return 'cosign'
  const type = artifactType ?? mediaType
  const [, maker] = MAKERS.find(([prefix]) => type.startsWith(prefix)) ?? []
  return maker ?? type
}

/** `https://slsa.dev/provenance/v0.2` reads better without its scheme. */
function bare(address: string): string {
  return address.replace(/^https?:\/\//, '')
}
