import type { CallOptions } from './options.js'

/** Where an image runs, in the words of the OCI image specification. */
export interface Platform {
  os: string
  architecture: string
  variant?: string
  'os.version'?: string
  'os.features'?: string[]
}

/** A pointer to content: what it is, its digest, and its size in bytes. */
export interface Descriptor {
  mediaType: string
  digest: string
  size: number
  artifactType?: string
  platform?: Platform
  annotations?: Record<string, string>
  urls?: string[]
  data?: string
}

/** What a registry says of a manifest without sending it. */
export interface Head {
  mediaType: string
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
