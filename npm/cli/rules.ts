import { readFile } from 'node:fs/promises'
import type { Rules } from '../api/index.js'
import type { Loaded } from './configuration.js'

/** The policy of a file, on its own: its text, so that what is wrong with it has a line. */
export async function policyRules(file: string): Promise<{ rules: Rules; policy: string }> {
  const policy = await readFile(file, 'utf8')
  return { rules: { policy }, policy }
}

/** The rules of a job of the configuration. */
export function jobRules({ configuration }: Loaded, job: string): Rules {
  return { configuration, job }
}
