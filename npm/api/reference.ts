import { core } from './core.js'

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
 * @throws {@link RegistryError} `invalid_reference`, with what was expected and where.
 *
 * @example
 * ```js
 * await parseReference("127.0.0.1:8787/demo/shop/web:v1.4.2");
 * // { host: "127.0.0.1:8787", repository: "demo/shop/web", tag: "v1.4.2" }
 * ```
 */
export async function parseReference(text: string): Promise<Reference> {
  return (await core()).parseReference(text) as Reference
}
