// nodeFetch: certificate authorities, certificates that nobody signed, proxies, and the wait for a
// connection.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { certificateAuthority } from '../support/certificates.mjs'
import { importPackage, installation } from '../support/command_line.mjs'
import { startProxy, startTlsFront } from '../support/network.mjs'
import { nodeIn } from '../support/package.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { temporaryFolder } from '../support/servers.mjs'

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()])

const { connect, RegistryError } = await importPackage()
const { nodeFetch } = await importPackage('portreeve/node')
const demo = await startDemoRegistry()
const authority = certificateAuthority()
const tls = await startTlsFront(demo, authority.sign(['registry.test', '127.0.0.1']))
after(() => Promise.all([demo.stop(), tls.stop()]))
const folder = temporaryFolder('authority')
const file = join(folder, 'authority.pem')
writeFileSync(file, authority.certificate)

const rejection = (promise) => promise.then(() => assert.fail('it was fulfilled'), (error) => error)
const read = (host, options) => connect(host, options).repository('shop/web').manifest('v1.4.2')
const proxied = async (routes, options) => {
  const proxy = await startProxy(routes, options)
  after(() => proxy.stop())
  return proxy
}

/** Runs `work` with these variables and no others of proxies. */
async function within(environment, work) {
  const before = PROXY_VARIABLES.map((name) => [name, process.env[name]])
  for (const name of PROXY_VARIABLES) delete process.env[name]
  Object.assign(process.env, environment)
  try {
    return await work()
  } finally {
    for (const [name, value] of before) value === undefined ? delete process.env[name] : (process.env[name] = value)
  }
}

test('a certificate that nobody known has signed is refused once, with what to do', async () => {
  for (const fetch of [undefined, nodeFetch({ connectTimeout: 5000 })]) {
    let attempts = 0
    const error = await rejection(read(tls.host, { plainHttp: false, fetch, onRequest: () => (attempts += 1) }))
    assert.deepEqual([error.code, error.retryable, attempts], ['unreachable', false, 1], error.message)
    assert.match(error.message, /certificate.*--ca FILE.*NODE_EXTRA_CA_CERTS.*--insecure/)
  }
})

test('an authority is taken as a text, as a file, and from NODE_EXTRA_CA_CERTS', async () => {
  for (const ca of [authority.certificate, file, [certificateAuthority('another').certificate, file]]) {
    assert.ok(await read(tls.host, { plainHttp: false, fetch: nodeFetch({ ca }) }))
  }
  const { connectScript, installed } = await script()
  for (const options of ['', 'fetch: nodeFetch({ connectTimeout: 5000 }),', `fetch: nodeFetch({ ca: ${JSON.stringify(file)} }),`]) {
    const { stdout, stderr } = await nodeIn(installed, ['--input-type=module', '--eval', connectScript(options)], { env: { NODE_EXTRA_CA_CERTS: file } })
    assert.match(stdout, /^sha256:/, stderr)
  }
})

test('another authority than the one that signed is not enough', async () => {
  const fetch = nodeFetch({ ca: certificateAuthority('another').certificate })
  const error = await rejection(read(tls.host, { plainHttp: false, fetch }))
  assert.match(error.message, /certificate/)
})

test('insecure takes any certificate', async () => {
  assert.ok(await read(tls.host, { plainHttp: false, fetch: nodeFetch({ insecure: true }) }))
})

test('a file that holds no certificate is named, and nothing is sent', async () => {
  writeFileSync(join(folder, 'empty.pem'), 'nothing')
  for (const [ca, words] of [[join(folder, 'empty.pem'), /empty\.pem holds no certificate/], [join(folder, 'missing.pem'), /missing\.pem: there is no such file/]]) {
    let attempts = 0
    const error = await rejection(read(tls.host, { plainHttp: false, fetch: nodeFetch({ ca }), onRequest: () => (attempts += 1) }))
    assert.ok(error instanceof RegistryError)
    assert.deepEqual([error.code, attempts], ['invalid_argument', 1])
    assert.match(error.message, words)
  }
})

test('HTTPS_PROXY leads https through a tunnel, HTTP_PROXY asks the proxy for http, and NO_PROXY leads around', async () => {
  const proxy = await proxied({ 'registry.test:443': tls.host, 'plain.test:80': demo.host })
  const through = (environment, host, options) =>
    within(environment, () => rejection(read(host, { attempts: 1, fetch: nodeFetch({ ca: file }), ...options }).then(() => Promise.reject('served'))))
  for (const [environment, host, plainHttp, outcome, request] of [
    [{ HTTPS_PROXY: proxy.url }, 'registry.test', false, 'served', 'CONNECT registry.test:443'],
    [{ https_proxy: proxy.host }, 'registry.test', false, 'served', 'CONNECT registry.test:443'],
    [{ https_proxy: proxy.url, HTTPS_PROXY: 'http://127.0.0.1:1' }, 'registry.test', false, 'served', 'CONNECT registry.test:443'],
    [{ HTTP_PROXY: proxy.url }, 'plain.test', true, 'served', 'GET http://plain.test/v2/shop/web/manifests/v1.4.2'],
    [{ http_proxy: proxy.url }, 'registry.test', false, 'unreachable', undefined],
    [{ HTTPS_PROXY: proxy.url }, 'plain.test', true, 'unreachable', undefined],
    [{ HTTPS_PROXY: proxy.url, NO_PROXY: 'other.test, .test' }, 'registry.test', false, 'unreachable', undefined],
    [{ HTTPS_PROXY: proxy.url, no_proxy: '*' }, 'registry.test', false, 'unreachable', undefined],
    [{ HTTPS_PROXY: proxy.url, NO_PROXY: 'registry.test:8443' }, 'registry.test', false, 'served', 'CONNECT registry.test:443'],
    [{ HTTPS_PROXY: proxy.url }, tls.host, false, 'served', undefined],
  ]) {
    proxy.requests.length = 0
    const found = await through(environment, host, { plainHttp })
    const row = JSON.stringify([environment, host])
    assert.equal(found.code ?? found, outcome, `${row} ${found}`)
    assert.equal(proxy.requests[0], request, row)
  }
})

test('a proxy that is named takes everything, with its user and password, and they are in no error', async () => {
  const proxy = await proxied({})
  const address = `http://tide:low-water@${proxy.host}`
  assert.ok(await read(demo.host, { fetch: nodeFetch({ proxy: address }) }))
  assert.ok(await read(tls.host, { plainHttp: false, fetch: nodeFetch({ proxy: address, ca: file }) }))
  assert.deepEqual(proxy.requests.map((request) => request.split(' ')[0]), ['GET', 'CONNECT'])
  assert.ok(proxy.credentials.every((given) => given === `Basic ${btoa('tide:low-water')}`))
  const refusing = await proxied({}, { refuses: 407 })
  const fetch = nodeFetch({ proxy: `http://tide:low-water@${refusing.host}`, ca: file })
  const error = await rejection(read(tls.host, { plainHttp: false, attempts: 1, fetch }))
  assert.match(error.message, /407.*HTTPS_PROXY/)
  assert.ok(!`${error.message} ${error.stack}`.includes('low-water'))
})

test('false is no proxy, whatever the environment says', async () => {
  await within({ HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' }, async () => {
    const error = await rejection(read('registry.test', { attempts: 1, fetch: nodeFetch({ proxy: false }) }))
    assert.match(error.message, /registry\.test/)
  })
})

test('what is no proxy, and wrong options, are refused before anything is sent', async () => {
  for (const [options, words] of [
    [{ proxy: 'ftp://user:low-water@proxy' }, /proxy is no address of a proxy/],
    [{ proxy: 5 }, /proxy: expected/],
    [{ ca: 5 }, /ca: expected/],
    [{ ca: [''] }, /ca: expected/],
    [{ insecure: 'yes' }, /insecure: expected/],
    [{ connectTimeout: 0 }, /connectTimeout: expected/],
  ]) {
    assert.throws(() => nodeFetch(options), (error) => error.code === 'invalid_argument' && words.test(error.message) && !error.message.includes('low-water'))
  }
  await within({ https_proxy: 'gopher://proxy' }, () => assert.throws(() => nodeFetch(), /https_proxy is no address of a proxy/))
})

test('a connection that is not made in time is a time-out', async () => {
  // takes the connection, and never a word of TLS
  const silent = createServer(() => {})
  await new Promise((ready) => silent.listen(0, '127.0.0.1', ready))
  after(() => silent.close())
  const options = { plainHttp: false, attempts: 1, fetch: nodeFetch({ connectTimeout: 100 }) }
  const error = await rejection(read(`127.0.0.1:${silent.address().port}`, options))
  assert.deepEqual([error.code, error.retryable], ['timeout', true], error.message)
})

test('the fetch of Node keeps its own connections', async () => {
  const { connectScript, installed } = await script()
  const dispatcher = "globalThis[Symbol.for('undici.globalDispatcher.1')]"
  const program = `await fetch('data:,')\nconst before = ${dispatcher}\n${connectScript(`fetch: nodeFetch({ ca: ${JSON.stringify(file)} }),`)}\nconsole.log(before === ${dispatcher})`
  const { stdout, stderr } = await nodeIn(installed, ['--input-type=module', '--eval', program])
  assert.match(stdout, /^sha256:.*\ntrue$/m, stderr)
})

/** A program of a process of its own, which prints the digest of a tag. */
async function script() {
  const installed = await installation()
  const connectScript = (options) => `import { connect } from 'portreeve'
import { nodeFetch } from 'portreeve/node'
const { digest } = await connect('${tls.host}', { plainHttp: false, ${options} }).repository('shop/web').manifest('v1.4.2')
console.log(digest)
void nodeFetch`
  return { connectScript, installed }
}
