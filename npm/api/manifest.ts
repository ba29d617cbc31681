import type { Descriptor } from './descriptor.js'

/** The JSON of a manifest or an index, as far as the specifications name its fields. */
export interface ManifestDocument {
  /** 2, for whatever is not ancient. */
  schemaVersion: number
  /** What it says that it is. */
  mediaType?: string
  /** What kind of artifact it is, where it is one. */
  artifactType?: string
  /** The image's configuration; an index has none. */
  config?: Descriptor
  /** The layers, lowest first; an index has none. */
  layers?: Descriptor[]
  /** What an index holds, one for each platform. */
  manifests?: Descriptor[]
  /** What a signature, an attestation or an SBOM speaks about. */
  subject?: Descriptor
  /** Free text by key. */
  annotations?: Record<string, string>
  [field: string]: unknown
}

/** A manifest or an index, verified against its digest. */
export interface Manifest {
  /** Its name. */
  digest: string
  /** What the registry says that it is. */
  mediaType: string
  /** In bytes, of the manifest itself. */
  size: number
  /** The bytes exactly as the registry keeps them; their sha256 is the digest. */
  bytes: Uint8Array
  /** The same, parsed. */
  document: ManifestDocument
}
