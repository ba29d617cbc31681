import { connect, parseReference, type Reference, type Registry, type Repository } from '../api/index.js'
import { type Loaded, loadConfiguration, requireConfiguration } from './configuration.js'
import { dockerCredentials } from '../node/index.js'
import { connection } from './connection.js'
import { readCredential } from './credential.js'
import { invalid } from './failure.js'
import type { CommonOptions } from './verb.js'

/** What a reference on the command line names, and the repository opened with its credential. */
export interface Target {
  reference: Reference
  registry: Registry
  repository: Repository
  /** The tag or the digest. */
  what: string
}

/**
 * Opens `HOST/REPOSITORY[:TAG][@DIGEST]`, or `@UPSTREAM/REPOSITORY...` of the configuration: to read,
 * unless another credential is named.
 */
export async function target(text: string, options: CommonOptions, asWhom = readCredential): Promise<Target> {
  refuseUrl(text)
  const loaded = await configurationFor(text, options)
  const reference = await parseReference(text.startsWith('@') ? resolveUpstream(text, loaded) : text)
  const registry = opened(reference.host, loaded, options, asWhom)
  return {
    reference,
    registry,
    repository: registry.repository(reference.repository),
    what: reference.digest ?? reference.tag ?? 'latest',
  }
}

/** Opens `HOST`, or `@UPSTREAM` of the configuration. */
export async function registry(text: string, options: CommonOptions): Promise<Registry> {
  refuseUrl(text)
  const loaded = await configurationFor(text, options)
  const host = text.startsWith('@') ? loaded?.configuration.upstream(text.slice(1)).host : text
  return opened(host ?? text, loaded, options, readCredential)
}

/** A registry, read with the credential that the configuration or docker knows. */
export function registryAt(host: string, loaded: Loaded | undefined, options: CommonOptions): Registry {
  return opened(host, loaded, options, readCredential)
}

function opened(
  host: string,
  loaded: Loaded | undefined,
  options: CommonOptions,
  asWhom: typeof readCredential,
): Registry {
  // a Worker has clients of its own, and is not told what the registry behind it is told
  const credential = options.via === undefined ? asWhom(host, loaded) : dockerCredentials()
  return connect(host, { ...(credential === undefined ? {} : { credential }), ...connection(options) })
}

function refuseUrl(text: string): void {
  const [scheme] = /^https?:\/\//i.exec(text) ?? []
  if (scheme === undefined) return
  const plain = scheme.toLowerCase() === 'http://' ? ', and say --plain-http where the host is another machine' : ''
  throw invalid(`${text} is a URL: write ${text.slice(scheme.length)}${plain}`)
}

function configurationFor(text: string, { config }: CommonOptions): Promise<Loaded | undefined> {
  return text.startsWith('@') ? requireConfiguration(config) : loadConfiguration(config)
}

function resolveUpstream(text: string, loaded: Loaded | undefined): string {
  const [name = '', ...path] = text.slice(1).split('/')
  if (path.length === 0) throw invalid(`${text} names no repository: write @UPSTREAM/REPOSITORY`)
  return [loaded?.configuration.upstream(name).host, ...path].join('/')
}
