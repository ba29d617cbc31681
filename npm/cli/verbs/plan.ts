import { writeFile } from 'node:fs/promises'
import {
  type Inventory,
  type Job,
  loadInventory,
  plan,
  type Plan,
  type Repository,
  type Rules,
  saveInventory,
  type Store,
} from '../../api/index.js'
import { fileStore } from '../../node/index.js'
import { type Loaded, loadConfiguration, naming, requireConfiguration, stateFolder } from '../configuration.js'
import { exit, invalid } from '../failure.js'
import { json, line } from '../output.js'
import { nextCommand } from '../next.js'
import { deletions, summary } from '../plan_summary.js'
import { Progress } from '../progress.js'
import { jobRules, policyRules } from '../rules.js'
import { open, target } from '../target.js'
import { type CommonOptions, does, examples, type Verb } from '../verb.js'

interface PlanOptions extends CommonOptions {
  now?: string
  out?: string
  exitCode?: boolean
  policy?: string
}

/** `portreeve plan [JOB]` */
export const planVerb: Verb = {
  add(program, run) {
    const command = program
      .command('plan')
      .description('say what a cleanup would delete, and why; nothing is deleted')
      .argument('[job]', 'a job of portreeve.json (the only one if left out), or with --policy a repository')
      .option('--policy <file>', 'plan a repository by the policy in this file')
      .option('--now <time>', 'plan for another time, such as 2026-12-24T00:00:00Z; such a plan cannot be applied')
      .option('--out <file>', 'write the plan, to review it and to apply it')
      .option('--exit-code', `end with ${exit.changes} if something would be deleted`)
    does(command, run, make)
    examples(
      command,
      'plan shop',
      'plan shop --json',
      'plan shop --out plan.json --exit-code',
    )
  },
}

async function make(subject: string | undefined, options: PlanOptions): Promise<number> {
  const now = options.now === undefined ? undefined : time(options.now)
  const { rules, policy, repositories, loaded } = await scope(subject, options)
  const store = fileStore(stateFolder(loaded))
  const judge = async () => {
    const inventories: Inventory[] = []
    for (const repository of repositories) inventories.push(await inventory(repository, policy, store))
    return { inventories, made: await plan({ ...rules, inventories, store, ...(now === undefined ? {} : { now }) }) }
  }
  const file = options.policy
  const { inventories, made } = await (file === undefined ? judge() : naming(file, 'invalid_policy', judge))
  for (const read of inventories) if (read.complete) await saveInventory(store, read)
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(made, null, 2)}\n`)
  if (options.json) await json(made)
  else await show(made, subject, options)
  const changes = made.summary.delete.manifests > 0
  return options.exitCode && changes ? exit.changes : exit.ok
}

interface Scope {
  rules: Rules
  policy: object
  repositories: Repository[]
  loaded: Loaded | undefined
}

async function scope(subject: string | undefined, options: PlanOptions): Promise<Scope> {
  if (options.policy !== undefined) {
    if (subject === undefined) throw invalid('--policy needs a repository: portreeve plan REPOSITORY --policy FILE')
    const loaded = await loadConfiguration(options.config)
    const rules = await policyRules(options.policy)
    const { repository } = await target(subject, options)
    return { rules, policy: 'policy' in rules ? rules.policy : {}, repositories: [repository], loaded }
  }
  const loaded = await requireConfiguration(options.config)
  const job = chosen(subject, loaded)
  const repositories = job.repositories.map(({ host, name }) => open(host, name, loaded, options))
  return {
    rules: jobRules(loaded, job.name),
    policy: job.policy,
    repositories,
    loaded,
  }
}

function chosen(name: string | undefined, { file, configuration }: Loaded): Job {
  if (name !== undefined) return configuration.job(name)
  const { jobs } = configuration.describe()
  const [only] = jobs
  if (only !== undefined && jobs.length === 1) return configuration.job(only.name)
  throw invalid(
    only === undefined
      ? `${file} has no jobs; add one, or plan a repository by --policy FILE`
      : `${file} has several jobs; name one of ${jobs.map(({ name }) => name).join(', ')}`,
  )
}

async function inventory(repository: Repository, policy: object, store: Store): Promise<Inventory> {
  const { host, name } = repository
  const earlier = await loadInventory(store, host, name)
  const progress = new Progress(`reading ${host}/${name}`)
  try {
    return await repository.inventory({
      policy,
      ...(earlier === undefined ? {} : { earlier }),
      onProgress: ({ phase, done, known }) => progress.update(phase, done, known),
    })
  } finally {
    progress.end()
  }
}

async function show(made: Plan, subject: string | undefined, options: PlanOptions): Promise<void> {
  await line(summary(made))
  await line()
  const policy = options.policy === undefined ? '' : ` --policy ${options.policy}`
  const apply = nextCommand(`apply ${options.out ?? 'plan.json'}${policy}`, options)
  const again = nextCommand(`plan${subject === undefined ? '' : ` ${subject}`}${policy} --out plan.json`, options)
  if (made.summary.delete.manifests === 0) await line('Nothing would be deleted.')
  else if (made.simulated) await line(`Would delete ${deletions(made)}.`)
  else {
    const steps = options.out === undefined ? [again, apply] : [apply]
    await line(`Would delete ${deletions(made)}. To do so:`)
    for (const step of steps) await line(`  ${step}`)
  }
}

function time(text: string): Date {
  const parsed = new Date(text)
  const isWhole = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/i.test(text)
  if (isWhole && !Number.isNaN(parsed.getTime())) return parsed
  throw invalid(`--now ${text}: expected a time with its zone, such as 2026-12-24T00:00:00Z`)
}
