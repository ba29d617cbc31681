// The native side: benches/plan, built with optimisations, one process for each figure.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { ROOT, run } from '../../command.mjs'

const execute = promisify(execFile)

/** Builds the program and answers its path. */
export async function buildNative() {
  const output = await run('cargo', ['bench', '--locked', '--no-run', '--bench', 'plan', '--message-format', 'json'], { capture: true })
  const messages = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  return messages.find((message) => message.executable && message.target.kind.includes('bench')).executable
}

/** The run of median time, of so many: its figures. */
export async function measure(program, args, repeat, time) {
  const runs = []
  for (let number = 0; number < repeat; number++) runs.push(await figures(program, args))
  return runs.sort((one, two) => time(one) - time(two))[Math.floor((repeat - 1) / 2)]
}

/** What one process prints, which is one line of JSON. */
export async function figures(program, args) {
  const { stdout } = await execute(program, args.map(String), { cwd: ROOT })
  return JSON.parse(stdout)
}
