// What reading a repository whole by the packed package does in every runtime, against the demo
// registry at `host`.

import { connect, readInventory } from 'portreeve'

import { failure } from './failure.mjs'

/** The repository of `host`, and what was asked of it so far: a method and a path each. */
function watched(host) {
  const asked = []
  const onRequest = ({ method, url }) => asked.push(`${method} ${new URL(url).pathname}`)
  return { web: connect(host, { onRequest }).repository('shop/web'), asked }
}

const REVISION = 'org.opencontainers.image.revision'

export const cases = {
  'tells layers, platforms, annotations and labels as they were asked for': async ({ assert, host }) => {
    const { web } = watched(host)
    const plain = await web.inventory({ policy: { delete: [{ name: 'untagged', tagged: false, olderThan: { pushed: '9d' } }] } })
    for (const { kind, layers, labels } of plain.images) {
      assert.isUndefined(layers)
      if (kind === 'image') assert.isUndefined(labels)
    }
    const whole = await web.inventory({ layers: true, annotations: ['team'], labels: [REVISION] })
    assert.deepEqual([whole.annotationKeys, whole.labelKeys], [['team'], [REVISION]])
    const images = whole.images.filter(({ kind }) => kind === 'image')
    assert.isNotEmpty(images)
    for (const image of images) {
      assert.match(image.platform, /^linux\//)
      assert.isAbove(image.layers[0].size, 0)
      assert.match(image.labels[REVISION], /^[0-9a-f]{40}$/)
      assert.deepEqual(image.annotations, {})
    }
    assert.deepEqual((await readInventory(whole.text)).images, whole.images)
  },

  'reads nothing again that an earlier inventory or a cache tells, and only reads': async ({ assert, host }) => {
    const { web, asked } = watched(host)
    const cache = new Map()
    const first = await web.inventory({ layers: true, cache })
    const contents = (requests) => requests.filter((request) => /^GET .*(manifests|blobs)/.test(request))
    assert.isNotEmpty(contents(asked))
    assert.isAbove(cache.size, 0)
    for (const known of [{ earlier: first }, { cache }]) {
      const before = asked.length
      const next = await web.inventory({ layers: true, ...known })
      assert.deepEqual(contents(asked.slice(before)), [])
      const said = ({ images }) => images.map(({ times, tags, ...image }) => [image, times.created])
      assert.deepEqual(said(next), said(first))
    }
    assert.isTrue(asked.every((request) => /^(GET|HEAD) /.test(request)))
  },

  'tells how far reading has come, and stops by a signal': async ({ assert, host }) => {
    const { web } = watched(host)
    const told = []
    await web.inventory({ onProgress: ({ phase, done, known }) => told.push({ phase, done, known }) })
    assert.equal(told[0].phase, 'listing')
    assert.isTrue(told.every(({ done, known }) => done <= known))
    const ending = new AbortController()
    const stopped = failure(() => web.inventory({ signal: ending.signal, onProgress: () => ending.abort() }))
    assert.equal((await stopped).name, 'AbortError')
  },

  'refuses options that cannot be what they are, and policies with their problems': async ({ assert, host }) => {
    const { web, asked } = watched(host)
    for (const wrong of [{ layers: 1 }, { annotations: 'team' }, { labels: [1] }, { referrers: 'no' }, { reported: {} }, { cache: {} }]) {
      const error = await failure(() => web.inventory(wrong))
      assert.equal(error.code, 'invalid_argument', JSON.stringify(wrong))
    }
    assert.equal((await failure(() => web.inventory({ reported: ['latest'] }))).code, 'invalid_argument')
    const error = await failure(() => web.inventory({ policy: { delete: [{ name: 'all' }] } }))
    assert.equal(error.code, 'invalid_policy')
    assert.isNotEmpty(error.details)
    assert.deepEqual(asked, [])
  },
}
