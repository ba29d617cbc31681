import { connect, parseReference, type Reference, type Repository } from '../api/index.js'
import { readCredential } from './credential.js'
import { type Loaded, loadConfiguration, requireConfiguration } from './configuration.js'
import { invalid } from './failure.js'

/** What a reference on the command line names, and the repository opened with its credential. */
export interface Target {
  reference: Reference
  repository: Repository
  /** The tag or the digest. */
  what: string
}

/** Opens `HOST/REPOSITORY[:TAG][@DIGEST]`, or `@UPSTREAM/REPOSITORY...` of the configuration. */
export async function target(text: string, configurationFile: string | undefined): Promise<Target> {
  const loaded = text.startsWith('@')
    ? await requireConfiguration(configurationFile)
    : await loadConfiguration(configurationFile)
  const reference = await parseReference(text.startsWith('@') ? resolveUpstream(text, loaded) : text)
  return {
    reference,
    repository: await open(reference.host, reference.repository, loaded),
    what: reference.digest ?? reference.tag ?? 'latest',
  }
}

/** A repository, read with the credential that the configuration or docker knows. */
export async function open(host: string, name: string, loaded: Loaded | undefined): Promise<Repository> {
  const credential = await readCredential(host, loaded)
  return connect(host, credential === undefined ? {} : { credential }).repository(name)
}

function resolveUpstream(text: string, loaded: Loaded | undefined): string {
  const [name = '', ...path] = text.slice(1).split('/')
  if (path.length === 0) throw invalid(`${text} names no repository: write @UPSTREAM/REPOSITORY`)
  return [loaded?.configuration.upstream(name).host, ...path].join('/')
}
