import { abortable } from './abortable.js'
import { callback, flag, json, object, options as checked, signalOf, text, texts } from './argument.js'
import { type BlobHead, type BlobOptions, type BlobStream, blobStream } from './blob.js'
import type { Head, Referrer, ReferrersOptions } from './descriptor.js'
import type { Attachments, Image, ImageOptions } from './image.js'
import { Inventory, type InventoryOptions } from './inventory.js'
import { Listing } from './listing.js'
import type { Manifest } from './manifest.js'
import type { CallOptions } from './options.js'
import type { Clients } from './registry.js'
import { checkedCache, type Tag, type TagsOptions } from './tag.js'
import { checkedUpload, type Uploaded, uploaded, type UploadOptions, type UploadSource } from './upload.js'
import type { Deleted, Pushed, Siblings, Tagging, Untagged } from './write.js'

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

  /**
   * All tags, in the registry's own order, with what its list tells beside their names.
   *
   * Facts that are asked for `with` are read where the list does not tell them: one HEAD a tag, and
   * each digest once, six requests at a time. Where the registry asks for a pause (429) in the
   * middle, the listing ends there and says so in {@link Listing.done}.
   *
   * @example
   * ```js
   * const newest = web.tags({ with: ["size", "platforms"], sort: "created", limit: 3 });
   * for await (const { name, size, created } of newest) console.log(name, size, created);
   * ```
   */
  tags(options?: TagsOptions): Listing<Tag> {
    const { signal: given, cache, ...what } = checked(options)
    const wanted = json('the options', what)
    const known = checkedCache(cache)
    return new Listing(
      async (signal) => (await this.#clients.client()).tags(this.name, wanted, known, signal),
      signalOf({ signal: given }),
    )
  }

  /**
   * What a tag shows now, or whether a digest is there: one HEAD, which is not counted as a pull.
   *
   * @throws {@link RegistryError} `not_found`, and what reaching a registry can throw.
   */
  async head(target: string, options?: CallOptions): Promise<Head> {
    const wanted = text('the tag or digest', target)
    const signal = signalOf(checked(options))
    return (await this.#clients.client()).head(this.name, wanted, signal)
  }

  /**
   * The manifest or index that a tag or digest names, verified.
   *
   * With a `platform` such as `linux/arm64` it is that of the index's image which a machine of that
   * kind would run, chosen as containerd does.
   *
   * @throws {@link RegistryError} `not_found`, also where no image fits the platform,
   * `digest_mismatch`, and what reaching a registry can throw.
   */
  async manifest(target: string, options?: CallOptions & { platform?: string }): Promise<Manifest> {
    const wanted = text('the tag or digest', target)
    const { platform, ...call } = checked(options)
    const runs = platform === undefined ? undefined : text('the platform', platform)
    const signal = signalOf(call)
    const found = await (await this.#clients.client()).manifest(this.name, wanted, runs, signal)
    return { ...found, document: JSON.parse(new TextDecoder().decode(found.bytes)) }
  }

  /**
   * The platforms behind a tag or digest, with their configurations: one manifest and one
   * configuration are read for each platform.
   */
  async image(target: string, options?: ImageOptions): Promise<Image> {
    const wanted = text('the tag or digest', target)
    const { cache, ...call } = checked(options)
    const known = checkedCache(cache)
    const signal = signalOf(call)
    return (await this.#clients.client()).image(this.name, wanted, known, signal)
  }

  /**
   * A blob's bytes. The stream ends with an error instead of an end if they do not have the
   * digest, so whoever reads to the end has verified content.
   *
   * @example
   * ```js
   * const { document } = await web.manifest("v1.4.2", { platform: "linux/amd64" });
   * let size = 0;
   * for await (const chunk of await web.blob(document.layers[0].digest)) size += chunk.length;
   * ```
   */
  async blob(digest: string, options?: BlobOptions): Promise<BlobStream> {
    const wanted = text('the digest', digest)
    const { range, ...call } = checked(options)
    const part = range === undefined ? undefined : json('the range', object('the range', range))
    const signal = signalOf(call)
    const { stream, ...known } = await (await this.#clients.client()).blob(this.name, wanted, part, signal)
    return blobStream(abortable(stream, signal), known)
  }

  /**
   * Whether a blob is there, and its size: one HEAD.
   *
   * @throws {@link RegistryError} `not_found`, and what reaching a registry can throw.
   */
  async blobHead(digest: string, options?: CallOptions): Promise<BlobHead> {
    const wanted = text('the digest', digest)
    const signal = signalOf(checked(options))
    return (await this.#clients.client()).blobHead(this.name, wanted, signal)
  }

  /** What refers to a digest: signatures, attestations, SBOMs. */
  referrers(digest: string, options?: ReferrersOptions): Listing<Referrer> {
    const wanted = text('the digest', digest)
    const { signal: given, ...narrowed } = checked(options)
    const narrow = json('the options', narrowed)
    return new Listing(
      async (signal) => (await this.#clients.client()).referrers(this.name, wanted, narrow, signal),
      signalOf({ signal: given }),
    )
  }

  /**
   * What was attached to a digest, wherever its makers put it: BuildKit in the image's own index,
   * others as referrers, cosign under tags of its own. What does not say what it is gets read.
   *
   * @example
   * ```js
   * const { digest } = await web.manifest("v1.4.2");
   * const { attached } = await web.attached(digest);
   * console.log(attached.some(({ kind }) => kind === "signature"));
   * ```
   */
  async attached(digest: string, options?: CallOptions): Promise<Attachments> {
    const wanted = text('the digest', digest)
    const signal = signalOf(checked(options))
    return (await this.#clients.client()).attached(this.name, wanted, signal)
  }

  /**
   * Pushes a blob, unless the registry has it, and gives its descriptor.
   *
   * Where a connection breaks, the registry is asked what it has before anything is sent again, and
   * what it has is not sent again. A call that ends by its signal gives the upload up there, too.
   *
   * @throws {@link RegistryError} `digest_mismatch` and `invalid_argument` where the source has
   * other bytes or another length than it promised, and what reaching a registry can throw; what
   * the source throws comes out as itself.
   *
   * @example
   * ```js
   * import { openAsBlob } from "node:fs";
   *
   * const layer = await web.upload(await openAsBlob("layer.tar.gz"), {
   *   mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
   *   onProgress: (sent) => console.log(sent),
   * });
   * console.log(layer.arrival);
   * ```
   */
  async upload(source: UploadSource, options?: UploadOptions): Promise<Uploaded> {
    const { given, settings, progress, signal } = checkedUpload(source, options)
    return uploaded(await (await this.#clients.client()).upload(this.name, given, settings, progress, signal))
  }

  /**
   * Takes a blob from another repository of the registry, without a byte being sent. `false` where
   * the registry does not.
   */
  async mount(digest: string, options: CallOptions & { from: string }): Promise<boolean> {
    const wanted = text('the digest', digest)
    const { from, ...call } = object('the options', options) as typeof options
    const other = text('from', from)
    const signal = signalOf(call)
    return (await this.#clients.client()).mount(this.name, wanted, other, signal)
  }

  /**
   * Pushes a manifest: bytes and text just as they are, anything else as JSON. A referrer is added
   * to the list of its subject's referrers, where the registry keeps none itself.
   *
   * @throws {@link RegistryError} `refused` where the registry does not take it (an immutable tag, a
   * missing blob), `conflict` where it was stored and others changed that list each time.
   */
  async putManifest(
    content: Uint8Array | string | object,
    options?: CallOptions & { mediaType?: string; tag?: string },
  ): Promise<Pushed> {
    const { mediaType, tag, ...call } = checked(options)
    const bytes = manifestBytes(content)
    const kind = mediaType === undefined ? '' : text('mediaType', mediaType)
    const name = tag === undefined ? undefined : text('tag', tag)
    const signal = signalOf(call)
    return (await this.#clients.client()).putManifest(this.name, bytes, kind, name, signal)
  }

  /**
   * Lets tags show what a tag or digest shows: one read, and a write for each tag, six at a time.
   * One that fails does not keep the others.
   *
   * @example
   * ```js
   * const { failed } = await web.tag("v1.4.2", ["v1.4", "stable"]);
   * for (const { tag, error } of failed) console.log(tag, error.message);
   * ```
   */
  async tag(target: string, names: string | string[], options?: CallOptions): Promise<Tagging> {
    const wanted = text('the tag or digest', target)
    const tags = typeof names === 'string' ? [text('the tag', names)] : texts('the tags', names)
    const signal = signalOf(checked(options))
    return (await this.#clients.client()).tag(this.name, wanted, tags, signal)
  }

  /**
   * Takes a tag away and leaves its manifest.
   *
   * @throws {@link RegistryError} `not_found`; `unsupported` where the registry takes no tag without
   * its manifest (distribution 2.8, Harbor): the manifest is never deleted in its place.
   */
  async untag(tag: string, options?: CallOptions): Promise<Untagged> {
    const wanted = text('the tag', tag)
    const signal = signalOf(checked(options))
    return (await this.#clients.client()).untag(this.name, wanted, signal)
  }

  /** What a deletion of a digest, or of what a tag shows, would take along or break. */
  async siblings(target: string, options?: CallOptions): Promise<Siblings> {
    const wanted = text('the tag or digest', target)
    const signal = signalOf(checked(options))
    return (await this.#clients.client()).siblings(this.name, wanted, signal)
  }

  /**
   * Deletes a manifest, and with it the tags that show it: each must be named.
   *
   * @throws {@link RegistryError} `refused` where other tags show it too (`details.tags` has them) or
   * an index names it, `conflict` where a named tag shows something else, `incomplete_listing` where
   * nobody can say which tags there are.
   *
   * @example
   * ```js
   * const { digest, tags } = await web.siblings("v1.0.0");
   * await web.delete(digest, { tags });
   * ```
   */
  async delete(digest: string, options?: CallOptions & { tags?: string[] }): Promise<Deleted> {
    const wanted = text('the digest', digest)
    const { tags, ...call } = checked(options)
    const named = tags === undefined ? [] : texts('tags', tags)
    const signal = signalOf(call)
    return (await this.#clients.client()).delete(this.name, wanted, named, signal)
  }

  /**
   * A snapshot of the whole repository, from which {@link plan} decides.
   *
   * It reads each digest once; a registry that lists push times needs few requests, a plain one
   * needs several for each image. Nothing is written, and a manifest is only read, which many
   * registries count as a pull, where a HEAD or a list does not tell enough.
   *
   * @throws {@link RegistryError} `invalid_policy` with the problems and their places as `details`.
   *
   * @example
   * ```js
   * const web = connect("127.0.0.1:5555").repository("shop/web");
   * const inventory = await web.inventory({ layers: true });
   * console.log(`${inventory.size} manifests, ${inventory.complete ? "all" : inventory.incompleteReason}`);
   * ```
   */
  async inventory(options?: InventoryOptions): Promise<Inventory> {
    const { earlier, cache, onProgress, signal: given, ...what } = checked(options)
    const { policy, layers = false, annotations = [], labels = [], referrers = true, reported = [] } = what
    const asked = json('the options', {
      policy: policy === undefined ? undefined : object('the policy', policy),
      layers: flag('layers', layers),
      annotations: texts('annotations', annotations),
      labels: texts('labels', labels),
      referrers: flag('referrers', referrers),
      reported: texts('reported', reported),
    })
    const before = earlier === undefined ? undefined : Inventory.held(earlier)
    const known = checkedCache(cache)
    const tell = callback('onProgress', onProgress)
    const signal = signalOf({ signal: given })
    const client = await this.#clients.engineClient()
    return new Inventory(await client.inventory(this.name, asked, before?.copy(), known, tell, signal))
  }
}

function manifestBytes(content: Uint8Array | string | object): Uint8Array {
  if (content instanceof Uint8Array) return content
  const written = typeof content === 'string' ? text('the manifest', content) : json('the manifest', object('the manifest', content))
  return new TextEncoder().encode(written)
}
