// workerd's own configuration for the built Worker: what wrangler.toml says, without wrangler.
// https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from '../../tools/command.mjs'

/** The text of a file in whose folder the Worker's modules lie. */
export function workerdConfiguration({ port, controlPort, durableObjects, assets, bindings }) {
  const [, date] = /^compatibility_date = "(.+)"$/m.exec(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8'))
  const variables = Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)}),`)
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "control", worker = .control),
    (name = "assets", worker = .assets),
    (name = "files", disk = (path = ${text(assets)})),
    (name = "storage", disk = (path = ${text(durableObjects)}, writable = true)),
    # the registries of a test are on this machine
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:${port}", http = (), service = "worker"),
    (name = "control", address = "127.0.0.1:${controlPort}", http = (), service = "control"),
  ],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "portreeve_bg.wasm", wasm = embed "portreeve_bg.wasm"),
    (name = "portreeve.json", text = embed "portreeve.json"),
  ],
  compatibilityDate = ${text(date)},
  bindings = [
    ${variables.join('\n    ')}
    (name = "CLEANUP_REPOSITORY", durableObjectNamespace = "CleanupRepository"),
    (name = "ASSETS", service = "assets"),
  ],
  durableObjectNamespaces = [(className = "CleanupRepository", uniqueKey = "CleanupRepository", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);

# a tick of cron comes from nowhere in raw workerd: this Worker hands it over
const control :Workerd.Worker = (
  modules = [(name = "control.js", esModule = ${text(CONTROL)})],
  compatibilityDate = ${text(date)},
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "WORKER", service = "worker")],
);

const assets :Workerd.Worker = (
  modules = [(name = "assets.js", esModule = ${text(ASSETS)})],
  compatibilityDate = ${text(date)},
  bindings = [(name = "FILES", service = "files")],
);
`
}

const CONTROL = `export default {
  async fetch(request, { WORKER }) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname !== '/scheduled') return new Response()
    const time = new Date(Number(searchParams.get('time')))
    try {
      const { outcome } = await WORKER.scheduled({ scheduledTime: time, cron: searchParams.get('cron') })
      return new Response(outcome, { status: outcome === 'ok' ? 200 : 500 })
    } catch (error) {
      return new Response(String(error), { status: 500 })
    }
  },
}`

// enough of the platform's way of serving files to look at a page
const ASSETS = `const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', json: 'application/json' }
export default {
  async fetch(request, { FILES }) {
    const { pathname } = new URL(request.url)
    const path = pathname.endsWith('/') ? pathname + 'index.html' : pathname
    const { body, status } = await FILES.fetch('http://files' + path)
    const type = TYPES[path.split('.').pop()] ?? 'application/octet-stream'
    return new Response(body, { status, headers: { 'content-type': type } })
  },
}`

/** A literal of Cap'n Proto's text. */
function text(value) {
  return JSON.stringify(value)
}
