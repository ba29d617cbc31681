import { object, text as checked } from './argument.js'
import { engine } from './core.js'
import { RegistryError } from './error.js'
import type { CallOptions } from './options.js'
import { checkedStore, type Store } from './store.js'

/** What an inventory tells of one manifest. Times are seconds since 1970. */
export interface InventoryImage {
  /** Its name. */
  digest: string
  /** What it is to a person. */
  kind: 'image' | 'index' | 'signature' | 'attestation' | 'sbom' | 'chart' | 'cache' | 'other'
  /** What it says that it is. */
  mediaType?: string
  /** What kind of artifact it is, where it is one. */
  artifactType?: string
  /** In bytes, of the manifest itself. */
  size?: number
  /** The tags that show it, with when an inventory first saw each there. */
  tags?: { name: string; firstSeen?: number }[]
  /** The manifests an index lists. */
  children?: string[]
  /** Its configuration's digest. */
  config?: string
  /** What a signature, an attestation or an SBOM speaks about. */
  subject?: string
  /** The digest whose referrers it lists, where it is a fallback tag's index. */
  fallbackFor?: string
  /** When it was pushed, built, last pulled, and first seen by an inventory, as far as is known. */
  times?: { pushed?: number; created?: number; pulled?: number; firstSeen?: number }
  /** What the registry forbids to do with it. */
  locks?: { noDelete: boolean; noOverwrite: boolean }
  /** Why its content is not known. */
  unreadable?: string
}

interface Head {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  repository: string
  /** Whether every listing was proven to have been read to its end. Nothing is deleted without. */
  complete: boolean
  /** Why it is not complete, in words. */
  incompleteReason?: string
  /** Whether the registry lists manifests that have no tag. */
  listsUntagged: boolean
  /** When the first of the inventories was taken whose sightings this one carries on, in seconds since 1970. */
  watchedSince: number
  /** Whether the registry records push times. */
  recordsPushed: boolean
  /** Listed tags whose manifest could not be had. */
  unreadableTags?: string[]
}

/** A snapshot of one repository, from which {@link plan} decides. */
export interface Inventory extends Head {
  /** When reading began. */
  takenAt: Date
  /** The manifests, sorted by digest. */
  images: InventoryImage[]
  /** The `portreeve.inventory/1` document: JSON Lines, whose last line proves that it is whole. */
  text: string
}

/** What shapes {@link Repository.inventory}. */
export interface InventoryOptions extends CallOptions {
  /** The last inventory of the same repository: what it saw is asked for again, and first-seen times go on. */
  earlier?: Inventory
  /** Reads only the facts that this policy needs; without it, every fact there is. */
  policy?: object
  /** Told as reading goes on. */
  onProgress?: (progress: ReadingProgress) => void
}

/** How far reading a repository has come. */
export interface ReadingProgress {
  /** What is being read. */
  phase: 'listing' | 'tags' | 'manifests' | 'referrers' | 'unlisted' | 'configs'
  /** How many of these are read. */
  done: number
  /** As far as is known. */
  known: number
}

/** Reads a `portreeve.inventory/1` document back, such as one that an earlier run kept. */
export function readInventory(text: string): Inventory {
  const lines = checked('the inventory', text).trimEnd().split('\n')
  const { format, takenAt, ...head } = parsed(lines[0]) as Head & { format?: string; takenAt: number }
  if (format !== 'portreeve.inventory/1') {
    throw new RegistryError({ code: 'invalid_argument', message: 'this is no portreeve.inventory/1 document' })
  }
  return {
    ...head,
    takenAt: new Date(takenAt * 1000),
    images: lines.slice(1, -1).map((line) => parsed(line) as InventoryImage),
    text,
  }
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch (cause) {
    throw new RegistryError({ code: 'invalid_argument', message: 'this inventory is cut short or broken', cause })
  }
}

/** The inventory that was last kept of a repository. */
export async function loadInventory(store: Store, host: string, repository: string): Promise<Inventory | undefined> {
  const from = checkedStore(store)
  const names = [checked('the host', host), checked('the repository', repository)] as const
  const text = await (await engine()).loadInventory(from, ...names)
  return text === undefined ? undefined : readInventory(text)
}

/** Keeps an inventory: the next one of the same repository is read faster, and knows since when things are there. */
export async function saveInventory(store: Store, inventory: Inventory): Promise<void> {
  const to = checkedStore(store)
  const text = checked('the inventory', (object('the inventory', inventory) as Inventory).text)
  await (await engine()).saveInventory(to, text)
}
