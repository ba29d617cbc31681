// Every function that the package exports, and every method of what it hands out, called with what
// programs without types come up with: a RegistryError says so, and WebAssembly never traps.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { before, test } from 'node:test'

import { installPackage } from '../support/package.mjs'

class Mine extends Error {}

const circular = {}
circular.self = circular

const throwing = {
  get text() {
    throw new Mine('a getter')
  },
  toJSON() {
    throw new Mine('a getter')
  },
}

const BAD = {
  null: null,
  zero: 0,
  'a negative number': -1,
  'a fraction': 1.5,
  NaN,
  infinity: Infinity,
  'a big integer': 1n,
  true: true,
  'an empty text': '',
  'a blank': ' ',
  'a null byte': '\0',
  'a null byte inside': 'shop/web\0:v1',
  umlauts: 'ünïcödé/wéb',
  'an emoji': '💥',
  'a lone surrogate': '\ud800',
  'a lone surrogate inside': 'shop/\udfffweb',
  'a right-to-left mark': 'shop\u202e/web',
  'line ends': 'shop/web\r\nX-Evil: 1',
  'a megabyte': 'a'.repeat(1 << 20),
  'a deep path': 'a/'.repeat(100_000),
  'deep JSON': '['.repeat(100_000),
  'an empty list': [],
  'lists in lists': [[[]]],
  'a list of null': [null],
  'an empty object': {},
  'an object': { a: 1 },
  'an object without a prototype': Object.create(null),
  'a prototype of its own': JSON.parse('{ "__proto__": { "text": 1 }, "constructor": 1 }'),
  'a circular object': circular,
  'an object that throws': throwing,
  'a function': () => {},
  'a symbol': Symbol('s'),
  'no date': new Date(NaN),
  'a map': new Map(),
  'a promise': Promise.resolve('shop/web'),
  bytes: new Uint8Array(8),
}

const EMPTY = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const DIGEST = `sha256:${'0'.repeat(64)}`
const HEAD = '{"complete":true,"format":"portreeve.inventory/1","host":"registry.example","listsUntagged":true,"recordsPushed":true,"repository":"shop/web","takenAt":1,"watchedSince":1}\n'
const EMPTY_INVENTORY = `${HEAD}{"images":0,"sha256":"${createHash('sha256').update(HEAD).digest('hex')}"}\n`
const CONFIGURATION = JSON.stringify({ version: 1, upstreams: { demo: { host: 'registry.example' } } })

let entries
let api

before(async () => {
  const folder = await installPackage()
  const load = (file) => import(pathToFileURL(join(folder, 'node_modules', 'portreeve', 'dist', file)))
  api = await load('index.js')
  const node = await load('node.js')
  entries = await everything(api, node, folder)
})

// nobody is asked: whatever gets as far as a request is told that there is nothing
const fetch = async () => new Response('{"errors":[{"code":"NAME_UNKNOWN","message":"none"}]}', { status: 404, headers: { 'content-type': 'application/json' } })

/** Of each function: valid arguments, and where `options` are among them, the keys that they have. */
async function everything(api, node, folder) {
  const registry = api.connect('registry.example', { fetch, attempts: 1 })
  const repository = registry.repository('shop/web')
  const configuration = await api.readConfiguration(CONFIGURATION)
  const store = api.memoryStore()
  const inventory = await api.readInventory(EMPTY_INVENTORY)
  const plan = await api.plan({ policy: {}, inventories: [inventory] })
  const cleanup = { policy: {}, registries: [{ host: 'registry.example', fetch }], store, onEvent: () => {}, fetch }
  const table = {
    api: [
      api,
      {
        apply: [plan, cleanup],
        connect: ['registry.example', { credential: { token: 'a' }, realms: ['a.example'], plainHttp: true, headers: { a: 'b' }, fetch, via: 'https://a.example', userAgent: 'a', concurrency: 1, attempts: 1, timeouts: { headers: 1, idle: 1, deadline: 1 }, onRequest: () => {}, onResponse: () => {}, onPause: () => {} }],
        dockerCredential: ['{}', 'registry.example'],
        loadInventory: [store, 'registry.example', 'shop/web'],
        matchPlatform: [[], 'linux/amd64'],
        memoryStore: [],
        parseReference: ['shop/web:v1', { strict: false }],
        plan: [{ policy: {}, limits: {}, inventories: [inventory], store, now: new Date(), simulated: true, reports: {}, unmanaged: [] }],
        expandJob: [configuration, 'shop', () => registry, { signal: undefined }],
        readConfiguration: [CONFIGURATION],
        readPlan: [plan.text],
        readInventory: [EMPTY_INVENTORY],
        RegistryError: [{ code: 'internal', message: 'a', request: { method: 'GET', url: 'a' } }],
        restore: ['a', { ...cleanup, only: [DIGEST] }],
        runOf: [plan],
        saveInventory: [store, inventory],
      },
    ],
    node: [node, { dockerCredentials: [{ files: [], env: {}, helperTimeout: 1000 }], fileStore: [join(folder, 'state')], nodeFetch: [{ proxy: false, insecure: false, connectTimeout: 1000 }] }],
    registry: [
      registry,
      {
        repository: ['shop/web'],
        repositories: [{ limit: 1, signal: undefined }],
        ping: [{ signal: undefined }],
        capabilities: [{ repository: 'shop/web', signal: undefined }],
        token: [{ repository: 'shop/web', actions: ['pull'], signal: undefined }],
      },
    ],
    repository: [
      repository,
      {
        tags: [{ with: ['digest'], sort: 'name', limit: 1, cache: new Map(), signal: undefined }],
        head: ['v1', { signal: undefined }],
        manifest: ['v1', { platform: 'linux/amd64', signal: undefined }],
        image: ['v1', { cache: new Map(), signal: undefined }],
        blob: [DIGEST, { range: { from: 0, to: 1 }, signal: undefined }],
        blobHead: [DIGEST, { signal: undefined }],
        referrers: [DIGEST, { artifactType: 'a/b', cosignTags: true, limit: 1, signal: undefined }],
        attached: [DIGEST, { signal: undefined }],
        upload: ['', { digest: EMPTY, size: 0, from: 'shop/api', chunkSize: 1, mediaType: 'a/b', onProgress: () => {}, signal: undefined }],
        mount: [DIGEST, { from: 'shop/api', signal: undefined }],
        putManifest: ['{}', { mediaType: 'a/b', tag: 'v1', signal: undefined }],
        tag: ['v1', ['v2'], { signal: undefined }],
        untag: ['v1', { signal: undefined }],
        siblings: ['v1', { signal: undefined }],
        delete: [DIGEST, { tags: ['v1'], signal: undefined }],
        inventory: [{ earlier: inventory, policy: {}, onProgress: () => {}, signal: undefined }],
      },
    ],
    configuration: [configuration, { upstream: ['demo'], upstreamAt: ['registry.example'], deleteCredential: ['demo'], job: ['shop'], jobsOf: ['registry.example', 'shop/web'], describe: [] }],
    listing: [repository.tags(), { pages: [], all: [], done: [] }],
    inventory: [inventory, { write: [() => {}] }],
    plan: [plan, { write: [() => {}], toJSON: [], why: ['v1'], changes: [plan], remember: [store] }],
  }
  return Object.entries(table).flatMap(([owner, [object, methods]]) => {
    assert.deepEqual(Object.keys(methods).sort(), functionsOf(object), `the functions of ${owner}: each wants a line in this test`)
    return Object.entries(methods).map(([name, valid]) => ({ name: `${owner}.${name}`, valid, call: (...given) => called(object, name, given) }))
  })
}

function functionsOf(object) {
  const prototype = Object.getPrototypeOf(object)
  const names = prototype === null || prototype === Object.prototype ? Object.keys(object) : Object.getOwnPropertyNames(prototype)
  return names.filter((name) => !['constructor', '__esModule'].includes(name) && typeof Object.getOwnPropertyDescriptor(prototype && prototype !== Object.prototype ? prototype : object, name)?.value === 'function').sort()
}

async function called(object, name, given) {
  if (name === 'RegistryError') return new object[name](...given)
  const result = await object[name](...given)
  if (name === 'dockerCredentials') await result('registry.example')
  if (typeof result?.done === 'function') await result.done()
  if (typeof result?.[Symbol.asyncIterator] === 'function') for await (const item of result) assert.notEqual(item, undefined)
  return result
}

/** The arguments with one of them, or one of their options, in the place of another. */
function* variations(valid) {
  for (const [place, argument] of valid.entries()) {
    const at = (value) => valid.map((one, index) => (index === place ? value : one))
    for (const [what, value] of Object.entries(BAD)) yield [`argument ${place + 1}: ${what}`, at(value)]
    if (Object.getPrototypeOf(Object(argument)) !== Object.prototype) continue
    for (const key of Object.keys(argument)) {
      for (const [what, value] of Object.entries(BAD)) yield [`${key}: ${what}`, at({ ...argument, [key]: value })]
    }
  }
}

test('whatever is wrong with an argument, a RegistryError says so', async () => {
  let calls = 0
  for (const { name, valid, call } of entries) {
    for (const [what, given] of variations(valid)) {
      calls += 1
      const error = await call(...given).then(() => undefined, (error) => error)
      if (error === undefined || error instanceof Mine) continue
      const where = `${name}, ${what}`
      assert.ok(error instanceof api.RegistryError, `${where}: ${error?.stack ?? String(error)}`)
      assert.notEqual(error.code, 'internal', `${where}: ${error.message}`)
      assert.ok(error.message.length < 1000, `${where}: a message of ${error.message.length} characters`)
    }
  }
  assert.ok(calls > 2000, `${calls} calls`)
})

test('without arguments, too', async () => {
  for (const { name, valid, call } of entries) {
    const error = await call().then(() => undefined, (error) => error)
    // whatever is required is said to be missing; options may be left out
    if (error === undefined) assert.ok(valid.length === 0 || valid[0]?.constructor === Object, `${name}: it went on with nothing`)
    else assert.ok(error instanceof api.RegistryError, `${name}: ${error.stack}`)
  }
})

test('what is valid is taken, and gets as far as the registry', async () => {
  for (const { name, valid, call } of entries) {
    const error = await call(...valid).then(() => undefined, (error) => error)
    if (error === undefined) continue
    assert.ok(error instanceof api.RegistryError, `${name}: ${error.stack}`)
    const expected = ['not_found', 'denied', 'invalid_argument', 'unsupported', 'upstream_error', 'incomplete_listing', 'unreachable']
    assert.ok(expected.includes(error.code), `${name}: ${error.code}, ${error.message}`)
  }
})

test('the core still works after all of it', async () => {
  assert.equal((await api.parseReference('shop/web')).repository, 'shop/web')
  const registry = api.connect('registry.example', { fetch })
  assert.equal((await registry.repository('a').head('b').catch((error) => error)).code, 'not_found')
  assert.equal((await api.plan({ policy: {}, inventories: [] })).format, 'portreeve.plan/1')
})
