// The package through the Worker (`via`): repositories keep the registry's names, in Node and in a
// page of the Worker's own origin.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { build } from 'esbuild'

import { startBehindWorker } from '../support/behind_worker.mjs'
import { startBrowser } from '../support/browser.mjs'
import { importPackage, installation } from '../support/command_line.mjs'
import { needs } from '../support/peers.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { order, requests } from '../support/shop.mjs'

const { connect } = await importPackage()
const demo = await startDemoRegistry()
after(() => demo.stop())
const { anonymous, withToken, stop } = await startBehindWorker({ shop: demo })
after(() => stop())

const rejection = (promise) => promise.then(() => assert.fail('it was fulfilled'), (error) => error)
const straight = connect(demo.host).repository('shop/web')
const through = (options) => connect(demo.host, { via: anonymous.url, ...options }).repository('shop/web')

test('reading through the Worker is reading the registry', async () => {
  const listed = async (repository) => (await repository.tags().all()).map(({ name }) => name)
  assert.deepEqual(await listed(through()), await listed(straight))
  const [own, other] = [await through().manifest('v1.4.2'), await straight.manifest('v1.4.2')]
  assert.deepEqual([own.digest, own.mediaType, own.bytes], [other.digest, other.mediaType, other.bytes])
  const { document: image } = await through().manifest(own.document.manifests[0].digest)
  const [layer] = image.layers
  assert.equal((await new Response(await through().blob(layer.digest)).arrayBuffer()).byteLength, layer.size)
  assert.deepEqual((await through().image('v1.4.2')).platforms, (await straight.image('v1.4.2')).platforms)
  assert.deepEqual(await through().referrers(own.digest).all(), await straight.referrers(own.digest).all())
})

test('every request goes to the Worker and names the registry, also the next page of a listing', async () => {
  const urls = []
  const listing = through({ onRequest: ({ url }) => urls.push(new URL(url)), fetch: (url, init) => fetch(url.replace('n=1000', 'n=2'), init) }).tags()
  assert.equal((await listing.done()).complete, true)
  assert.ok(urls.length > 2, urls.join('\n'))
  for (const url of urls) {
    assert.equal(url.origin, anonymous.url)
    assert.equal(url.pathname, '/v2/shop/web/tags/list')
    assert.deepEqual(url.searchParams.getAll('ns'), [demo.host])
  }
})

test('the answer says whose it is, under the names that were asked for', async () => {
  const ns = encodeURIComponent(demo.host)
  const answer = await fetch(`${anonymous.url}/v2/shop/web/tags/list?n=1&ns=${ns}`)
  assert.equal(answer.headers.get('oci-namespace'), demo.host)
  assert.match(answer.headers.get('link'), new RegExp(`^</v2/shop/web/tags/list\\?.*&ns=${ns}>; rel="next"$`))
  assert.equal((await answer.json()).name, 'shop/web')
})

test('the credential is the Worker\'s, and is looked up for it', async () => {
  const { host, url, username, password } = withToken
  const hosts = []
  const credential = (asked) => (hosts.push(asked), { username, password })
  assert.ok(await connect(demo.host, { via: url, credential }).repository('shop/web').manifest('v1.4.2'))
  assert.deepEqual(hosts, [host])
  const error = await rejection(connect(demo.host, { via: url }).repository('shop/web').manifest('v1.4.2'))
  assert.deepEqual([error.code, error.message.includes(`at ${demo.host} via ${host}`)], ['unauthorized', true], error.message)
})

test('nothing of the client reaches the registry, nor its namespace', async () => {
  await requests(demo)
  await through({ headers: { 'x-own': 'mine' } }).manifest('v1.4.2')
  const seen = await requests(demo)
  assert.ok(seen.length > 0)
  assert.ok(!JSON.stringify(seen).includes('ns='), JSON.stringify(seen))
})

test('a registry that is no upstream is not asked, whatever it is called', async () => {
  for (const host of ['ghcr.io', '169.254.169.254', anonymous.host]) {
    const error = await rejection(connect(host, { via: anonymous.url, plainHttp: true }).repository('shop/web').manifest('v1.4.2'))
    assert.equal(error.code, 'not_found', `${host}: ${error.message}`)
  }
})

test('a Worker that is not there, and what is none, say so', async () => {
  const gone = await rejection(connect(demo.host, { via: 'http://127.0.0.1:1', attempts: 1 }).repository('shop/web').manifest('v1.4.2'))
  assert.deepEqual([gone.code, gone.message.includes(`${demo.host} via 127.0.0.1:1`)], ['unreachable', true], gone.message)
  for (const via of ['cr.acme.dev', 'https://cr.acme.dev/hub', 'http://cr.acme.dev', 'ftp://cr.acme.dev']) {
    const error = await rejection(connect(demo.host, { via }).repository('shop/web').manifest('v1.4.2'))
    assert.equal(error.code, 'invalid_argument', via)
  }
})

test('a 429 of the registry comes through with its pause', async () => {
  await order(demo, { method: 'GET', path: '/v2/*/*/tags/list', status: 429, headers: { 'retry-after': '3600' } })
  const error = await rejection(through().tags().done())
  assert.deepEqual([error.code, error.details.retryAfter], ['throttled', 3600])
})

test('a page of the Worker reads the registry without leaving its origin', { skip: needs('chromium') }, async (t) => {
  const folder = await installation()
  const { outputFiles } = await build({
    stdin: { contents: "export * from 'portreeve'", resolveDir: folder },
    bundle: true,
    format: 'esm',
    conditions: ['browser'],
    write: false,
    outfile: join(folder, 'page.js'),
  })
  const browser = await startBrowser()
  t.after(() => browser.close())
  const page = await browser.newPage()
  const asked = []
  page.on('request', (request) => asked.push(new URL(request.url()).origin))
  const serve = (path, contentType, body) => page.route(`${anonymous.url}${path}`, (route) => route.fulfill({ contentType, body }))
  await serve('/via.html', 'text/html', '<!doctype html>')
  await serve('/via.js', 'text/javascript', outputFiles[0].text)
  await page.goto(`${anonymous.url}/via.html`)
  const tags = await page.evaluate(async (host) => {
    const { connect } = await import('/via.js')
    const repository = connect(host, { via: location.origin }).repository('shop/web')
    const { document: index } = await repository.manifest('v1.4.2')
    const { document: image } = await repository.manifest(index.manifests[0].digest)
    const bytes = await new Response(await repository.blob(image.layers[0].digest)).arrayBuffer()
    if (bytes.byteLength !== image.layers[0].size) throw new Error('the layer is not whole')
    return (await repository.tags().all()).map(({ name }) => name)
  }, demo.host)
  assert.deepEqual(tags, (await straight.tags().all()).map(({ name }) => name))
  assert.deepEqual([...new Set(asked)], [anonymous.url])
})
