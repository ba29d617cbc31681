import { callback, object, signalOf, text, wrong } from './argument.js'
import { Configuration, type JobRepository, type Upstream } from './configuration.js'
import type { CallOptions } from './options.js'
import { Registry } from './registry.js'

/** What a job's patterns mean, by the registries' own lists. */
export interface ExpandedJob {
  /** The repositories that they name or match; `except` is taken away. */
  repositories: JobRepository[]
  /** Repositories that the registries list and no job of the configuration matches. */
  unmanaged: JobRepository[]
  /** Patterns with wildcards that match nothing: mistyped, most likely. */
  unmatched: string[]
}

/**
 * Looks up which repositories a job means; where it names each of them, nothing is asked.
 *
 * `open` connects to an upstream of the configuration, to read.
 *
 * @throws {@link RegistryError} `unsupported`, `denied` or `incomplete_listing` where a registry does
 * not list its repositories; `invalid_configuration` where another job matches one of them, too.
 *
 * @example
 * ```js
 * const configuration = await readConfiguration(`{
 *   "version": 1,
 *   "upstreams": { "demo": { "host": "127.0.0.1:5555", "credentials": { "read": "anonymous" } } },
 *   "policies": { "prs": { "delete": [{ "name": "old", "tags": "pr-*", "olderThan": { "pushed": "7d" } }] } },
 *   "jobs": { "shop": { "repositories": ["demo/shop/**"], "policy": "prs" } }
 * }`);
 * const { repositories } = await expandJob(configuration, "shop", ({ host }) => connect(host));
 * console.log(repositories.length);
 * ```
 */
export async function expandJob(
  configuration: Configuration,
  job: string,
  open: (upstream: Upstream) => Registry,
  options?: CallOptions,
): Promise<ExpandedJob> {
  const held = Configuration.held(configuration)
  const name = text('the job', job)
  if (typeof callback('open', open) !== 'function') throw wrong('open', 'a function')
  const signal = options === undefined ? undefined : signalOf(object('the options', options) as CallOptions)
  const { patterns } = configuration.job(name)
  const expanded: ExpandedJob = { repositories: [], unmanaged: [], unmatched: [] }
  for (const upstream of new Set(patterns.map((pattern) => pattern.slice(0, pattern.indexOf('/'))))) {
    const client = await Registry.engineClient(open(configuration.upstream(upstream)))
    const found = (await client.expand(held, name, upstream, signal)) as ExpandedJob
    expanded.repositories.push(...found.repositories)
    expanded.unmanaged.push(...found.unmanaged)
    expanded.unmatched.push(...found.unmatched)
  }
  return expanded
}
