import { text, texts, wrong } from './argument.js'
import { engine } from './core.js'

/** One thing in use. Exactly one of `digest`, `reference`, `config` and `unresolved` says what. */
export interface Use {
  /** A manifest. */
  digest?: string
  /** Where the digest was pulled from, as `host/path`. */
  repository?: string
  /** A name with its tag. */
  reference?: string
  /** That the name is of something that runs, whose tag may have moved since. */
  running?: true
  /** An image id, as a container runtime gives it for an image without a repository. */
  config?: string
  /** What could not be understood. */
  unresolved?: string
  /** What uses it, at most ten, such as `deployment/web in shop, container app`. */
  sources: string[]
  /** How many more sources there are. */
  more?: number
}

/** What somebody outside uses or lists: `portreeve.report/1`. */
export type Report = {
  /** What this document is. */
  format: 'portreeve.report/1'
  /** The time as of which it is true (RFC 3339). */
  takenAt: string
} & ({ kind: 'images'; uses: Use[] } | { kind: 'strings'; strings: string[] })

/** How {@link report.reduce} reads. */
export interface ReduceOptions {
  /** What it lists: images in use, or texts such as the numbers of open pull requests. */
  kind: 'images' | 'strings'
  /** The time as of which it is true; now, by default. */
  takenAt?: Date
}

/**
 * Reduces what a cluster says to what a plan needs of it: digests, names of images, and the names of
 * what uses them. No environment variable, argument or annotation of a workload is taken over.
 *
 * A text is Kubernetes objects as `kubectl get ... -A -o json` prints them, a JSON array, lines, or
 * a report that is reduced already; several become one report.
 *
 * @throws {@link RegistryError} `invalid_argument` for anything else.
 *
 * @example
 * ```js
 * const running = await report.reduce('["cr.acme.dev/shop/web:v1.4.2"]', { kind: "images" });
 * if (running.kind === "images") console.log(`${running.uses.length} images are in use`);
 * ```
 */
async function reduce(input: string | string[], { kind, takenAt }: ReduceOptions): Promise<Report> {
  const inputs = Array.isArray(input) ? texts('the input', input) : [text('the input', input)]
  const at = takenAt ?? new Date()
  if (!(at instanceof Date && Number.isFinite(at.getTime()))) throw wrong('takenAt', 'a Date')
  const { Reducer } = await engine()
  const reducer = new Reducer(text('kind', kind))
  try {
    for (const one of inputs) reducer.read(one)
  } catch (error) {
    reducer.free()
    throw error
  }
  return JSON.parse(reducer.finish(at.getTime())) as Report
}

/**
 * Reads a report that was reduced already.
 *
 * @throws {@link RegistryError} `invalid_argument` for anything else.
 */
async function read(document: string): Promise<Report> {
  const { readReport } = await engine()
  return JSON.parse(readReport(text('the report', document))) as Report
}

/** Reports: what is in use outside of the registry, or open. */
export const report = { reduce, read }
