import type { Descriptor, Platform, Referrer } from './descriptor.js'
import type { Completion } from './listing.js'
import type { CallOptions } from './options.js'
import type { ContentCache } from './tag.js'

/** The JSON that describes how an image runs and how it was built. */
export interface ImageConfig extends Partial<Platform> {
  /** When the image was built (RFC 3339); reproducible builds often say 1970. */
  created?: string
  /** Who built it. */
  author?: string
  /** How it runs, in the words of the OCI image specification. */
  config?: {
    User?: string
    Env?: string[]
    Entrypoint?: string[]
    Cmd?: string[]
    WorkingDir?: string
    Labels?: Record<string, string>
    ExposedPorts?: Record<string, object>
    Volumes?: Record<string, object>
    StopSignal?: string
    [field: string]: unknown
  }
  /** The digests of its layers, unpacked. */
  rootfs?: { type: string; diff_ids: string[] }
  /** The instructions that made it, oldest first; those with `empty_layer` made no layer. */
  history?: { created?: string; created_by?: string; comment?: string; empty_layer?: boolean }[]
  [field: string]: unknown
}

/** One platform's image. */
export interface PlatformImage {
  /** The platform's own manifest, also inside an index. */
  digest: string
  /** Where it runs. */
  platform: Platform
  /** The bytes a pull of this platform downloads: manifest, configuration and layers. */
  size: number
  /** When it was built (RFC 3339): the later of what its annotation and its configuration say. */
  created?: string
  /** As it came; an empty object where the registry has lost it. */
  config: ImageConfig
  /** Those of the configuration. */
  labels: Record<string, string>
  /** Lowest first. */
  layers: Layer[]
}

/** A layer of an image. */
export interface Layer extends Descriptor {
  /** What made it, such as `COPY . /app`, where the image's history tells. */
  instruction?: string
}

/** What {@link Repository.image} takes. */
export interface ImageOptions extends CallOptions {
  /** Where manifests and configurations are kept between calls, so that each is read once. */
  cache?: ContentCache
}

/** What a tag or digest names, with everything that a person wants to see of it. */
export interface Image {
  /** What was asked for: an index, or a single platform's manifest. */
  digest: string
  /** What that is. */
  mediaType: string
  /** What kind of artifact it is, where it is no image. */
  artifactType?: string
  /** When it was built; for several platforms, the latest of them, unknown if one is. */
  created?: string
  /** Every platform, attestations left out; one for an image that is no index, none for an artifact. */
  platforms: PlatformImage[]
  /** What it names and the registry does not have: platforms' manifests, or their configurations. */
  missing?: Descriptor[]
  /** Free text by key, of what was asked for. */
  annotations: Record<string, string>
}

/** Something that was attached to an image. */
export interface Attached extends Descriptor {
  /** What it is, by its content where its type does not say. */
  kind: 'image' | 'index' | 'signature' | 'attestation' | 'sbom' | 'chart' | 'cache' | 'other'
  /** Where it was found: as a {@link Referrer}, or in the image's own index. */
  source: Referrer['source'] | 'index'
  /** The digest that it speaks of: the one that was asked about, or one of its platforms. */
  subject: string
  /** What an attestation states, such as `https://slsa.dev/provenance/v0.2`. */
  predicateTypes?: string[]
}

/** Everything that was attached to an image. */
export interface Attachments extends Omit<Completion, 'requestsUsed'> {
  /** What was found: the index's own attestations first, then what refers to it. */
  attached: Attached[]
}
