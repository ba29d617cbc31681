// Real registries, and our own one that can be made to fail, for a test:
//
//   const registry = await startDistribution({ auth: 'token' })
//   t.after(() => registry.stop())
//   registry.host                      // 127.0.0.1:41234, plain HTTP
//   registry.username, registry.password
//   registry.referrers                 // whether it has the referrers API
//
// | function             | program                    | auth                    | peers to ask for            |
// |----------------------|----------------------------|-------------------------|-----------------------------|
// | startDockerRegistry  | docker-registry 2.8        | none, htpasswd          | needs('docker-registry')    |
// | startDistribution    | distribution 3.1           | none, htpasswd, token   | needs('distribution 3')     |
// | startOciRegistry     | ociregistry, has referrers | none                    | needs('ociregistry')        |
// | startDemoRegistry    | our demo registry          | none                    | nothing                     |
// | externalRegistry     | TEST_REGISTRY, as it runs  | none                    | skip: noExternalRegistry()  |
//
// All of them allow deletion, the first two unless told `deletes: false`. Their storage is gone with them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from '../../tools/command.mjs'
import { peer } from './peers.mjs'
import { freePort } from './ports.mjs'
import { serve, temporaryFolder } from './servers.mjs'
import { startTokenEndpoint } from './token_endpoint.mjs'

/** Whom htpasswd and token registries let in. */
export const ACCOUNT = { username: 'harbour', password: 'low-tide' }

// bcrypt of ACCOUNT's password
const HTPASSWD = 'harbour:$2y$05$zgiI.a02d7fqfHPcZbebpez5p2fFiHk2aQ1Nux6ph6c.YpE9yKM0a\n'

/** docker-registry 2.8; `auth` is `none` or `htpasswd`. */
export function startDockerRegistry({ auth = 'none', deletes = true } = {}) {
  return startDistributionLike('docker-registry', { auth, deletes })
}

/** distribution 3; `auth` is `none`, `htpasswd`, or `token` (a Bearer registry: see `registry.tokens`). */
export function startDistribution({ auth = 'none', tokens, deletes = true, accessLog } = {}) {
  return startDistributionLike('distribution 3', { auth, tokens, deletes, accessLog })
}

/** A registry with the referrers API. */
export async function startOciRegistry() {
  const host = `127.0.0.1:${await freePort()}`
  const server = await serve('ociregistry', `http://${host}/v2/`, peer('ociregistry'), [host])
  return { host, url: `http://${host}`, referrers: true, ...server }
}

/** The demo registry, seeded; `args` go to the program. */
export async function startDemoRegistry(args = []) {
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const program = join(ROOT, 'target', 'debug', 'examples', 'demo_registry')
  const server = await serve('demo registry', `http://${host}/v2/`, program, ['--port', String(port), '--exit-with-parent', ...args])
  return { host, url: `http://${host}`, ...server }
}

/** `false`, or why no registry from outside can be used. */
export function noExternalRegistry() {
  return process.env.TEST_REGISTRY ? false : 'TEST_REGISTRY names no registry (host:port, plain HTTP, open to pushes and deletions)'
}

/** The registry that TEST_REGISTRY names. */
export async function externalRegistry() {
  const host = process.env.TEST_REGISTRY
  const url = `http://${host}`
  const { status } = await fetch(`${url}/v2/team/web/referrers/sha256:${'0'.repeat(64)}`)
  return { host, url, referrers: status === 200, stop: async () => {} }
}

async function startDistributionLike(name, { auth, tokens: tokenOptions, deletes, accessLog = false }) {
  const folder = temporaryFolder('registry')
  const host = `127.0.0.1:${await freePort()}`
  const tokens = auth === 'token' ? await startTokenEndpoint({ ...ACCOUNT, ...tokenOptions, folder }) : undefined
  const configuration = join(folder, 'config.yml')
  writeFileSync(configuration, yaml({ host, folder, deletes, accessLog, auth: authentication(auth, folder, tokens) }))
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' }
  const server = await serve(name, `http://${host}/v2/`, peer(name), ['serve', configuration], { env })
  const stop = async () => {
    await server.stop()
    await tokens?.stop()
  }
  return { host, url: `http://${host}`, referrers: false, ...server, ...(auth === 'none' ? {} : ACCOUNT), tokens, stop }
}

function authentication(auth, folder, tokens) {
  if (auth === 'none') return {}
  if (auth === 'token') return { token: tokens.settings }
  const file = join(folder, 'htpasswd')
  writeFileSync(file, HTPASSWD)
  return { htpasswd: { realm: 'portreeve tests', path: file } }
}

/** JSON is YAML. */
function yaml({ host, folder, deletes, auth, accessLog }) {
  const storage = { filesystem: { rootdirectory: join(folder, 'storage') }, delete: { enabled: deletes } }
  const log = { level: 'warn', accesslog: { disabled: !accessLog } }
  return JSON.stringify({ version: 0.1, log, storage, http: { addr: host }, ...(Object.keys(auth).length > 0 && { auth }) })
}
