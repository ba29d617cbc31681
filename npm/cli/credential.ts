import { type ConnectOptions, type CredentialNames, RegistryError } from '../api/index.js'
import { dockerCredentials } from '../node/index.js'
import type { Loaded } from './configuration.js'

type AsWhom = ConnectOptions['credential']

/** As whom to read: as the configuration says of an upstream at this host, else as docker's tools would. */
export function readCredential(host: string, loaded: Loaded | undefined): AsWhom {
  const upstream = loaded?.configuration.upstreamAt(host)
  return resolve(upstream?.credentials.read ?? 'docker-config', host)
}

/** As whom to delete and to put back, which nothing else uses. */
export function deleteCredential(host: string, loaded: Loaded | undefined): AsWhom {
  const upstream = loaded?.configuration.upstreamAt(host)
  if (loaded === undefined || upstream === undefined) return resolve('docker-config', host)
  return resolve(loaded.configuration.deleteCredential(upstream.name), host)
}

function resolve(names: CredentialNames, host: string): AsWhom {
  if (names === 'anonymous') return undefined
  if (names === 'docker-config') return dockerCredentials()
  return { username: variable(names.username, host), password: variable(names.password, host) }
}

function variable(name: string, host: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  const message = `the environment variable ${name}, which the configuration names for ${host}, is not set`
  throw new RegistryError({ code: 'invalid_configuration', message })
}
