// The packed package where nothing bundles it.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { serveFolder, startBrowser } from '../support/browser.mjs'
import { nodeIn } from '../support/package.mjs'
import { execute, needs } from '../support/peers.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { outcomeOf, page, userProject } from './cases/project.mjs'
import { EXPECTED } from './cases/expected.mjs'

const noBrowser = needs('chromium')
const endings = []
let registry
let folder

before(async () => {
  registry = await startDemoRegistry()
  endings.push(() => registry.stop())
  folder = await userProject(registry.host)
})

after(async () => {
  for (const end of endings.reverse()) await end()
})

test('Deno', { skip: needs('deno') }, async () => {
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: '1', DENO_DIR: join(folder, '.deno'), NO_COLOR: '1' }
  const { stdout } = await execute('deno', ['run', '--quiet', '--allow-net', '--allow-read', '--allow-env', '--node-modules-dir=manual', 'print.mjs'], { cwd: folder, env })
  assert.deepEqual(JSON.parse(stdout), EXPECTED)
})

test('Bun', { skip: needs('bun') }, async () => {
  const { stdout } = await execute('bun', ['run', '--no-install', 'print.mjs'], { cwd: folder, env: { ...process.env, DO_NOT_TRACK: '1' } })
  assert.deepEqual(JSON.parse(stdout), EXPECTED)
})

// what an import of the package's name stands for where nothing resolves names
const IMPORT_MAP = `<script type="importmap">{ "imports": { "portreeve": "/node_modules/portreeve/dist/index.js" } }</script>`

test('a plain page, whose scripts nothing has touched', { skip: noBrowser }, async () => {
  await inBrowser({ '/': page('/page.js', IMPORT_MAP) })
})

test('a page whose policy allows WebAssembly and no eval', { skip: noBrowser }, async () => {
  const policy = `default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src http://${registry.host}`
  await inBrowser({ '/': page('/page.js', `<meta http-equiv="Content-Security-Policy" content="${policy}">${IMPORT_MAP}`) })
})

test('a web worker', { skip: noBrowser }, async () => {
  const worker = `import { use } from '/use.js'
    use(${JSON.stringify(registry.host)}).then((result) => postMessage(result), (error) => postMessage(String(error?.stack ?? error)))`
  const starts = "new Worker('/worker.js', { type: 'module' }).onmessage = ({ data }) => { globalThis.outcome = data }"
  // a worker knows no import map
  const direct = readFileSync(join(folder, 'use.mjs'), 'utf8').replace("'portreeve'", "'/node_modules/portreeve/dist/index.js'")
  await inBrowser({ '/': page('/start.js'), '/start.js': starts, '/worker.js': worker, '/use.js': direct })
})

test('portreeve/slim with WebAssembly that the page serves by itself', { skip: noBrowser }, async () => {
  const slim = `import { connect, plan, useWasm } from 'portreeve'
    useWasm({ client: () => fetch('/node_modules/portreeve/dist/portreeve.wasm'), engine: () => fetch('/node_modules/portreeve/dist/engine.wasm') })
    const web = connect(${JSON.stringify(registry.host)}).repository('shop/web')
    const { complete } = await web.tags().done()
    const { summary } = await plan({ policy: { delete: [{ name: 'prs', tags: 'pr-*' }] }, inventories: [await web.inventory()] })
    globalThis.outcome = { complete, deletes: summary.delete.groups > 0 }`
  const map = IMPORT_MAP.replace('index.js', 'slim.js')
  await inBrowser({ '/': page('/slim.js', map), '/slim.js': slim }, { complete: true, deletes: true })
})

test('portreeve/slim says what is missing', async () => {
  const code = `import { connect, readConfiguration, useWasm } from 'portreeve/slim'
    import { readFileSync } from 'node:fs'
    const told = (work) => work.then(String, ({ code, message }) => console.log(code, message))
    await told(connect('a.example').repository('a').manifest('b'))
    useWasm({ client: () => readFileSync('node_modules/portreeve/dist/portreeve.wasm') })
    await told(readConfiguration('{}'))
    console.log((await connect(${JSON.stringify(registry.host)}).repository('shop/web').tags().done()).complete)`
  writeFileSync(join(folder, 'slim.mjs'), code)
  const { stdout, stderr } = await nodeIn(folder, ['slim.mjs'])
  assert.match(stdout, /^invalid_argument call useWasm first.*\ninvalid_argument useWasm was given no `engine`\ntrue\n$/, stderr)
})

async function inBrowser(files, expected = EXPECTED) {
  const site = await serveFolder(folder, files)
  const browser = await startBrowser()
  try {
    assert.deepEqual(await outcomeOf(browser, site.url), expected)
  } finally {
    await browser.close()
    await site.stop()
  }
}
