// Running other programs, with a line for each step that takes time.

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

/** The folder that holds everything. */
export const ROOT = resolve(import.meta.dirname, '..')

/** Something went wrong outside this code: shown as a message, without a stack. */
export class Failure extends Error {}

/**
 * Runs a program in the root folder. Its output goes where ours goes, unless it is wanted as the
 * answer (`capture`) or only when the program fails (`quiet`).
 */
export function run(command, args, { capture = false, quiet = false, interactive = false, cwd = ROOT, env = process.env } = {}) {
  return new Promise((done, fail) => {
    const piped = capture || quiet
    const stdio = [interactive ? 'inherit' : 'ignore', piped ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit']
    const child = spawn(command, args, { cwd, env, stdio })
    let output = ''
    child.stdout?.on('data', (data) => (output += data))
    child.stderr?.on('data', (data) => (output += data))
    child.on('error', (error) => fail(new Failure(`cannot run ${command}: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return done(output)
      if (!capture) process.stderr.write(output)
      fail(new Failure(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}

/** Says what is being done and how long it took. */
export async function step(title, work) {
  const started = performance.now()
  console.log(`▸ ${title}`)
  const result = await work()
  console.log(`✓ ${title} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  return result
}

/** Runs a script's main function; a `Failure` ends it with one line and exit code 1. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    console.error(error instanceof Failure ? `\nportreeve: ${error.message}` : error)
    process.exit(1)
  }
}
