import { abortable } from './abortable.js'
import type { Descriptor } from './descriptor.js'
import type { Attachments, Image } from './image.js'
import { type Inventory, type InventoryOptions, readInventory } from './inventory.js'
import { Listing } from './listing.js'
import type { Manifest } from './manifest.js'
import type { CallOptions } from './options.js'
import type { Clients } from './registry.js'

/** One tag of a listing. Registries that tell more beside the name (Google's) fill the rest. */
export interface Tag {
  name: string
  digest?: string
  mediaType?: string
  /** In bytes. */
  size?: number
  /** When the registry received it (RFC 3339). */
  pushed?: string
  /** When the image was built (RFC 3339). */
  created?: string
}

/** One repository of a registry. Made by {@link Registry.repository}. */
export class Repository {
  /** The registry's host. */
  readonly host: string
  /** Its path on that host. */
  readonly name: string
  readonly #clients: Clients

  /** @internal */
  constructor(host: string, name: string, clients: Clients) {
    this.host = host
    this.name = name
    this.#clients = clients
  }

  /** All tags, in the registry's own order. */
  tags(options: CallOptions = {}): Listing<Tag> {
    return new Listing(async () => (await this.#clients.client()).tags(this.name, options.signal))
  }

  /**
   * The manifest or index that a tag or digest names, verified.
   *
   * @throws {@link RegistryError} `not_found`, `digest_mismatch`, and what reaching a registry can throw.
   */
  async manifest(target: string, options: CallOptions = {}): Promise<Manifest> {
    const found = await (await this.#clients.client()).manifest(this.name, target, options.signal)
    const bytes = found.bytes
    return { ...found, bytes, document: JSON.parse(new TextDecoder().decode(bytes)) }
  }

  /**
   * The platforms behind a tag or digest, with their configurations: one manifest and one
   * configuration are read for each platform.
   */
  async image(target: string, options: CallOptions = {}): Promise<Image> {
    return (await this.#clients.client()).image(this.name, target, options.signal)
  }

  /**
   * A blob's bytes. The stream ends with an error instead of an end if they do not have the
   * digest, so whoever reads to the end has verified content.
   *
   * @example
   * ```js
   * const { document } = await web.manifest("v1.4.2");
   * let size = 0;
   * for await (const chunk of await web.blob(document.layers[0].digest)) size += chunk.length;
   * ```
   */
  async blob(digest: string, options: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const { signal } = options
    return abortable(await (await this.#clients.client()).blob(this.name, digest, signal), signal)
  }

  /** What was attached to a digest: signatures, attestations, SBOMs. */
  referrers(digest: string, options: CallOptions = {}): Listing<Descriptor> {
    return new Listing(async () => (await this.#clients.client()).referrers(this.name, digest, options.signal))
  }

  /**
   * What hangs on a manifest and its platforms, wherever its makers put it: referrers, cosign's
   * tags, attestations in its own index. Whatever does not say what it is gets read.
   *
   * @example
   * ```js
   * const { digest } = await web.manifest("v1.4.2");
   * const { attached } = await web.attached(digest);
   * console.log(attached.some(({ kind }) => kind === "signature"));
   * ```
   */
  async attached(digest: string, options: CallOptions = {}): Promise<Attachments> {
    return (await this.#clients.client()).attached(this.name, digest, options.signal)
  }

  /**
   * A snapshot of the whole repository, from which {@link plan} decides.
   *
   * It reads each digest once; a registry that lists push times needs few requests, a plain one
   * needs several for each image.
   */
  async inventory(options: InventoryOptions = {}): Promise<Inventory> {
    const { earlier, policy, signal, onProgress } = options
    const client = await this.#clients.engineClient()
    const needs = policy === undefined ? undefined : JSON.stringify(policy)
    return readInventory(await client.inventory(this.name, needs, earlier?.text, onProgress, signal))
  }
}
