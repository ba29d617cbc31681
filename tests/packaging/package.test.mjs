// The tarball as package managers, bundlers and TypeScript see it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'

import { ROOT } from '../../tools/command.mjs'
import { userProject } from '../bundling/cases/project.mjs'
import { EXPECTED } from '../bundling/cases/expected.mjs'
import { installPackage, nodeIn, packPackage } from '../support/package.mjs'
import { startDemoRegistry } from '../support/registries.mjs'

let folder

before(async () => {
  folder = await installPackage()
})

/** Runs a program of the project's own node_modules. */
function tool(name, ...args) {
  const program = join(ROOT, 'node_modules', '.bin', name)
  return execFileSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
}

test('import and require give the same API, without waiting for anything', async () => {
  writeFileSync(join(folder, 'a.mjs'), "import * as api from 'portreeve'; console.log(Object.keys(api).sort().join())")
  writeFileSync(join(folder, 'b.cjs'), "console.log(Object.keys(require('portreeve')).filter((key) => key !== '__esModule').sort().join())")
  const [esm, cjs] = [await nodeIn(folder, ['a.mjs']), await nodeIn(folder, ['b.cjs'])]
  assert.equal(esm.stdout, cjs.stdout)
  for (const name of ['RegistryError', 'apply', 'connect', 'plan', 'restore']) assert.ok(esm.stdout.includes(name), name)
})

test('a program by import and one by require read, plan, and end by themselves', async (t) => {
  const registry = await startDemoRegistry()
  t.after(() => registry.stop())
  const project = await userProject(registry.host)
  const required = `const { connect } = require('portreeve')
    connect(${JSON.stringify(registry.host)}).repository('shop/web').tags().done().then(({ complete }) => console.log(complete))`
  writeFileSync(join(project, 'require.cjs'), required)
  const { stdout, stderr } = await nodeIn(project, ['print.mjs'])
  assert.deepEqual(JSON.parse(stdout || 'null'), EXPECTED, stderr)
  assert.equal((await nodeIn(project, ['require.cjs'])).stdout, 'true\n')
})

test('the command line and its store share the classes of the package', async () => {
  const code = `
    import { RegistryError, saveInventory } from 'portreeve'
    import { fileStore } from 'portreeve/node'
    const error = await fileStore('/dev/null/nowhere').write('a', 'b').catch((error) => error)
    console.log(error instanceof RegistryError, error.code)
    const told = await saveInventory(fileStore('state'), { text: '' }).catch((error) => error)
    console.log(told.code)`
  writeFileSync(join(folder, 'c.mjs'), code)
  const { stdout, stderr } = await nodeIn(folder, ['c.mjs'])
  assert.equal(stdout, 'true storage_failed\ninvalid_argument\n', stderr)
})

test('what a person types is described by the types, in every module resolution', () => {
  const code = `
    import { apply, connect, memoryStore, plan, RegistryError, type Tag, type Verdict } from 'portreeve'
    import { fileStore } from 'portreeve/node'
    const web = connect('127.0.0.1:5555', { credential: { username: 'a', password: 'b' } }).repository('shop/web')
    for await (const tag of web.tags({ signal: AbortSignal.timeout(1000) })) {
      const { name, digest }: Tag = tag
      console.log(name, digest?.length)
    }
    const { complete, requestsUsed } = await web.tags().done()
    const stream: ReadableStream<Uint8Array> = await web.blob('sha256:0')
    const inventories = [await web.inventory()]
    const made = await plan({ policy: {}, inventories, now: new Date() })
    const verdicts: Verdict[] = made.repositories.flatMap(({ images }) => images.map(({ verdict }) => verdict))
    const run = await apply(made, { policy: {}, registries: [{ host: 'a' }], store: fileStore('.') ?? memoryStore() })
    const error = new RegistryError({ code: 'not_found', message: '' })
    // @ts-expect-error a code is one of a list
    error.code === 'nonsense'
    // @ts-expect-error a host is a text
    connect(1)
    console.log(complete, requestsUsed, stream, verdicts, run.state)
    export {}`
  writeFileSync(join(folder, 'user.mts'), code)
  for (const [module, resolution] of [['node16', 'node16'], ['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom,dom.asynciterable', '--types', '']
    tool('tsc', ...options, '--module', module, '--moduleResolution', resolution, 'user.mts')
  }
})

test('publint and arethetypeswrong find nothing', async () => {
  const tarball = await packPackage()
  tool('publint', '--strict', tarball)
  // old resolution knows no exports, and a package that is ESM alone is no mistake
  tool('attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'portreeve.wasm', 'engine.wasm')
})

test('the tarball holds what runs, and needs nothing else', () => {
  const installed = join(folder, 'node_modules', 'portreeve')
  assert.deepEqual(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')), ['portreeve'])
  assert.deepEqual(readdirSync(installed).sort(), ['README.md', 'bin', 'dist', 'package.json'])
  const dist = readdirSync(join(installed, 'dist')).sort()
  const scripts = ['cli.js', 'engine.js', 'index.js', 'node.js', 'slim-engine.js', 'slim.js', 'undici.js', 'workerd-engine.js', 'workerd.js']
  const expected = ['THIRD-PARTY-LICENSES.txt', 'engine.wasm', 'portreeve.wasm', 'types', ...scripts]
  assert.deepEqual(dist, expected.sort())
  assert.deepEqual(readdirSync(join(installed, 'dist', 'types')).sort(), ['api', 'loaders', 'node'])
  assert.deepEqual(readdirSync(join(installed, 'dist', 'types', 'loaders')), ['slim.d.ts'])
  assert.ok(statSync(join(installed, 'bin', 'portreeve.js')).mode & 0o100)
  const terms = readFileSync(join(installed, 'dist', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
  for (const bundled of ['commander 14', 'cli-table3 0.6', 'picocolors 1.1', 'undici 7']) assert.ok(terms.includes(bundled), bundled)
})
