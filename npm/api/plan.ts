import { json, object, text, wrong } from './argument.js'
import type { Configuration } from './configuration.js'
import { engine } from './core.js'
import type { Inventory } from './inventory.js'
import { checkedStore, type Store } from './store.js'

/** What is to happen to a manifest. `blocked`: selected, but something forbids it. `unknown`: a fact is missing. */
export type Verdict = 'keep' | 'delete' | 'blocked' | 'unknown'

/** How many root groups, and manifests in all. */
export interface Count {
  /** Roots with all that goes with them. */
  groups: number
  /** Manifests in all. */
  manifests: number
}

/** Counts for each verdict, and what a reviewer should read first. */
export interface Summary extends Record<Verdict, Count> {
  /** Such as a rule that can never match. */
  warnings?: string[]
}

/** One manifest and its verdict. */
export interface PlannedImage {
  /** Its name. */
  digest: string
  /** The tags that show it. */
  tags: string[]
  /** The root it belongs to: itself, or one that leads to it. */
  group: string
  /** What it is in its group; `fallback`: the index that lists referrers under a tag. */
  role: 'root' | 'child' | 'referrer' | 'fallback'
  /** What is to happen to it. */
  verdict: Verdict
  /** From a closed list, such as `delete_rule`, `reachable`, `too_young`, `cap`. */
  reason: string
  /** The rule that decided, if one did. */
  rule: string | null
  /** What the verdict rests on. */
  facts: Record<string, unknown>
  /** The same in words. */
  explanation: string
  /** Until when a deletion can be undone. */
  undo: string | null
}

/** The part of a plan about one repository. */
export interface PlannedRepository {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  name: string
  /** Covers the verdicts, the policy and the time, and nothing of how the repository was read. */
  hash: string
  /** Of the inventory it was decided from. */
  inventoryHash: string
  /** Counts for each verdict. */
  summary: Summary
  /** Every manifest, sorted by digest. */
  images: PlannedImage[]
}

/** `portreeve.plan/1`: what would be deleted, and why the rest would not. */
export interface Plan {
  /** What this document is. */
  format: 'portreeve.plan/1'
  /** The job it was made for; `ad-hoc` for a policy by itself. */
  job: string
  /** The time it was made for (RFC 3339). */
  now: string
  /** When it can no longer be applied (RFC 3339). */
  expiresAt: string
  /** Made for another time than the clock's: it cannot be applied. */
  simulated: boolean
  /** Of the policy. */
  policyHash: string
  /** Of the job, resolved. */
  configurationHash: string
  /** Of the whole; it names the run. */
  hash: string
  /** Counts for each verdict over all repositories. */
  summary: Summary
  /** One for each inventory. */
  repositories: PlannedRepository[]
}

/** What decides: a job of a configuration, or a policy with its limits. */
export type Rules = { configuration: Configuration | string; job: string } | { policy: object; limits?: object }

/** What {@link plan} decides from. */
export type PlanInput = Rules & {
  /** One for each repository. */
  inventories: Inventory[]
  /** Tells of the deletions of the last days, which the caps count. */
  store?: Store
  /** Plans for this time instead of the clock's; such a plan is marked `simulated`. */
  now?: Date
}

/**
 * Decides about every manifest, and sends nothing: the same input gives the same plan.
 *
 * @throws {@link RegistryError} `invalid_policy` or `invalid_configuration` with the problems and
 * their places as `details`.
 *
 * @example
 * ```js
 * const inventory = await connect("127.0.0.1:5555").repository("shop/web").inventory();
 * const policy = { delete: [{ name: "old", tags: "pr-*", olderThan: { pushed: "7d" } }] };
 * const { summary } = await plan({ policy, inventories: [inventory] });
 * console.log(`${summary.delete.groups} groups would go`);
 * ```
 */
export async function plan(input: PlanInput): Promise<Plan> {
  const { inventories, store, now } = object('the input', input) as PlanInput
  if (!Array.isArray(inventories)) throw wrong('inventories', 'a list')
  const texts = inventories.map((one) => text('each inventory', (object('each inventory', one) as Inventory).text))
  if (now !== undefined && !(now instanceof Date && Number.isFinite(now.getTime()))) throw wrong('now', 'a Date')
  const request = json('the input', { rules: rules(input), inventories: texts, now: now?.toISOString() })
  const told = store === undefined ? undefined : checkedStore(store)
  return (await engine()).plan(request, told)
}

/** The rules as the core takes them: a configuration as its text. */
export function rules(input: Rules): object {
  if ('policy' in input) return { policy: input.policy, limits: input.limits }
  const { configuration, job } = input
  if (configuration === undefined) throw wrong('the rules', '`configuration` and `job`, or `policy`')
  return { configuration: typeof configuration === 'string' ? configuration : configuration.text, job }
}
