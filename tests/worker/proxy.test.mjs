// What comes through the proxy is what the registry answered.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'

import { needs, execute } from '../support/peers.mjs'
import { temporaryFolder } from '../support/servers.mjs'
import { order, requests, startShop, withPassword } from '../support/shop.mjs'

const INDEX = { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' }

const { demo, worker } = await startShop(after)
const behind = (path, init) => fetch(`${demo.url}/v2/shop/web/${path}`, init)
const through = (path, init) => fetch(`${worker.url}/v2/demo/shop/web/${path}`, init)
const bytes = async (response) => Buffer.from(await response.arrayBuffer())

const index = await (await behind('manifests/v1.4.2', { headers: INDEX })).json()
const image = await (await behind(`manifests/${index.manifests[0].digest}`, { headers: INDEX })).json()
const layer = image.layers[0]

test('a manifest is the same bytes under the same headers', async () => {
  for (const reference of ['v1.4.2', index.manifests[0].digest]) {
    const [own, other] = [await through(`manifests/${reference}`, { headers: INDEX }), await behind(`manifests/${reference}`, { headers: INDEX })]
    assert.deepEqual(await bytes(own), await bytes(other))
    for (const name of ['content-type', 'content-length', 'docker-content-digest', 'etag']) {
      assert.equal(own.headers.get(name), other.headers.get(name), name)
    }
  }
})

test('HEAD tells what GET would', async () => {
  for (const path of ['manifests/v1.4.2', `blobs/${layer.digest}`]) {
    const [head, get] = [await through(path, { method: 'HEAD', headers: INDEX }), await through(path, { headers: INDEX })]
    assert.equal(head.status, 200)
    assert.equal(head.headers.get('content-length'), String((await bytes(get)).length), path)
    assert.equal(head.headers.get('docker-content-digest'), get.headers.get('docker-content-digest'))
    assert.equal(head.headers.get('content-type'), get.headers.get('content-type'))
  }
})

test('a HEAD that lacks a header is made whole from the manifest', async () => {
  await order(demo, { method: 'HEAD', path: '/v2/shop/web/manifests/v1.4.1', carriedOut: true, headers: { 'docker-content-digest': '' } })
  const head = await through('manifests/v1.4.1', { method: 'HEAD', headers: INDEX })
  const get = await behind('manifests/v1.4.1', { headers: INDEX })
  assert.equal(head.headers.get('docker-content-digest'), get.headers.get('docker-content-digest'))
  assert.equal(head.headers.get('content-length'), get.headers.get('content-length'))
})

test('If-None-Match is answered 304 without a body', async () => {
  const { headers } = await through('manifests/v1.4.2', { headers: INDEX })
  const again = await through('manifests/v1.4.2', { headers: { ...INDEX, 'if-none-match': headers.get('etag') } })
  assert.equal(again.status, 304)
  assert.equal((await bytes(again)).length, 0)
})

test('a blob comes whole, in a range, and beyond its end as the registry says', async () => {
  const whole = await through(`blobs/${layer.digest}`)
  const all = await bytes(whole)
  assert.equal(`sha256:${createHash('sha256').update(all).digest('hex')}`, layer.digest)
  const part = await through(`blobs/${layer.digest}`, { headers: { range: 'bytes=5-9' } })
  assert.equal(part.status, 206)
  assert.equal(part.headers.get('content-range'), `bytes 5-9/${all.length}`)
  assert.deepEqual(await bytes(part), all.subarray(5, 10))
  const beyond = await through(`blobs/${layer.digest}`, { headers: { range: `bytes=${all.length}-` } })
  assert.equal(beyond.status, 416)
  assert.equal(beyond.headers.get('content-range'), `bytes */${all.length}`)
  assert.ok((await beyond.json()).errors)
})

test('tags are listed under the name that the client knows, page by page', async () => {
  const names = []
  for (let path = '/v2/demo/shop/web/tags/list?n=7'; path; ) {
    const response = await fetch(`${worker.url}${path}`)
    const { name, tags } = await response.json()
    assert.equal(name, 'demo/shop/web')
    names.push(...tags)
    path = /^<(\/v2\/demo\/shop\/web\/tags\/list\?[^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  }
  const { tags } = await (await behind('tags/list?n=1000')).json()
  assert.deepEqual(names.sort(), tags.sort())
})

test('referrers come through', async () => {
  const signed = (await through('manifests/v1.4.0', { headers: INDEX, method: 'HEAD' })).headers.get('docker-content-digest')
  assert.deepEqual(await (await through(`referrers/${signed}`)).json(), await (await behind(`referrers/${signed}`)).json())
})

test("the client's credentials and names stay here", async () => {
  await requests(demo)
  await through('manifests/v1.4.2', { headers: { ...INDEX, authorization: 'Basic Og==', cookie: 'a=b', 'user-agent': 'docker/27' } })
  const [seen] = await requests(demo)
  assert.equal(seen.authorization ?? null, null)
  assert.match(seen.userAgent, /^portreeve\//)
  assert.equal(seen.accept, INDEX.accept)
})

test('nothing pushed can run on this origin', async () => {
  await order(demo, { path: `/v2/shop/web/blobs/${layer.digest}`, carriedOut: true, headers: { 'content-type': 'text/html', 'set-cookie': 'a=b' } })
  const { headers } = await through(`blobs/${layer.digest}`)
  assert.equal(headers.get('content-type'), 'application/octet-stream')
  assert.equal(headers.get('content-disposition'), 'attachment')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.match(headers.get('content-security-policy'), /sandbox/)
  assert.equal(headers.get('set-cookie'), null)
})

test("redirected blobs are fetched here, and the registry's password does not follow", async (t) => {
  const storage = `${demo.url.replace('127.0.0.1', 'localhost')}/_storage`
  const elsewhere = await startShop(t.after.bind(t), {
    demoArgs: ['--profile', 'basic', '--redirect-blobs', storage],
    change: withPassword,
    secrets: { USER: 'demo', PASSWORD: 'demo-password' },
  })
  await requests(demo)
  const response = await fetch(`${elsewhere.worker.url}/v2/demo/shop/web/blobs/${layer.digest}`, { headers: { range: 'bytes=0-3' }, redirect: 'manual' })
  assert.equal(response.status, 206, await response.clone().text())
  assert.equal(response.headers.get('docker-content-digest'), layer.digest)
  const seen = (await requests(demo)).filter(({ target }) => target.startsWith('/_storage'))
  assert.deepEqual(seen.map(({ range, authorization }) => [range, authorization ?? null]), [['bytes=0-3', null]])
  assert.ok((await requests(elsewhere.demo)).some(({ authorization }) => authorization === 'Basic'), 'the registry itself was shown it')
})

test('nothing is written', async () => {
  for (const [method, path] of [
    ['PUT', 'manifests/v9'],
    ['DELETE', 'manifests/v1.4.2'],
    ['POST', 'blobs/uploads/'],
    ['PATCH', 'blobs/uploads/1'],
  ]) {
    const response = await through(path, { method })
    assert.equal(response.status, 405, method)
    assert.equal((await response.json()).errors[0].code, 'UNSUPPORTED')
  }
})

test('skopeo copies a whole image', { skip: needs('skopeo') }, async () => {
  const folder = temporaryFolder('copy')
  await execute('skopeo', ['--insecure-policy', 'copy', '--all', '--src-tls-verify=false', `docker://${worker.host}/demo/shop/web:v1.4.2`, `dir:${folder}`])
})
