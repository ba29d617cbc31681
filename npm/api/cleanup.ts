import { callback, json, object, signalOf, text, texts, wrong } from './argument.js'
import { type Engine, engine } from './core.js'
import type { CallOptions, ConnectOptions, Credential, CredentialCallback, Fetch } from './options.js'
import { planText, type Rules, rules } from './plan.js'
import type { PlanDocument } from './plan_document.js'
import { open } from './registry.js'
import { checkedStore, type Store } from './store.js'

/** How a run, or its part in one repository, ended. */
export type RunState = 'done' | 'paused' | 'partial' | 'stopped'

/** What went wrong, as a document keeps it. */
export interface RunProblem {
  /** A {@link Code}. */
  code: string
  /** The same for people. */
  message: string
}

/** How one group ended. */
export interface RunGroup {
  /** Its root. */
  digest: string
  /** The tags it had. */
  tags: string[]
  /** What became of it; `put_back`: it was deleted and is there again. */
  ending: 'deleted' | 'skipped' | 'failed' | 'put_back'
  /** Why it was left alone, such as `tag_moved`. */
  reason?: string
  /** The same in words. */
  explanation?: string
  /** What went wrong, where something did. */
  problem?: RunProblem
  /** Whether what had gone before a failure is back. */
  undone?: boolean
  /** How many of its manifests went. */
  manifests?: number
}

/** What a run did in one repository. */
export interface RunRepository {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  name: string
  /** How it ended. */
  state: RunState
  /** Why it stopped early. */
  problem?: RunProblem
  /** How many groups went, and how many manifests in all. */
  deleted: { groups: number; manifests: number }
  /** Every group that the plan deletes, in the order in which they were taken. */
  groups: RunGroup[]
  /** Digests that came back because something turned out to need them. */
  putBack: string[]
}

/** `portreeve.run/1`: what a run did, and what it left. */
export interface Run {
  /** What this document is. */
  format: 'portreeve.run/1'
  /** Its name, by which it is resumed and restored. */
  run: string
  /** The hash of the plan. */
  plan: string
  /** The job that the plan is of. */
  job: string
  /** When it began (RFC 3339). */
  startedAt: string
  /** When it ended (RFC 3339). */
  finishedAt: string
  /** How it ended. */
  state: RunState
  /** One for each repository of the plan. */
  repositories: RunRepository[]
}

/** One thing that happened, such as `{ event: "deleted", repository, digest }`. */
export interface CleanupEvent {
  /** What happened; the further facts go with it. */
  event:
    | 'reading'
    | 'swept'
    | 'group_begun'
    | 'untagged'
    | 'deleted'
    | 'group_ended'
    | 'canary'
    | 'put_back'
    | 'retagged'
    | 'stopped'
  /** `host/path`. */
  repository: string
  [fact: string]: unknown
}

/** A registry that a run works on. */
export interface CleanupRegistry extends ConnectOptions {
  /** As references name it. */
  host: string
  /** Used to delete and to put back, and for nothing else; without it, anonymous. */
  deleteCredential?: Credential | CredentialCallback
}

/** What carrying out and undoing need. */
export interface CleanupOptions extends CallOptions {
  /** One for each host of the plan. */
  registries: CleanupRegistry[]
  /** Back-ups and journal are kept here before anything is deleted. */
  store: Store
  /** Used for all of them, in the place of each one's own. */
  fetch?: Fetch
  /** Told of each thing as it happens; what it throws changes nothing. */
  onEvent?: (event: CleanupEvent) => void
}

/** How {@link apply} is to be done: by the rules that the plan was made by. */
export type ApplyOptions = Rules & CleanupOptions

/**
 * Carries a plan out: each repository is read again, and only what a fresh plan deletes as well is
 * deleted, after its back-up was written and read back. The same call goes on after a crash.
 *
 * @throws {@link RegistryError} if it is refused before anything is deleted: `expired`, `refused`,
 * `conflict`, `clock_skew`, `unsupported`. What happens later is in the {@link Run}.
 */
export async function apply(plan: PlanDocument, options: ApplyOptions): Promise<Run> {
  const rule = json('the rules', rules(object('the options', options) as ApplyOptions))
  const made = planText(plan)
  const { store, tell, signal } = told(options)
  const bindings = await engine()
  return bindings.apply(rule, made, ...opened(bindings, options), store, tell, signal)
}

/** The name of the run that a plan leads to: the same plan, the same run, which goes on where it stopped. */
export async function runOf(plan: PlanDocument): Promise<string> {
  const made = planText(plan)
  return (await engine()).runOf(made)
}

/** What {@link restore} takes. */
export interface RestoreOptions extends CleanupOptions {
  /** Only these images; without it, the whole run. */
  only?: string[]
}

/** One group of a {@link Restored}. */
export interface RestoredGroup {
  /** As references name it. */
  host: string
  /** Its path on that host. */
  repository: string
  /** Its root. */
  digest: string
  /** Manifests that were put; those that were there are left out. */
  put: string[]
  /** Tags that were set. */
  tags: string[]
  /** Tags that somebody set anew since; they stay. */
  moved: { tag: string; shows: string }[]
  /** Why it is not back: mostly that its layers were collected. */
  problem?: RunProblem
}

/** `portreeve.restored/1`: what came back. */
export interface Restored {
  /** What this document is. */
  format: 'portreeve.restored/1'
  /** The run that was taken back. */
  run: string
  /** Whether every group is back whole, tags included. */
  whole: boolean
  /** One for each group that the run had deleted. */
  groups: RestoredGroup[]
}

/** Puts back what a run deleted, as far as the registry still has the layers. */
export async function restore(run: string, options: RestoreOptions): Promise<Restored> {
  const name = text('the run', run)
  const { only = [] } = object('the options', options) as RestoreOptions
  const digests = texts('only', only)
  const { store, tell, signal } = told(options)
  const bindings = await engine()
  return bindings.restore(name, digests, ...opened(bindings, options), store, tell, signal)
}

function told({ store, onEvent, signal }: CleanupOptions) {
  const tell = callback('onEvent', onEvent)
  return { store: checkedStore(store), tell, signal: signalOf({ signal }) }
}

/** Who reads and who deletes at each registry. */
function opened({ Client }: Engine, { registries, fetch }: CleanupOptions) {
  if (!Array.isArray(registries)) throw wrong('registries', 'a list')
  const clients = registries.map((one) => {
    const { host, deleteCredential, credential, ...rest } = object('each of registries', one) as CleanupRegistry
    const options = fetch === undefined ? rest : { ...rest, fetch }
    const as = (who: CleanupRegistry['credential']) =>
      open(Client, text('the host', host), who === undefined ? options : { ...options, credential: who })
    return [as(credential), as(deleteCredential)] as const
  })
  return [clients.map(([reader]) => reader), clients.map(([, writer]) => writer)] as const
}
