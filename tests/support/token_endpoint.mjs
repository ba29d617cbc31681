// A token endpoint as registries use it: the Bearer half of distribution's `auth: token`.
// https://distribution.github.io/distribution/spec/auth/token/

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const SERVICE = 'registry.portreeve.test'
const ISSUER = 'portreeve tests'

/**
 * Answers `{ realm, settings, requests, stop() }`: `settings` are distribution's, `requests` are the
 * queries it was asked, oldest first (`{ method, service, scope, account }`).
 *
 * Without credentials it grants `anonymous` (actions, none by default); `lifetime` is in seconds.
 */
export async function startTokenEndpoint({ username, password, folder, anonymous = [], lifetime = 300 }) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomUUID()
  const jwks = join(folder, 'jwks.json')
  writeFileSync(jwks, JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] }))

  const requests = []
  const server = createServer(async (request, response) => {
    const query = await parameters(request)
    const account = authenticate(request.headers.authorization, query, { username, password })
    requests.push({ method: request.method, service: query.get('service'), scope: query.getAll('scope'), account: account?.name })
    if (account?.refused) return json(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'wrong name or password' }] })
    const access = scopes(query).map((scope) => granted(scope, account, anonymous)).filter(({ actions }) => actions.length > 0)
    const token = jwt({ access, subject: account?.name ?? '', lifetime }, { kid, privateKey })
    // the key is named by what the method's specification calls it
    json(response, 200, { [request.method === 'POST' ? 'access_token' : 'token']: token, expires_in: lifetime, issued_at: new Date().toISOString() })
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  // by name: crane refuses a realm that is an address of a private network
  const realm = `http://localhost:${server.address().port}/token`
  return {
    realm,
    requests,
    settings: { realm, service: SERVICE, issuer: ISSUER, jwks, signingalgorithms: ['ES256'] },
    stop: () => new Promise((closed) => (server.close(closed), server.closeAllConnections())),
  }
}

async function parameters(request) {
  if (request.method !== 'POST') return new URL(request.url, 'http://token').searchParams
  let body = ''
  for await (const piece of request) body += piece
  return new URLSearchParams(body)
}

function authenticate(authorization, query, { username, password }) {
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')
  const given = basic
    ? Buffer.from(basic[1], 'base64').toString()
    : query.has('username') && `${query.get('username')}:${query.get('password')}`
  if (!given) return undefined
  return { name: given.split(':')[0], refused: given !== `${username}:${password}` }
}

function scopes(query) {
  return query
    .getAll('scope')
    .flatMap((scope) => scope.split(' '))
    .map((scope) => /^([^:]+):(.+):([^:]+)$/.exec(scope))
    .filter(Boolean)
    .map(([, type, name, actions]) => ({ type, name, actions: actions.split(',') }))
}

function granted({ type, name, actions }, account, anonymous) {
  return { type, name, actions: account ? actions : actions.filter((action) => anonymous.includes(action)) }
}

function jwt({ access, subject, lifetime }, { kid, privateKey }) {
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg: 'ES256', kid }
  const claims = { iss: ISSUER, sub: subject, aud: SERVICE, exp: now + lifetime, nbf: now - 10, iat: now, jti: randomUUID(), access }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
