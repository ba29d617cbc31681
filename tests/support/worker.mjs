// The built Worker (build/worker), running, with a configuration of the test's own:
//
//   const worker = await startWorker({ configuration: { version: 1, upstreams: { ... } }, secrets: { NAME: 'value' } })
//   t.after(() => worker.stop())
//   await fetch(`${worker.url}/v2/`)
//   await worker.scheduled({ at: new Date('2026-11-24T03:15:00Z') })   // a tick of cron
//   worker.log()                                                        // what it printed
//
// `startWorker` is raw workerd: nothing in front of the Worker, so bytes, headers and memory are its
// own. It has the bindings of wrangler.toml. `startUnderWrangler` is `wrangler dev`, as `npm start`
// runs it: slower to start, with Cloudflare's way of serving assets (build/www with its _headers).
//
// Options of both:
//   configuration   an object or a text for portreeve.json; the checked-in one when left out
//   secrets         names and values the configuration speaks of
//   clientAddress   where requests come from, 127.0.0.1 when left out; null sets none
//   cleanup         'on' or 'off'
//   storage         a folder for Durable Objects that outlives the Worker (raw workerd only)

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import workerd from 'workerd'

import { ROOT } from '../../tools/command.mjs'
import { QUIET, WRANGLER } from '../../tools/wrangler.mjs'
import { freePort } from './ports.mjs'
import { look, plantAll } from './secrets.mjs'
import { serve, temporaryFolder } from './servers.mjs'
import { workerdConfiguration } from './workerd_configuration.mjs'

const BUILT = join(ROOT, 'build', 'worker')
const BUILT_FILES = ['worker.js', 'portreeve_bg.wasm']

/** Starts it on raw workerd; `restarted` by calling it again with the same `storage`. */
export async function startWorker({ storage, ...options } = {}) {
  const folder = prepare(options)
  const [port, controlPort] = [await freePort(), await freePort()]
  const durableObjects = storage ?? join(folder, 'storage')
  mkdirSync(durableObjects, { recursive: true })
  const file = join(folder, 'workerd.capnp')
  writeFileSync(file, workerdConfiguration({ port, controlPort, durableObjects, assets: join(ROOT, 'build', 'www'), bindings: bindings(options) }))
  const url = `http://127.0.0.1:${port}`
  const server = await serve('workerd', `http://127.0.0.1:${controlPort}/`, workerd.default ?? workerd, ['serve', '--experimental', file])
  const scheduled = async ({ at = new Date(), cron = '*/5 * * * *' } = {}) => {
    const query = new URLSearchParams({ time: String(at.getTime()), cron })
    const response = await fetch(`http://127.0.0.1:${controlPort}/scheduled?${query}`, { method: 'POST' })
    if (!response.ok) throw new Error(`the scheduled handler failed: ${await response.text()}\n${server.log()}`)
  }
  return { url, host: `127.0.0.1:${port}`, scheduled, ...logWatched(server) }
}

/** Starts it under `wrangler dev`, with nothing in its network but this machine. */
export async function startUnderWrangler(options = {}) {
  const folder = prepare(options)
  const port = await freePort()
  const settings = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')
    .replace(/^main = .*$/m, 'main = "worker.js"')
    .replace(/^directory = .*$/m, `directory = ${JSON.stringify(join(ROOT, 'build', 'www'))}`)
  writeFileSync(join(folder, 'wrangler.toml'), settings)
  const variables = Object.entries(bindings(options)).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const args = ['dev', '--config', join(folder, 'wrangler.toml'), '--ip', '127.0.0.1', '--port', String(port)]
  args.push('--inspector-port', '0', '--persist-to', join(folder, 'storage'), '--show-interactive-dev-session', 'false')
  const attended = pathToFileURL(join(ROOT, 'tools', 'start', 'attended.mjs'))
  const env = { ...process.env, ...QUIET, NODE_OPTIONS: `--import=${attended}` }
  const url = `http://127.0.0.1:${port}`
  const server = await serve('wrangler dev', `${url}/healthz`, process.execPath, [WRANGLER, ...args, ...variables], { env, cwd: folder, group: true })
  const scheduled = async ({ at = new Date(), cron = '*/5 * * * *' } = {}) => {
    const response = await fetch(`${url}/cdn-cgi/local/scheduled?${new URLSearchParams({ cron, time: String(at.getTime()) })}`)
    if (!response.ok) throw new Error(`the scheduled handler failed: ${await response.text()}\n${server.log()}`)
  }
  return { url, host: `127.0.0.1:${port}`, scheduled, ...logWatched(server) }
}

/** What it printed is looked through when it ends. */
function logWatched(server) {
  const stop = async () => {
    await server.stop()
    look("the Worker's log", server.log())
  }
  return { ...server, stop }
}

/** A folder with the built Worker and its configuration side by side. */
function prepare({ configuration }) {
  const folder = temporaryFolder('worker')
  for (const file of BUILT_FILES) copyFileSync(join(BUILT, file), join(folder, file))
  const text = configuration ?? readFileSync(join(ROOT, 'portreeve.json'), 'utf8')
  writeFileSync(join(folder, 'portreeve.json'), typeof text === 'string' ? text : JSON.stringify(text))
  return folder
}

function bindings({ secrets = {}, clientAddress = '127.0.0.1', cleanup = 'on' }) {
  plantAll(secrets)
  return { ...secrets, CLEANUP: cleanup, ...(clientAddress === null ? {} : { CLIENT_ADDRESS: clientAddress }) }
}
