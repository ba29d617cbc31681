// Programs that serve on a port of 127.0.0.1 for the length of a test.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const running = new Set()

// a test that ends early, or throws, leaves no server behind
process.on('exit', () => running.forEach((kill) => kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const folders = []
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** A folder that is gone when the test process is. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `portreeve-${name}-`))
  folders.push(folder)
  return folder
}

/**
 * Starts a program and waits until `url` answers with anything. Answers `{ log(), pid, stop() }`;
 * `log()` is what the program printed so far. With `group`, whatever the program starts ends with it.
 */
export async function serve(name, url, command, args, { env = process.env, cwd, group = false } = {}) {
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: group })
  const kill = (signal) => {
    try {
      process.kill(group ? -child.pid : child.pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
  running.add(kill)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
  let ended
  const end = new Promise((done) => {
    const say = (how) => (running.delete(kill), done((ended = how)))
    child.on('error', (error) => say(error.message))
    child.on('exit', (code, signal) => say(signal ?? `exit code ${code}`))
  })
  const stop = async () => {
    kill('SIGTERM')
    if (await Promise.race([end.then(() => false), delay(5000, true, { ref: false })])) kill('SIGKILL')
    await end
  }
  const deadline = Date.now() + 30_000
  while (!(await answers(url))) {
    if (ended) throw new Error(`${name} ended with ${ended}:\n${output}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error(`${name} does not answer at ${url}:\n${output}`)
    }
    await delay(50)
  }
  return { log: () => output, pid: child.pid, stop }
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
