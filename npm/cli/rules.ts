import { readFile } from 'node:fs/promises'
import { RegistryError, type Rules } from '../api/index.js'
import type { Loaded } from './configuration.js'

/** The policy of a file, on its own. */
export async function policyRules(file: string): Promise<Rules> {
  const text = await readFile(file, 'utf8')
  try {
    return { policy: JSON.parse(text) as object }
  } catch (cause) {
    const message = `${file} is no JSON: ${cause instanceof Error ? cause.message : cause}`
    throw new RegistryError({ code: 'invalid_policy', message, cause })
  }
}

/** The rules of a job of the configuration. */
export function jobRules({ configuration }: Loaded, job: string): Rules {
  return { configuration, job }
}
