// What the tests of the command line share: a demo registry, the command beside it, what it is
// expected to say.
//
//   const here = commandLineTest()                                // here.registry, here.portreeve
//   const { succeeds, fails } = here
//   await succeeds('tags', '@demo/shop/web', '--json')          // its document, parsed
//   await fails(['tags', 'nowhere'], 2, 'invalid_reference', /expected/)

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before } from 'node:test'

import { commandLine } from './command_line.mjs'
import { startDemoRegistry } from './registries.mjs'

/** A policy that condemns some of what the demo registry holds. */
export const POLICY = {
  minimumAge: '48h',
  keep: [{ name: 'releases', tags: { regex: 'v[0-9.]+' } }],
  delete: [{ name: 'closed prs', tags: 'pr-*', olderThan: { pushed: '7d' } }],
}

/** A configuration whose upstream `demo` is at this host, and whose job is `shop`. */
export function configuration(host, upstream = {}) {
  return {
    version: 1,
    upstreams: { demo: { host, credentials: { read: 'anonymous', delete: 'anonymous' }, ...upstream } },
    policies: { shop: POLICY },
    jobs: { shop: { repositories: ['demo/shop/web'], policy: 'shop', limits: { repository: { share: '60%' } } } },
  }
}

/** A demo registry for a whole test file, and the command line beside it; `fill` may push more. */
export function commandLineTest({ fill } = {}) {
  const here = {
    /** Runs it and expects this exit code; answers its standard output, parsed where it is JSON. */
    async succeeds(...args) {
      return told(here.portreeve, args, 0)
    },
    /** Runs it and expects a failure with this exit code and error code. */
    async fails(args, exit, code, hint) {
      return failsWith(here.portreeve, args, exit, code, hint)
    },
  }
  before(async () => {
    here.registry = await startDemoRegistry()
    here.portreeve = await commandLine({ configuration: configuration(here.registry.host) })
    await fill?.(here.registry)
  })
  after(() => here.registry?.stop())
  return here
}

/** Runs it and expects this exit code; answers its standard output, parsed where it is JSON. */
export async function told(run, args, exit) {
  const { code, stdout, stderr } = await run(...args)
  assert.equal(code, exit, `${args.join(' ')}: ${stderr}`)
  return args.includes('--json') ? JSON.parse(stdout) : stdout
}

/** Expects a failure with this exit code and error code, said to people and to programs. */
export async function failsWith(run, args, exit, code, hint) {
  const { code: status, stdout, stderr } = await run(...args, '--json')
  assert.equal(status, exit, stderr)
  const { format, error } = JSON.parse(stdout)
  assert.equal(format, 'portreeve.error/1')
  assert.equal(error.code, code)
  assert.match(error.message, hint)
  assert.match(stderr, /^error /m)
  return error
}

/** Runs a line of a shell in the folder of the command, where `portreeve` is a command: `{ code, stdout, stderr }`. */
export function inShell({ folder, program }, line, { shell = 'sh', env = {}, input } = {}) {
  const defined = `portreeve() { "${process.execPath}" "${program}" "$@"; }\n${line}`
  const clean = { ...process.env, DOCKER_CONFIG: folder, NO_COLOR: '1', ...env }
  return ended(spawn(shell, ['-c', defined], { cwd: folder, env: clean }), input)
}

/**
 * Runs it at a terminal of so many columns: `{ code, stdout, raw }`, where the terminal mixes both
 * outputs, and `stdout` leaves out progress that was taken away again. `input` is typed once it asks,
 * or else what `answer` makes of everything said so far, once.
 */
export async function atTerminal({ folder, program }, args, { columns = 80, input, answer, env = {} } = {}) {
  const quoted = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const clean = { ...process.env, DOCKER_CONFIG: folder, NO_COLOR: '1', ...env }
  const typed = ['-qec', `stty cols ${columns} rows 50; exec ${quoted}`, '/dev/null']
  const child = spawn('script', typed, { cwd: folder, env: clean })
  const toType = answer ?? ((said) => (/ to go on: /.test(said) ? input : undefined))
  let said = ''
  let isTyped = false
  child.stdout.on('data', (data) => {
    said += data
    const text = isTyped ? undefined : toType(said)
    if (text === undefined) return
    isTyped = true
    child.stdin.write(text)
  })
  const { code, stdout } = await ended(child)
  return { code, stdout: stdout.replace(PROGRESS, ''), raw: stdout }
}

const PROGRESS = /\u001b7[^]*?\u001b8\u001b\[1G\u001b\[2K/g

function ended(child, input) {
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (data) => (said.stdout += data))
  child.stderr.setEncoding('utf8').on('data', (data) => (said.stderr += data))
  if (input !== undefined) child.stdin.end(input)
  return new Promise((done) => child.on('close', (code) => done({ ...said, code })))
}
