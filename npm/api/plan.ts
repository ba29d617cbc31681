import { json, object, text, wrong } from './argument.js'
import type { Changes } from './changes.js'
import type { Configuration } from './configuration.js'
import { engine, type HeldPlan } from './core.js'
import { Inventory } from './inventory.js'
import type { LargestRepository, PlanDocument, PlannedReport, PlannedRepository, Summary } from './plan_document.js'
import type { Report } from './report.js'
import { checkedStore, type Store } from './store.js'
import type { Why } from './why.js'
import { textOf, writeTo } from './written.js'

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
  readonly largest!: LargestRepository[]
  readonly unmanaged!: { host: string; name: string }[]
  readonly reports!: PlannedReport[]
  readonly repositories!: PlannedRepository[]
  readonly #held: HeldPlan

  /** @internal */
  constructor(held: HeldPlan) {
    const head = held.head() as PlanDocument
    const repositories = head.repositories.map((repository, place) => {
      let details: Pick<PlannedRepository, 'steps' | 'images'> | undefined
      const looked = () => (details ??= held.details(place) as Pick<PlannedRepository, 'steps' | 'images'>)
      return {
        ...repository,
        get steps() {
          return looked().steps
        },
        get images() {
          return looked().images
        },
      }
    })
    Object.assign(this, head, { repositories })
    this.#held = held
  }

  /** The document as one text: what {@link apply}, a file or another program takes. */
  get text(): string {
    return textOf(this.#held)
  }

  /** The document in pieces, for what is too large to be one text: each is taken before the next is made. */
  write(take: (piece: string) => unknown): void {
    writeTo(take, this.#held)
  }

  /**
   * The whole chain behind one verdict: the rules that were tried with what was found, what forbids,
   * who uses it, and the way from what protects it.
   *
   * `target` is a tag or a digest; where several repositories of the plan have it, `host/name:tag` or
   * `host/name@digest`, from whatever segment on.
   *
   * @throws {@link RegistryError} `not_found`; `invalid_argument` where several repositories have it.
   */
  async why(target: string): Promise<Why> {
    return this.#held.why(text('the tag or digest', target)) as Why
  }

  /**
   * In what it differs from an earlier plan.
   *
   * @throws {@link RegistryError} `invalid_argument` for what is no plan.
   */
  async changes(earlier: PlanDocument | string): Promise<Changes> {
    return this.#held.changes(planText(earlier)) as Changes
  }

  /**
   * Keeps what the next plan of these repositories builds on: since when groups are condemned, for
   * `grace`, and how large the reports were, for `maxShrink`.
   *
   * @throws {@link RegistryError} `invalid_argument` for a simulated plan.
   */
  async remember(store: Store): Promise<void> {
    await this.#held.remember(checkedStore(store))
  }

  /** The document as data. */
  toJSON(): PlanDocument {
    return JSON.parse(this.text) as PlanDocument
  }
}

/**
 * Proves that a text is a `portreeve.plan/1` document which nobody edited, and reads it.
 *
 * @throws {@link RegistryError} `invalid_argument` if it is not.
 */
export async function readPlan(document: string): Promise<PlanDocument> {
  const given = text('the plan', document)
  // only a plan that is whole has a name for its run
  ;(await engine()).runOf(given)
  return JSON.parse(given) as PlanDocument
}

/** A plan's document as a text; one that is no plan is found out by who reads it. */
export function planText(plan: PlanDocument | string): string {
  if (typeof plan === 'string') return text('the plan', plan)
  return plan instanceof Plan ? plan.text : json('the plan', object('the plan', plan))
}

/** What decides: a job of a configuration, or a policy (an object, or its JSON as it was written) with its limits. */
export type Rules = ({ configuration: Configuration | string; job: string } | { policy: object | string; limits?: object }) & {
  /**
   * Reports by their names: those that the configuration's `reports` describes, or that the `where`
   * of a policy by itself asks for. With such a policy a report is relied on for a day.
   */
  reports?: Record<string, Report>
}

/** What {@link plan} decides from. */
export type PlanInput = Rules & {
  /** One for each repository. */
  inventories: Inventory[]
  /** Repositories that nobody cleans, to be listed; {@link expandJob} finds them. */
  unmanaged?: { host: string; name: string }[]
  /** Tells of the deletions of the last days, which the caps count, and of what {@link Plan.remember} kept. */
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
  const { inventories, store, now, simulated = false, unmanaged = [] } = object('the input', input) as PlanInput
  if (!Array.isArray(inventories)) throw wrong('inventories', 'a list')
  if (!Array.isArray(unmanaged)) throw wrong('unmanaged', 'a list')
  const held = inventories.map(Inventory.held)
  if (now !== undefined && !(now instanceof Date && Number.isFinite(now.getTime()))) throw wrong('now', 'a Date')
  if (typeof simulated !== 'boolean') throw wrong('simulated', 'true or false')
  const request = json('the input', {
    rules: rules(input),
    unmanaged: unmanaged.map((one) => places(one)),
    now: now?.toISOString(),
    simulated,
  })
  const told = store === undefined ? undefined : checkedStore(store)
  const { Planning } = await engine()
  const planning = new Planning(request)
  for (const one of held) planning.add(one)
  return new Plan(await planning.make(told))
}

function places(repository: { host: string; name: string }): [string, string] {
  const { host, name } = object('each of unmanaged', repository) as { host: string; name: string }
  return [text('the host', host), text('the name', name)]
}

/** The rules as the core takes them: a configuration as its text. */
export function rules(input: Rules): object {
  const reports = object('reports', input.reports ?? {})
  if ('policy' in input) {
    const { policy, limits } = input
    return typeof policy === 'string' ? { policyText: text('the policy', policy), limits, reports } : { policy, limits, reports }
  }
  const { configuration, job } = input
  if (configuration === undefined) throw wrong('the rules', '`configuration` and `job`, or `policy`')
  return { configuration: typeof configuration === 'string' ? configuration : configuration.text, job, reports }
}
