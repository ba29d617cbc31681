import { object, text as checked, wrong } from './argument.js'
import { engine, type HeldConfiguration } from './core.js'

/** Where a secret is: in environment variables of these names, in docker's configuration, or nowhere. */
export type CredentialNames = { username: string; password: string } | 'docker-config' | 'anonymous'

/** A registry that the configuration names. */
export interface Upstream {
  /** Its name in repository patterns and in the proxy's paths. */
  name: string
  /** As references name it. */
  host: string
  /** Where the secrets are, to read and to delete; `null` where none is named. */
  credentials: Record<'read' | 'delete', CredentialNames | null>
}

/** A repository of a job. */
export interface JobRepository {
  /** The name of its upstream. */
  upstream: string
  /** As references name it. */
  host: string
  /** Its path on that host. */
  name: string
}

/** A cleanup job. */
export interface Job {
  /** Its name in the configuration. */
  name: string
  /** What it cleans, as far as its patterns name it; {@link expandJob} looks the others up. */
  repositories: JobRepository[]
  /** What it cleans, as it was written. */
  patterns: string[]
  /** What it does not clean, as it was written. */
  except: string[]
  /** The reports without which it deletes nothing. */
  requires: string[]
  /** The name of its policy. */
  policyName: string
  /** As it was written. */
  policy: object
  /** With the defaults filled in. */
  limits: object
  /** Cron, in UTC. */
  schedule: string | null
  /** Whether its schedule only plans, or carries out, too. */
  mode: 'plan' | 'apply'
}

/** What a report has to be to be relied on. */
export interface ReportRule {
  /** Its name. */
  name: string
  /** What it lists. */
  kind: 'images' | 'strings'
  /** How old it may be, such as `6h`. */
  maxAge: string
  /** How much it lists at least. */
  min: number
  /** By how much it may shrink from one to the next, such as `30%`. */
  maxShrink: string | null
}

/** Who may use the proxy. */
export interface ClientAccess {
  /** Its name in the configuration. */
  name: string
  /** How many tokens it has. */
  tokens: number
  /** Networks from which no token is asked for. */
  anonymousFrom: string[]
  /** What it may do, and with which repositories, as patterns. */
  grants: { actions: string[]; repositories: string[] }[]
}

/** One thing about a document, with its place as a JSON path. */
export interface Problem {
  /** Its place, such as `$.jobs.shop.policy`. */
  path: string
  /** What is wrong, in words. */
  message: string
  /** The same as a stable word. */
  code: string
  /** Where in the text the value begins; of a missing field, the object that lacks it. */
  position?: { line: number; column: number }
}

/** What a configuration allows. */
export interface ConfigurationDescription {
  /** The registries. */
  upstreams: Upstream[]
  /** Who may use the proxy. */
  clients: ClientAccess[]
  /** What is known from outside. */
  reports: ReportRule[]
  /** The cleanup jobs. */
  jobs: Job[]
  /** Understood and not carried out by this release: whoever uses it fails with `unsupported`. */
  unsupported: Problem[]
  /** What to think about. */
  warnings: Problem[]
}

/** A `portreeve.json`. Made by {@link readConfiguration}. */
export class Configuration {
  /** As it was written. */
  readonly text: string
  readonly #resolved: HeldConfiguration

  /** @internal */
  constructor(text: string, resolved: HeldConfiguration) {
    this.text = text
    this.#resolved = resolved
  }

  /** The folder for what is remembered from scan to scan, as written: relative to the file's own. */
  get state(): string {
    return this.#resolved.state
  }

  /**
   * The upstream of this name.
   *
   * @throws {@link RegistryError} `not_found`; `unsupported` if a part of it is not carried out.
   */
  upstream(name: string): Upstream {
    return this.#resolved.upstream(checked('the name', name)) as Upstream
  }

  /** The upstream at this host, if there is one. */
  upstreamAt(host: string): Upstream | undefined {
    return this.#resolved.upstreamAt(checked('the host', host)) as Upstream | undefined
  }

  /**
   * What an upstream's deletions are signed with.
   *
   * @throws {@link RegistryError} `denied` if the configuration gives none.
   */
  deleteCredential(upstream: string): CredentialNames {
    return this.#resolved.deleteCredential(checked('the upstream', upstream)) as CredentialNames
  }

  /**
   * The job of this name.
   *
   * @throws {@link RegistryError} `not_found`; `unsupported` if a part of it is not carried out.
   */
  job(name: string): Job {
    return this.#resolved.job(checked('the name', name)) as Job
  }

  /** The names of the jobs whose patterns mean this repository. */
  jobsOf(host: string, repository: string): string[] {
    return this.#resolved.jobsOf(checked('the host', host), checked('the repository', repository))
  }

  /** @internal */
  static held(configuration: unknown): HeldConfiguration {
    const given = object('the configuration', configuration)
    if (#resolved in given) return given.#resolved
    throw wrong('the configuration', 'what readConfiguration() made')
  }

  /** Everything in it, also what is not carried out. */
  describe(): ConfigurationDescription {
    return this.#resolved.describe() as ConfigurationDescription
  }
}

/**
 * Reads a `portreeve.json`.
 *
 * @throws {@link RegistryError} `invalid_configuration`, with every {@link Problem} as `details`.
 */
export async function readConfiguration(text: string): Promise<Configuration> {
  const given = checked('the configuration', text)
  const { Configuration: Resolved } = await engine()
  return new Configuration(given, new Resolved(given))
}
