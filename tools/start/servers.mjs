// The servers that `npm start` runs. Each leads a process group of its own: wrangler starts workerd,
// and a workerd that outlives it goes on serving unless the whole group is ended.

import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

import { Failure } from '../command.mjs'

export class Servers {
  #children = []
  #stopping = false

  /** Starts a server and answers once `url` does; the death of a server ends them all. */
  async start(name, url, command, args, env = process.env) {
    const child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'], detached: true })
    this.#children.push(child)
    child.on('error', (error) => this.#ended(`${name} did not start: ${error.message}`))
    child.on('exit', (code, signal) => this.#ended(`${name} ended with ${signal ?? `exit code ${code}`}`))
    await this.#answering(name, url)
    this.#watch(name, url)
  }

  /** Ends every server and then this process. */
  async stop(exitCode = 0) {
    if (this.#stopping) return
    this.#stopping = true
    this.#signal('SIGTERM')
    for (let waited = 0; waited < 3000 && this.#running(); waited += 50) await delay(50)
    this.#signal('SIGKILL')
    process.exit(exitCode)
  }

  async #answering(name, url) {
    const deadline = Date.now() + 60_000
    while (!this.#stopping) {
      if (await answers(url, 2000)) return
      if (Date.now() > deadline) {
        this.#signal('SIGKILL')
        throw new Failure(`${name} did not answer at ${url} within a minute`)
      }
      await delay(100)
    }
    // `stop` ends the process; nothing that waits for this server goes on until then
    await new Promise(() => {})
  }

  /** When the workerd that listens is killed, wrangler starts another one that never answers. */
  async #watch(name, url) {
    for (let failures = 0; failures < 3; ) {
      await delay(2000, undefined, { ref: false })
      failures = (await answers(url, 5000)) ? 0 : failures + 1
    }
    this.#ended(`${name} does not answer at ${url} any more`)
  }

  #ended(message) {
    if (this.#stopping) return
    console.error(`\nportreeve: ${message}; ending the rest.`)
    this.stop(1)
  }

  /** Signals the whole group of each: a leader may be gone while the group is not. */
  #signal(signal) {
    for (const { pid } of this.#children) {
      try {
        if (pid) process.kill(-pid, signal)
      } catch (error) {
        if (error.code !== 'ESRCH') throw error
      }
    }
  }

  #running() {
    return this.#children.some(({ pid }) => {
      try {
        return pid && process.kill(-pid, 0)
      } catch {
        return false
      }
    })
  }
}

/** Whether anything at all comes back: an error status is an answer too. */
async function answers(url, timeout) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout) })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}
