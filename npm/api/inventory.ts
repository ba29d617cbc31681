import { object, text as checked, wrong } from './argument.js'
import { engine, type HeldInventory } from './core.js'
import type { CallOptions } from './options.js'
import { pieces, type TextSource } from './source.js'
import { checkedStore, type Store } from './store.js'
import type { ContentCache } from './tag.js'
import { textOf, writeTo } from './written.js'

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
  /** The tags that show it, with when an inventory first saw each there, and when the registry says it was set. */
  tags?: { name: string; firstSeen?: number; pushed?: number }[]
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
  /** Where an image runs, such as `linux/arm64/v8`. */
  platform?: string
  /** Of the annotations that were asked for, those it has; left out where they were not read. */
  annotations?: Record<string, string>
  /** Of the labels that were asked for, those it has; left out where they were not read. */
  labels?: Record<string, string>
  /** Left out where they were not read. */
  layers?: { digest: string; size: number }[]
  /** Why its content is not known. */
  unreadable?: string
}

/** What an inventory tells of the repository as a whole. */
export interface InventoryHead {
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
  /** Whether the registry records when each tag was set. */
  recordsTagPushed?: boolean
  /** How the registry deletes, where that is known. */
  deletesBy?: 'digest' | 'untag_then_digest' | 'tags_only'
  /** The annotations that were asked for: of these alone it is known when an image has none. */
  annotationKeys?: string[]
  /** The labels that were asked for. */
  labelKeys?: string[]
  /** Listed tags whose manifest could not be had. */
  unreadableTags?: string[]
}

/** What an inventory holds, counted. */
export interface InventoryContents {
  /** Manifests in all. */
  manifests: number
  /** How many there are of each kind that there is. */
  kinds: Partial<Record<InventoryImage['kind'], number>>
  /** Tags in all. */
  tags: number
  /** Manifests that a tag shows. */
  tagged: number
  /** Manifests whose content could not be read. */
  unreadable: number
  /** Layers, each once; absent where they were not read of everything. */
  layers?: { count: number; bytes: number }
  /** The oldest and the newest push (RFC 3339), where the registry records them. */
  pushed?: { oldest: string; newest: string }
  /** The oldest and the newest build (RFC 3339), as far as build times were read. */
  created?: { oldest: string; newest: string }
}

/**
 * A snapshot of one repository, from which {@link plan} decides. Made by {@link Repository.inventory}
 * and {@link readInventory}.
 *
 * Its manifests stay inside the engine, where 100,000 of them are some 40 MB: {@link images} and
 * {@link text} make objects and text of them when they are asked for.
 */
export class Inventory implements InventoryHead {
  readonly host!: string
  readonly repository!: string
  readonly complete!: boolean
  readonly incompleteReason?: string
  readonly listsUntagged!: boolean
  readonly watchedSince!: number
  readonly recordsPushed!: boolean
  readonly recordsTagPushed?: boolean
  readonly deletesBy?: 'digest' | 'untag_then_digest' | 'tags_only'
  readonly annotationKeys?: string[]
  readonly labelKeys?: string[]
  readonly unreadableTags?: string[]
  /** When reading began. */
  readonly takenAt: Date
  /** How many manifests it holds. */
  readonly size: number
  readonly #held: HeldInventory
  #images: InventoryImage[] | undefined

  /** @internal */
  constructor(held: HeldInventory) {
    const { format: _, takenAt, ...head } = JSON.parse(held.head()) as InventoryHead & { format: string; takenAt: number }
    Object.assign(this, head)
    this.takenAt = new Date(takenAt * 1000)
    this.size = held.size()
    this.#held = held
  }

  /** The manifests, sorted by digest; made by the first look. */
  get images(): InventoryImage[] {
    if (this.#images === undefined) {
      const lines = this.text.trimEnd().split('\n').slice(1, -1)
      this.#images = lines.map((line) => JSON.parse(line) as InventoryImage)
    }
    return this.#images
  }

  /** What it holds, counted. */
  get contents(): InventoryContents {
    return this.#held.contents() as InventoryContents
  }

  /** The `portreeve.inventory/1` document: JSON Lines, whose last line proves that it is whole. */
  get text(): string {
    return textOf(this.#held)
  }

  /** The document in pieces, for what is too large to be one text: each is taken before the next is made. */
  write(take: (piece: string) => unknown): void {
    writeTo(take, this.#held)
  }

  /** @internal */
  static held(inventory: unknown): HeldInventory {
    const given = object('an inventory', inventory)
    if (#held in given) return given.#held
    throw wrong('an inventory', 'what inventory(), readInventory() or loadInventory() made')
  }
}

/** What shapes {@link Repository.inventory}. */
export interface InventoryOptions extends CallOptions {
  /**
   * The last inventory of the same repository: what it tells is not read again, what it saw is
   * looked for where no list shows it, and first-seen times go on.
   */
  earlier?: Inventory
  /** Reads only the facts that this policy needs; without it, those that any policy may ask of every image. */
  policy?: object
  /** Reads layers with their sizes, too: a plan then tells how many bytes a deletion frees. */
  layers?: boolean
  /** Annotations to read by these names, beside those of the policy. */
  annotations?: string[]
  /** Labels to read by these names, beside those of the policy. */
  labels?: string[]
  /** `false` leaves out what the registry's referrers list tells; such an inventory may not be complete. */
  referrers?: boolean
  /** Digests that reports call in use: looked for where the registry lists tags only. */
  reported?: string[]
  /** Where manifests and configurations are kept between calls, so that each is read once. */
  cache?: ContentCache
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

/**
 * Reads a `portreeve.inventory/1` document back, such as one that an earlier run kept.
 *
 * @throws {@link RegistryError} `invalid_argument`, with the line, for one that is cut short, was
 * edited, or is no inventory.
 *
 * @example
 * ```js
 * import { createReadStream } from "node:fs";
 *
 * const inventory = await readInventory(createReadStream("web.jsonl"));
 * ```
 */
export async function readInventory(source: TextSource): Promise<Inventory> {
  const bindings = await engine()
  const reader = new bindings.InventoryReader()
  try {
    for await (const piece of pieces('the inventory', source)) reader.push(piece)
    return new Inventory(reader.finish())
  } finally {
    reader.free()
  }
}

/** The inventory that was last kept of a repository. */
export async function loadInventory(store: Store, host: string, repository: string): Promise<Inventory | undefined> {
  const from = checkedStore(store)
  const names = [checked('the host', host), checked('the repository', repository)] as const
  const held = await (await engine()).loadInventory(from, ...names)
  return held === undefined ? undefined : new Inventory(held)
}

/** Keeps an inventory: the next one of the same repository is read faster, and knows since when things are there. */
export async function saveInventory(store: Store, inventory: Inventory): Promise<void> {
  const to = checkedStore(store)
  const held = Inventory.held(inventory)
  await (await engine()).saveInventory(to, held)
}
