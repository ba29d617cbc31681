import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { RegistryError } from '../../api/index.js'
import { isMissing } from '../files.js'

/** One place where credentials may be kept. */
export interface Source {
  /** As a message calls it. */
  name: string
  /** What it holds; `undefined` if it is not there. */
  text: () => Promise<string | undefined>
}

/** The places to look into, in their order; nothing is read yet. */
export function files(given: string[] | undefined, env: Record<string, string | undefined>): Source[] {
  if (given !== undefined) return given.map(file)
  const value = (name: string) => env[name] || undefined
  const home = value('HOME') ?? homedir()
  const below = (folder: string | undefined, ...path: string[]) => (folder === undefined ? [] : [join(folder, ...path)])
  const paths = [
    ...below(value('REGISTRY_AUTH_FILE')),
    ...below(value('DOCKER_CONFIG') ?? join(home, '.docker'), 'config.json'),
    ...below(value('XDG_RUNTIME_DIR'), 'containers', 'auth.json'),
    ...below(value('XDG_CONFIG_HOME') ?? join(home, '.config'), 'containers', 'auth.json'),
  ]
  const text = value('DOCKER_AUTH_CONFIG')
  const variable = text === undefined ? [] : [{ name: 'DOCKER_AUTH_CONFIG', text: async () => text }]
  return [...variable, ...paths.map(file)]
}

function file(path: string): Source {
  return { name: path, text: () => read(path) }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    const why = error instanceof Error ? error.message : String(error)
    const message = `the credentials in ${path} cannot be read: ${why}; check who may read the file`
    throw new RegistryError({ code: 'invalid_configuration', message, cause: error })
  }
}
