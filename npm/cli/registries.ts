import type { CleanupRegistry } from '../api/index.js'
import type { Loaded } from './configuration.js'
import { deleteCredential, readCredential } from './credential.js'
import type { CommonOptions } from './verb.js'

/** The registries at these hosts, each with the credential to read and the one to delete and put back. */
export function registriesAt(hosts: string[], loaded: Loaded | undefined, options: CommonOptions): CleanupRegistry[] {
  return [...new Set(hosts)].map((host) => registryAt(host, loaded, options))
}

function registryAt(host: string, loaded: Loaded | undefined, { plainHttp, via }: CommonOptions): CleanupRegistry {
  const credential = readCredential(host, loaded)
  const forDeletion = deleteCredential(host, loaded)
  return {
    host,
    ...(plainHttp === true ? { plainHttp } : {}),
    ...(via === undefined ? {} : { via }),
    ...(credential === undefined ? {} : { credential }),
    ...(forDeletion === undefined ? {} : { deleteCredential: forDeletion }),
  }
}
