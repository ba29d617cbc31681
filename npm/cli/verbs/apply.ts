import { readFile } from 'node:fs/promises'
import { apply, type CleanupEvent, type PlanDocument, RegistryError, type Rules, type Run, runOf } from '../../api/index.js'
import { fileStore } from '../../node/index.js'
import { type Loaded, loadConfiguration, requireConfiguration, stateFolder } from '../configuration.js'
import { network } from '../connection.js'
import { exit, exitOf } from '../failure.js'
import { json, line, note } from '../output.js'
import { nextCommand } from '../next.js'
import { deletions, summary } from '../plan_summary.js'
import { givenReports } from '../planning/reports.js'
import { Progress } from '../progress.js'
import { confirm } from '../question.js'
import { registriesAt } from '../registries.js'
import { jobRules, policyRules } from '../rules.js'
import { runSummary } from '../run_summary.js'
import { type CommonOptions, does, examples, several, type Verb } from '../verb.js'

interface ApplyOptions extends CommonOptions {
  yes?: boolean
  policy?: string
  report?: string[]
}

/** `portreeve apply PLAN` */
export const applyVerb: Verb = {
  add(program, run) {
    const command = program
      .command('apply')
      .description('delete what a plan deletes and a fresh look at the registry still agrees with')
      .argument('<plan>', 'the file that `portreeve plan --out` wrote')
      .option('--yes', 'do not ask')
      .option('--policy <file>', 'the policy of a plan that was made with --policy')
      .option('--report <name=file>', 'what is in use or open, as for plan', several)
    does(command, run, carryOut)
    examples(
      command,
      'apply plan.json --yes',
      'apply plan.json --yes --json',
    )
  },
}

async function carryOut(file: string, options: ApplyOptions): Promise<number> {
  const plan = await readPlan(file)
  const name = await runOf(plan)
  const { rules, loaded } = await rulesOf(plan, options)
  if (!options.json) await line(`${summary(plan)}\n`)
  await ask(plan, options)
  const store = fileStore(stateFolder(loaded))
  const hosts = plan.repositories.map(({ host }) => host)
  const display = new Display(plan)
  let kept: Promise<void> | undefined
  const onEvent = (event: CleanupEvent) => {
    if (kept === undefined) {
      // the first event says that the plan was not refused
      kept = store.write(`runs/${name}/plan.json`, `${JSON.stringify(plan, null, 2)}\n`)
      // a failure is told of at the end, and must not end the process between two deletions
      kept.catch(() => undefined)
    }
    display.show(event)
  }
  let run: Run
  try {
    const registries = registriesAt(hosts, loaded, options)
    run = await apply(plan, { ...rules, registries, fetch: network(options), store, onEvent })
  } finally {
    display.end()
    await kept
  }
  if (options.json) await json(run)
  else await line(conclusion(run, loaded, options))
  return statusOf(run)
}

async function readPlan(file: string): Promise<PlanDocument> {
  const text = await readFile(file, 'utf8')
  try {
    return JSON.parse(text) as PlanDocument
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    const message = `${file} is no plan: ${found.trim()}; make one by portreeve plan --out ${file}`
    throw new RegistryError({ code: 'invalid_argument', message, cause })
  }
}

async function rulesOf(
  plan: PlanDocument,
  { policy, report, config }: ApplyOptions,
): Promise<{ rules: Rules; loaded: Loaded | undefined }> {
  if (policy !== undefined) {
    const { rules, policy: read } = await policyRules(policy)
    const loaded = await loadConfiguration(config)
    const reports = await givenReports(report, { policy: read, loaded, job: undefined })
    return { rules: { ...rules, reports }, loaded }
  }
  const loaded = await requireConfiguration(config)
  const job = loaded.configuration.job(plan.job)
  const reports = await givenReports(report, { policy: job.policy, loaded, job })
  return { rules: { ...jobRules(loaded, plan.job), reports }, loaded }
}

async function ask(plan: PlanDocument, options: ApplyOptions): Promise<void> {
  const [only, ...others] = plan.repositories
  const word = only !== undefined && others.length === 0 ? only.name : plan.job
  await confirm(`This deletes up to ${deletions(plan)}.`, word, options)
}

/** The events of a run as one line on a terminal. */
class Display {
  readonly #total: number
  readonly #progress: Progress
  #deleted = 0

  constructor({ summary }: PlanDocument) {
    this.#total = summary.delete.manifests
    this.#progress = new Progress('applying')
  }

  show({ event, phase, done, known, repository, problem }: CleanupEvent): void {
    if (event === 'reading') this.#progress.update(`reading ${phase}`, Number(done), Number(known))
    if (event === 'deleted') this.#progress.update('deleted', (this.#deleted += 1), this.#total)
    if (event === 'stopped') {
      this.#progress.end()
      note(`stopped at ${repository}: ${(problem as { message: string }).message}`)
    }
  }

  end(): void {
    this.#progress.end()
  }
}

function conclusion(run: Run, loaded: Loaded | undefined, options: ApplyOptions): string {
  const journal = `${stateFolder(loaded)}/runs/${run.run}`
  const deleted = run.repositories.some(({ deleted }) => deleted.manifests > 0)
  const restore = nextCommand(`restore ${run.run}`, options)
  const undo = deleted ? `Back-ups and journal are in ${journal}. To undo:\n  ${restore}` : ''
  return [runSummary(run), undo].filter((part) => part !== '').join('\n\n')
}

function statusOf({ state, repositories }: Run): number {
  if (state === 'done') return exit.ok
  if (state !== 'stopped' || repositories.some(({ deleted }) => deleted.manifests > 0)) return exit.partial
  const stopped = repositories.find(({ problem }) => problem !== undefined)
  return exitOf(stopped?.problem?.code)
}
