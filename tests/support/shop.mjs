// The demo registry behind the Worker, for a test file:
//
//   const { demo, worker, get, post, until } = await startShop(after)
//
// `after` is node:test's. Two clients: this machine without a token (pull and plan on demo/shop/*),
// and ADMIN, who may everything. `change` may edit the configuration before the Worker starts.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { ROOT } from '../../tools/command.mjs'
import { startDemoRegistry } from './registries.mjs'
import { look } from './secrets.mjs'
import { startWorker } from './worker.mjs'

/** The token of a client who may everything. */
export const ADMIN = 'high-water'

/** Starts both. */
export async function startShop(after, { demoArgs = [], change = (configuration) => configuration, ...options } = {}) {
  const demo = await startDemoRegistry(demoArgs)
  after(() => demo.stop())
  const worker = await startWorker({ configuration: change(shopConfiguration(demo)), ...options })
  after(() => worker.stop())
  return { demo, worker, ...callers(worker) }
}

/** The checked-in configuration for this registry, and ADMIN. */
export function shopConfiguration({ host }) {
  const configuration = JSON.parse(readFileSync(join(ROOT, 'portreeve.json'), 'utf8'))
  configuration.upstreams.demo.host = host
  configuration.clients.admin = { tokenSha256: [sha256(ADMIN)], grants: [{ actions: ['pull', 'plan', 'apply', 'restore'], repositories: ['demo/**'] }] }
  return configuration
}

/** For `change`: the registry asks for a password, which the secrets USER and PASSWORD hold. */
export function withPassword(configuration) {
  configuration.upstreams.demo.credentials = { read: { username: 'USER', password: 'PASSWORD' } }
  return configuration
}

/** What a configuration holds of a token. */
export function sha256(token) {
  return createHash('sha256').update(token).digest('hex')
}

/** How docker shows a token. */
export function basic(token, user = 'anyone') {
  return { authorization: `Basic ${btoa(`${user}:${token}`)}` }
}

/** Requests to a Worker as ADMIN; each answers `{ status, headers, body }` with the JSON read. */
export function callers({ url }) {
  const call = async (path, { headers = {}, ...init } = {}) => {
    const response = await fetch(`${url}${path}`, { headers: { ...basic(ADMIN), ...headers }, redirect: 'manual', ...init })
    const text = await response.text()
    look(`the answer of ${path}`, text)
    const json = response.headers.get('content-type')?.includes('json') && text !== ''
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
  }
  const post = (path, body, headers = {}) =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
  /** Asks until the answer is as wanted. */
  const until = async (path, wanted, { within = 60_000 } = {}) => {
    for (const deadline = Date.now() + within; Date.now() < deadline; await delay(100)) {
      const { body } = await call(path)
      if (wanted(body)) return body
    }
    throw new Error(`${path} did not come to an end`)
  }
  /** Has a plan made, and waits for it. */
  const plan = async (job = 'shop', repository = 'demo/shop/web') => {
    const { status, body } = await post('/api/v1/plans', { job, repository })
    if (status !== 202) throw new Error(JSON.stringify(body))
    return until(`/api/v1/plans/${body.id}`, ({ state }) => state !== 'planning')
  }
  return { get: call, post, until, plan }
}

/** Has the demo registry fail: `fault` is one of its orders or several. */
export async function order(demo, fault) {
  const response = await fetch(`${demo.url}/_demo/faults`, { method: 'POST', body: JSON.stringify(fault) })
  if (!response.ok) throw new Error(await response.text())
}

/** What the demo registry was asked for since the last time. */
export async function requests(demo) {
  const { requests: seen } = await (await fetch(`${demo.url}/_demo/requests`)).json()
  await fetch(`${demo.url}/_demo/requests`, { method: 'DELETE' })
  return seen
}
