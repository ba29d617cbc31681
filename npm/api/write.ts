import type { RegistryError } from './error.js'

/** A manifest that was pushed. */
export interface Pushed {
  /** What it is. */
  mediaType: string
  /** Its name from now on. */
  digest: string
  /** In bytes. */
  size: number
  /** The digest that it speaks of, where it is a referrer. */
  subject?: string
  /** The tag whose list it was added to, where the registry keeps no list of referrers itself. */
  listedUnder?: string
}

/** What became of tags. */
export interface Tagging {
  /** What the tags show. */
  mediaType: string
  /** What the tags show now. */
  digest: string
  /** In bytes. */
  size: number
  /** Those that were set. */
  tags: string[]
  /** Those that were not. */
  failed: { tag: string; error: RegistryError }[]
}

/** A tag that was taken away. */
export interface Untagged {
  /** The one that is gone. */
  tag: string
  /** What it showed. */
  digest: string
  /** Whether the manifest is still there: some registries take it along with its last tag. */
  manifestStays: boolean
}

/** What a deletion would take along or break. */
export interface Siblings {
  /** The manifest that was asked about. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** Indexes under a tag that name it, and would be broken. */
  indexes: { digest: string; tags: string[] }[]
  /** Whether the tags are all there are. */
  complete: boolean
  /** Why not. */
  reason?: string
}

/** A manifest that was deleted, and the tags that went with it. */
export interface Deleted {
  /** The one that is gone. */
  digest: string
  /** The tags that went with it. */
  tags: string[]
}
