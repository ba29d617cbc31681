// A registry behind the built Worker, and who may ask there:
//
//   const worker = await startBehindWorker({ real: registry })
//   worker.anonymous     // { host }: this machine, which needs no token
//   worker.withToken     // { host, username, password }: from elsewhere, with a client's token
//
// `registry` is `{ host, username?, password? }`. The Worker logs in there by itself.

import { createHash } from 'node:crypto'

import { startWorker } from './worker.mjs'

export const TOKEN = 'a-token-for-the-tests'

/** Two Workers with one configuration: one believes its clients to be near, the other to be far. */
export async function startBehindWorker(registries, options = {}) {
  const { configuration, secrets } = behindWorker(registries)
  const near = await startWorker({ configuration, secrets, ...options })
  const far = await startWorker({ configuration, secrets, clientAddress: '203.0.113.9', ...options })
  return {
    anonymous: { host: near.host, url: near.url },
    withToken: { host: far.host, url: far.url, username: 'any name', password: TOKEN },
    log: () => near.log() + far.log(),
    stop: async () => {
      await Promise.all([near.stop(), far.stop()])
    },
  }
}

/** The configuration and its secrets, for a Worker of the test's own. */
export function behindWorker(registries) {
  const secrets = {}
  const upstreams = Object.entries(registries).map(([name, { host, username, password }]) => {
    if (!username) return [name, { host, credential: 'anonymous' }]
    const names = { username: `${name.toUpperCase()}_USER`, password: `${name.toUpperCase()}_PASSWORD` }
    Object.assign(secrets, { [names.username]: username, [names.password]: password })
    return [name, { host, credential: names }]
  })
  const names = Object.keys(registries)
  const tokenSha256 = [createHash('sha256').update(TOKEN).digest('hex')]
  const configuration = {
    version: 1,
    upstreams: Object.fromEntries(upstreams),
    clients: {
      'with a token': { tokenSha256, grants: [{ actions: ['pull'], repositories: names.map((name) => `${name}/**`) }] },
      'this machine': { anonymousFrom: ['127.0.0.0/8'], grants: [{ actions: ['pull'], repositories: names.flatMap((name) => [`${name}/team/*`, `${name}/shop/*`]) }] },
    },
  }
  return { configuration, secrets }
}
