import type { CleanupRegistry } from '../api/index.js'
import type { Loaded } from './configuration.js'
import { deleteCredential, readCredential } from './credential.js'

/** The registries at these hosts, each with the credential to read and the one to delete and put back. */
export function registriesAt(hosts: string[], loaded: Loaded | undefined): CleanupRegistry[] {
  return [...new Set(hosts)].map((host) => registryAt(host, loaded))
}

function registryAt(host: string, loaded: Loaded | undefined): CleanupRegistry {
  const credential = readCredential(host, loaded)
  const forDeletion = deleteCredential(host, loaded)
  return {
    host,
    ...(credential === undefined ? {} : { credential }),
    ...(forDeletion === undefined ? {} : { deleteCredential: forDeletion }),
  }
}
