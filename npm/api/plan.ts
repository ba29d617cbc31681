import { json, object, text, wrong } from './argument.js'
import type { Configuration } from './configuration.js'
import { engine, type HeldPlan } from './core.js'
import { Inventory } from './inventory.js'
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

/** `portreeve.plan/1`: what would be deleted, and why the rest would not, as data. */
export interface PlanDocument {
  /** What this document is. */
  format: 'portreeve.plan/1'
  /** The job it was made for; `ad-hoc` for a policy by itself. */
  job: string
  /** The time it was made for (RFC 3339). */
  now: string
  /** When it can no longer be applied (RFC 3339). */
  expiresAt: string
  /** Made for another time than the clock's, or from a given inventory: it cannot be applied. */
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

/**
 * A plan, made by {@link plan}: the {@link PlanDocument}, whose images stay inside the engine until
 * somebody looks at them.
 *
 * Counts and hashes are there at once. `repositories[n].images` makes objects of that repository's
 * images, {@link text} and `JSON.stringify` make the whole document, and {@link write} hands it over
 * in pieces.
 */
export class Plan implements PlanDocument {
  readonly format!: 'portreeve.plan/1'
  readonly job!: string
  readonly now!: string
  readonly expiresAt!: string
  readonly simulated!: boolean
  readonly policyHash!: string
  readonly configurationHash!: string
  readonly hash!: string
  readonly summary!: Summary
  readonly repositories!: PlannedRepository[]
  readonly #held: HeldPlan

  /** @internal */
  constructor(held: HeldPlan) {
    const head = held.head() as PlanDocument
    const repositories = head.repositories.map((repository, place) => {
      let images: PlannedImage[] | undefined
      return {
        ...repository,
        get images() {
          return (images ??= held.images(place) as PlannedImage[])
        },
      }
    })
    Object.assign(this, head, { repositories })
    this.#held = held
  }

  /** The document as one text: what {@link apply}, a file or another program takes. */
  get text(): string {
    const parts: string[] = []
    this.write((piece) => parts.push(piece))
    return parts.join('')
  }

  /** The document in pieces, for what is too large to be one text: each is taken before the next is made. */
  write(take: (piece: string) => unknown): void {
    if (typeof take !== 'function') throw wrong('take', 'a function')
    this.#held.write(take)
  }

  /** The document as data. */
  toJSON(): PlanDocument {
    return JSON.parse(this.text) as PlanDocument
  }
}

/** A plan's document as a text; one that is no plan is found out by who reads it. */
export function planText(plan: PlanDocument | string): string {
  if (typeof plan === 'string') return text('the plan', plan)
  return plan instanceof Plan ? plan.text : json('the plan', object('the plan', plan))
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
  /** Marks the plan as one that cannot be applied, such as one of an inventory that somebody sent. */
  simulated?: boolean
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
  const { inventories, store, now, simulated = false } = object('the input', input) as PlanInput
  if (!Array.isArray(inventories)) throw wrong('inventories', 'a list')
  const held = inventories.map(Inventory.held)
  if (now !== undefined && !(now instanceof Date && Number.isFinite(now.getTime()))) throw wrong('now', 'a Date')
  if (typeof simulated !== 'boolean') throw wrong('simulated', 'true or false')
  const request = json('the input', { rules: rules(input), now: now?.toISOString(), simulated })
  const told = store === undefined ? undefined : checkedStore(store)
  const { Planning } = await engine()
  const planning = new Planning(request)
  for (const one of held) planning.add(one)
  return new Plan(await planning.make(told))
}

/** The rules as the core takes them: a configuration as its text. */
export function rules(input: Rules): object {
  if ('policy' in input) return { policy: input.policy, limits: input.limits }
  const { configuration, job } = input
  if (configuration === undefined) throw wrong('the rules', '`configuration` and `job`, or `policy`')
  return { configuration: typeof configuration === 'string' ? configuration : configuration.text, job }
}
