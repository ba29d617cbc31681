// Builds the package from the bindings in build/npm (tools/build writes them): dist/ is what is published.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { spawnSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, 'dist')
// the client that everybody loads, and the one with the cleanup engine in it
const WASM = { portreeve: join(here, '../build/npm/portreeve_bg.wasm'), engine: join(here, '../build/engine/portreeve_bg.wasm') }
const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'))

await rm(dist, { recursive: true, force: true })
await mkdir(dist)
const [commandLine, network] = await Promise.all([
  bundle('cli/entry.ts', 'cli.js', {
    platform: 'node',
    plugins: [published()],
    define: { PORTREEVE_VERSION: JSON.stringify(version) },
    // commander and cli-table3 are CommonJS and ask for Node's modules by require
    banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
    metafile: true,
  }),
  bundle('node/undici.ts', 'undici.js', {
    platform: 'node',
    plugins: [ofOurOwn()],
    minify: true,
    // it is CommonJS and asks for Node's modules by require
    banner: { js: 'import { createRequire } from "node:module";const require = createRequire(import.meta.url);' },
    metafile: true,
  }),
  bundle('loaders/inline.ts', 'index.js', { plugins: [engineApart('engine.js')] }),
  bundle('loaders/inline_engine.ts', 'engine.js'),
  bundle('loaders/workerd.ts', 'workerd.js', { plugins: [engineApart('workerd-engine.js')] }),
  bundle('loaders/workerd_engine.ts', 'workerd-engine.js'),
  bundle('loaders/slim.ts', 'slim.js', { plugins: [engineApart('slim-engine.js')] }),
  bundle('loaders/slim_engine.ts', 'slim-engine.js'),
  bundle('node/index.ts', 'node.js', { platform: 'node', plugins: [published(), networkApart()] }),
  ...Object.entries(WASM).map(([name, file]) => copyFile(file, join(dist, `${name}.wasm`))),
])
await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), await licenses(commandLine.metafile, network.metafile))
types()

function bundle(entry, output, { plugins = [], ...options } = {}) {
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
    plugins: [...plugins, webAssembly()],
    ...options,
  })
}

/** `x.wasm` is its base64, inside the JavaScript; `x.wasm?module` stays a file, which workerd compiles ahead. */
function webAssembly() {
  return {
    name: 'webassembly',
    setup(build) {
      build.onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: WASM[basename(path, '.wasm')], namespace: 'inlined' }))
      build.onLoad({ filter: /.*/, namespace: 'inlined' }, async ({ path }) => ({
        contents: await readFile(path),
        loader: 'base64',
      }))
      build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({
        path: `./${path.replace('?module', '')}`,
        external: true,
      }))
    },
  }
}

/** The cleanup engine is a file of its own, imported when it is first needed. */
function engineApart(output) {
  return {
    name: 'engine-apart',
    setup(build) {
      build.onResolve({ filter: /_engine\.js$/ }, () => ({ path: `./${output}`, external: true }))
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

/** The library for proxies and certificates is a file of its own, imported by the first request that needs it. */
function networkApart() {
  return {
    name: 'network-apart',
    setup(build) {
      build.onResolve({ filter: /^\.\/undici\.js$/ }, () => ({ path: './undici.js', external: true }))
    },
  }
}

/** undici would make its own connections those of Node's `fetch`, too, as soon as it is loaded. */
function ofOurOwn() {
  return {
    name: 'of-our-own',
    setup(build) {
      build.onLoad({ filter: /undici\/lib\/global\.js$/ }, () => ({ contents: 'exports.getGlobalDispatcher = () => undefined' }))
    },
  }
}

/** The terms of everything that is bundled in. */
async function licenses(...bundles) {
  const inputs = bundles.flatMap((bundle) => Object.keys(bundle.inputs))
  const folders = new Set(
    inputs.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
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
