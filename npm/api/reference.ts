import { json, options as checkedOptions, text as checked, wrong } from './argument.js'
import { core } from './core.js'
import type { Descriptor } from './descriptor.js'

/** The parts of an image reference. */
export interface Reference {
  /** Host and port, such as `ghcr.io` or `127.0.0.1:5000`. */
  host: string
  /** The path on that host, such as `library/alpine`. */
  repository: string
  /** Absent if only a digest was given; `latest` if neither was. */
  tag?: string
  /** It decides where both are given. */
  digest?: string
}

/**
 * Reads a reference as docker does: `alpine` is `docker.io/library/alpine:latest`.
 *
 * With `strict`, one that is not written out is refused, and the error says how it would be.
 *
 * @throws {@link RegistryError} `invalid_reference`, with what was expected and where.
 *
 * @example
 * ```js
 * await parseReference("127.0.0.1:8787/demo/shop/web:v1.4.2");
 * // { host: "127.0.0.1:8787", repository: "demo/shop/web", tag: "v1.4.2" }
 * ```
 */
export async function parseReference(text: string, options?: { strict?: boolean }): Promise<Reference> {
  const reference = checked('the reference', text)
  const { strict = false } = checkedOptions(options)
  if (typeof strict !== 'boolean') throw wrong('strict', 'true or false')
  return (await core()).parseReference(reference, strict)
}

/**
 * The descriptor of an index that a machine of this kind runs, such as `linux/arm/v7`, chosen as
 * containerd does: `linux/arm64` takes `linux/arm64/v8`, and `linux/arm/v7` is content with
 * `linux/arm/v6` where there is nothing better.
 *
 * @example
 * ```js
 * const { document } = await web.manifest("v1.4.2");
 * const image = await matchPlatform(document.manifests, "linux/arm64");
 * ```
 */
export async function matchPlatform(manifests: Descriptor[], platform: string): Promise<Descriptor | undefined> {
  const given = json('the manifests', manifests)
  const wanted = checked('the platform', platform)
  return (await core()).matchPlatform(given, wanted) as Descriptor | undefined
}
