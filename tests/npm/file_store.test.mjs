// `fileStore` of portreeve/node: what it kept is there, whole, whatever happened meanwhile.

import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, beforeEach, test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { installPackage } from '../support/package.mjs'
import { temporaryFolder } from '../support/servers.mjs'

let api
let folder
let store

before(async () => {
  const installed = await installPackage()
  writeFileSync(join(installed, 'api.mjs'), "export * from 'portreeve'\nexport * from 'portreeve/node'\n")
  api = await import(pathToFileURL(join(installed, 'api.mjs')))
})
beforeEach(() => {
  folder = temporaryFolder('state')
  store = api.fileStore(folder)
})

const STORES = { files: () => store, memory: () => api.memoryStore() }

for (const [kind, open] of Object.entries(STORES)) {
  test(`${kind}: a text is read as it was written last`, async () => {
    const kept = open()
    assert.equal(await kept.read('a/b.json'), undefined)
    await kept.write('a/b.json', 'one')
    await kept.write('a/b.json', 'two')
    assert.equal(await kept.read('a/b.json'), 'two')
  })

  test(`${kind}: lines are added in their order`, async () => {
    const kept = open()
    for (const line of ['one', 'two', 'three']) await kept.append('runs/r/journal.jsonl', line)
    assert.equal(await kept.read('runs/r/journal.jsonl'), 'one\ntwo\nthree\n')
  })

  test(`${kind}: a folder lists its texts and no folders`, async () => {
    const kept = open()
    assert.deepEqual(await kept.list('runs/r/backup'), [])
    await kept.write('runs/r/backup/a.json', '1')
    await kept.write('runs/r/backup/b@c+d.json', '2')
    await kept.write('runs/r/backup/deep/e.json', '3')
    assert.deepEqual((await kept.list('runs/r/backup')).sort(), ['a.json', 'b@c+d.json'])
  })

  test(`${kind}: of several writers only one swaps`, async () => {
    const kept = open()
    let turn = 0
    const race = (expected) => Promise.all([1, 2, 3, 4].map(() => kept.swap('lease.json', expected, `${(turn += 1)}`)))
    assert.equal((await race(undefined)).filter(Boolean).length, 1)
    const present = await kept.read('lease.json')
    assert.equal(await kept.swap('lease.json', 'another', 'mine'), false)
    assert.equal((await race(present)).filter(Boolean).length, 1)
  })
}

test('a line after one that broke off starts on a line of its own', async () => {
  await store.append('journal.jsonl', 'whole')
  appendFileSync(join(folder, 'journal.jsonl'), '{"brok')
  await store.append('journal.jsonl', 'next')
  assert.deepEqual((await store.read('journal.jsonl')).split('\n'), ['whole', '{"brok', 'next', ''])
})

test('a half-written file is neither read nor listed', async () => {
  await store.write('backup/a.json', 'whole')
  writeFileSync(join(folder, 'backup', 'b.json.1.half'), 'ha')
  assert.deepEqual(await store.list('backup'), ['a.json'])
})

test('a lock that a dead process left behind is taken over', { timeout: 30_000 }, async () => {
  const lock = join(folder, 'lease.json.lock')
  mkdirSync(dirname(lock), { recursive: true })
  writeFileSync(lock, '')
  assert.equal(await store.swap('lease.json', undefined, 'mine'), true)
  assert.equal(readFileSync(join(folder, 'lease.json'), 'utf8'), 'mine')
})

test('no path leads out of the folder', async () => {
  for (const path of ['../a', 'a/../../b', '/etc/passwd', 'a//b', '.hidden', 'a\0b', '']) {
    await assert.rejects(store.write(path, ''), (error) => error.code === 'invalid_argument', JSON.stringify(path))
  }
})

test('a disk that refuses is storage_failed, with the path and what to do', async () => {
  writeFileSync(join(folder, 'file'), '')
  await assert.rejects(store.write('file/a.json', ''), (error) => {
    assert.ok(error instanceof api.RegistryError)
    assert.equal(error.code, 'storage_failed')
    return error.message.includes(join(folder, 'file')) && /run the same command again/.test(error.message)
  })
})
