import { object, wrong } from './argument.js'
import type { Platform } from './descriptor.js'
import type { Code } from './error.js'
import type { CallOptions } from './options.js'

/** A fact about a tag that can be asked for. */
export type TagFact = 'digest' | 'mediaType' | 'size' | 'created' | 'pushed' | 'platforms'

/** One tag of a listing. Beside its name there is what was asked for, and what the list itself tells. */
export interface Tag {
  /** Such as `v1.4.2`. */
  name: string
  /** What it shows. */
  digest?: string
  /** What that is. */
  mediaType?: string
  /**
   * The bytes of manifest, configuration and layers as the registry holds them; of an index, those
   * of all its images and its own.
   */
  size?: number
  /**
   * When the image was built (RFC 3339): the later of what annotation and configuration say, of an
   * index that of its latest image. Times before 1980-01-02, which reproducible builds write, are
   * left out.
   */
  created?: string
  /** When the registry received it (RFC 3339); only registries whose list tells know it. */
  pushed?: string
  /** Where it runs, attestations left out; none of an artifact. */
  platforms?: Platform[]
  /** Where the times come from. */
  sources?: { created?: 'annotation' | 'config' | 'tagsList'; pushed?: 'tagsList' }
  /** Why the facts that were asked for could not be had. */
  error?: { code: Code; message: string }
}

/** What {@link Repository.tags} reads. */
export interface TagsOptions extends CallOptions {
  /** The facts wanted; without it, those that cost no request. */
  with?: TagFact[]
  /** By name, or the newest or largest first; all tags are read before the first comes. */
  sort?: 'name' | 'created' | 'pushed' | 'size'
  /** Stops after this many: the first ones of that order. */
  limit?: number
  /** Where manifests and configurations are kept between calls, so that each is read once. */
  cache?: ContentCache
}

/**
 * Keeps content by its digest, which names it for ever: a `Map` is one. What it gives back is
 * verified, and one that fails costs requests and nothing else.
 */
export interface ContentCache {
  /** The bytes of this digest, if they are kept. */
  get(digest: string): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** Keeps the bytes of this digest. */
  set(digest: string, bytes: Uint8Array): unknown
}

/** A cache, looked at before it is relied on. */
export function checkedCache(cache: ContentCache | undefined): ContentCache | undefined {
  if (cache === undefined) return undefined
  const given = object('the cache', cache) as ContentCache
  if (typeof given.get === 'function' && typeof given.set === 'function') return given
  throw wrong('the cache', 'an object with the methods get and set, such as a Map')
}
