// npm run docs: writes the pages of docs/ that are made from the command line's own definitions.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { ROOT } from './command.mjs'

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of Object.entries(await pages())) await writeFile(join(ROOT, path), text)
}

/** The pages by path. Nothing has to be built for it: the definitions call nothing of the package. */
export async function pages() {
  return (await definitions()).pages()
}

/** npm/cli/pages, ready to be called. */
async function definitions() {
  const { build } = await import('esbuild')
  const folder = await mkdtemp(join(tmpdir(), 'portreeve-docs-'))
  const outfile = join(folder, 'pages.mjs')
  try {
    await build({
      entryPoints: [join(ROOT, 'npm/cli/pages/index.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'es2022',
      logLevel: 'warning',
      define: { PORTREEVE_VERSION: '"0.0.0"' },
      banner: { js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);' },
      plugins: [{ name: 'without the package', setup: withoutThePackage }],
    })
    return await import(pathToFileURL(outfile))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function withoutThePackage(build) {
  build.onResolve({ filter: /\/(api|node)\/index\.js$/ }, () => ({ path: 'portreeve', namespace: 'none' }))
  build.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }))
}
