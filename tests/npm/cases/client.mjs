// What the packed package does in every runtime, against the demo registry at `host`.

import { RegistryError, connect, matchPlatform, parseReference } from 'portreeve'

import { failure } from './failure.mjs'

/** Orders the registry to misbehave once. */
async function fault(host, order) {
  await fetch(`http://${host}/_demo/faults`, { method: 'POST', body: JSON.stringify(order) })
}

const sha256 = (bytes) => digest(256, bytes)

async function digest(length, bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest(`SHA-${length}`, bytes))
  return `sha${length}:${[...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

async function collected(listing) {
  const items = []
  for await (const item of listing) items.push(item)
  return items
}

async function bytesOf(stream) {
  const chunks = []
  const reader = stream.getReader()
  // Response would do it in a line, but Chromium's hides the stream's error behind its own
  for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value)
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

/** A `fetch` that is a registry with one tag: open, or locked by a password or a token. */
function registry({ open = false, password, bearer, challenge = 'Basic realm="x"' }) {
  const proof = bearer === undefined ? `Basic ${btoa(`me:${password}`)}` : `Bearer ${bearer}`
  return async (url, init) => {
    const passes = open || new Headers(init.headers).get('authorization') === proof
    if (!passes) return new Response('{}', { status: 401, headers: { 'www-authenticate': challenge } })
    return Response.json({ name: 'a', tags: ['v1'] })
  }
}

export const cases = {
  'lists the tags that curl lists, and proves that these are all': async ({ assert, host }) => {
    const listing = connect(host).repository('shop/web').tags()
    const names = (await collected(listing)).map(({ name }) => name)
    const listed = await (await fetch(`http://${host}/v2/shop/web/tags/list`)).json()
    assert.deepEqual(names, listed.tags)
    assert.deepEqual(await listing.done(), { complete: true, requestsUsed: 1 })
  },

  'goes on where a loop was left, page by page or tag by tag': async ({ assert, host }) => {
    const listing = connect(host).repository('shop/web').tags()
    const seen = []
    for await (const { name } of listing) if (seen.push(name) === 3) break
    for await (const page of listing.pages()) seen.push(...page.map(({ name }) => name))
    assert.equal(new Set(seen).size, 49)
    assert.equal(seen.length, 49)
    assert.deepEqual(await collected(listing), [])
  },

  'reads tags with their facts, each digest once, and nothing again that a cache holds': async ({ assert, host }) => {
    let requests = 0
    const web = connect(host, { onRequest: () => (requests += 1) }).repository('shop/web')
    const cache = new Map()
    const listing = web.tags({ with: ['digest', 'size', 'created', 'platforms'], sort: 'created', limit: 5, cache })
    const tags = await listing.all()
    assert.lengthOf(tags, 5)
    for (const { digest, size, created, platforms, sources } of tags) {
      assert.match(digest, /^sha256:/)
      assert.isAbove(size, 0)
      assert.isNotEmpty(platforms)
      assert.isString(sources.created)
      assert.isAbove(Date.parse(created), 0)
    }
    const times = tags.map(({ created }) => Date.parse(created))
    assert.deepEqual(times, times.toSorted((one, other) => other - one))
    const { complete, cause, requestsUsed } = await listing.done()
    assert.deepEqual([complete, cause, requestsUsed], [false, 'limited', requests])
    assert.isAbove(cache.size, 0)
    const again = web.tags({ with: ['created'], sort: 'created', limit: 5, cache })
    await again.all()
    // this registry's list tells digests, and the cache what they are
    assert.equal((await again.done()).requestsUsed, 1)
  },

  'lists repositories, and says what the registry is and can do': async ({ assert, host }) => {
    const registry = connect(host)
    const names = (await registry.repositories().all()).map(({ name }) => name)
    assert.includeMembers(names, ['shop/api', 'shop/web'])
    assert.lengthOf(await registry.repositories({ limit: 1 }).all(), 1)
    // a browser shows a page few of another origin's headers
    assert.include([undefined, 'registry/2.0'], (await registry.ping()).apiVersion)
    const { catalog, registry: found, requestsUsed } = await registry.capabilities({ repository: 'shop/web' })
    assert.deepEqual(catalog, { is: 'yes', known: 'probed' })
    assert.isString(found.id)
    assert.isAbove(requestsUsed, 0)
    assert.equal((await failure(() => registry.token({ repository: 'shop/web' }))).code, 'unsupported')
  },

  'asks for a manifest and a blob without reading them, and for a part of a blob': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const { digest, mediaType, size } = await web.head('v1.4.2')
    const manifest = await web.manifest('v1.4.2')
    assert.deepEqual([digest, mediaType, size], [manifest.digest, manifest.mediaType, manifest.size])
    const [{ layers }] = (await web.image('v1.4.2')).platforms
    const layer = layers[0].digest
    assert.deepEqual(await web.blobHead(layer), { digest: layer, size: layers[0].size })
    const whole = await web.blob(layer)
    assert.equal(whole.size, layers[0].size)
    const bytes = await bytesOf(whole)
    const part = await web.blob(layer, { range: { from: 2, to: 10 } })
    assert.deepEqual(part.part, { from: 2, to: 10 })
    assert.deepEqual(await bytesOf(part), bytes.slice(2, 10))
    assert.equal((await failure(() => web.head('v0.0.0'))).code, 'not_found')
    assert.equal((await failure(() => web.blobHead(`sha256:${'0'.repeat(64)}`))).code, 'not_found')
  },

  'chooses the image of an index that a machine runs': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const { document } = await web.manifest('v1.4.2')
    const chosen = await matchPlatform(document.manifests, 'linux/arm64/v8')
    assert.equal(chosen.platform.architecture, 'arm64')
    const manifest = await web.manifest('v1.4.2', { platform: 'linux/arm64' })
    assert.equal(manifest.digest, chosen.digest)
    assert.isUndefined(await matchPlatform(document.manifests, 'linux/s390x'))
    const none = await failure(() => web.manifest('v1.4.2', { platform: 'linux/s390x' }))
    assert.equal(none.code, 'not_found')
    assert.include(none.message, 'linux/arm64')
  },

  'tells of every request and its answer': async ({ assert, host }) => {
    const told = []
    const registry = connect(host, { onRequest: (event) => told.push(event), onResponse: (event) => told.push(event) })
    await registry.repository('shop/web').head('v1.4.2')
    const [request, response] = told
    assert.deepEqual([request.method, request.url, request.attempt], ['HEAD', `http://${host}/v2/shop/web/manifests/v1.4.2`, 1])
    assert.equal(response.number, request.number)
    assert.equal(response.status, 200)
  },

  'gives up what is in flight when a listing is disposed of': async ({ assert, host }) => {
    const dispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')
    let given
    const fetch = (_, { signal }) => new Promise((_, reject) => ((given = signal), signal.addEventListener('abort', () => reject(signal.reason))))
    const registry = connect(host, { fetch })
    const listing = registry.repository('shop/web').tags()
    const page = failure(() => listing.all())
    while (given === undefined) await new Promise((later) => setTimeout(later))
    await listing[dispose]()
    assert.isTrue(given.aborted)
    assert.equal((await page).name, 'AbortError')
    assert.deepEqual(await collected(listing), [])
    assert.equal((await listing.done()).complete, false)
    await registry[dispose]()
    assert.equal((await failure(() => registry.ping())).code, 'invalid_argument')
    const stream = await connect(host).repository('shop/web').blob((await connect(host).repository('shop/web').image('v1.4.2')).platforms[0].layers[0].digest)
    await stream[dispose]()
    assert.isTrue((await stream.getReader().read()).done)
  },

  'reads a manifest whose bytes have the digest': async ({ assert, host }) => {
    const manifest = await connect(host).repository('shop/web').manifest('v1.4.2')
    assert.equal(await sha256(manifest.bytes), manifest.digest)
    assert.equal(manifest.size, manifest.bytes.length)
    assert.equal(manifest.mediaType, 'application/vnd.oci.image.index.v1+json')
    assert.deepEqual(manifest.document, JSON.parse(new TextDecoder().decode(manifest.bytes)))
  },

  'shows the platforms of an image with their dates and sizes': async ({ assert, host }) => {
    const image = await connect(host).repository('shop/web').image('v1.4.2')
    const platforms = image.platforms.map(({ platform }) => `${platform.os}/${platform.architecture}`)
    assert.deepEqual(platforms, ['linux/amd64', 'linux/arm64'])
    for (const { config, size, layers, created } of image.platforms) {
      assert.isAbove(size, 0)
      assert.isNotEmpty(layers)
      assert.equal(Date.parse(created), Date.parse(config.created))
    }
    assert.equal(
      image.created,
      image.platforms
        .map(({ created }) => created)
        .sort()
        .at(-1),
    )
  },

  'shows a Docker image of one platform': async ({ assert, host }) => {
    const { mediaType, platforms } = await connect(host).repository('shop/api').image('latest')
    assert.equal(mediaType, 'application/vnd.docker.distribution.manifest.v2+json')
    assert.lengthOf(platforms, 1)
  },

  'streams a blob, byte by byte': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const [{ layers }] = (await web.image('v1.4.2')).platforms
    const bytes = await bytesOf(await web.blob(layers[0].digest))
    assert.equal(bytes.length, layers[0].size)
    assert.equal(await sha256(bytes), layers[0].digest)
  },

  'ends the stream of a corrupted blob with digest_mismatch': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const [{ layers }] = (await web.image('v1.4.2')).platforms
    await fault(host, { method: 'GET', path: '/v2/**/blobs/**', corrupt: true })
    const error = await failure(async () => bytesOf(await web.blob(layers[0].digest)))
    assert.instanceOf(error, RegistryError)
    assert.equal(error.code, 'digest_mismatch')
    assert.include(error.message, 'fetch it again')
  },

  'compares content that is named by sha512 by that': async ({ assert }) => {
    const manifest = new TextEncoder().encode('{"schemaVersion":2,"manifests":[]}')
    const layer = crypto.getRandomValues(new Uint8Array(60_000))
    const [byManifest, byLayer] = [await digest(512, manifest), await digest(512, layer)]
    const serving = (body) => {
      const fetch = async () => new Response(body, { headers: { 'content-length': String(body.length) } })
      return connect('registry.example', { fetch }).repository('a')
    }
    assert.equal((await serving(manifest).manifest(byManifest)).digest, byManifest)
    assert.equal(await digest(512, await bytesOf(await serving(layer).blob(byLayer))), byLayer)
    const damaged = layer.with(30_000, layer[30_000] ^ 1)
    for (const attempt of [
      () => serving(manifest.with(0, 32)).manifest(byManifest),
      async () => bytesOf(await serving(damaged).blob(byLayer)),
    ]) {
      assert.equal((await failure(attempt)).code, 'digest_mismatch')
    }
  },

  'takes a page of 200,000 names, which is more than a call may have arguments': async ({ assert }) => {
    const tags = Array.from({ length: 200_000 }, (_, number) => `v${number}`)
    const page = JSON.stringify({ name: 'a', tags })
    const behind = JSON.stringify({ name: 'a', tags: [] })
    const fetch = async (url) => new Response(String(url).includes('last=') ? behind : page)
    const repository = connect('registry.example', { fetch }).repository('a')
    assert.lengthOf(await repository.tags().all(), tags.length)
    const walked = []
    for await (const { name } of repository.tags()) walked.push(name)
    assert.deepEqual(walked.slice(-2), tags.slice(-2))
    assert.lengthOf(walked, tags.length)
  },

  'lists what refers to a manifest': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const { digest } = await web.manifest('v1.4.0')
    const listing = web.referrers(digest)
    const referrers = await collected(listing)
    assert.isNotEmpty(referrers)
    for (const referrer of referrers) {
      assert.equal((await web.manifest(referrer.digest)).document.subject.digest, digest)
    }
    assert.isTrue((await listing.done()).complete)
  },

  'says not_found, and what to do, for a missing tag': async ({ assert, host }) => {
    const error = await failure(() => connect(host).repository('shop/web').manifest('v0.0.0'))
    assert.instanceOf(error, RegistryError)
    assert.instanceOf(error, Error)
    assert.equal(error.name, 'RegistryError')
    assert.equal(error.code, 'not_found')
    assert.equal(error.status, 404)
    assert.isFalse(error.retryable)
    assert.include(error.message, 'shop/web:v0.0.0')
    assert.equal(error.constructor.name, 'RegistryError')
  },

  'refuses what cannot be a reference before anything is sent': async ({ assert, host }) => {
    let sent = 0
    const counting = (...request) => ((sent += 1), fetch(...request))
    const registry = connect(host, { fetch: counting })
    const attempts = [
      () => parseReference('shop/UPPER'),
      () => registry.repository('shop/web').manifest('not a tag'),
      () => registry.repository('Shop//Web').manifest('v1'),
      () => registry.repository('shop/web').blob('sha256:12'),
      () => collected(registry.repository('../web').tags()),
      () => connect('http://with.scheme').repository('a').manifest('b'),
    ]
    for (const attempt of attempts) assert.equal((await failure(attempt)).code, 'invalid_reference', String(attempt))
    assert.equal(sent, 0)
  },

  'reads a reference as docker does, the path of a proxy included': async ({ assert, host }) => {
    const proxied = await parseReference(`${host}/demo/shop/web:v1.4.2`)
    assert.deepEqual(proxied, { host, repository: 'demo/shop/web', tag: 'v1.4.2' })
    const strict = await failure(() => parseReference('alpine', { strict: true }))
    assert.include(strict.message, 'docker.io/library/alpine:latest')
    assert.deepEqual(await parseReference('alpine'), { host: 'docker.io', repository: 'library/alpine', tag: 'latest' })
  },

  'an abort comes out as itself, before a request and during one': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const before = await failure(() => web.manifest('v1.4.2', { signal: AbortSignal.abort() }))
    assert.equal(before.name, 'AbortError')
    const reason = new RangeError('enough')
    const controller = new AbortController()
    await fault(host, { method: 'GET', path: '/v2/shop/web/manifests/*', hang: true })
    setTimeout(() => controller.abort(reason), 50)
    assert.equal(await failure(() => web.manifest('v1.4.2', { signal: controller.signal })), reason)
    const listing = web.tags({ signal: AbortSignal.abort(reason) })
    assert.equal(await failure(() => listing.done()), reason)
  },

  'an abort ends the stream of a blob': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const [{ layers }] = (await web.image('v1.4.2')).platforms
    const controller = new AbortController()
    const stream = await web.blob(layers[0].digest, { signal: controller.signal })
    controller.abort()
    assert.equal((await failure(() => bytesOf(stream))).name, 'AbortError')
  },

  'an error says which request it was': async ({ assert, host }) => {
    const error = await failure(() => connect(host).repository('shop/none').tags().done())
    assert.deepEqual([error.code, error.status, error.request.method], ['not_found', 404, 'GET'])
    assert.include(error.request.url, `http://${host}/v2/shop/none/tags/list`)
  },

  'tries again where the registry asks for a pause': async ({ assert, host }) => {
    await fault(host, { method: 'GET', path: '/v2/shop/web/tags/list', status: 429, headers: { 'retry-after': '0' } })
    assert.lengthOf(await collected(connect(host).repository('shop/web').tags()), 49)
  },

  'says unreachable, with the cause, where nobody listens': async ({ assert }) => {
    let tries = 0
    const nobody = () => {
      tries += 1
      return Promise.reject(new TypeError('fetch failed'))
    }
    const error = await failure(() => connect('127.0.0.1:9', { fetch: nobody }).repository('a').manifest('b'))
    assert.equal(error.code, 'unreachable')
    assert.isTrue(error.retryable)
    assert.instanceOf(error.cause, TypeError)
    assert.isAbove(tries, 1)
  },

  'a credential is looked up once for all that wait, and only where nobody does not do': async ({ assert }) => {
    const asked = []
    const credential = async (name) => {
      asked.push(name)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return { username: 'me', password: 'PLANTED-SECRET' }
    }
    const open = connect('open.example', { fetch: registry({ open: true }), credential })
    await open.repository('a').tags().done()
    assert.deepEqual(asked, [])
    const locked = connect('locked.example', { fetch: registry({ password: 'PLANTED-SECRET' }), credential })
    const all = Array.from({ length: 6 }, () => collected(locked.repository('a').tags()))
    for (const tags of await Promise.all(all)) assert.deepEqual(tags, [{ name: 'v1' }])
    assert.deepEqual(asked, ['locked.example'])
  },

  'what a look-up answers may come at once or later, be nothing, or be for some repositories': async ({ assert }) => {
    const fetch = registry({ password: 'PLANTED-SECRET' })
    const me = { username: 'me', password: 'PLANTED-SECRET' }
    const codes = { a: [], b: [] }
    for (const answer of [me, Promise.resolve(me), { credential: me }, { repositories: { a: me } }, null, undefined, {}]) {
      const locked = connect('locked.example', { fetch, credential: () => answer })
      for (const name of ['a', 'b']) {
        codes[name].push(await collected(locked.repository(name).tags()).then(() => 'ok', ({ code }) => code))
      }
    }
    const no = 'unauthorized'
    assert.deepEqual(codes.a, ['ok', 'ok', 'ok', 'ok', no, no, 'invalid_argument'])
    assert.deepEqual(codes.b, ['ok', 'ok', 'ok', no, no, no, 'invalid_argument'])
  },

  'what a look-up throws comes out as itself': async ({ assert }) => {
    class Mine extends Error {}
    const fetch = registry({ password: 'x' })
    const aborted = new DOMException('enough', 'AbortError')
    for (const mine of [new Mine('a'), new Error('b'), new TypeError('c'), aborted, 'd', { e: 1 }]) {
      const throwing = () => {
        throw mine
      }
      for (const credential of [throwing, () => Promise.reject(mine)]) {
        const error = await failure(() => collected(connect('locked.example', { fetch, credential }).repository('a').tags()))
        assert.equal(error, mine)
      }
    }
  },

  'an answer that is no credential is told without being shown': async ({ assert }) => {
    const fetch = registry({ password: 'x' })
    const secret = 'PLANTED-SECRET'
    for (const answer of [
      secret,
      [secret],
      { username: secret },
      { username: 'me', password: 77_114_411 },
      { username: 'me', password: 'x', extra: secret },
      { token: secret, identityToken: secret },
      { token: `${secret}\n` },
      { username: `me:${secret}`, password: 'x' },
      { repositories: { a: secret } },
      { credential: { token: 77_114_411 } },
      () => secret,
      true,
    ]) {
      const locked = connect('locked.example', { fetch, credential: () => answer })
      const error = await failure(() => collected(locked.repository('a').tags()))
      assert.instanceOf(error, RegistryError)
      assert.equal(error.code, 'invalid_argument', JSON.stringify(answer))
      assert.notMatch(`${error.stack} ${JSON.stringify(error)}`, /PLANTED-SECRET|77114411/)
      if (typeof answer === 'function' || answer === null) continue
      const given = connect('locked.example', { fetch, credential: answer })
      const same = await failure(() => collected(given.repository('a').tags()))
      assert.notMatch(`${same.stack} ${JSON.stringify(same)}`, /PLANTED-SECRET|77114411/)
    }
  },

  'a token server elsewhere is asked only where it is pinned': async ({ assert }) => {
    const challenge = 'Bearer realm="https://login.elsewhere.example/token",service="s",scope="repository:a:pull"'
    const hosts = []
    const fetch = (url, init) => {
      hosts.push(new URL(url).host)
      if (url.includes('/token')) return Promise.resolve(Response.json({ token: 'opens' }))
      return registry({ bearer: 'opens', challenge })(url, init)
    }
    const credential = { username: 'me', password: 'PLANTED-SECRET' }
    const error = await failure(() => collected(connect('locked.example', { fetch, credential }).repository('a').tags()))
    assert.equal(error.code, 'unauthorized')
    assert.deepEqual(hosts, ['locked.example'])
    const realms = ['login.elsewhere.example']
    const pinned = connect('locked.example', { fetch, credential, realms }).repository('a')
    assert.deepEqual(await collected(pinned.tags()), [{ name: 'v1' }])
  },

  'an exception of an injected fetch comes out as itself': async ({ assert, host }) => {
    class OutOfTea extends Error {}
    const mine = new OutOfTea('no tea')
    const fetch = () => Promise.reject(mine)
    assert.equal(await failure(() => connect(host, { fetch }).repository('a').manifest('b')), mine)
  },

  'uploads text, bytes, a Blob and streams, and reads back what it uploaded': async ({ assert, host }) => {
    const web = connect(host).repository(`written/${crypto.randomUUID()}`)
    const bytes = new Uint8Array(700_000)
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 7919) >> 5
    const digest = await sha256(bytes)
    const opened = () => new Blob([bytes]).stream()
    const iterated = async function* () {
      for (let at = 0; at < bytes.length; at += 90_000) yield bytes.subarray(at, at + 90_000)
    }
    for (const [what, source, options] of [
      ['bytes', bytes, {}],
      ['a Blob', new Blob([bytes]), { digest }],
      ['a stream of known size', opened, { size: bytes.length }],
      ['a stream of known size and digest', iterated, { size: bytes.length, digest }],
      ['a stream in pieces', iterated, { chunkSize: 200_000 }],
      ['bytes in pieces', bytes, { chunkSize: 300_000 }],
    ]) {
      const fresh = connect(host).repository(`written/${crypto.randomUUID()}`)
      const sent = []
      const uploaded = await fresh.upload(source, { ...options, onProgress: (count) => sent.push(count) })
      assert.deepEqual({ ...uploaded }, { mediaType: 'application/octet-stream', digest, size: bytes.length }, what)
      assert.equal(uploaded.arrival, 'sent', what)
      assert.equal(sent.at(-1), bytes.length, what)
      assert.deepEqual(await sha256(await bytesOf(await fresh.blob(digest))), digest, what)
    }
    const text = await web.upload('ä text', { mediaType: 'text/plain' })
    assert.deepEqual([text.mediaType, text.size], ['text/plain', 7])
    assert.equal((await web.upload('ä text')).arrival, 'alreadyThere')
    const wrong = await sha256(new Uint8Array(1))
    for (const source of [bytes, iterated]) {
      const error = await failure(() => web.upload(source, { size: bytes.length, digest: wrong }))
      assert.equal(error.code, 'digest_mismatch')
    }
    const thrown = new RangeError('the file vanished')
    const broken = async function* () {
      yield bytes
      throw thrown
    }
    assert.equal(await failure(() => web.upload(broken, { chunkSize: 100_000 })), thrown)
    assert.equal((await failure(() => web.upload(opened()))).code, 'invalid_argument')
  },

  'pushes, tags, names what would vanish, and deletes': async ({ assert, host }) => {
    const web = connect(host).repository(`written/${crypto.randomUUID()}`)
    const config = await web.upload('{}', { mediaType: 'application/vnd.oci.image.config.v1+json' })
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const { digest } = await web.putManifest({ schemaVersion: 2, mediaType, config, layers: [] }, { tag: 'one' })
    const { tags, failed } = await web.tag(digest, ['two', 'three'])
    assert.deepEqual([tags, failed], [['two', 'three'], []])
    assert.deepEqual((await web.siblings('one')).tags.sort(), ['one', 'three', 'two'])
    assert.deepEqual(await web.untag('three'), { tag: 'three', digest, manifestStays: true })
    const refused = await failure(() => web.delete(digest, { tags: ['one'] }))
    assert.deepEqual([refused.code, refused.details.tags], ['refused', ['two']])
    assert.deepEqual(await web.delete(digest, { tags: ['one', 'two'] }), { digest, tags: ['one', 'two'] })
    assert.equal((await failure(() => web.head('one'))).code, 'not_found')
  },
}
