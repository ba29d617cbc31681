// One file of cases, run in Node, in workerd and in a browser, against the packed package.
//
// The file of cases (tests/npm/cases/*.mjs) imports the package by its name and exports sentences:
//
//   import { connect } from 'portreeve'
//   export const cases = {
//     'lists every tag of a repository': async ({ assert, host }) => { ... },
//   }
//
// `assert` is chai's, which runs everywhere; the rest is what the test hands over as `context` (plain
// data). A test file names where they run:
//
//   runEverywhere({ runtime: 'node' | 'workerd' | 'browser', file: new URL('...', import.meta.url), context: async (t) => ({ host }) })
//
// where `t.after(...)` takes what has to be ended.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { assert } from 'chai'
import { build } from 'esbuild'
import workerd from 'workerd'

import { ROOT } from '../../tools/command.mjs'
import { servePage, startBrowser } from './browser.mjs'
import { installPackage } from './package.mjs'
import { needs } from './peers.mjs'
import { freePort } from './ports.mjs'
import { look } from './secrets.mjs'
import { serve } from './servers.mjs'

const RUNTIMES = { node: inNode, workerd: inWorkerd, browser: inBrowser }

/** Registers one test for each case of the file. */
export async function runEverywhere({ runtime, file, context }) {
  const skip = runtime === 'browser' ? needs('chromium') : false
  const endings = []
  let runCase
  before(async () => {
    if (skip) return
    const atTheEnd = { after: (end) => endings.push(end) }
    const data = await context(atTheEnd)
    runCase = await RUNTIMES[runtime](fileURLToPath(file), data, atTheEnd)
  })
  after(async () => {
    for (const end of endings.reverse()) await end()
  })
  for (const name of namesOf(file)) test(`${runtime}: ${name}`, { skip }, () => runCase(name))
}

/** The names without running the file: it imports a package that is not installed yet. */
function namesOf(file) {
  const names = [...readFileSync(file, 'utf8').matchAll(/^ {2}(['"])(.+)\1: async \(/gm)].map(([, , name]) => name)
  if (names.length === 0) throw new Error(`${file} holds no case: write each as "  'a sentence': async (...) => {"`)
  return names
}

async function inNode(file, context) {
  const folder = await installPackage()
  place(file, folder)
  const { cases } = await import(pathToFileURL(join(folder, 'cases.mjs')))
  return (name) => cases[name]({ ...context, assert })
}

async function inWorkerd(file, context, t) {
  const folder = await installPackage()
  const outfile = join(folder, 'worker.js')
  const wasm = []
  await bundle(file, folder, outfile, ['workerd', 'worker'], WORKER, wasm)
  const port = await freePort()
  writeFileSync(join(folder, 'workerd.capnp'), workerdConfiguration(port, wasm))
  const url = `http://127.0.0.1:${port}`
  const server = await serve('workerd', url, workerd.default ?? workerd, ['serve', '--experimental', join(folder, 'workerd.capnp')])
  t.after(() => server.stop())
  return async (name) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ name, context }) })
    const problem = await response.text()
    look(`workerd: ${name}`, `${problem}\n${server.log()}`)
    if (problem) throw new Error(`${problem}\n${server.log()}`)
  }
}

async function inBrowser(file, context, t) {
  const folder = await installPackage()
  const outfile = join(folder, 'page.js')
  await bundle(file, folder, outfile, ['browser'], PAGE, [])
  const site = await servePage({ '/': '<!doctype html><script type="module" src="/page.js"></script>', '/page.js': readFileSync(outfile, 'utf8') })
  t.after(() => site.stop())
  const browser = await startBrowser()
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(site.url)
  await page.waitForFunction(() => globalThis.runCase)
  return async (name) => {
    const problem = await page.evaluate(([name, context]) => globalThis.runCase(name, context), [name, context])
    if (problem) throw new Error(problem)
  }
}

/** Puts the cases, and what they share, where the package is installed. */
function place(file, folder) {
  copyFileSync(file, join(folder, 'cases.mjs'))
  copyFileSync(join(dirname(file), 'failure.mjs'), join(folder, 'failure.mjs'))
}

/** Bundles the cases with an entry; the wasm files that stay outside are copied beside the bundle. */
async function bundle(file, folder, outfile, conditions, entry, wasm) {
  place(file, folder)
  writeFileSync(join(folder, 'entry.mjs'), `import { assert } from ${JSON.stringify(import.meta.resolve('chai'))}\n${CALL}\n${entry}`)
  await build({
    absWorkingDir: folder,
    entryPoints: ['entry.mjs'],
    outfile,
    bundle: true,
    format: 'esm',
    conditions,
    plugins: [fileUrls, wasmBeside(dirname(outfile), wasm)],
    logLevel: 'warning',
  })
}

const fileUrls = {
  name: 'file-urls',
  setup({ onResolve }) {
    onResolve({ filter: /^file:/ }, ({ path }) => ({ path: fileURLToPath(path) }))
  },
}

function wasmBeside(folder, names) {
  return {
    name: 'wasm-beside',
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
        const name = path.split('/').pop()
        copyFileSync(join(resolveDir, path), join(folder, name))
        names.push(name)
        return { path: `./${name}`, external: true }
      })
    },
  }
}

/** Answers the problem as a text, or nothing: errors do not cross from one runtime into the other. */
const CALL = `import { cases } from './cases.mjs'
async function call(name, context) {
  try {
    await cases[name]({ ...context, assert })
    return ''
  } catch (error) {
    return error.stack ?? String(error)
  }
}`

const WORKER = `export default {
  async fetch(request) {
    if (request.method !== 'POST') return new Response()
    const { name, context } = await request.json()
    return new Response(await call(name, context))
  },
}`

const PAGE = 'globalThis.runCase = call'

function workerdConfiguration(port, wasm) {
  const [, date] = /^compatibility_date = "(.+)"$/m.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))
  const modules = wasm.map((name) => `, (name = "${name}", wasm = embed "${name}")`)
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "worker", worker = .worker), (name = "internet", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")${modules.join('')}],
  compatibilityDate = "${date}",
);
`
}
