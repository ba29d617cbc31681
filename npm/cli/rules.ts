import { readFile } from 'node:fs/promises'
import { policy, type Rules } from '../api/index.js'
import { type Loaded, naming } from './configuration.js'

/** The policy of a file, on its own: what is wrong with it is said before anything is read by it. */
export async function policyRules(file: string): Promise<{ rules: Rules; policy: object }> {
  const text = await readFile(file, 'utf8')
  const { policy: read } = await naming(file, 'invalid_policy', () => policy.parse(text))
  return { rules: { policy: read }, policy: read }
}

/** The rules of a job of the configuration. */
export function jobRules({ configuration }: Loaded, job: string): Rules {
  return { configuration, job }
}
