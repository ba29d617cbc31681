// The entry module and its bindings in one file. The wasm and the configuration stay files of their
// own: the platform compiles the one ahead, and the other can be exchanged without a build.

import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { ROOT } from '../command.mjs'

/** Writes `build/worker/worker.js`, with `portreeve.json` beside it. */
export async function bundleWorker(profile) {
  const folder = join(ROOT, 'build', 'worker')
  await importWasmAsModule(join(folder, 'portreeve.js'))
  // not before: the set-up may only just have installed it
  const { build, stop } = await import('esbuild')
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/worker/entry.js'],
    outfile: 'build/worker/worker.js',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd'],
    external: ['cloudflare:*', 'node:*', './portreeve_bg.wasm', './portreeve.json'],
    minify: profile === 'release',
    logLevel: 'warning',
  })
  // esbuild's own process would stay for the next build
  await stop()
  await copyFile(join(ROOT, 'portreeve.json'), join(folder, 'portreeve.json'))
}

/** wasm-bindgen writes `import source`, which neither esbuild nor wrangler reads yet. */
async function importWasmAsModule(file) {
  const code = await readFile(file, 'utf8')
  await writeFile(file, code.replace(/^import source (\w+) from/m, 'import $1 from'))
}
