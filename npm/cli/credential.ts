import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Credential, type CredentialNames, dockerCredential, RegistryError } from '../api/index.js'
import type { Loaded } from './configuration.js'
import { note } from './output.js'

/** The credential to read with: as the configuration says of an upstream at this host, else docker's. */
export async function readCredential(host: string, loaded: Loaded | undefined): Promise<Credential | undefined> {
  const upstream = loaded?.configuration.upstreamAt(host)
  return resolve(upstream?.credentials.read ?? 'docker-config', host)
}

/** The credential to delete and to put back with, which nothing else uses. */
export async function deleteCredential(host: string, loaded: Loaded | undefined): Promise<Credential | undefined> {
  const upstream = loaded?.configuration.upstreamAt(host)
  if (loaded === undefined || upstream === undefined) return resolve('docker-config', host)
  return resolve(loaded.configuration.deleteCredential(upstream.name), host)
}

async function resolve(names: CredentialNames, host: string): Promise<Credential | undefined> {
  if (names === 'anonymous') return undefined
  if (names === 'docker-config') return fromDocker(host)
  return { username: variable(names.username, host), password: variable(names.password, host) }
}

function variable(name: string, host: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  const message = `the environment variable ${name}, which the configuration names for ${host}, is not set`
  throw new RegistryError({ code: 'invalid_configuration', message })
}

async function fromDocker(host: string): Promise<Credential | undefined> {
  const file = join(process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'config.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { credential, helper } = await dockerCredential(text, host)
  if (credential === undefined && helper !== undefined) {
    note(
      `note: ${file} leaves ${host} to docker-credential-${helper}, which portreeve does not ask; reading anonymously`,
    )
  }
  return credential
}
