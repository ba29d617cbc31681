// Every kind of secret that a client holds, planted, at registries that refuse, break and redirect:
// none of them is in an error, an event, or what the command line prints. The search itself is in
// support/secrets.mjs.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { commandLine, importPackage } from '../support/command_line.mjs'
import { startServer } from '../support/network.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { plant, secretsIn } from '../support/secrets.mjs'
import { order } from '../support/shop.mjs'

const SECRETS = {
  password: plant('planted-password'),
  token: plant('planted-registry-token'),
  identityToken: plant('planted-identity-token'),
  header: plant('planted-gateway-header'),
  bearer: plant('planted-bearer-token'),
  refreshed: plant('planted-refresh-token'),
  presigned: plant('planted-presigned-query'),
  upload: plant('planted-upload-state'),
}
const CREDENTIALS = [
  { username: 'robot', password: SECRETS.password },
  { token: SECRETS.token },
  { identityToken: SECRETS.identityToken },
]
const DIGEST = `sha256:${'0'.repeat(64)}`
const READS = [
  (repository) => repository.tags().done(),
  (repository) => repository.manifest('latest'),
  (repository) => repository.image('latest'),
  (repository) => repository.blob(DIGEST).then((stream) => new Response(stream).arrayBuffer()),
  (repository) => repository.referrers(DIGEST).done(),
]

const { connect } = await importPackage()

/** A registry whose every answer is this one, with a token server that answers that one. */
async function hostile(answer, tokenAnswer) {
  let server
  const respond = (response, [status, headers, body]) => response.writeHead(status, headers).end(body)
  server = await startServer((request, response) => {
    if (request.url.startsWith('/token')) return respond(response, tokenAnswer(request))
    if (request.headers.authorization === undefined) {
      return respond(response, [401, { 'www-authenticate': `Bearer realm="${server.url}/token",service="planted"` }])
    }
    respond(response, answer(request))
  })
  after(() => server.stop())
  return server
}

const granted = () => [200, { 'content-type': 'application/json' }, JSON.stringify({ token: SECRETS.bearer, refresh_token: SECRETS.refreshed, expires_in: 300 })]
const json = (status, message) => [status, { 'content-type': 'application/json' }, JSON.stringify({ errors: [{ code: 'UNKNOWN', message }] })]
const shown = ({ headers, url }) => `${headers.authorization} ${headers['x-gateway']} ${url}`

test('what a search finds', () => {
  assert.deepEqual(secretsIn('nothing of it'), [])
  assert.deepEqual(secretsIn(`Bearer ${SECRETS.bearer}`), [SECRETS.bearer])
  assert.deepEqual(secretsIn(`Basic ${btoa(`robot:${SECRETS.password}`)}`), [SECRETS.password])
})

for (const [row, answer, tokenAnswer] of [
  ['refuses', () => json(403, 'no'), granted],
  ['breaks', () => [502, {}, '<html>bad gateway</html>'], granted],
  ['answers what is none', () => [200, { 'content-type': 'application/json' }, '{"tags": 5}'], granted],
  ['redirects to a presigned address that refuses', (request) => request.url.includes('X-Sig') ? json(403, `expired: http://s3.test/b?X-Sig=${SECRETS.presigned}`) : [307, { location: `/storage?X-Sig=${SECRETS.presigned}` }], granted],
  ['redirects where nobody follows', () => [307, { location: `http://10.0.0.1/?X-Sig=${SECRETS.presigned}` }], granted],
  ['has a token server that refuses', () => json(401, 'no'), () => json(401, 'wrong password')],
  ['has a token server that breaks', () => json(401, 'no'), () => [200, {}, `{"token": "${SECRETS.bearer}`]],
  ['shows what it was sent', (request) => json(400, shown(request)), granted],
  ['has a token server that shows what it was sent', () => json(401, 'no'), (request) => json(400, shown(request))],
]) {
  test(`nothing comes out at a registry that ${row}`, async () => {
    const { host } = await hostile(answer, tokenAnswer)
    for (const credential of CREDENTIALS) {
      const options = { credential, attempts: 1, headers: { 'x-gateway': SECRETS.header } }
      const repository = connect(host, options).repository('a/b')
      for (const read of READS) {
        const outcome = await read(repository).catch((error) => error)
        assert.deepEqual(secretsIn(`${outcome?.message} ${outcome?.stack} ${JSON.stringify(outcome)}`), [])
      }
    }
  })
}

test('nothing comes out on the command line, with --json and with --debug', async () => {
  const registry = await startDemoRegistry(['--profile', 'bearer'])
  after(() => registry.stop())
  const auths = { [registry.host]: { auth: btoa(`demo:${SECRETS.password}`) } }
  const portreeve = await commandLine({ env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } })
  await order(registry, { method: 'GET', path: '/v2/*/*/tags/list', status: 502, times: 0 })
  for (const args of [
    ['tags', `${registry.host}/shop/web`],
    ['manifest', `${registry.host}/shop/web:v1.4.2`],
    ['inspect', `${registry.host}/shop/web:missing`],
  ]) {
    for (const flags of [[], ['--json'], ['--debug'], ['--json', '--debug']]) {
      const { stdout, stderr } = await portreeve(...args, ...flags)
      assert.deepEqual(secretsIn(`${stdout}\n${stderr}`), [])
    }
  }
})
