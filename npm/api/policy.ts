import { json, text, wrong } from './argument.js'
import type { Problem } from './configuration.js'
import { engine } from './core.js'

/** A policy without problems. Made by {@link policy}. */
export interface ReadPolicy {
  /** As it was written. */
  policy: object
  /** Over what it means: two texts that mean the same hash the same. */
  hash: string
  /** Allowed, and seldom meant: rules that can never match, or that a keep rule covers whole. */
  warnings: Problem[]
  /** Understood and not carried out by this release: a plan by it fails with `unsupported`. */
  unsupported: Problem[]
}

/** Policies, read for who writes them. Nothing is sent. */
export const policy = {
  /**
   * Reads a policy strictly.
   *
   * @throws {@link RegistryError} `invalid_policy`, with every {@link Problem} as `details`, each
   * with its path, line and column.
   *
   * @example
   * ```js
   * const { warnings } = await policy.parse('{ "delete": [{ "name": "prs", "tags": "pr-*" }] }');
   * for (const { path, message } of warnings) console.warn(path, message);
   * ```
   */
  async parse(policy: string | object): Promise<ReadPolicy> {
    const given = textOf(policy)
    return (await engine()).parsePolicy(given) as ReadPolicy
  },

  /**
   * A policy in words that a colleague understands, a sentence or two a line.
   *
   * @throws {@link RegistryError} as {@link policy.parse}.
   */
  async explain(policy: string | object): Promise<string[]> {
    const given = textOf(policy)
    return (await engine()).explainPolicy(given) as string[]
  },
}

/** An object is read from its JSON, where lines and columns mean little. */
function textOf(policy: string | object): string {
  if (typeof policy === 'string') return text('the policy', policy)
  if (typeof policy !== 'object' || policy === null) throw wrong('the policy', 'a text or an object')
  return json('the policy', policy)
}
