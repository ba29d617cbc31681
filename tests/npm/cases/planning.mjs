// What planning and cleaning by the packed package do in every runtime, against the demo registry at `host`.

import { apply, connect, expandJob, loadInventory, memoryStore, plan, readConfiguration, readInventory, report, restore, saveInventory } from 'portreeve'

import { failure } from './failure.mjs'

const POLICY = {
  minimumAge: { created: '1d' },
  keep: [{ name: 'releases', tags: { regex: 'v[0-9.]+' } }],
  delete: [{ name: 'closed prs', tags: 'pr-*', olderThan: { pushed: '7d' } }],
}

async function names(tags) {
  return (await tags.all()).map(({ name }) => name).sort()
}

export const cases = {
  'plans in place: releases stay, old pull requests go': async ({ assert, host }) => {
    const inventory = await connect(host).repository('shop/web').inventory()
    assert.isTrue(inventory.complete)
    const { summary, repositories } = await plan({ policy: POLICY, inventories: [inventory] })
    assert.isAbove(summary.delete.groups, 0)
    for (const { tags, verdict } of repositories[0].images) {
      if (tags.some((tag) => /^v[0-9.]+$/.test(tag))) assert.equal(verdict, 'keep')
      if (verdict === 'delete' && tags.length > 0) assert.match(tags[0], /^pr-/)
    }
  },

  'the same inventory, policy and time give the same plan': async ({ assert, host }) => {
    const inventories = [await connect(host).repository('shop/web').inventory({ policy: POLICY })]
    const now = new Date('2030-01-01T00:00:00Z')
    const [one, other] = [
      await plan({ policy: POLICY, inventories, now }),
      await plan({ policy: POLICY, inventories, now }),
    ]
    assert.equal(one.text, other.text)
    assert.isTrue(one.simulated)
  },

  'names every problem of a policy and of a configuration by its place': async ({ assert }) => {
    const policy = { delete: [{ name: 'x', tags: '[', olderThan: { pushed: '0d' } }] }
    const broken = await failure(() => plan({ policy, inventories: [] }))
    assert.equal(broken.code, 'invalid_policy')
    assert.includeMembers(
      broken.details.map(({ path }) => path),
      ['$.delete[0].tags', '$.delete[0].olderThan.pushed'],
    )
    const unknown = await failure(() => readConfiguration('{ "version": 2, "upstream": {} }'))
    assert.equal(unknown.code, 'invalid_configuration')
    assert.deepEqual(
      unknown.details.map(({ path }) => path),
      ['$.version', '$.upstream'],
    )
  },

  'deletes nowhere but on loopback': async ({ assert, host }) => {
    const elsewhere = 'registry.example'
    const routed = (url, init) => fetch(url.replace(`https://${elsewhere}`, `http://${host}`), init)
    const inventories = [await connect(elsewhere, { fetch: routed }).repository('shop/web').inventory()]
    const made = await plan({ policy: POLICY, inventories })
    assert.isAbove(made.summary.delete.groups, 0)
    const options = { policy: POLICY, registries: [{ host: elsewhere }], store: memoryStore(), fetch: routed }
    const error = await failure(() => apply(made, options))
    assert.equal(error.code, 'unsupported')
    assert.include(error.message, elsewhere)
  },

  'carries a plan out, tells of it, and takes it back': async ({ assert, host }) => {
    const web = connect(host).repository('shop/web')
    const before = await names(web.tags())
    const made = await plan({ policy: POLICY, inventories: [await web.inventory()] })
    const events = []
    const work = { registries: [{ host }], store: memoryStore(), onEvent: (event) => events.push(event) }
    const run = await apply(made, { ...work, policy: POLICY })
    assert.equal(run.state, 'done')
    assert.equal(run.repositories[0].deleted.groups, made.summary.delete.groups)
    assert.lengthOf(
      events.filter(({ event }) => event === 'deleted'),
      made.summary.delete.manifests,
    )
    const gone = made.repositories[0].images.find(({ verdict, tags }) => verdict === 'delete' && tags.length > 0)
    assert.equal((await failure(() => web.manifest(gone.tags[0]))).code, 'not_found')
    assert.isTrue((await restore(run.run, work)).whole)
    assert.deepEqual(await names(web.tags()), before)
    assert.equal((await web.manifest(gone.tags[0])).digest, gone.digest)
  },

  'keeps an inventory as a document, and reads it back from a text, bytes, pieces and a stream': async ({ assert, host }) => {
    const inventory = await connect(host).repository('shop/web').inventory()
    const { text } = inventory
    assert.equal(inventory.size, inventory.images.length)
    assert.equal(text.trimEnd().split('\n').length, inventory.size + 2)
    const bytes = new TextEncoder().encode(text)
    const slices = function* () {
      for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777)
    }
    for (const source of [text, bytes, [text.slice(0, 99), text.slice(99)], slices(), new Blob([bytes]).stream()]) {
      const back = await readInventory(source)
      assert.equal(back.text, text)
      assert.deepEqual([back.host, back.repository, back.takenAt, back.complete], [host, 'shop/web', inventory.takenAt, true])
    }
    const store = memoryStore()
    await saveInventory(store, inventory)
    assert.equal((await loadInventory(store, host, 'shop/web')).text, text)
    assert.isUndefined(await loadInventory(store, host, 'shop/api'))
  },

  'says what is wrong with an inventory that is none': async ({ assert, host }) => {
    const { text } = await connect(host).repository('shop/web').inventory()
    const lines = text.split('\n')
    for (const [broken, hint] of [
      ['', /empty/],
      [text.slice(0, -80), /cut short/],
      [lines.toSpliced(3, 1).join('\n'), /closing line/],
      [text.replace('"digest":"sha', '"digits":"sha'), /line 2/],
      [new Uint8Array([0xff, 0xfe]), /UTF-8/],
    ]) {
      const error = await failure(() => readInventory(broken))
      assert.equal(error.code, 'invalid_argument')
      assert.match(error.message, hint)
    }
    const error = await failure(() => plan({ policy: POLICY, inventories: [{ text }] }))
    assert.match(error.message, /readInventory/)
  },

  'hands a plan over as data, as a text and in pieces': async ({ assert, host }) => {
    const made = await plan({ policy: POLICY, inventories: [await connect(host).repository('shop/web').inventory()] })
    const pieces = []
    made.write((piece) => pieces.push(piece))
    assert.equal(pieces.join(''), made.text)
    const document = JSON.parse(made.text)
    assert.deepEqual(made.toJSON(), document)
    assert.deepEqual(made.repositories[0].images, document.repositories[0].images)
    assert.deepEqual([made.format, made.hash, made.summary], [document.format, document.hash, document.summary])
    class Full extends Error {}
    const full = await failure(async () =>
      made.write(() => {
        throw new Full()
      }),
    )
    assert.instanceOf(full, Full)
  },

  'says why one image goes or stays, and what differs from an earlier plan': async ({ assert, host }) => {
    const inventories = [await connect(host).repository('shop/web').inventory({ policy: POLICY })]
    const made = await plan({ policy: POLICY, inventories })
    const why = await made.why('v1.4.0')
    assert.deepEqual([why.format, why.verdict, why.reason, why.rules[0].outcome], ['portreeve.why/1', 'keep', 'keep_rule', 'yes'])
    assert.equal((await made.why(why.digest)).digest, why.digest)
    assert.equal((await failure(() => made.why('v9'))).code, 'not_found')
    assert.isEmpty((await made.changes(made)).repositories)
    const before = await plan({ policy: POLICY, inventories, now: new Date('2000-01-01T00:00:00Z') })
    const [{ newlyDeleted }] = (await made.changes(before.text)).repositories
    assert.lengthOf(newlyDeleted, made.summary.delete.manifests)
    assert.equal((await failure(() => made.changes({ format: 'portreeve.plan/1' }))).code, 'invalid_argument')
  },

  'answers no question while it is being read': async ({ assert, host }) => {
    const made = await plan({ policy: POLICY, inventories: [await connect(host).repository('shop/web').inventory()] })
    let asked
    made.write(() => (asked ??= failure(() => made.why('v1.4.0'))))
    assert.equal((await asked).code, 'invalid_argument')
    assert.equal((await made.why('v1.4.0')).verdict, 'keep')
  },

  'relies on reports, and remembers their size and what is condemned': async ({ assert, host }) => {
    const inventories = [await connect(host).repository('shop/web').inventory()]
    // what another case has put back was pushed just now
    const byBuild = { ...POLICY, delete: [{ name: 'closed prs', tags: 'pr-*', olderThan: { created: '7d' } }] }
    const free = await plan({ policy: byBuild, inventories })
    const used = free.repositories[0].images.find(({ role, verdict }) => role === 'root' && verdict === 'delete')
    const cluster = await report.reduce(`x.example/shop/web@${used.digest}`, { kind: 'images' })
    const store = memoryStore()
    const policy = { ...byBuild, grace: '7d' }
    const made = await plan({ policy, inventories, reports: { cluster }, store })
    assert.deepInclude(made.reports[0], { name: 'cluster', size: 1, breach: null, required: true })
    assert.equal(made.summary.delete.groups, 0)
    const found = made.repositories[0].images.find(({ digest }) => digest === used.digest)
    assert.equal(found.reason, 'in_use')
    await made.remember(store)
    assert.deepEqual(JSON.parse(await store.read('report_sizes.json')).sizes, { cluster: 1 })
    const condemned = JSON.parse(await store.read(`${host.replace(':', '_')}/shop/web/condemned.json`))
    assert.equal(Object.keys(condemned.groups).length, free.summary.delete.groups - 1)
    const simulated = await plan({ policy, inventories, store, simulated: true })
    assert.equal((await failure(() => simulated.remember(store))).code, 'invalid_argument')
  },

  'looks up what a pattern means': async ({ assert, host }) => {
    const policies = { shop: POLICY }
    const jobs = { shop: { repositories: ['demo/shop/w*'], policy: 'shop' } }
    const configuration = await readConfiguration(JSON.stringify({ version: 1, upstreams: { demo: { host } }, policies, jobs }))
    const { repositories, unmanaged, unmatched } = await expandJob(configuration, 'shop', (upstream) => connect(upstream.host))
    assert.deepEqual(repositories, [{ upstream: 'demo', host, name: 'shop/web' }])
    assert.isTrue(unmanaged.some(({ name }) => name === 'shop/api'))
    assert.isEmpty(unmatched)
    assert.deepEqual(configuration.jobsOf(host, 'shop/web'), ['shop'])
  },
}
