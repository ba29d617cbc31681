import type { CallOptions } from './options.js'

/** Where an image runs, in the words of the OCI image specification. */
export interface Platform {
  /** Such as `linux`; `unknown` on attestations. */
  os: string
  /** Such as `amd64`; `unknown` on attestations. */
  architecture: string
  /** Such as `v7`, where the architecture has several. */
  variant?: string
  /** The version of the operating system, which Windows images need. */
  'os.version'?: string
  /** What the operating system must have, such as `win32k`. */
  'os.features'?: string[]
}

/** A pointer to content: what it is, its digest, and its size in bytes. */
export interface Descriptor {
  /** What it is. */
  mediaType: string
  /** The name of its content, such as `sha256:...`. */
  digest: string
  /** In bytes. */
  size: number
  /** What kind of artifact it is, where it is one. */
  artifactType?: string
  /** Where it runs, in an index. */
  platform?: Platform
  /** Free text by key. */
  annotations?: Record<string, string>
  /** Where else its content can be had. */
  urls?: string[]
  /** Its content itself, in base64, where it is small. */
  data?: string
}

/** What a registry says of a manifest without sending it. */
export interface Head {
  /** What it is. */
  mediaType: string
  /** What the tag shows at this moment, or the digest that was asked for. */
  digest: string
  /** In bytes, of the manifest itself. */
  size: number
}

/** Something that refers to a manifest. */
export interface Referrer extends Descriptor {
  /** Where it was found: the registry's list, the index under the tag `sha256-<hex>`, or a tag of cosign's. */
  source: 'api' | 'fallbackTag' | 'cosignTag'
}

/** What narrows {@link Repository.referrers}. */
export interface ReferrersOptions extends CallOptions {
  /** Only those of this type, such as `application/spdx+json`. */
  artifactType?: string
  /** Looks under the tags that cosign makes, too: three more requests. */
  cosignTags?: boolean
  /** Stops after this many. */
  limit?: number
}
