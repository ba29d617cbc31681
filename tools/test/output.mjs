// Running a suite: a program in a process group of its own, so that whatever its tests started ends
// with it, and its output line by line.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import { ROOT } from '../command.mjs'
import { whenParentEnds } from '../parent.mjs'

let current

/** Ends the suite that runs when this process is asked to end. */
export function endSuiteWithUs() {
  const end = () => {
    endGroup()
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)
  whenParentEnds(end)
}

/**
 * Hands each line of standard output to `line`, and those of standard error where `errors` is `piped`. Answers how
 * the program ended: a text, or nothing when well.
 */
export async function eachLine(command, args, { env = process.env, errors = 'shown', line }) {
  current = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', errors === 'piped' ? 'pipe' : 'inherit'], detached: true })
  const ended = new Promise((done) => {
    current.on('error', (error) => done(`cannot run ${command}: ${error.message}`))
    current.on('exit', (code, signal) => done(code === 0 ? undefined : (signal ?? `exit code ${code}`)))
  })
  const outputs = [current.stdout, current.stderr].filter(Boolean)
  const read = Promise.all(
    outputs.map((input) => {
      const lines = createInterface({ input })
      lines.on('line', line)
      return new Promise((done) => lines.on('close', done))
    }),
  )
  const problem = await ended
  // a server that a test left behind would keep the output open
  endGroup()
  await read
  return problem
}

function endGroup() {
  try {
    if (current?.pid) process.kill(-current.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
