import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { type Credential, RegistryError } from '../../api/index.js'

/** How a helper is run. */
export interface HelperOptions {
  env: Record<string, string | undefined>
  /** In milliseconds. */
  timeout: number
  /** What names it, for messages. */
  named: string
}

/** A program that is not on the PATH: another source may know the host. */
export class HelperMissing {
  constructor(
    readonly program: string,
    readonly named: string,
    readonly host: string,
  ) {}

  /** What to say if none does. */
  error(): RegistryError {
    const message = `${this.program}, which ${this.named} names for ${this.host}, is not on the PATH; install it, or log in without it`
    return new RegistryError({ code: 'invalid_configuration', message })
  }
}

/** Docker Hub's names, and where docker and Podman keep its credential. */
const HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io']
const HUB_KEYS = ['https://index.docker.io/v1/', 'docker.io']
/** Tokens have a few thousand letters. */
const MOST = 1 << 20
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/

/**
 * Asks `docker-credential-<name> get` for a host's credential: the host goes in on standard input,
 * JSON comes out. Source: docker/docker-credential-helpers, "Development".
 */
export async function askHelper(
  name: string,
  host: string,
  options: HelperOptions,
): Promise<Credential | HelperMissing | undefined> {
  if (!NAME.test(name)) {
    const message = `${options.named} names the credential helper ${JSON.stringify(name)} for ${host}, which is not the end of a program's name`
    throw new RegistryError({ code: 'invalid_configuration', message })
  }
  const program = `docker-credential-${name}`
  for (const address of HUB.includes(host) ? HUB_KEYS : [host]) {
    const outcome = await run(program, address, host, options)
    if (outcome === 'missing') return new HelperMissing(program, options.named, host)
    const failure = (why: string) => failed(program, host, why)
    if (outcome.code !== 0) {
      if (/credentials not found/i.test(outcome.stdout)) continue
      throw failure(words(outcome.stdout) ?? words(outcome.stderr) ?? `it ended with ${outcome.code ?? 'a signal'}`)
    }
    const credential = read(outcome.stdout)
    if (credential === 'broken') throw failure('it answered something that is no credential')
    if (credential !== undefined) return credential
  }
  return undefined
}

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

function run(program: string, address: string, host: string, options: HelperOptions): Promise<Outcome | 'missing'> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // Windows looks for a program in the current folder first, which may be anybody's
      ...(process.platform === 'win32' ? { cwd: dirname(process.execPath) } : {}),
    })
    const output = { stdout: '', stderr: '' }
    const end = (error: RegistryError) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      // what it has started may hold its output open
      child.stdout.destroy()
      child.stderr.destroy()
      reject(error)
    }
    const timer = setTimeout(() => {
      const message = `${program} did not answer for ${host} within ${options.timeout / 1000} s; it may wait for a password: try \`echo ${address} | ${program} get\``
      end(new RegistryError({ code: 'timeout', message, retryable: false }))
    }, options.timeout)
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text
        if (output[name].length > MOST) end(failed(program, host, 'it wrote more than a credential'))
      })
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (error.code === 'ENOENT') resolve('missing')
      else reject(failed(program, host, error.message, error))
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, ...output })
    })
    // one that does not read its input may still answer
    child.stdin.on('error', () => {})
    child.stdin.end(`${address}\n`)
  })
}

function read(text: string): Credential | 'broken' | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return 'broken'
  }
  const { Username: username, Secret: secret } = (answer ?? {}) as Record<string, unknown>
  if (typeof username !== 'string' || typeof secret !== 'string') return 'broken'
  if (secret === '') return undefined
  return username === '<token>' ? { identityToken: secret } : { username, password: secret }
}

/** The first line of what it said, unless that may be a credential. */
function words(text: string): string | undefined {
  const [line = ''] = text.trim().split('\n')
  if (line === '' || /[{}"]/.test(line)) return undefined
  return line.replace(/\p{Cc}/gu, ' ').slice(0, 200)
}

function failed(program: string, host: string, why: string, cause?: unknown): RegistryError {
  const message = `${program} failed for ${host}: ${why}`
  return new RegistryError({ code: 'invalid_configuration', message, ...(cause === undefined ? {} : { cause }) })
}
