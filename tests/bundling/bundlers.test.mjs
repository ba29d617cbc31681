// The packed package through the bundlers that people have, each run where its output runs.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { build as esbuild } from 'esbuild'
import { rollup } from 'rollup'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build as vite, createServer } from 'vite'
import webpack from 'webpack'

import { serveFolder, startBrowser } from '../support/browser.mjs'
import { nodeIn } from '../support/package.mjs'
import { needs } from '../support/peers.mjs'
import { startDemoRegistry } from '../support/registries.mjs'
import { outcomeOf, userProject } from './cases/project.mjs'
import { EXPECTED } from './cases/expected.mjs'

const noBrowser = needs('chromium')
const endings = []
let folder
let browser

before(async () => {
  const registry = await startDemoRegistry()
  endings.push(() => registry.stop())
  folder = await userProject(registry.host)
  if (noBrowser) return
  browser = await startBrowser()
  endings.push(() => browser.close())
})

after(async () => {
  for (const end of endings.reverse()) await end()
})

async function inNode(file) {
  const { stdout, stderr } = await nodeIn(folder, [file])
  assert.deepEqual(JSON.parse(stdout || 'null'), EXPECTED, stderr)
}

async function inBrowser(t, root) {
  const site = await serveFolder(root)
  t.after(() => site.stop())
  assert.deepEqual(await outcomeOf(browser, site.url), EXPECTED)
}

test('esbuild for Node, in one file', async () => {
  const options = { platform: 'node', format: 'esm', bundle: true, logLevel: 'error' }
  await esbuild({ ...options, absWorkingDir: folder, entryPoints: ['print.mjs'], outfile: join(folder, 'esbuild.mjs') })
  await inNode('esbuild.mjs')
})

test('esbuild for Node as CommonJS', async () => {
  const options = { platform: 'node', format: 'cjs', bundle: true, logLevel: 'error' }
  await esbuild({ ...options, absWorkingDir: folder, entryPoints: ['print.mjs'], outfile: join(folder, 'esbuild.cjs') })
  await inNode('esbuild.cjs')
})

test('esbuild for a page, split and minified', { skip: noBrowser }, async (t) => {
  const outdir = join(folder, 'esbuild')
  const options = { format: 'esm', bundle: true, splitting: true, minify: true, logLevel: 'error' }
  await esbuild({ ...options, absWorkingDir: folder, entryPoints: ['page.js', 'index.html'], loader: { '.html': 'copy' }, outdir })
  await inBrowser(t, outdir)
})

test('Rollup for Node', async () => {
  const bundle = await rollup({ input: join(folder, 'print.mjs'), plugins: [nodeResolve()], logLevel: 'silent' })
  const dir = join(folder, 'rollup')
  await bundle.write({ dir, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' })
  await bundle.close()
  await inNode('rollup/print.mjs')
})

test('webpack for Node', async () => {
  await packed({ target: 'node', mode: 'development', devtool: false, entry: './print.mjs', output: { path: join(folder, 'webpack-node'), filename: 'print.cjs' } })
  await inNode('webpack-node/print.cjs')
})

test('webpack for a page, minified', { skip: noBrowser }, async (t) => {
  const path = join(folder, 'webpack-page')
  await packed({ target: 'web', mode: 'production', performance: false, entry: './page.js', output: { path, filename: 'page.js', publicPath: '/' } })
  const site = await serveFolder(path, { '/': '<!doctype html><script src="/page.js"></script>' })
  t.after(() => site.stop())
  assert.deepEqual(await outcomeOf(browser, site.url), EXPECTED)
})

test('Vite builds a page', { skip: noBrowser }, async (t) => {
  await vite({ root: folder, configFile: false, logLevel: 'error', build: { outDir: 'vite', emptyOutDir: true, chunkSizeWarningLimit: 20_000 } })
  await inBrowser(t, join(folder, 'vite'))
})

test('Vite serves a page while it is written', { skip: noBrowser }, async (t) => {
  const server = await createServer({ root: folder, configFile: false, logLevel: 'error', server: { host: '127.0.0.1', port: 0 } })
  t.after(() => server.close())
  await server.listen()
  assert.deepEqual(await outcomeOf(browser, server.resolvedUrls.local[0]), EXPECTED)
})

function packed(configuration) {
  return new Promise((done, fail) => {
    webpack({ context: folder, ...configuration }, (error, stats) => {
      if (error) return fail(error)
      if (stats.hasErrors()) return fail(new Error(stats.toString({ all: false, errors: true })))
      done()
    })
  })
}
