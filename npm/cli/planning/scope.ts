import { expandJob, type Inventory, type Job, type JobRepository, type Registry, type Repository, type Rules } from '../../api/index.js'
import { type Loaded, loadConfiguration, requireConfiguration } from '../configuration.js'
import { invalid } from '../failure.js'
import { note } from '../output.js'
import { jobRules, policyRules } from '../rules.js'
import { registryAt, target } from '../target.js'
import type { CommonOptions } from '../verb.js'

/** What is to be planned, before anything is asked of a registry. */
export interface Scope {
  rules: Rules
  /** Says which facts are needed. */
  policy: object
  loaded: Loaded | undefined
  /** The job, if it is one. */
  job: Job | undefined
  /** Opens what is to be read, and tells what nobody cleans. */
  repositories(): Promise<{ repositories: Repository[]; unmanaged: JobRepository[]; unmatched: string[] }>
  /** Refuses an inventory of something else. */
  accept(inventory: Inventory, file: string): void
}

interface Options extends CommonOptions {
  policy?: string
  inventory?: string[]
}

/** A job of the configuration, or with `--policy` a repository. */
export async function scoped(subject: string | undefined, options: Options): Promise<Scope> {
  return options.policy === undefined ? ofJob(subject, options) : ofPolicy(options.policy, subject, options)
}

async function ofPolicy(file: string, subject: string | undefined, options: Options): Promise<Scope> {
  if (subject === undefined && options.inventory === undefined) {
    throw invalid('--policy needs a repository or an inventory: portreeve plan REPOSITORY --policy FILE')
  }
  const { rules, policy } = await policyRules(file)
  const opened = subject === undefined ? undefined : (await target(subject, options)).repository
  return {
    rules,
    policy,
    loaded: await loadConfiguration(options.config),
    job: undefined,
    repositories: async () => ({ repositories: opened === undefined ? [] : [opened], unmanaged: [], unmatched: [] }),
    accept({ host, repository }, file) {
      if (opened === undefined || (opened.host === host && opened.name === repository)) return
      throw invalid(`${file} is an inventory of ${host}/${repository}, not of ${subject}: leave the repository out, or name that one`)
    },
  }
}

async function ofJob(subject: string | undefined, options: Options): Promise<Scope> {
  const loaded = await requireConfiguration(options.config)
  const job = chosen(subject, loaded)
  return {
    rules: jobRules(loaded, job.name),
    policy: job.policy,
    loaded,
    job,
    async repositories() {
      const at = new Map<string, Registry>()
      const connected = (host: string) => {
        const registry = at.get(host) ?? registryAt(host, loaded, options)
        at.set(host, registry)
        return registry
      }
      const { repositories, ...others } = await expandJob(loaded.configuration, job.name, ({ host }) => connected(host))
      return { repositories: repositories.map(({ host, name }) => connected(host).repository(name)), ...others }
    },
    accept({ host, repository }, file) {
      const jobs = loaded.configuration.jobsOf(host, repository)
      if (jobs.includes(job.name)) return
      const [other] = jobs
      const next = other === undefined ? 'plan it by --policy FILE' : `plan the job ${other}`
      const means = job.patterns.join(', ')
      throw invalid(`${file} is an inventory of ${host}/${repository}, and the job ${job.name} cleans ${means}: ${next}`)
    },
  }
}

/** What of a scope there is to be read; a verb says for what. */
export async function openAll(scope: Scope, verb: 'plan' | 'read'): Promise<{ repositories: Repository[]; unmanaged: JobRepository[] }> {
  const { repositories, unmanaged, unmatched } = await scope.repositories()
  for (const pattern of unmatched) note(`${pattern} matches no repository that the registry lists`)
  if (repositories.length === 0) throw invalid(`there is no repository to ${verb}: none matches the patterns of the job`)
  return { repositories, unmanaged }
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
