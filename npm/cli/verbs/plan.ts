import { type Inventory, plan, type Plan, readPlan, type Report, saveInventory, type Store } from '../../api/index.js'
import { fileStore } from '../../node/index.js'
import { changesPage } from '../changes_page.js'
import { stateFolder } from '../configuration.js'
import { exit, invalid } from '../failure.js'
import { inputName, inputText } from '../input.js'
import { json, line } from '../output.js'
import { nextCommand } from '../next.js'
import { deletions, summary } from '../plan_summary.js'
import { inventoriesOf, readRepository } from '../planning/inventories.js'
import { givenReports } from '../planning/reports.js'
import { openAll, type Scope, scoped } from '../planning/scope.js'
import { printPlan, writeDocument } from '../planning/written.js'
import { type CommonOptions, does, examples, several, type Verb } from '../verb.js'
import { whyPage } from '../why_page.js'

interface PlanOptions extends CommonOptions {
  policy?: string
  inventory?: string[]
  now?: string
  report?: string[]
  layers?: boolean
  why?: string
  against?: string
  out?: string
  exitCode?: boolean
}

/** `portreeve plan [JOB]` */
export const planVerb: Verb = {
  add(program, run) {
    const command = program
      .command('plan')
      .description('say what a cleanup would delete, and why; nothing is deleted')
      .argument('[job]', 'a job of portreeve.json (the only one if left out), or with --policy a repository')
      .option('--policy <file>', 'plan a repository by the policy in this file')
      .option('--inventory <file>', 'plan what this file says instead of asking the registry; several times for several', several)
      .option('--now <time>', 'plan for another time, such as 2026-12-24T00:00:00Z')
      .option('--report <name=file>', 'what is in use or open: what kubectl prints, or what `report reduce` wrote', several)
      .option('--layers', 'read the layers, too, to say how many bytes it frees')
      .option('--why <image>', 'explain one image, by its tag or digest: every rule, every fact')
      .option('--against <plan>', 'say what differs from an earlier plan, by its file')
      .option('--out <file>', 'write the plan, to review it and to apply it')
      .option('--exit-code', `end with ${exit.changes} if something would be deleted`)
      .addHelpText('after', '\nA plan with --now or --inventory is simulated: it cannot be applied.')
    does(command, run, make)
    examples(
      command,
      'plan shop',
      'plan shop --why v1.4.2',
      'plan shop --json',
      'plan shop --out plan.json --exit-code',
      'plan shop --against plan.json --now 2030-01-01T00:00:00Z',
    )
  },
}

async function make(subject: string | undefined, options: PlanOptions): Promise<number> {
  if (options.why !== undefined && options.against !== undefined) throw invalid('--why and --against each say something else: take one of them')
  const now = options.now === undefined ? undefined : time(options.now)
  const old = options.against === undefined ? undefined : await earlierPlan(options.against)
  const scope = await scoped(subject, options)
  const reports = await givenReports(options.report, scope)
  const store = fileStore(stateFolder(scope.loaded))
  const read = await inventories(scope, reports, options, store)
  const made = await plan({
    ...scope.rules,
    ...read,
    reports,
    store,
    ...(now === undefined ? {} : { now }),
    simulated: options.inventory !== undefined,
  })
  if (options.inventory === undefined) for (const one of read.inventories) if (one.complete) await saveInventory(store, one)
  if (!made.simulated) await made.remember(store)
  if (options.out !== undefined) writeDocument(made, options.out)
  await show(made, old, subject, options)
  const changes = made.summary.delete.manifests > 0
  return options.exitCode && changes ? exit.changes : exit.ok
}

interface Read {
  inventories: Inventory[]
  unmanaged: { host: string; name: string }[]
}

async function inventories(scope: Scope, reports: Record<string, Report>, options: PlanOptions, store: Store): Promise<Read> {
  if (options.inventory !== undefined) return { inventories: await inventoriesOf(options.inventory, scope), unmanaged: [] }
  const { repositories, unmanaged } = await openAll(scope, 'plan')
  const inventories: Inventory[] = []
  const { policy } = scope
  // what is in use may be listed by no tag
  const reported = Object.values(reports).flatMap((report) => (report.kind === 'images' ? report.uses : []))
  const digests = reported.flatMap(({ digest, config }) => digest ?? config ?? [])
  const facts = { policy, layers: options.layers === true, reported: [...new Set(digests)] }
  for (const repository of repositories) inventories.push(await readRepository(repository, store, facts))
  return { inventories, unmanaged }
}

async function earlierPlan(file: string): Promise<string> {
  const text = await inputText(file)
  try {
    await readPlan(text)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw invalid(`--against ${inputName(file)}: ${error.message}`)
  }
  return text
}

async function show(made: Plan, old: string | undefined, subject: string | undefined, options: PlanOptions): Promise<void> {
  if (options.why !== undefined) {
    const why = await made.why(options.why)
    return options.json ? json(why) : line(whyPage(why))
  }
  if (old !== undefined) {
    const changes = await made.changes(old)
    return options.json ? json(changes) : line(changesPage(changes))
  }
  if (options.json) return printPlan(made)
  await line(summary(made))
  await line()
  await line(conclusion(made, subject, options))
}

function conclusion(made: Plan, subject: string | undefined, options: PlanOptions): string {
  const { delete: goes, freed } = made.summary
  if (goes.manifests === 0) return 'Nothing would be deleted.'
  const collected = freed !== null && freed.most > 0 ? ['The bytes are free once the registry collects them.'] : []
  if (made.simulated) return [...collected, `Would delete ${deletions(made)}.`].join('\n')
  const policy = options.policy === undefined ? '' : ` --policy ${options.policy}`
  const apply = nextCommand(`apply ${options.out ?? 'plan.json'}${policy}`, options)
  const again = nextCommand(`plan${subject === undefined ? '' : ` ${subject}`}${policy} --out plan.json`, options)
  const steps = options.out === undefined ? [again, apply] : [apply]
  return [...collected, `Would delete ${deletions(made)}. To do so:`, ...steps.map((step) => `  ${step}`)].join('\n')
}

function time(text: string): Date {
  const parsed = new Date(text)
  const isWhole = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/i.test(text)
  if (isWhole && !Number.isNaN(parsed.getTime())) return parsed
  throw invalid(`--now ${text}: expected a time with its zone, such as 2026-12-24T00:00:00Z`)
}
