import type { CleanupRegistry } from '../api/index.js'
import type { Loaded } from './configuration.js'
import { deleteCredential, readCredential } from './credential.js'
import { invalid } from './failure.js'
import type { CommonOptions } from './verb.js'

/** The registries at these hosts, each with the credential to read and the one to delete and put back. */
export function registriesAt(hosts: string[], loaded: Loaded | undefined, options: CommonOptions): CleanupRegistry[] {
  if (options.via !== undefined) throw invalid('a run deletes and puts back at the registry itself: leave --via out')
  return [...new Set(hosts)].map((host) => cleanupRegistry(host, loaded, options))
}

function cleanupRegistry(host: string, loaded: Loaded | undefined, { plainHttp }: CommonOptions): CleanupRegistry {
  const credential = readCredential(host, loaded)
  const forDeletion = deleteCredential(host, loaded)
  return {
    host,
    ...(plainHttp === true ? { plainHttp } : {}),
    ...(credential === undefined ? {} : { credential }),
    ...(forDeletion === undefined ? {} : { deleteCredential: forDeletion }),
  }
}
