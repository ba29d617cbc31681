// How requests go over the wire in Node: time-outs, aborts, what is told of them, failed connections.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, test } from 'node:test'

import { importPackage, installation } from '../support/command_line.mjs'
import { certificateAuthority } from '../support/certificates.mjs'
import { startServer, startTlsFront } from '../support/network.mjs'
import { nodeIn } from '../support/package.mjs'
import { freePort } from '../support/ports.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { order, requests } from '../support/shop.mjs'

const { connect, RegistryError } = await importPackage()
const demo = await startDemoRegistry()
after(() => demo.stop())
const ONCE = { attempts: 1 }

const rejection = (promise) => promise.then(() => assert.fail('it was fulfilled'), (error) => error)
const layerOf = async (repository) => {
  const { document } = await repository.manifest('v1.4.2')
  const { document: image } = await repository.manifest(document.manifests[0].digest)
  return image.layers[0].digest
}

test('an answer that does not come, and a body that falls silent, are time-outs', async () => {
  const web = connect(demo.host, { ...ONCE, timeouts: { headers: 50, idle: 50 } }).repository('shop/web')
  const layer = await layerOf(connect(demo.host).repository('shop/web'))
  for (const [fault, read] of [
    [{ hang: true, path: '/v2/*/*/manifests/**' }, () => web.manifest('v1.4.2')],
    [{ stall: 10, path: '/v2/*/*/manifests/**' }, () => web.manifest('v1.4.2')],
    [{ stall: 10, path: '/v2/*/*/blobs/**' }, async () => new Response(await web.blob(layer)).arrayBuffer()],
  ]) {
    await order(demo, { method: 'GET', ...fault })
    const error = await rejection(read())
    assert.ok(error instanceof RegistryError, error)
    assert.deepEqual([error.code, error.retryable], ['timeout', true], error.message)
  }
})

test('a signal ends a request, a pause and a body at once, with its own reason', async () => {
  const layer = await layerOf(connect(demo.host).repository('shop/web'))
  for (const [fault, read] of [
    [{ hang: true, path: '/v2/*/*/manifests/**' }, (web, signal) => web.manifest('v1.4.2', { signal })],
    [{ status: 429, headers: { 'retry-after': '100' }, path: '/v2/*/*/manifests/**' }, (web, signal) => web.manifest('v1.4.2', { signal })],
    [{ stall: 10, path: '/v2/*/*/blobs/**' }, async (web, signal) => new Response(await web.blob(layer, { signal })).arrayBuffer()],
  ]) {
    const reason = new Error('enough')
    const controller = new AbortController()
    const enough = () => setImmediate(() => controller.abort(reason))
    const web = connect(demo.host, { onPause: enough, onResponse: ({ status }) => status === 200 && enough() }).repository('shop/web')
    await order(demo, { method: 'GET', ...fault })
    if (fault.hang) setTimeout(enough, 50)
    assert.equal(await rejection(read(web, controller.signal)), reason)
  }
  assert.equal((await connect(demo.host).repository('shop/web').manifest('v1.4.2')).mediaType.includes('index'), true)
})

test('every request is told of, with its answer and the pause between attempts', async () => {
  const told = []
  const listen = (name) => (event) => told.push([name, event.number, event.attempt, event.status ?? event.reason])
  const options = { onRequest: listen('request'), onResponse: listen('response'), onPause: listen('pause') }
  await order(demo, { method: 'GET', path: '/v2/*/*/tags/list', status: 503, headers: { 'retry-after': '1', 'x-request-id': 'f00' } })
  await connect(demo.host, options).repository('shop/web').tags({ limit: 1 }).pages().next()
  assert.deepEqual(told, [
    ['request', 1, 1, undefined],
    ['response', 1, 1, 503],
    ['pause', 2, 1, 'the registry answered 503 Service Unavailable'],
    ['request', 2, 2, undefined],
    ['response', 2, 2, 200],
  ])
})

test('an answer is told with its time, its id and what the registry says is left', async () => {
  let answered
  const server = await startServer((request, response) => {
    const headers = { 'content-type': 'application/json', 'x-request-id': 'f00', 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '7;w=21600' }
    response.writeHead(200, headers).end('{"name":"a/b","tags":[]}')
  })
  after(() => server.stop())
  await connect(server.host, { onResponse: (event) => (answered = event) }).repository('a/b').tags().done()
  assert.equal(typeof answered.milliseconds, 'number')
  assert.deepEqual([answered.requestId, answered.rateLimit], ['f00', { limit: 100, remaining: 7, window: 21600 }])
})

test('a presigned address is told without its signature', async () => {
  const urls = []
  const storage = await startServer((request, response) => response.writeHead(403).end())
  const registry = await startServer((request, response) =>
    response.writeHead(307, { location: `${storage.url}/blob?X-Amz-Signature=PRESIGNED&n=1` }).end())
  after(() => Promise.all([storage.stop(), registry.stop()]))
  const told = ({ url }) => urls.push(url)
  const repository = connect(registry.host, { onRequest: told, onResponse: told }).repository('a/b')
  const error = await rejection(repository.blob(`sha256:${'0'.repeat(64)}`))
  assert.equal(urls.at(-1), `${storage.url}/blob?X-Amz-Signature=***&n=1`)
  assert.ok(!JSON.stringify([urls, error, error.message, error.stack]).includes('PRESIGNED'), error)
})

test('what a listener throws is an unhandled rejection and changes no call', async () => {
  const program = `import { connect } from 'portreeve'
process.on('unhandledRejection', (reason) => console.log('unhandled', reason.message))
const onRequest = () => { throw new Error('no more log') }
const { digest } = await connect('${demo.host}', { onRequest }).repository('shop/web').manifest('v1.4.2')
console.log(digest)`
  const { stdout, stderr } = await nodeIn(await installation(), ['--input-type=module', '--eval', program])
  assert.match(stdout, /^unhandled no more log\nsha256:/, stderr)
})

test('the user agent names the product, and then who uses it', async () => {
  const agents = []
  const fetched = (url, init) => (agents.push(new Headers(init.headers).get('user-agent')), fetch(url, init))
  await connect(demo.host, { fetch: fetched, userAgent: 'acme-deploy/2.1' }).repository('shop/web').manifest('v1.4.2')
  assert.match(agents[0], /^portreeve\/\d+\.\d+\.\d+ acme-deploy\/2\.1$/)
  const error = await rejection(connect(demo.host, { userAgent: 'a\nb' }).repository('shop/web').manifest('v1'))
  assert.equal(error.code, 'invalid_argument')
})

test('clients of one host share its six places', async () => {
  let now = 0
  let most = 0
  const counted = async (url, init) => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    return fetch(url, init).finally(() => (now -= 1))
  }
  const repositories = [1, 2, 3].map(() => connect(demo.host, { fetch: counted }).repository('shop/web'))
  await Promise.all(Array.from({ length: 30 }, (_, index) => repositories[index % 3].manifest('v1.4.2')))
  assert.equal(most, 6)
})

test('a registry that is not there says so, with the cause, and after the last attempt', async () => {
  const error = await rejection(connect(`127.0.0.1:${await freePort()}`, { attempts: 2 }).repository('a/b').manifest('v1'))
  assert.deepEqual([error.code, error.retryable, error.cause.cause.code], ['unreachable', true, 'ECONNREFUSED'])
  assert.match(error.message, /ECONNREFUSED.*; failed after 2 attempts in \d+\.\d s; check the address/)
})

test('https spoken to http, and http to https, say which flag it takes', async () => {
  const tls = await startTlsFront(demo, certificateAuthority().sign(['127.0.0.1']))
  after(() => tls.stop())
  const failed = (host, plainHttp) => rejection(connect(host, { ...ONCE, plainHttp }).repository('shop/web').manifest('v1.4.2'))
  assert.match((await failed(demo.host, false)).message, /^[^\n]+speaks plain http there[^\n]*--plain-http/)
  assert.match((await failed(tls.host, true)).message, /may speak https there/)
})

test('what an injected fetch throws of its own comes out as itself, after one attempt', async () => {
  class Refused extends Error {}
  const refused = new Refused('not today')
  let calls = 0
  const throwing = () => {
    calls += 1
    throw refused
  }
  assert.equal(await rejection(connect(demo.host, { fetch: throwing }).repository('shop/web').manifest('v1')), refused)
  assert.equal(calls, 1)
})

test('a read is tried again where it may pass', async () => {
  await requests(demo)
  await order(demo, { method: 'GET', path: '/v2/*/*/manifests/**', status: 502, times: 2 })
  await connect(demo.host).repository('shop/web').manifest('v1.4.2')
  assert.equal((await requests(demo)).length, 3)
})

test('a server that accepts and says nothing is a time-out of the headers', async () => {
  const silent = createServer(() => {})
  await new Promise((ready) => silent.listen(0, '127.0.0.1', ready))
  after(() => silent.close())
  const options = { ...ONCE, timeouts: { headers: 50 } }
  const error = await rejection(connect(`127.0.0.1:${silent.address().port}`, options).repository('a/b').manifest('v1'))
  assert.equal(error.code, 'timeout')
})
