// Builds the package from the bindings in build/npm (tools/build writes them): dist/ is what is published.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, 'dist')
const wasm = join(here, '../build/npm/portreeve_bg.wasm')
const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'))

await rm(dist, { recursive: true, force: true })
await mkdir(dist)
const [, , , commandLine] = await Promise.all([
  bundle('loaders/inline.ts', 'index.js', { plugins: [inlined()] }),
  bundle('loaders/workerd.ts', 'workerd.js', { plugins: [beside()] }),
  bundle('node/index.ts', 'node.js', { platform: 'node', plugins: [published()] }),
  bundle('cli/entry.ts', 'cli.js', {
    platform: 'node',
    plugins: [published()],
    define: { PORTREEVE_VERSION: JSON.stringify(version) },
    // commander and cli-table3 are CommonJS and ask for Node's modules by require
    banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
    metafile: true,
  }),
  copyFile(wasm, join(dist, 'portreeve.wasm')),
])
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await licenses(commandLine.metafile))
types()

function bundle(entry, output, options) {
  return build({
    entryPoints: [join(here, entry)],
    outfile: join(dist, output),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    absWorkingDir: here,
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
  })
}

/** The WebAssembly as text inside the JavaScript. */
function inlined() {
  return {
    name: 'inlined',
    setup(build) {
      build.onResolve({ filter: /^portreeve\.wasm$/ }, () => ({ path: wasm, namespace: 'inlined' }))
      build.onLoad({ filter: /.*/, namespace: 'inlined' }, async ({ path }) => ({
        contents: await readFile(path),
        loader: 'base64',
      }))
    },
  }
}

/** The WebAssembly as a file of its own, which workerd and wrangler compile ahead. */
function beside() {
  return {
    name: 'beside',
    setup(build) {
      build.onResolve({ filter: /^portreeve\.wasm\?module$/ }, () => ({ path: './portreeve.wasm', external: true }))
    },
  }
}

/** The command line uses the package as any program does, and shares its classes. */
function published() {
  return {
    name: 'published',
    setup(build) {
      build.onResolve({ filter: /\/(api|node)\/index\.js$/ }, ({ path }) => ({
        path: path.includes('/api/') ? './index.js' : './node.js',
        external: true,
      }))
    },
  }
}

/** The terms of everything that is bundled into the command line. */
async function licenses({ inputs }) {
  const folders = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  const texts = [...folders].sort().map(async (folder) => {
    const { name, version } = JSON.parse(await readFile(join(here, folder, 'package.json'), 'utf8'))
    const [file] = (await readdir(join(here, folder))).filter((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version}\n\n${await readFile(join(here, folder, file), 'utf8')}`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(72)}\n\n`)
}

function types() {
  const require = createRequire(import.meta.url)
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '--project', join(here, 'tsconfig.json')], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
